"""Makes one call to a department and turns its reply into a sample."""

import datetime as dt
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from adapters.adapter import ManifestAdapter
from adapters.connectors.connector import Bindings, Connector, RowsOfReply, without_nulls
from adapters.connectors.http.transport import HttpReply, HttpRequest, Transport
from adapters.connectors.secrets import names_secret
from adapters.connectors.setup import Wrappers
from adapters.contract import CallContext, Capability, DepartmentError, MalformedReplyError
from adapters.manifest import Manifest
from adapters.mapping.access import Shape
from adapters.workbench.contract_tests.checks import SEARCHES, warning_texts
from adapters.workbench.contract_tests.subjects import context, opened
from adapters.workbench.look_ups import look_up_all
from adapters.workbench.recording.columns import columns_of
from adapters.workbench.recording.credentials import credentials_of
from adapters.workbench.recording.pseudonyms import Pseudonyms
from adapters.workbench.recording.replacement import Replacer
from adapters.workbench.warning_details import detail_of
from schema.provenance import SourceWarning

DEADLINE_SECONDS = 60


class CanNotRecordError(Exception):
    """The reply can't become a sample; the message says why, and what to do."""


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
    logins: Sequence["RecordedLogin"] = ()
    details: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class RecordedLogin:
    """The reply to a login, with its secrets replaced.

    Attributes:
        when: text that only the login's request contains.
        content: the reply.
        suffix: suffix of its file: `.json` or `.xml`.
        status: HTTP status.
        headers: the headers that a login needs, such as `Set-Cookie`.
    """

    when: str
    content: bytes
    suffix: str
    status: int
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Exchange:
    """A request, and the department's reply to it."""

    request: HttpRequest
    reply: HttpReply

    @property
    def query(self) -> Mapping[str, str]:
        return self.request.query

    @property
    def status(self) -> int:
        return self.reply.status

    @property
    def body(self) -> bytes:
        return self.reply.body

    def holds(self, text: str) -> bool:
        """Return True if the request contains the text."""
        content = (self.request.content or b"").decode("utf-8", "replace")
        return text in self.request.full_url or text in content


class _RecordingTransport:
    """Adds every reply of the wrapped transport to `exchanges`."""

    def __init__(self, inner: Transport, exchanges: list[_Exchange]) -> None:
        self._inner = inner
        self._exchanges = exchanges

    async def send(self, request: HttpRequest) -> HttpReply:
        reply = await self._inner.send(request)
        self._exchanges.append(_Exchange(request, reply))
        return reply

    async def close(self) -> None:
        await self._inner.close()


class _RecordingConnector(Connector):
    """Adds the rows of every reply of the wrapped connector to `rows`."""

    def __init__(self, inner: Connector, rows: list[Mapping[str, Any]]) -> None:
        self._inner = inner
        self._rows = rows

    async def open(self) -> None:
        await self._inner.open()

    async def call(
        self, capability: str, bindings: Bindings, context: CallContext, shape: Shape | None
    ) -> RowsOfReply:
        reply = await self._inner.call(capability, bindings, context, shape)
        self._rows.extend(without_nulls(reply.rows))
        return reply

    async def erase(self, numbers: Collection[str]) -> int:
        return await self._inner.erase(numbers)

    async def close(self) -> None:
        await self._inner.close()


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
    exchanges: list[_Exchange] = []
    rows: list[Mapping[str, Any]] = []
    wrappers = Wrappers(
        transport=lambda inner: _RecordingTransport(inner, exchanges),
        connector=lambda inner: _RecordingConnector(inner, rows),
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
    secrets |= {token for each in exchanges for token in _tokens_of(each)}
    replacer = Replacer(columns_of(manifest, capability), pseudonyms or Pseudonyms(), secrets)
    pages: list[tuple[str, bytes]] = []
    logins: list[RecordedLogin] = []
    if kind == "database" and failure is None:
        content, suffix, status = (
            _sample_of_tree(replacer, [dict(row) for row in rows]),
            ".json",
            200,
        )
    elif exchanges:
        paged = _numbered_pages(call, exchanges, len(keys))
        first = paged[0][1] if paged else exchanges[-1]
        status = first.status
        content, suffix = _sample_of_body(replacer, first.body)
        pages = [(text, _sample_of_body(replacer, page.body)[0]) for text, page in paged[1:]]
        logins = list(_logins_of(replacer, exchanges, first, manifest.file.connector))
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
        failure.code if failure is not None else None,
        max(len(exchanges), 1),
        pages,
        logins,
        list(dict.fromkeys(detail_of(each, manifest, capability) for each in warnings)),
    )


