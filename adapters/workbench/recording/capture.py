"""Makes one call to a department and keeps what it answered."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from lxml import etree

from adapters.adapter import ManifestAdapter
from adapters.connectors.http.transport import HttpTransport
from adapters.contract import Capability, DepartmentError, MalformedReplyError
from adapters.manifest import Manifest
from adapters.workbench.contract_tests.checks import SEARCHES, warning_texts
from adapters.workbench.contract_tests.subjects import context, opened
from adapters.workbench.recording.columns import columns_of
from adapters.workbench.recording.pseudonyms import Pseudonyms
from adapters.workbench.recording.replacement import Replacer
from schema.provenance import SourceWarning


class CanNotRecordError(Exception):
    """The reply can't be kept; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A sample, ready to be written.

    Attributes:
        content: the reply, with personal data replaced.
        suffix: of its file: `.json` or `.xml`.
        keys: the keys that were asked for, as they stand in it.
        status: its HTTP status.
        records: how many records were read from the reply.
        warnings: warnings that were given, as `CODE field`.
        error: code of the error that it is, if it is one.
        calls: calls that were made.
        pages: replies after the first page: text in the request, and the reply. Empty where the
            reply has no numbered pages: then only the last call's reply is kept.
    """

    content: bytes
    suffix: str
    keys: Sequence[str]
    status: int
    records: int
    warnings: Sequence[str]
    error: str | None
    calls: int
    pages: Sequence[tuple[str, bytes]] = ()


@dataclass(frozen=True, slots=True)
class _Caught:
    """A reply of the department, and the query that it answers."""

    status: int
    body: bytes
    query: Mapping[str, str]


async def record(
    manifest: Manifest,
    capability: Capability,
    keys: Sequence[str],
    pseudonyms: Pseudonyms | None = None,
    *,
    since: dt.datetime | None = None,
) -> Recording:
    """What the department answers for these keys, or, to a search, since that moment.

    Raises `CanNotRecordError`, `ManifestError`, `LeakError`, and `DepartmentError` when the
    department did not answer at all."""
    if manifest.file.capabilities[capability].call.get("result") == "packed":
        raise CanNotRecordError(
            "the reply is packed into one text, in which people can't be told from codes; "
            "record it by hand, with made-up people"
        )
    replies: list[_Caught] = []
    rows: list[Mapping[str, Any]] = []
    failure: DepartmentError | None = None
    records, warnings = 0, list[str]()
    pages: list[tuple[str, bytes]] = []
    with _listening(replies):
        async with opened(manifest) as adapter:
            if manifest.file.connector.kind == "database":
                _listen_to_rows(adapter, rows)
            elif manifest.file.connector.kind == "files":
                raise CanNotRecordError("copy a file of the department and replace what is in it")
            try:
                records, warnings = await _ask(adapter, capability, keys, since)
            except DepartmentError as error:
                failure = error
            # What comes later is no answer: closing logs off.
            replies = list(replies)
    replacing = Replacer(columns_of(manifest, capability), pseudonyms or Pseudonyms())
    if isinstance(failure, MalformedReplyError):
        told = f" ({failure.fault.code})" if failure.fault is not None else ""
        raise CanNotRecordError(
            f"the reply can't be read{told}, so nothing was kept: {failure.message} "
            "Correct the manifest, or ask again when the department is well"
        )
    if manifest.file.connector.kind == "database":
        if failure is not None:
            raise failure
        content, suffix, status = _of_tree(replacing, [dict(row) for row in rows]), ".json", 200
    elif replies:
        paged = _numbered_pages(manifest.file.capabilities[capability].call, replies, len(keys))
        first = paged[0][1] if paged else replies[-1]
        status = first.status
        content, suffix = _of_body(replacing, first.body)
        pages = [(asked, _of_body(replacing, page.body)[0]) for asked, page in paged[1:]]
    else:
        assert failure is not None
        raise failure
    return Recording(
        content,
        suffix,
        [] if capability.is_search else [replacing.key(key) for key in keys],
        status,
        records,
        warnings,
        failure.code if failure is not None else None,
        max(len(replies), 1),
        pages,
    )


def _numbered_pages(
    call: Mapping[str, Any], replies: Sequence[_Caught], keys: int
) -> list[tuple[str, _Caught]]:
    """The pages in order, each with what in its request tells it apart; none where that is no
    number in the query."""
    query = call.get("query")
    if "pages" not in call or not isinstance(query, dict) or keys != 1:
        return []
    for name, value in query.items():
        if value in ("{page}", "{offset}"):
            paged = [each for each in replies if each.query.get(name, "").isdigit()]
            paged.sort(key=lambda each: int(each.query[name]))
            return [(f"{name}={each.query[name]}", each) for each in paged]
    return []


async def _ask(
    adapter: ManifestAdapter,
    capability: Capability,
    keys: Sequence[str],
    since: dt.datetime | None,
) -> tuple[int, list[str]]:
    """How many records, and the warnings."""
    if capability.is_search:
        criteria = {**SEARCHES[capability], **({"since": since} if since is not None else {})}
        found = await adapter.search(capability, criteria, context(60))
        return len(found.rows.records), warning_texts(found.rows.warnings)
    reply = await adapter.look_up(capability, keys, context(60))
    count = 0
    warnings: list[SourceWarning] = []
    for rows in reply.results.values():
        if isinstance(rows, DepartmentError):
            raise rows
        count += len(rows.records)
        warnings += [each for each in rows.warnings if each.code != "UNASKED_ROW"]
    return count, warning_texts(warnings)


def _of_tree(replacing: Replacer, tree: Any) -> bytes:
    replaced = replacing.replace_json(tree)
    return json.dumps(replaced, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n"


def _of_body(replacing: Replacer, body: bytes) -> tuple[bytes, str]:
    if body.lstrip()[:1] == b"<":
        try:
            return replacing.replace_xml(body), ".xml"
        except etree.XMLSyntaxError:
            raise CanNotRecordError("the reply is XML that can't be read; record it by hand") from (
                None
            )
    try:
        tree = json.loads(body)
    except (ValueError, RecursionError):
        raise CanNotRecordError(
            "the reply is neither JSON nor XML; record it by hand, with made-up people"
        ) from None
    return _of_tree(replacing, tree), ".json"


@contextmanager
def _listening(replies: list[_Caught]) -> Iterator[None]:
    """Keeps what departments send over HTTP meanwhile."""
    send = HttpTransport.send

    async def listen(self: HttpTransport, *arguments: Any, **options: Any) -> Any:
        reply = await send(self, *arguments, **options)
        replies.append(_Caught(reply.status, reply.body, options.get("query") or {}))
        return reply

    HttpTransport.send = listen  # type: ignore[method-assign]
    try:
        yield
    finally:
        HttpTransport.send = send  # type: ignore[method-assign]


def _listen_to_rows(adapter: ManifestAdapter, rows: list[Mapping[str, Any]]) -> None:
    call = adapter._connector.call

    async def listen(*arguments: Any, **options: Any) -> Any:
        reply = await call(*arguments, **options)
        rows.extend(reply.rows)
        return reply

    adapter._connector.call = listen  # type: ignore[method-assign]
