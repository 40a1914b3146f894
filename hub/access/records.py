"""The access log's rows: blocks of records, found by the citizens they concern.

A block holds the records of a moment, packed; beside it stands one row for each citizen it tells
of. At many requests a second this costs a tenth of what a row for each record and citizen would.
"""

import datetime as dt
import secrets
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import delete, select, tuple_

from adapters.contract import Capability
from hub.access.principal import Role
from hub.access.pseudonyms import Pseudonym
from hub.store import Store
from hub.store.tables import access_block, access_subject, microseconds_of, moment_of
from schema.access_record import AccessRecord, ClientMember, LoggedCapability
from schema.connections import SortKey
from schema.errors import bad_input
from schema.sources import AccessLogPage

DELETED_AT_ONCE = 1_000
FASTEST = 1

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """One call to a department, and whom it concerned.

    Attributes:
        message_id: correlation id of the request.
        request_in_us: when the call began (microseconds since 1970, UTC).
        response_out_us: when its reply was there, or it failed (the same unit).
        department: identifier of the department.
        capability: what it was asked.
        role: what the principal who asked is to the hub.
        fault_code: why it failed, None when it succeeded.
        citizens: Family ID member numbers of those it concerned; one may stand there twice.
    """

    message_id: str
    request_in_us: int
    response_out_us: int
    department: str
    capability: Capability
    role: Role
    fault_code: str | None
    citizens: Sequence[str]


class PackedRecord(NamedTuple):
    """A record as a block holds it; `subjects` are places in the block's list of them."""

    message_id: str
    request_in_us: int
    response_out_us: int
    department: str
    service_code: str
    client_member: str
    fault_code: str | None
    subjects: list[int]


class PackedBlock(NamedTuple):
    """The content of a block: pseudonyms of citizens, and records in the order of their end."""

    subjects: list[bytes]
    records: list[PackedRecord]


@dataclass(frozen=True, slots=True)
class AccessBatch:
    """Rows to be written together: one block, and one row for each citizen in it."""

    block: Values
    subjects: list[Values]
    count: int


class AccessRecords:
    """Reads and writes the tables of the access log."""

    def __init__(self, store: Store, subject_of: Pseudonym) -> None:
        self._store = store
        self._subject_of = subject_of

    def batch(self, accesses: Iterable[AccessEntry]) -> AccessBatch:
        """A block of these records, in the order given."""
        places: dict[str, int] = {}
        records: list[PackedRecord] = []
        for access in accesses:
            citizens = dict.fromkeys(access.citizens)
            subjects = [places.setdefault(each, len(places)) for each in citizens]
            records.append(
                PackedRecord(
                    access.message_id,
                    access.request_in_us,
                    access.response_out_us,
                    access.department,
                    access.capability.name,
                    access.role.name,
                    access.fault_code,
                    subjects,
                )
            )
        pseudonyms = [self._subject_of(citizen) for citizen in places]
        # Made here, so that a batch whose commit was not acknowledged can be sent again.
        block_id = secrets.token_bytes(16)
        ended = max(record.response_out_us for record in records)
        packed = msgspec.msgpack.encode(PackedBlock(pseudonyms, records))
        return AccessBatch(
            {
                "block_id": block_id,
                "ended_us": ended,
                "content": zlib.compress(packed, FASTEST),
            },
            [{"subject": each, "ended_us": ended, "block_id": block_id} for each in pseudonyms],
            len(records),
        )

    async def write(self, batch: AccessBatch) -> None:
        """All of it or nothing; what is there already stays as it is."""
        async with self._store.engine.begin() as connection:
            await connection.execute(self._store.insert_new(access_block), batch.block)
            if batch.subjects:
                await connection.execute(self._store.insert_new(access_subject), batch.subjects)

    async def page(
        self, member_identifier: str, first: int, after: SortKey | None
    ) -> AccessLogPage:
        """The citizen's records after that place, newest first."""
        subject = self._subject_of(member_identifier)
        place = (access_subject.c.ended_us, access_subject.c.block_id)
        wanted = (
            select(access_block)
            .join(access_subject, access_subject.c.block_id == access_block.c.block_id)
            .where(access_subject.c.subject == subject)
            .order_by(*(column.desc() for column in place))
            # Each tells of the citizen once at least, save that the first may have been shown.
            .limit(first + 2)
        )
        seen_block, seen_place = b"", 0
        if after is not None:
            ended, seen_block, seen_place = _place_of(after)
            wanted = wanted.where(tuple_(*place) <= tuple_(ended, seen_block))
        async with self._store.engine.connect() as connection:
            rows = (await connection.execute(wanted)).all()
        found: list[AccessRecord] = []
        for row in rows:
            found += _records_of(row, subject, seen_place if row.block_id == seen_block else None)
            if len(found) > first:
                break
        return AccessLogPage(found[:first], len(found) > first)

    async def delete_before(self, moment: dt.datetime) -> None:
        """Deletes blocks that ended before, in bites, so that writers need not wait long."""
        oldest_kept = microseconds_of(moment)
        for table in (access_subject, access_block):
            ended = table.c.ended_us
            bite = select(ended).where(ended < oldest_kept).order_by(ended).offset(DELETED_AT_ONCE)
            last = False
            while not last:
                async with self._store.engine.begin() as connection:
                    until = (await connection.execute(bite.limit(1))).scalar()
                    last = until is None
                    await connection.execute(
                        delete(table).where(ended < (oldest_kept if until is None else until + 1))
                    )


def _records_of(row: Any, subject: bytes, before: int | None) -> list[AccessRecord]:
    """The citizen's records in a block, newest first; only those before a place in it, if given."""
    block = msgspec.msgpack.decode(zlib.decompress(row.content), type=PackedBlock)
    mine = block.subjects.index(subject)
    places = range(len(block.records) if before is None else before)
    return [
        _shown(block.records[place], (float(row.ended_us), f"{row.block_id.hex()}:{place}"))
        for place in reversed(places)
        if mine in block.records[place].subjects
    ]


def _place_of(after: SortKey) -> tuple[int, bytes, int]:
    ended, name = after
    block_id, _, place = name.partition(":")
    try:
        return int(ended), bytes.fromhex(block_id), int(place)
    except (ValueError, OverflowError):
        raise bad_input("`after` is a cursor of another list.") from None


def _shown(record: PackedRecord, place: SortKey) -> AccessRecord:
    return AccessRecord(
        message_id=record.message_id,
        request_in_ts=moment_of(record.request_in_us),
        response_out_ts=moment_of(record.response_out_us),
        department=record.department,
        service_code=LoggedCapability.__members__.get(
            record.service_code, LoggedCapability.UNKNOWN
        ),
        client_member=ClientMember.__members__.get(record.client_member, ClientMember.UNKNOWN),
        succeeded=record.fault_code is None,
        fault_code=record.fault_code,
        place=place,
    )
