"""The adapter that a manifest describes: batches of keys in, mapped records out."""

import asyncio
import datetime as dt
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from adapters.asked_for import AskedFor
from adapters.connectors.wire import BringsRows, Connector, KeepsCopies, RowsOfReply
from adapters.contract import (
    CallContext,
    Capability,
    DepartmentError,
    LookUpReply,
    MalformedReplyError,
    ReplyTooLargeError,
    Rows,
    SearchReply,
)
from adapters.mapping import CodeTable
from adapters.mapping.compiler import SharedObjects
from adapters.mapping.readers import Readers, RowFunctions, RowReaders
from adapters.mapping.row_reading import MissingFieldError
from schema.errors import bad_input
from schema.provenance import Origin, Record, SourceState, SourceWarning

MOST_ROWS = 20_000
MOST_KEY_DIGITS = 18
"""What a database's largest integer holds; a longer number is nobody's, and would be an error."""


@dataclass(frozen=True, slots=True)
class CompiledCapability:
    """A capability ready to run.

    Attributes:
        name: the capability's name.
        readers: read rows into records.
        at_once: most keys in one call.
        key_type: what the department takes keys for.
        key_prefix: what stands before each key on the wire.
        status_codes: turns a search's statuses into the department's codes.
    """

    name: str
    readers: Readers
    at_once: int
    key_type: Literal["text", "integer"]
    key_prefix: str
    status_codes: CodeTable | None


class Reading:
    """One reply while its rows are read."""

    def __init__(self, functions: RowFunctions, origin: Origin) -> None:
        self._functions = functions
        self._origin = origin
        self._shared: SharedObjects = {}

    def raw_key_of(self, row: Any) -> Any:
        """The key that a look-up's row answers, as the department writes it."""
        return self._functions.key_of(row)  # type: ignore[misc]

    def read(self, rows: Iterable[Any], records: list[Record]) -> list[SourceWarning]:
        """Adds the rows' records; gives what could not be taken as it was."""
        warnings: list[SourceWarning] = []
        read, origin, shared = self._functions.read, self._origin, self._shared
        notes: list[SourceWarning] = []
        for row in rows:
            try:
                record = read(row, origin, notes, shared)
                if record is not None:
                    records.append(record)
            except MissingFieldError as error:
                notes.append(SourceWarning(code="UNUSABLE_ROW", field_path=str(error)))
            if notes:
                warnings += notes
                notes = []
        return warnings


