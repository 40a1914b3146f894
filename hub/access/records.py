"""The access log's rows: written in batches, read a page at a time, deleted when they are old."""

import datetime as dt
import itertools
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, select, tuple_

from adapters.contract import Capability
from hub.access.principal import Role
from hub.access.pseudonyms import Pseudonym
from hub.store import Store
from hub.store.tables import access_record, access_subject
from schema.access_record import AccessRecord, ClientMember
from schema.access_record import Capability as CapabilityShown
from schema.connections import SortKey
from schema.errors import bad_input
from schema.sources import AccessLogPage

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
DELETED_AT_ONCE = 5_000

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Access:
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


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows to be written together."""

    records: list[Values]
    subjects: list[Values]


class AccessRecords:
    """Reads and writes the tables of the access log."""

    def __init__(self, store: Store, subject_of: Pseudonym) -> None:
        self._store = store
        self._subject_of = subject_of
        # Ids are made here, so that a batch whose commit was not acknowledged can be sent again.
        self._writer = secrets.token_bytes(8)
        self._numbers = itertools.count()

    def batch(self, accesses: Iterable[Access]) -> Batch:
        records: list[Values] = []
        subjects: list[Values] = []
        subject_of = self._subject_of
        for access in accesses:
            record_id = self._writer + next(self._numbers).to_bytes(8, "big")
            records.append(
                {
                    "record_id": record_id,
                    "request_in_us": access.request_in_us,
                    "response_out_us": access.response_out_us,
                    "message_id": access.message_id,
                    "department": access.department,
                    "service_code": access.capability.name,
                    "client_member": access.role.name,
                    "fault_code": access.fault_code,
                }
            )
            begun = access.request_in_us
            subjects += [
                {"subject": subject_of(citizen), "request_in_us": begun, "record_id": record_id}
                for citizen in dict.fromkeys(access.citizens)
            ]
        return Batch(records, subjects)

    async def write(self, batch: Batch) -> None:
        """All of it or nothing; what is there already stays as it is."""
        async with self._store.engine.begin() as connection:
            await connection.execute(self._store.insert_new(access_record), batch.records)
            if batch.subjects:
                await connection.execute(self._store.insert_new(access_subject), batch.subjects)

    async def page(
        self, member_identifier: str, first: int, after: SortKey | None
    ) -> AccessLogPage:
        """The citizen's records after that place, newest first."""
        place = (access_subject.c.request_in_us, access_subject.c.record_id)
        wanted = (
            select(access_record)
            .join(access_subject, access_subject.c.record_id == access_record.c.record_id)
            .where(access_subject.c.subject == self._subject_of(member_identifier))
            .order_by(*(column.desc() for column in place))
            .limit(first + 1)
        )
        if after is not None:
            wanted = wanted.where(tuple_(*place) < tuple_(*_place_of(after)))
        async with self._store.engine.connect() as connection:
            rows = (await connection.execute(wanted)).all()
        return AccessLogPage([_shown(row) for row in rows[:first]], len(rows) > first)

    async def delete_before(self, moment: dt.datetime) -> None:
        """Deletes what is older, in bites, so that writers need not wait long."""
        oldest_kept = _microseconds(moment)
        for table in (access_subject, access_record):
            begun = table.c.request_in_us
            bite = select(begun).where(begun < oldest_kept).order_by(begun).offset(DELETED_AT_ONCE)
            last = False
            while not last:
                async with self._store.engine.begin() as connection:
                    until = (await connection.execute(bite.limit(1))).scalar()
                    last = until is None
                    await connection.execute(
                        delete(table).where(begun < (oldest_kept if until is None else until + 1))
                    )


def _place_of(after: SortKey) -> tuple[int, bytes]:
    moment, record_id = after
    try:
        return int(moment), bytes.fromhex(record_id)
    except (ValueError, OverflowError):
        raise bad_input("`after` is a cursor of another list.") from None


def _shown(row: Row[Any]) -> AccessRecord:
    return AccessRecord(
        message_id=row.message_id,
        request_in_ts=_moment(row.request_in_us),
        response_out_ts=_moment(row.response_out_us),
        department=row.department,
        service_code=CapabilityShown.__members__.get(row.service_code, CapabilityShown.UNKNOWN),
        client_member=ClientMember.__members__.get(row.client_member, ClientMember.UNKNOWN),
        succeeded=row.fault_code is None,
        fault_code=row.fault_code,
        place=(float(row.request_in_us), row.record_id.hex()),
    )


def _moment(microseconds: int) -> dt.datetime:
    return EPOCH + dt.timedelta(microseconds=microseconds)


def _microseconds(moment: dt.datetime) -> int:
    return (moment - EPOCH) // dt.timedelta(microseconds=1)
