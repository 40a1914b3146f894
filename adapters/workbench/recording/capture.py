"""Makes one call to a department and turns its reply into a sample."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.adapter import ManifestAdapter
from adapters.connectors.connector import RowsOfReply, without_nulls
from adapters.connectors.setup import Wrappers
from adapters.contract import Capability, DepartmentError, MalformedReplyError
from adapters.manifest import Manifest
from adapters.workbench.contract_tests.checks import SEARCHES, warning_texts
from adapters.workbench.contract_tests.subjects import context, opened
from adapters.workbench.look_ups import look_up_all
from adapters.workbench.observed_replies import ObservingConnector
from adapters.workbench.recording.bodies import CanNotRecordError, sample_of_body, sample_of_tree
from adapters.workbench.recording.columns import columns_of
from adapters.workbench.recording.credentials import credentials_of
from adapters.workbench.recording.exchanges import Exchange, RecordingTransport
from adapters.workbench.recording.logins import RecordedLogin, logins_of, tokens_of
from adapters.workbench.recording.pseudonyms import Pseudonyms
from adapters.workbench.recording.replacement import Replacer
from adapters.workbench.warning_details import detail_of
from schema.codes import WarningCode
from schema.provenance import SourceWarning

DEADLINE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Recording:
    """A sample that is ready to be written.

    Attributes:
        content: the reply, with personal data replaced.
        suffix: suffix of its file: `.json` or `.xml`.
        keys: the requested keys, replaced as they are in `content`.
        status: HTTP status of the reply.
        records: number of records that the adapter read from the reply.
        warnings: warnings of the reply, each as `CODE field`.
        error: error code, if the reply is an error.
        calls: number of HTTP requests that were sent.
        pages: replies after the first page, each with the text that only its request has. Empty
            if the reply has no numbered pages: then `content` is the last reply.
        logins: replies to logins before the call.
        details: each different warning in words, with its value masked.
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
    logins: Sequence[RecordedLogin] = ()
    details: Sequence[str] = ()


async def record(
    manifest: Manifest,
    capability: Capability,
    keys: Sequence[str],
    pseudonyms: Pseudonyms | None = None,
    *,
    since: dt.datetime | None = None,
) -> Recording:
    """Call the department and return its reply with personal data replaced.

    Args:
        manifest: the department's manifest.
        capability: the capability to call.
        keys: keys of a look-up; empty for a search.
        pseudonyms: the pseudonyms to use; new ones if None.
        since: moment from which a search looks for changes.

    Raises:
        CanNotRecordError: this reply can't become a sample.
        DepartmentError: the department did not reply.
        LeakError: personal data would be left in the sample.
        ManifestError: the manifest is wrong.
    """
    kind = manifest.file.connector.kind
    call = manifest.file.capabilities[capability].call
    if call.get("result") == "packed":
        raise CanNotRecordError(
            "the reply packs all fields into one text, so personal fields can't be recognised; "
            "write the sample by hand, with made-up people"
        )
    if kind == "files":
        raise CanNotRecordError(
            "a department that delivers files is not called; copy one of its files to samples/ "
            "and replace the personal data by hand"
        )
    exchanges: list[Exchange] = []
    rows: list[Mapping[str, Any]] = []

    def add_rows(reply: RowsOfReply) -> None:
        rows.extend(without_nulls(reply.rows))

    wrappers = Wrappers(
        transport=lambda inner: RecordingTransport(inner, exchanges),
        connector=lambda inner: ObservingConnector(inner, add_rows),
    )
    failure: DepartmentError | None = None
    records, warnings = 0, list[SourceWarning]()
    async with opened(manifest, wrappers) as adapter:
        try:
            records, warnings = await _call(adapter, capability, keys, since)
        except DepartmentError as error:
            failure = error
        # `close` may log off; the reply to that is not part of the sample.
        exchanges = list(exchanges)
    if isinstance(failure, MalformedReplyError):
        code = f" ({failure.fault.code})" if failure.fault is not None else ""
        raise CanNotRecordError(
            f"the reply can't be read{code}, so nothing was written: {failure.message} "
            "Correct the manifest, or repeat the command when the department works"
        )
    calls = (model.call for model in manifest.file.capabilities.values())
    secrets = credentials_of(manifest.file.connector, calls)
    secrets |= {token for each in exchanges for token in tokens_of(each)}
    replacer = Replacer(columns_of(manifest, capability), pseudonyms or Pseudonyms(), secrets)
    pages: list[tuple[str, bytes]] = []
    logins: list[RecordedLogin] = []
    if kind == "database" and failure is None:
        content, suffix, status = (
            sample_of_tree(replacer, [dict(row) for row in rows]),
            ".json",
            200,
        )
    elif exchanges:
        paged = _numbered_pages(call, exchanges, len(keys))
        first = paged[0][1] if paged else exchanges[-1]
        status = first.status
        content, suffix = sample_of_body(replacer, first.body)
        pages = [(text, sample_of_body(replacer, page.body)[0]) for text, page in paged[1:]]
        logins = list(logins_of(replacer, exchanges, first, manifest.file.connector))
    else:
        assert failure is not None
        raise failure
    return Recording(
        content,
        suffix,
        [] if capability.is_search else [replacer.replace_key(key) for key in keys],
        status,
        records,
        warning_texts(warnings),
        failure.code.name if failure is not None else None,
        max(len(exchanges), 1),
        pages,
        logins,
        list(dict.fromkeys(detail_of(each, manifest, capability) for each in warnings)),
    )


def _numbered_pages(
    call: Mapping[str, Any], exchanges: Sequence[Exchange], keys: int
) -> list[tuple[str, Exchange]]:
    """Return the pages in order, each with the part of its query that holds the page number.

    Returns: an empty list if the query has no page number.
    """
    query = call.get("query")
    if "pages" not in call or not isinstance(query, dict) or keys != 1:
        return []
    for name, value in query.items():
        if value in ("{page}", "{offset}"):
            paged = [each for each in exchanges if each.query.get(name, "").isdigit()]
            paged.sort(key=lambda each: int(each.query[name]))
            return [(f"{name}={each.query[name]}", each) for each in paged]
    return []


async def _call(
    adapter: ManifestAdapter,
    capability: Capability,
    keys: Sequence[str],
    since: dt.datetime | None,
) -> tuple[int, list[SourceWarning]]:
    """Call the department; return the number of records, and the warnings."""
    if capability.is_search:
        criteria = {**SEARCHES[capability], **({"since": since} if since is not None else {})}
        found = await adapter.search(capability, criteria, context(DEADLINE_SECONDS))
        return len(found.rows.records), list(found.rows.warnings)
    reply = await look_up_all(adapter, capability, keys, context(DEADLINE_SECONDS))
    count = 0
    warnings: list[SourceWarning] = []
    for rows in reply.results.values():
        if isinstance(rows, DepartmentError):
            raise rows
        count += len(rows.records)
        warnings += [each for each in rows.warnings if each.code != WarningCode.UNREQUESTED_ROW]
    return count, warnings
