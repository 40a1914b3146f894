"""The access log's tables: blocks of records, and an index from citizens to blocks.

A block contains the compressed records of one write. The index has one row for each citizen in a
block. At high load this costs a tenth of one row per record and citizen.
"""

import datetime as dt
import secrets
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import delete, select, tuple_

from hub.access.log.entries import AccessEntry
from hub.access.pseudonyms import Pseudonym
from hub.store import Store
from hub.store.tables import access_block, access_subject, microseconds_of, moment_of
from schema.access_record import AccessRecord, LoggedCapability, LoggedRole
from schema.codes import ErrorCode
from schema.connections import SortKey
from schema.errors import bad_input
from schema.sources import AccessLogPage

ROWS_PER_DELETE = 1_000
FASTEST_COMPRESSION = 1

Values = dict[str, Any]


class PackedRecord(NamedTuple):
    """A record in a block. `subjects` are indexes into the block's list of pseudonyms."""

    correlation_id: str
    requested_us: int
    responded_us: int
    department: str
    capability: str
    role: str
    error_code: str | None
    subjects: list[int]


class PackedBlock(NamedTuple):
    """The content of a block: pseudonyms of citizens, and records in the order they ended."""

    subjects: list[bytes]
    records: list[PackedRecord]


@dataclass(frozen=True, slots=True)
class AccessBatch:
    """Rows that are written in one transaction: a block, and one index row for each citizen."""

    block: Values
    subjects: list[Values]
    count: int


@dataclass(eq=False)
class AccessRecords:
    """Reads and writes the tables of the access log."""

    store: Store
    subject_of: Pseudonym

    def batch(self, accesses: Iterable[AccessEntry]) -> AccessBatch:
        """Make a block of these entries, in the order given."""
        indexes: dict[str, int] = {}
        records: list[PackedRecord] = []
        for access in accesses:
            citizens = dict.fromkeys(access.citizens)
            subjects = [indexes.setdefault(each, len(indexes)) for each in citizens]
            records.append(
                PackedRecord(
                    access.correlation_id,
                    access.started_us,
                    access.ended_us,
                    access.department,
                    access.capability.name,
                    access.role.name,
                    access.error_code,
                    subjects,
                )
            )
        pseudonyms = [self.subject_of(citizen) for citizen in indexes]
        # The id is fixed now, so that a batch without a confirmed commit can be written again.
        block_id = secrets.token_bytes(16)
        ended = max(record.responded_us for record in records)
        packed = msgspec.msgpack.encode(PackedBlock(pseudonyms, records))
        return AccessBatch(
            {
                "block_id": block_id,
                "ended_us": ended,
                "content": zlib.compress(packed, FASTEST_COMPRESSION),
            },
            [{"subject": each, "ended_us": ended, "block_id": block_id} for each in pseudonyms],
            len(records),
        )

    async def write(self, batch: AccessBatch) -> None:
        """Write a batch in one transaction. A batch that is already stored stays unchanged."""
        async with self.store.engine.begin() as connection:
            await connection.execute(self.store.insert_new(access_block), batch.block)
            if batch.subjects:
                await connection.execute(self.store.insert_new(access_subject), batch.subjects)

    async def page(
        self, member_identifier: str, first: int, after: SortKey | None
    ) -> AccessLogPage:
        """Return the citizen's access records after the sort key `after`, newest first.

        Raises:
            HubError: `BAD_USER_INPUT`, a cursor of a different list.
        """
        subject = self.subject_of(member_identifier)
        order = (access_subject.c.ended_us, access_subject.c.block_id)
        wanted = (
            select(access_block)
            .join(access_subject, access_subject.c.block_id == access_block.c.block_id)
            .where(access_subject.c.subject == subject)
            .order_by(*(column.desc() for column in order))
            # Each block has at least one record of the citizen. All in the first may come before
            # `after`.
            .limit(first + 2)
        )
        seen_block, seen_index = b"", 0
        if after is not None:
            ended, seen_block, seen_index = _position_of(after)
            wanted = wanted.where(tuple_(*order) <= tuple_(ended, seen_block))
        async with self.store.engine.connect() as connection:
            rows = (await connection.execute(wanted)).all()
        found: list[AccessRecord] = []
        for row in rows:
            before = seen_index if row.block_id == seen_block else None
            found += _records_of(row, member_identifier, subject, before)
            if len(found) > first:
                break
        return AccessLogPage(found[:first], len(found) > first)

    async def record(self, member_identifier: str, sort_key: SortKey) -> AccessRecord | None:
        """Return the citizen's access record with this sort key; None if there is none."""
        ended, block_id, index = _position_of(sort_key)
        page = await self.page(member_identifier, 1, _sort_key(ended, block_id, index + 1))
        return next((each for each in page.records if each.sort_key == sort_key), None)

    async def delete_before(self, moment: dt.datetime) -> None:
        """Delete older blocks, in small steps so that writers wait only briefly."""
        oldest_kept = microseconds_of(moment)
        for table in (access_subject, access_block):
            ended = table.c.ended_us
            step = select(ended).where(ended < oldest_kept).order_by(ended).offset(ROWS_PER_DELETE)
            last = False
            while not last:
                async with self.store.engine.begin() as connection:
                    until = (await connection.execute(step.limit(1))).scalar()
                    last = until is None
                    await connection.execute(
                        delete(table).where(ended < (oldest_kept if until is None else until + 1))
                    )


def _records_of(
    row: Any, member_identifier: str, subject: bytes, before: int | None
) -> list[AccessRecord]:
    """Return the citizen's records in a block, newest first, with indexes below `before`."""
    block = msgspec.msgpack.decode(zlib.decompress(row.content), type=PackedBlock)
    mine = block.subjects.index(subject)
    indexes = range(len(block.records) if before is None else before)
    return [
        _shown(
            block.records[index], member_identifier, _sort_key(row.ended_us, row.block_id, index)
        )
        for index in reversed(indexes)
        if mine in block.records[index].subjects
    ]


def _sort_key(ended_us: int, block_id: bytes, index: int) -> SortKey:
    return float(ended_us), f"{block_id.hex()}:{index}"


def _position_of(after: SortKey) -> tuple[int, bytes, int]:
    ended, name = after
    block_id, _, index = name.partition(":")
    try:
        return int(ended), bytes.fromhex(block_id), int(index)
    except (ValueError, OverflowError):
        raise bad_input("`after` is a cursor of a different list.") from None


def _shown(record: PackedRecord, member_identifier: str, sort_key: SortKey) -> AccessRecord:
    return AccessRecord(
        correlation_id=record.correlation_id,
        called_datetime=moment_of(record.requested_us),
        responded_datetime=moment_of(record.responded_us),
        department_identifier=record.department,
        capability=LoggedCapability.__members__.get(record.capability, LoggedCapability.UNKNOWN),
        role=LoggedRole.__members__.get(record.role, LoggedRole.UNKNOWN),
        succeeded=record.error_code is None,
        error_code=ErrorCode.__members__.get(record.error_code or ""),
        member_identifier=member_identifier,
        sort_key=sort_key,
    )
