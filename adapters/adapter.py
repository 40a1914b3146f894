"""The adapter that a manifest describes: it calls the connector and maps the reply's rows."""

import datetime as dt
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from adapters.attribution import attribute
from adapters.connectors.connector import Bindings, Connector, RowsOfReply, null_rows, without_nulls
from adapters.connectors.templates import request_values
from adapters.contract import (
    CallContext,
    Capability,
    DepartmentError,
    LookUpReply,
    ReplyTooLargeError,
    Rows,
    SearchReply,
)
from adapters.department_writes import FINDERS, DepartmentWrites
from adapters.mapping import CodeTable
from adapters.mapping.readers import Readers, RowReaders
from adapters.reply_reader import ReplyReader
from adapters.search_filter import SearchFilter
from adapters.worklist_pages import PageRequest, Paging, read_page
from adapters.writes import Misfit, WriteCapability, WriteReply, WriteRequest
from schema.codes import WarningCode
from schema.provenance import Origin, Record, SourceState, SourceWarning

MOST_KEY_DIGITS = 18
"""The largest integer of common databases has 18 safe digits. A longer key can match no record, and
sending it would cause a database error."""


@dataclass(frozen=True, slots=True)
class CompiledCapability:
    """A capability ready to run.

    Attributes:
        name: the capability's name.
        readers: map rows to records.
        at_once: maximum number of keys in one call.
        key_type: type of the keys in the call.
        key_prefix: text that precedes each key in the call.
        key_path: path from a row to its key; None for searches.
        paging: how the call of a search requests a page of the list.
        status_codes: translates the statuses of a search into the department's codes.
        request_values: placeholders of the call that every attempt fills anew.
    """

    name: str
    readers: Readers
    at_once: int
    key_type: Literal["text", "integer"]
    key_prefix: str
    key_path: str | None
    paging: Paging
    status_codes: CodeTable | None
    request_values: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class ManifestAdapter:
    """Implements `adapters.contract.Adapter` for any department with a manifest."""

    department: str
    kind: str
    compiled: Mapping[Capability, CompiledCapability]
    connector: Connector
    timezone: dt.tzinfo
    most_rows: int
    department_writes: DepartmentWrites

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset(self.compiled)

    @property
    def writes(self) -> frozenset[WriteCapability]:
        return frozenset(self.department_writes.compiled)

    def keys_at_once(self, capability: Capability) -> int:
        return self.compiled[capability].at_once

    async def look_up(
        self, capability: Capability, keys: Sequence[str], context: CallContext
    ) -> LookUpReply:
        compiled = self.compiled[capability]
        started = time.perf_counter()
        typed = _typed([compiled.key_prefix + key for key in keys], compiled.key_type)
        results: Mapping[str, Rows | DepartmentError] = {key: Rows((), (), key) for key in keys}
        if typed:
            bindings: dict[str, Any] = (
                {"keys": typed} if compiled.at_once > 1 else {"key": typed[0]}
            )
            readers = compiled.readers.readers_for(context.needed, for_merging=True)
            reply = await self._call(compiled, bindings, context, readers)
            origin = self._origin(context, started)
            if reply.state is not SourceState.LIVE and reply.as_of is not None:
                # The rows are a stored copy, made at this time.
                origin = replace(origin, state=reply.state, retrieved_at=reply.as_of)
            reader = ReplyReader(readers, reply, origin)
            listed = list(map(str, bindings.get("keys", ())))
            results = self._by_key(reader, compiled, keys, listed, reply)
        return LookUpReply(results, _milliseconds_since(started), dt.datetime.now(dt.UTC))

    async def _call(
        self,
        compiled: CompiledCapability,
        bindings: Bindings,
        context: CallContext,
        readers: RowReaders,
    ) -> RowsOfReply:
        """Return the reply's rows; raise `ReplyTooLargeError` if they exceed the limit."""
        if compiled.request_values:
            values = request_values(
                compiled.request_values, self.timezone, self.department, context
            )
            bindings = {**bindings, **values}
        reply = await self.connector.call(compiled.name, bindings, context, readers.shape)
        if len(reply.rows) > self.most_rows:
            message = f"{self.department} sent more than {self.most_rows:,} rows, its limit."
            raise ReplyTooLargeError(self.department, message)
        return reply

    def _by_key(
        self,
        reader: ReplyReader,
        compiled: CompiledCapability,
        keys: Sequence[str],
        listed: Sequence[str],
        reply: RowsOfReply,
    ) -> dict[str, Rows | DepartmentError]:
        """Assign the reply's rows to the keys, and map them.

        `listed` are the keys that the call listed; it is empty for a call with a single key.
        """
        sent = _as_sent(compiled, keys)
        found = attribute(
            self.department,
            reply.rows,
            reader.raw_key_of,
            sent,
            compiled.key_prefix,
            compiled.key_path,
            listed,
        )
        of_reply = list(reply.warnings)
        if missing := reply.missing or _short_of_total(reply):
            of_reply.append(_incomplete(missing))
        if found.null_rows:
            of_reply.append(_incomplete(null_rows(found.null_rows, found.total)))
        is_complete = found.is_complete or reply.has_others
        if found.stranger_rows and not reply.has_others:
            # One warning covers all rows of others: a faulty department may send its whole table.
            of_reply.append(SourceWarning(code=WarningCode.UNREQUESTED_ROW))
        results: dict[str, Rows | DepartmentError] = {}
        for key, as_sent in zip(keys, sent, strict=True):
            if as_sent in reply.failures:
                results[key] = reply.failures[as_sent]
                continue
            rows = found.rows_of[as_sent]
            if not rows and not is_complete:
                results[key] = found.error(self.department)
                continue
            records: list[Record] = []
            warnings = reader.read(rows, records) + of_reply
            if not is_complete and (unclear := found.missing(as_sent)):
                warnings.append(_incomplete(unclear))
            state = _state(warnings, reply.state) if warnings else reply.state
            results[key] = Rows(records, warnings, key, state, reply.as_of, reply.failure)
        return results

    async def search(
        self, capability: Capability, criteria: Mapping[str, object], context: CallContext
    ) -> SearchReply:
        compiled = self.compiled[capability]
        started = time.perf_counter()
        bindings, search_filter = dict(criteria), SearchFilter.of(criteria)
        statuses = bindings.pop("statuses", None)
        bindings["any_status"] = not statuses
        if statuses:
            assert compiled.status_codes is not None
            codes = compiled.status_codes.codes_for(statuses)  # type: ignore[arg-type]
            if not codes:
                return SearchReply(Rows(()), 0, 0, dt.datetime.now(dt.UTC))
            bindings["status_codes"] = codes
        if isinstance(since := bindings.get("since"), dt.datetime):
            # The department expects its own local date and time.
            bindings["since"] = since.astimezone(self.timezone)
        needed = search_filter.adding_its_fields(context.needed)
        # The department has sorted the rows, and they are not merged with others.
        readers = compiled.readers.readers_for(needed, for_merging=False)
        if "limit" in bindings:

            async def fetch(position: Mapping[str, object]) -> RowsOfReply:
                return await self._call(compiled, {**bindings, **position}, context, readers)

            page = await read_page(compiled.paging, fetch, PageRequest.taken_from(bindings))
            reply, window = page.reply, page.window
        else:
            reply, window = await self._call(compiled, bindings, context, readers), None
        origin = self._origin(context, started)
        reader = ReplyReader(readers, reply, origin)
        records: list[Record] = []
        rows = without_nulls(reply.rows)
        warnings = [*reply.warnings, *reader.read(rows, records)]
        shown = search_filter.matching(records)
        if len(shown) < len(records):
            warnings.append(SourceWarning(code=WarningCode.UNREQUESTED_ROW))
        if window is not None and len(shown) < window.received:
            kept = {id(record) for record in shown}
            at = zip(records, reader.usable(reply.rows), strict=True)
            window = replace(window, indexes=[index for record, index in at if id(record) in kept])
        if reply.missing:
            warnings.append(_incomplete(reply.missing))
        if nulls := len(reply.rows) - len(rows):
            warnings.append(_incomplete(null_rows(nulls, len(reply.rows))))
        return SearchReply(
            Rows(shown, warnings, state=_state(warnings, SourceState.LIVE)),
            reply.total_count,
            origin.latency_ms,
            origin.retrieved_at,
            window,
        )

    def _origin(self, context: CallContext, started: float) -> Origin:
        return Origin(
            department=self.department,
            adapter=self.kind,
            retrieved_at=dt.datetime.now(dt.UTC),
            latency_ms=_milliseconds_since(started),
            correlation_id=context.correlation_id,
        )

    def misfits(
        self,
        service_code: str,
        values: Mapping[str, object],
        facts: Mapping[str, object],
        capability: WriteCapability = WriteCapability.SUBMIT_APPLICATION,
    ) -> Sequence[Misfit]:
        return self.department_writes.misfits(service_code, values, facts, capability)

    async def write(
        self, capability: WriteCapability, request: WriteRequest, context: CallContext
    ) -> WriteReply:
        can_find = FINDERS.get(capability) in self.compiled
        find = self.look_up if can_find else None
        writes = self.department_writes
        return await writes.send(capability, request, context, self.connector, find)

    async def open(self) -> None:
        """Start importing the department's files, if the connector stores rows."""
        await self.connector.open()

    async def erase(self, numbers: Collection[str]) -> int:
        """Delete stored rows of citizens with one of these numbers; return how many."""
        return await self.connector.erase(numbers)

    async def close(self) -> None:
        await self.connector.close()