class ManifestAdapter:
    """Implements `adapters.contract.Adapter` for any department with a manifest."""

    def __init__(
        self,
        department: str,
        kind: str,
        capabilities: Mapping[Capability, CompiledCapability],
        connector: Connector,
        *,
        timezone: dt.tzinfo,
        most_rows: int = MOST_ROWS,
    ) -> None:
        self._department = department
        self._kind = kind
        self._compiled = capabilities
        self._connector = connector
        self._timezone = timezone
        self._most_rows = most_rows

    @property
    def department(self) -> str:
        return self._department

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset(self._compiled)

    def keys_at_once(self, capability: Capability) -> int:
        return self._compiled[capability].at_once

    async def look_up(
        self, capability: Capability, keys: Sequence[str], context: CallContext
    ) -> LookUpReply:
        compiled = self._compiled[capability]
        started = time.perf_counter()
        results: dict[str, Rows | DepartmentError] = {key: Rows((), (), key) for key in keys}
        groups = [
            list(keys[start : start + compiled.at_once])
            for start in range(0, len(keys), compiled.at_once)
        ]
        if len(groups) == 1:
            # A task of its own would cost more than the rest of the way.
            results.update(await self._look_up_group(compiled, groups[0], context, started))
            return LookUpReply(results, _milliseconds_since(started), dt.datetime.now(dt.UTC))
        answers = await asyncio.gather(
            *(self._look_up_group(compiled, group, context, started) for group in groups),
            return_exceptions=True,
        )
        for group, answer in zip(groups, answers, strict=True):
            if isinstance(answer, DepartmentError):
                results.update(dict.fromkeys(group, answer))
            elif isinstance(answer, BaseException):
                raise answer
            else:
                results.update(answer)
        return LookUpReply(results, _milliseconds_since(started), dt.datetime.now(dt.UTC))

    async def _look_up_group(
        self, compiled: CompiledCapability, keys: list[str], context: CallContext, started: float
    ) -> dict[str, Rows | DepartmentError]:
        typed = _typed([compiled.key_prefix + key for key in keys], compiled.key_type)
        if not typed:
            return {}
        bindings = {"keys": typed} if compiled.at_once > 1 else {"key": typed[0]}
        readers = compiled.readers.readers_for(context.needed, for_merging=True)
        reply = await self._call(compiled, bindings, context, readers)
        origin = _origin_of(reply, self._origin(context, started))
        reading = Reading(_functions_for(readers, reply), origin)
        return self._by_key(reading, compiled.key_prefix, keys, reply)

    async def _call(
        self,
        compiled: CompiledCapability,
        bindings: Mapping[str, object],
        context: CallContext,
        readers: RowReaders,
    ) -> RowsOfReply:
        """The reply's rows; raises `ReplyTooLargeError` when there are more than may be."""
        reply = await self._connector.call(compiled.name, bindings, context, readers.shape)
        if len(reply.rows) > self._most_rows:
            raise ReplyTooLargeError(
                self._department, f"{self._department} sent more than {self._most_rows:,} rows."
            )
        return reply

    def _by_key(
        self, reading: Reading, key_prefix: str, keys: list[str], reply: RowsOfReply
    ) -> dict[str, Rows | DepartmentError]:
        asked: dict[str, list[Any]] = {f"{key_prefix}{key}": [] for key in keys}
        strays = list(reply.warnings)
        unasked = False
        try:
            for row in reply.rows:
                raw = reading.raw_key_of(row)
                found = asked.get(raw) if raw.__class__ is str else None
                if found is None:
                    key = " ".join(str(raw).split()).removeprefix(key_prefix)
                    found = asked.get(f"{key_prefix}{key}")
                if found is not None:
                    found.append(row)
                elif not unasked and not reply.has_others:
                    # Never shown to anyone: it answers a question that was not asked. One warning
                    # is for all of them, which may be the department's whole table.
                    unasked = True
                    strays.append(SourceWarning(code="UNASKED_ROW"))
        except AttributeError:
            raise MalformedReplyError(
                self._department, f"{self._department} sent rows of another form."
            ) from None
        results: dict[str, Rows | DepartmentError] = {}
        for prefixed, answers in asked.items():
            records: list[Record] = []
            warnings = reading.read(answers, records)
            key = prefixed.removeprefix(key_prefix)
            results[key] = reply.failures.get(prefixed) or Rows(
                records, warnings + strays, key, reply.state, reply.as_of, reply.failure
            )
        return results

    async def search(
        self, capability: Capability, criteria: Mapping[str, object], context: CallContext
    ) -> SearchReply:
        compiled = self._compiled[capability]
        started = time.perf_counter()
        bindings, asked = dict(criteria), AskedFor.by(criteria)
        statuses = bindings.pop("statuses", None)
        bindings["any_status"] = not statuses
        if statuses:
            assert compiled.status_codes is not None
            codes = compiled.status_codes.codes_for(statuses)  # type: ignore[arg-type]
            if not codes:
                return SearchReply(Rows(()), 0, 0, dt.datetime.now(dt.UTC))
            bindings["status_codes"] = codes
        if "limit" in bindings:
            bindings["page"] = _page_number(bindings)
        if isinstance(since := bindings.get("since"), dt.datetime):
            # What a call writes of it is the department's day and hour, not the client's.
            bindings["since"] = since.astimezone(self._timezone)
        # The department has sorted a search's rows, and nothing is merged with them.
        readers = compiled.readers.readers_for(asked.reads(context.needed), for_merging=False)
        reply = await self._call(compiled, bindings, context, readers)
        origin = self._origin(context, started)
        reading = Reading(_functions_for(readers, reply), origin)
        records: list[Record] = []
        warnings = [*reply.warnings, *reading.read(reply.rows, records)]
        fitting = asked.among(records)
        if len(fitting) < len(records):
            warnings.append(SourceWarning(code="UNASKED_ROW"))
        return SearchReply(
            Rows(fitting, warnings), reply.total_count, origin.latency_ms, origin.retrieved_at
        )

    def _origin(self, context: CallContext, started: float) -> Origin:
        return Origin(
            department=self._department,
            adapter=self._kind,
            retrieved_at=dt.datetime.now(dt.UTC),
            latency_ms=_milliseconds_since(started),
            correlation_id=context.correlation_id,
        )

    async def open(self) -> None:
        """Begins to bring in what the adapter keeps of the department, if it keeps anything."""
        if isinstance(self._connector, BringsRows):
            await self._connector.open()

    async def erase(self, numbers: Collection[str]) -> int:
        """Drops what the adapter keeps of citizens with one of these numbers; how many rows."""
        if isinstance(self._connector, KeepsCopies):
            return await self._connector.erase(numbers)
        return 0

    async def close(self) -> None:
        await self._connector.close()


def _origin_of(reply: RowsOfReply, now: Origin) -> Origin:
    """Of rows from a copy: true when the copy was made, however quickly it was read now."""
    if reply.state is SourceState.LIVE or reply.as_of is None:
        return now
    return replace(now, state=reply.state, retrieved_at=reply.as_of)


def _functions_for(readers: RowReaders, reply: RowsOfReply) -> RowFunctions:
    if not reply.are_structs:
        return readers.of_mappings
    assert readers.of_structs is not None
    return readers.of_structs


def _typed(keys: Sequence[str], key_type: Literal["text", "integer"]) -> list[object]:
    """The keys as the department takes them; one that can't be its number can't be known to it."""
    if key_type == "text":
        return list(keys)
    return [int(key) for key in keys if key.isdecimal() and len(key) <= MOST_KEY_DIGITS]


def _page_number(window: Mapping[str, object]) -> int:
    offset, limit = window["offset"], window["limit"]
    assert isinstance(offset, int)
    assert isinstance(limit, int)
    if offset % limit:
        raise bad_input("Keep `first` the same from page to page of one worklist.")
    return offset // limit + 1


def _milliseconds_since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
