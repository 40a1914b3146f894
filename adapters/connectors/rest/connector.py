"""Calls a REST department and reads its JSON."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import orjson
from cachetools import LRUCache

from adapters.connectors.faults import fault_of
from adapters.connectors.http import raise_for_status
from adapters.connectors.rest.settings import RestCall, RestSettings
from adapters.connectors.rest.structs import StructDecoder
from adapters.connectors.setup import Setup
from adapters.connectors.templates import MISSING, fill, fill_to_text
from adapters.connectors.wire import CallPlan, RowsOfReply, walk
from adapters.contract import (
    CallContext,
    DepartmentAuthError,
    DepartmentFaultError,
    MalformedReplyError,
    ReplyTooLargeError,
)
from adapters.mapping.access import Shape, ShapeConflictError
from adapters.mapping.values import as_list

CORRELATION_HEADER = "X-Correlation-Id"
DECODERS = 512


class RestConnector:
    """The `rest` connector of one department."""

    def __init__(self, setup: Setup[RestSettings, RestCall]) -> None:
        settings = setup.settings
        self._department = setup.department
        self._settings = settings
        self._plans = setup.plans
        self._line = setup.http_line()
        self._base_url = settings.base_url.rstrip("/")
        self._decoders: LRUCache[tuple[str, Shape], StructDecoder | None] = LRUCache(DECODERS)
        self._headers = {"Accept": "application/json", **settings.headers}

    async def call(
        self,
        capability: str,
        bindings: Mapping[str, object],
        context: CallContext,
        shape: Shape | None,
    ) -> RowsOfReply:
        plan = self._plans[capability]
        pages = plan.call.pages
        if pages is None:
            body = await self._body(plan.call, bindings, context)
            decoder = self._decoder(plan, shape)
            decoded = decoder.decode(body) if decoder is not None and body is not None else None
            return decoded if decoded is not None else self._rows(plan, self._payload(body))
        rows: list[Any] = []
        page = count = 1
        while page <= count:
            payload = self._payload(
                await self._body(plan.call, {**bindings, "page": page}, context)
            )
            found = self._rows(plan, payload)
            rows += found.rows
            count = self._page_count(payload, pages.count)
            if count > pages.most:
                raise ReplyTooLargeError(
                    self._department, f"{self._department} has more than {pages.most} pages."
                )
            page += 1
        return RowsOfReply(rows, len(rows))

    def _decoder(self, plan: CallPlan[RestCall], shape: Shape | None) -> StructDecoder | None:
        """What decodes replies into structs of the shape; None where that can't be done."""
        if shape is None:
            return None
        key = (plan.capability, shape)
        if key not in self._decoders:
            try:
                self._decoders[key] = StructDecoder(plan, self._settings.envelope, shape)
            except ShapeConflictError:
                self._decoders[key] = None
        return self._decoders[key]

    async def _body(
        self, call: RestCall, bindings: Mapping[str, object], context: CallContext
    ) -> bytes | None:
        """The reply's body; None when its status says that there are no rows."""
        headers = {**self._headers, CORRELATION_HEADER: context.correlation_id}
        content = None
        if call.body is not None:
            body = fill(call.body, bindings)
            content = orjson.dumps({} if body is MISSING else body)
            headers["Content-Type"] = "application/json"
        query = {
            name: text
            for name, template in call.query.items()
            if (text := fill_to_text(template, bindings)) is not None
        }
        path = call.path
        if "{" in path:
            encoded = {name: quote(str(value), safe="") for name, value in bindings.items()}
            path = fill_to_text(path, encoded) or "/"
        url = self._base_url + path
        reply = await self._line.send(
            call.method, url, headers=headers, query=query or None, content=content
        )
        if reply.status in call.empty_statuses:
            return None
        raise_for_status(self._department, reply.status)
        return reply.body

    def _payload(self, body: bytes | None) -> Any:
        """The decoded reply; None when it says that there are no rows."""
        if body is None:
            return None
        try:
            payload = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise MalformedReplyError(
                self._department, f"{self._department} sent a reply that is not JSON."
            ) from None
        return self._unwrapped(payload)

    def _unwrapped(self, payload: Any) -> Any:
        """The payload if its envelope tells success, None if it tells "no rows"."""
        envelope = self._settings.envelope
        if envelope is None:
            return payload
        told = payload
        if envelope.error_rows:
            if not (isinstance(payload, list) and payload and isinstance(payload[0], Mapping)):
                return payload
            told = payload[0]
            if walk(told, envelope.code) is None:
                return payload
        elif envelope.ok is not None:
            path, _, success = envelope.ok.partition("=")
            if not isinstance(payload, Mapping):
                raise self._malformed("its envelope")
            if str(walk(payload, path)) == success:
                return payload
        code = str(walk(told, envelope.code))
        if code in envelope.empty:
            return None
        fault = fault_of(code, walk(told, envelope.message))
        if code in envelope.auth_failed:
            raise DepartmentAuthError(
                self._department, f"{self._department} refused the hub's credentials.", fault=fault
            )
        raise DepartmentFaultError(
            self._department, f"{self._department} reports a failure.", fault=fault
        )

    def _rows(self, plan: CallPlan[RestCall], payload: Any) -> RowsOfReply:
        try:
            rows: Sequence[Any] = as_list(walk(payload, plan.rows))
            total = walk(payload, plan.total) if plan.total else None
            return RowsOfReply(rows, int(total) if total is not None else None)
        except (TypeError, ValueError):
            raise self._malformed("its rows") from None

    def _page_count(self, payload: Any, path: str) -> int:
        if payload is None:
            return 0
        try:
            return int(walk(payload, path))
        except (TypeError, ValueError):
            raise self._malformed("its number of pages") from None

    def _malformed(self, what: str) -> MalformedReplyError:
        return MalformedReplyError(
            self._department,
            f"{self._department} sent JSON of another form: {what} can't be found.",
        )

    async def close(self) -> None:
        await self._line.close()