def _typed(keys: Sequence[str], key_type: Literal["text", "integer"]) -> list[object]:
    """Convert the keys to the department's type; leave out keys that no record can have."""
    if key_type == "text":
        return list(keys)
    return [int(key) for key in keys if _is_integer(key)]


def _as_sent(compiled: CompiledCapability, keys: Sequence[str]) -> Sequence[str]:
    """Return the keys in the form in which the department has them."""
    prefixed = [compiled.key_prefix + key for key in keys] if compiled.key_prefix else keys
    if compiled.key_type == "text":
        return prefixed
    return [str(int(key)) if _is_integer(key) else key for key in prefixed]


def _is_integer(key: str) -> bool:
    return key.isascii() and key.isdecimal() and len(key) <= MOST_KEY_DIGITS


def _short_of_total(reply: RowsOfReply) -> str | None:
    """Return which rows of a look-up are missing: the department announced more than it sent."""
    received, total = len(reply.rows), reply.total_count
    if total is None or total <= received:
        return None
    return f"{received} of {total} rows were received"


def _incomplete(missing: str) -> SourceWarning:
    return SourceWarning(code=WarningCode.INCOMPLETE, raw=missing)


def _state(warnings: Sequence[SourceWarning], state: SourceState) -> SourceState:
    """Return INCOMPLETE if a warning says that rows are missing; otherwise return `state`."""
    if any(each.code in (WarningCode.INCOMPLETE, WarningCode.UNUSABLE_ROW) for each in warnings):
        return SourceState.INCOMPLETE
    return state


def _milliseconds_since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
