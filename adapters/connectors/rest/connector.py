"""Calls a REST department and reads JSON or XML."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from cachetools import LRUCache

from adapters.connectors.connector import Bindings, CallPlan, Connector, RowsOfReply, walk
from adapters.connectors.http.authentication import RequestSender, open_requests
from adapters.connectors.http.errors import malformed
from adapters.connectors.http.pages import Page, PageReader
from adapters.connectors.http.transport import CORRELATION_HEADER, HttpReply, HttpRequest
from adapters.connectors.http.writes import decided
from adapters.connectors.rest.etags import RevalidatingTransport
from adapters.connectors.rest.replies import StructDecoder
from adapters.connectors.rest.reply_reader import RestReplies
from adapters.connectors.rest.requests import BODY_TYPES, body_writer, fill_headers, fill_path
from adapters.connectors.rest.settings import RestCall, RestSettings, RestWrite
from adapters.connectors.rest.xroad import XRoadTransport, call_headers, service_path
from adapters.connectors.setup import Setup, SetupError
from adapters.connectors.templates import CALLER, MISSING, fill, fill_to_text
from adapters.connectors.write_replies import WriteResponse
from adapters.contract import (
    CallContext,
    DepartmentRefusedError,
)
from adapters.mapping.access import Shape, ShapeConflictError
from adapters.mapping.json_values import whole_number
from adapters.mapping.values import as_list
from schema.provenance import SourceWarning

T = TypeVar("T")

DECODERS = 512
ACCEPTED = {"json": "application/json", "xml": "application/xml, text/xml"}


class RestConnector(Connector):
    """The `rest` connector of one department."""

    def __init__(self, setup: Setup[RestSettings, RestCall]) -> None:
        settings = setup.settings
        self._department = setup.department
        self._settings = settings
        self._plans = setup.plans
        self._requests, self._kept = _open_requests(setup)
        self._base_url = settings.base_url.rstrip("/")
        self._writes = setup.writes
        calls: dict[str, RestCall | RestWrite] = {
            **{name: plan.call for name, plan in setup.plans.items()},
            **{name: plan.call for name, plan in setup.writes.items()},
        }
        self._call_headers = {name: call.headers for name, call in calls.items()}
        if settings.xroad is not None:
            self._base_url += service_path(settings.xroad)
            self._call_headers = {
                name: {**call_headers(settings.xroad, name), **headers}
                for name, headers in self._call_headers.items()
            }
        self._writers = {
            name: body_writer(call.body_format, settings.namespaces) for name, call in calls.items()
        }
        self._most_rows = setup.rows
        self._decoders: LRUCache[tuple[str, Shape], StructDecoder | None] = LRUCache(DECODERS)
        self._headers = {"Accept": ACCEPTED[settings.replies], **settings.headers}
        for section, plans in (("capabilities", setup.plans), ("writes", setup.writes)):
            for name in plans:
                _check((section, name, "call", "body"), calls[name])
        self._replies = RestReplies(setup.department, settings)

    async def call(
        self, capability: str, bindings: Bindings, context: CallContext, shape: Shape | None
    ) -> RowsOfReply:
        plan = self._plans[capability]
        if plan.call.pages is not None:
            return await self._all_pages(plan, bindings, context)

        def read(reply: HttpReply | None) -> RowsOfReply:
            decoder = self._decoder(plan, shape)
            if decoder is not None and reply is not None:
                decoded = decoder.decode(reply.body)
                if decoded is not None:
                    return decoded
            payload, warnings = self._replies.payload(reply)
            return self._rows(plan, payload, warnings)

        return await self._exchange(plan, bindings, context, self._url(plan.call, bindings), read)

    async def write(
        self, capability: str, bindings: Bindings, context: CallContext
    ) -> WriteResponse:
        plan = self._writes[capability]
        url = self._url(plan.call, bindings)
        if url is None:
            raise DepartmentRefusedError(
                self._department,
                f"The hub did not call {self._department}: a number can't be part of its URL.",
            )
        request = self._request(capability, plan.call, bindings, context, url)
        request = replace(request, repeatable=False)
        return await self._requests.send(
            request, lambda reply: decided(plan, self._replies.write_response(reply))
        )

    async def _all_pages(
        self, plan: CallPlan[RestCall], bindings: Bindings, context: CallContext
    ) -> RowsOfReply:
        assert plan.call.pages is not None
        all_warnings: list[SourceWarning] = []

        async def fetch(window: Mapping[str, object], linked: str | None) -> Page:
            filled = {**bindings, **window}
            url = linked or self._url(plan.call, filled)

            def read(reply: HttpReply | None) -> Page:
                payload, warnings = self._replies.payload(reply)
                all_warnings.extend(warnings)
                links = reply.all_of("Link") if reply is not None else ()
                return Page(self._rows(plan, payload).rows, payload, links, url or "")

            return await self._exchange(
                plan, filled, context, url, read, is_linked=linked is not None
            )

        reader = PageReader(self._department, plan.call.pages, self._most_rows)
        pages = await reader.read(fetch)
        return RowsOfReply(
            pages.rows,
            len(pages.rows),
            has_others=plan.call.whole_table,
            warnings=all_warnings,
            missing=pages.missing,
        )

    def _decoder(self, plan: CallPlan[RestCall], shape: Shape | None) -> StructDecoder | None:
        """Return the decoder for structs of this shape; None if the reply must be read whole."""
        if shape is None or self._settings.replies != "json":
            return None
        key = (plan.capability, shape)
        if key not in self._decoders:
            try:
                self._decoders[key] = StructDecoder(plan, self._settings.envelope, shape)
            except ShapeConflictError:
                self._decoders[key] = None
        return self._decoders[key]

    def _url(self, call: RestCall | RestWrite, bindings: Bindings) -> str | None:
        """Return the call's URL; None if no record can have the key in its path."""
        path: str | None = call.path
        if "{" in call.path:
            path = fill_path(call.path, bindings)
        return None if path is None else self._base_url + path

    async def _exchange(
        self,
        plan: CallPlan[RestCall],
        bindings: Bindings,
        context: CallContext,
        url: str | None,
        read: Callable[[HttpReply | None], T],
        *,
        is_linked: bool = False,
    ) -> T:
        """Send the call; return what `read` makes of the reply, or of None for "no rows".

        A linked URL contains its query.
        """
        if url is None:
            return read(None)
        call = plan.call
        request = self._request(plan.capability, call, bindings, context, url)
        if is_linked:
            request = replace(request, query={})
        return await self._requests.send(
            request, lambda reply: read(self._replies.usable(call, reply))
        )

    def _request(
        self,
        capability: str,
        call: RestCall | RestWrite,
        bindings: Bindings,
        context: CallContext,
        url: str,
    ) -> HttpRequest:
        headers = {**self._headers, CORRELATION_HEADER: context.correlation_id}
        extra = self._call_headers[capability]
        if extra:
            headers |= fill_headers(extra, {**bindings, CALLER: context.caller or None})
        content = None
        if call.body is not None:
            body = fill(call.body, bindings)
            content = self._content(capability, {} if body is MISSING else body)
            headers["Content-Type"] = BODY_TYPES[call.body_format]
        query = {
            name: text
            for name, template in call.query.items()
            if (text := fill_to_text(template, bindings)) is not None
        }
        return HttpRequest(call.method, url, headers, query, content)

    def _content(self, capability: str, body: Mapping[str, Any]) -> bytes:
        try:
            return self._writers[capability](body)
        except (ValueError, TypeError):
            raise DepartmentRefusedError(
                self._department,
                f"The request to {self._department} contains characters or values that its format "
                "forbids.",
            ) from None

    def _rows(
        self, plan: CallPlan[RestCall], payload: Any, warnings: Sequence[SourceWarning] = ()
    ) -> RowsOfReply:
        """Return the rows at the plan's path; none if they are null.

        A missing path is an error, unless an envelope reported success.
        """
        envelope = self._settings.envelope
        is_success = envelope is not None and envelope.ok is not None
        first, _, _ = (plan.rows or "").partition("/")
        if first and not is_success and isinstance(payload, Mapping) and first not in payload:
            raise malformed(self._department, "its rows")
        try:
            rows: Sequence[Any] = as_list(walk(payload, plan.rows))
            if self._settings.replies == "xml":
                # An empty element in a list is a row without a value.
                rows = [None if row == "" else row for row in rows]
            total = walk(payload, plan.total) if plan.total else None
            count = whole_number(total) if total is not None else None
        except (TypeError, ValueError):
            raise malformed(self._department, "its rows") from None
        return RowsOfReply(rows, count, has_others=plan.call.whole_table, warnings=warnings)

    async def erase(self, numbers: Collection[str]) -> int:
        """Delete every stored reply, because a reply may contain any citizen.

        Returns: 0. Stored replies have no countable rows, and are used only if the department
            confirms them.
        """
        if self._kept is not None:
            self._kept.forget()
        return 0

    async def close(self) -> None:
        await self._requests.close()


def _open_requests(
    setup: Setup[RestSettings, RestCall],
) -> tuple[RequestSender, RevalidatingTransport | None]:
    """Return the sender of requests, and the layer that stores replies by ETag, if any."""
    settings = setup.settings
    requests = open_requests(setup)
    transport, kept = requests.transport, None
    if settings.etags is not None:
        transport = kept = RevalidatingTransport(
            transport,
            most_bytes=settings.etags.bytes,
            keep=settings.etags.keep,
            varying=frozenset({CORRELATION_HEADER, "X-Road-Id"}),
        )
    if settings.xroad is not None:
        transport = XRoadTransport(setup.department, transport, settings.xroad)
    return replace(requests, transport=transport), kept


def _check(key_path: tuple[str, ...], call: RestCall | RestWrite) -> None:
    """Raise `SetupError` for a manifest with which every call would fail."""
    if call.method == "GET" and call.body is not None and "method" not in call.model_fields_set:
        remedy = "add `method: POST`; write `method: GET` if the department requires it"
        raise SetupError(key_path, "a GET seldom has a body", remedy)
    if call.body_format == "xml" and call.body is not None and len(call.body) != 1:
        message = "an XML body must have one root element"
        raise SetupError(key_path, message, "put everything into one element")