def _login_marks(settings: Any) -> list[str]:
    """Return texts by which the requests of a connector's logins are recognised."""
    marks: list[str] = []
    session, auth = getattr(settings, "session", None), getattr(settings, "auth", None)
    if session is not None:
        marks.append(session.login.operation)
    urls = (getattr(auth, "token_url", None), getattr(getattr(auth, "login", None), "url", None))
    marks += [urlsplit(url).path.rstrip("/") for url in urls if url is not None]
    return [each for each in marks if each]


def _logins_of(
    replacer: Replacer, exchanges: Sequence[_Exchange], main: _Exchange, settings: Any
) -> Iterator[RecordedLogin]:
    """Yield the logins before the call; if several have the same mark, only the last."""
    for mark in _login_marks(settings):
        found = [each for each in exchanges if each.holds(mark) and not main.holds(mark)]
        if not found:
            continue
        reply = found[-1].reply
        content, suffix = b"", ".json"
        if reply.body.strip():
            content, suffix = _sample_of_body(replacer, reply.body)
        headers = {n: replacer.replace_text(v) for n, v in _token_headers(settings, reply).items()}
        cookies = [f"{n}={replacer.replace_text(v)}" for n, v in _needed_cookies(settings, reply)]
        if cookies:
            headers["Set-Cookie"] = f"{cookies[0]}; Path=/"
        yield RecordedLogin(mark, content, suffix, reply.status, headers)


def _token_headers(settings: Any, reply: HttpReply) -> Mapping[str, str]:
    name = getattr(getattr(getattr(settings, "auth", None), "login", None), "token_header", None)
    return {name: reply.headers[name]} if name is not None and name in reply.headers else {}


def _needed_cookies(settings: Any, reply: HttpReply) -> list[tuple[str, str]]:
    """Return the cookies of a login reply; those that the manifest names come first."""
    login = getattr(getattr(settings, "auth", None), "login", None)
    named = [
        *getattr(getattr(settings, "session", None), "cookies", ()),
        getattr(login, "token_cookie", None),
    ]
    return sorted(reply.cookies().items(), key=lambda cookie: cookie[0] not in named)


def _tokens_of(exchange: _Exchange) -> Iterator[str]:
    """Yield the credentials in the headers of a request, and the cookies of its reply."""
    for name, value in exchange.request.headers.items():
        if names_secret(name):
            yield value
            yield from value.split()[1:]
    yield from exchange.reply.cookies().values()


def _numbered_pages(
    call: Mapping[str, Any], exchanges: Sequence[_Exchange], keys: int
) -> list[tuple[str, _Exchange]]:
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
        warnings += [each for each in rows.warnings if each.code != "UNREQUESTED_ROW"]
    return count, warnings


def _sample_of_tree(replacer: Replacer, tree: Any) -> bytes:
    replaced = replacer.replace_json(tree)
    return json.dumps(replaced, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n"


def _sample_of_body(replacer: Replacer, body: bytes) -> tuple[bytes, str]:
    """Return the body with personal data replaced, and the suffix of its format."""
    if body.lstrip()[:1] == b"<":
        try:
            return replacer.replace_xml(body), ".xml"
        except etree.XMLSyntaxError:
            raise CanNotRecordError(
                "the reply is XML with a syntax error; write the sample by hand"
            ) from None
    try:
        tree = json.loads(body)
    except (ValueError, RecursionError):
        raise CanNotRecordError(
            "the reply is neither JSON nor XML; write the sample by hand, with made-up people"
        ) from None
    return _sample_of_tree(replacer, tree), ".json"
