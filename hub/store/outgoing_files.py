"""Rows and files to departments, stored in the hub's own database. Contents are encrypted."""

import datetime as dt
import functools
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import ColumnElement, Table, and_, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from adapters.connectors.kept_rows import RowStoreError
from adapters.connectors.outgoing_rows import OutgoingFile, OutgoingState, Waiting
from hub.store.encryption import ContentCipher
from hub.store.store import STORE_FAILURES, Store, failure_text
from hub.store.tables import microseconds_of, moment_of, outgoing_file, outgoing_row

log = logging.getLogger(__name__)

ArgumentsT = ParamSpec("ArgumentsT")
ResultT = TypeVar("ResultT")


def or_store_error(
    function: Callable[ArgumentsT, Coroutine[Any, Any, ResultT]],
) -> Callable[ArgumentsT, Coroutine[Any, Any, ResultT]]:
    """Raise `RowStoreError` if the database fails."""

    @functools.wraps(function)
    async def guarded(*args: ArgumentsT.args, **kwargs: ArgumentsT.kwargs) -> ResultT:
        try:
            return await function(*args, **kwargs)
        except STORE_FAILURES as error:
            # Clients see only the error. The database's own message is for operators.
            log.warning("the hub's database failed: %s", failure_text(error))
            raise RowStoreError("the hub's database does not answer") from None

    return guarded


@dataclass(frozen=True, slots=True)
class OutgoingSummary:
    """A file to a department, or the rows that are in no file yet.

    Attributes:
        outbox: name of the outbox in the manifest.
        name: name of the file; empty for rows that wait.
        state: value of `OutgoingState`, or `waiting`.
        rows: number of rows.
        since: when the file was made, or when the oldest row was queued (UTC).
    """

    department: str
    outbox: str
    name: str
    state: str
    rows: int
    since: dt.datetime


@or_store_error
async def outgoing_by_department(store: Store) -> dict[str, list[OutgoingSummary]]:
    """Return the rows that wait and all files to departments, by department, newest first.

    Raises:
        RowStoreError: the database does not respond.
    """
    query = (
        select(
            outgoing_row.c.department,
            outgoing_row.c.outbox,
            func.coalesce(outgoing_file.c.name, "").label("name"),
            func.coalesce(outgoing_file.c.state, "waiting").label("state"),
            func.count().label("rows"),
            func.coalesce(outgoing_file.c.made_us, func.min(outgoing_row.c.queued_us)).label(
                "since_us"
            ),
        )
        .outerjoin(
            outgoing_file,
            and_(
                outgoing_file.c.department == outgoing_row.c.department,
                outgoing_file.c.outbox == outgoing_row.c.outbox,
                outgoing_file.c.sequence == outgoing_row.c.sequence,
            ),
        )
        .group_by(
            outgoing_row.c.department,
            outgoing_row.c.outbox,
            outgoing_row.c.sequence,
            outgoing_file.c.name,
            outgoing_file.c.state,
            outgoing_file.c.made_us,
        )
        .order_by(
            outgoing_row.c.department,
            outgoing_row.c.outbox,
            outgoing_row.c.sequence.is_not(None),
            outgoing_row.c.sequence.desc(),
        )
    )
    found: dict[str, list[OutgoingSummary]] = {}
    async with store.engine.connect() as connection:
        for row in await connection.execute(query):
            summary = OutgoingSummary(
                row.department, row.outbox, row.name, row.state, row.rows, moment_of(row.since_us)
            )
            found.setdefault(row.department, []).append(summary)
    return found


class OutgoingFiles:
    """Implements `adapters.connectors.outgoing_rows.OutgoingStore`.

    Every method raises `RowStoreError` if the database does not respond.

    Args:
        store: the database.
        cipher: encrypts rows.
    """

    def __init__(self, store: Store, cipher: ContentCipher) -> None:
        self._engine = store.engine
        self._store = store
        self._cipher = cipher

    @or_store_error
    async def queue(
        self, department: str, outbox: str, receipt: str, content: bytes, now: dt.datetime
    ) -> bool:
        values = {
            "department": department,
            "outbox": outbox,
            "receipt": receipt,
            "content": self._cipher.encrypt(content, receipt),
            "queued_us": microseconds_of(now),
        }
        async with self._engine.begin() as connection:
            stored = await connection.execute(self._store.insert_new(outgoing_row).values(values))
        return stored.rowcount == 1

    @or_store_error
    async def waiting(self, department: str, outbox: str) -> Waiting:
        query = select(func.count(), func.min(outgoing_row.c.queued_us)).where(
            _of(outgoing_row, department, outbox), outgoing_row.c.sequence.is_(None)
        )
        async with self._engine.connect() as connection:
            count, oldest = (await connection.execute(query)).one()
        return Waiting(count, None if oldest is None else moment_of(oldest))

    @or_store_error
    async def seal(
        self,
        department: str,
        outbox: str,
        most_rows: int,
        now: dt.datetime,
        name_of: Callable[[int], str],
    ) -> bool:
        oldest = (
            select(outgoing_row.c.number)
            .where(_of(outgoing_row, department, outbox), outgoing_row.c.sequence.is_(None))
            .order_by(outgoing_row.c.number)
            .limit(most_rows)
        )
        last = select(func.max(outgoing_file.c.sequence)).where(
            _of(outgoing_file, department, outbox)
        )
        async with self._engine.connect() as connection:
            await connection.execution_options(sqlite_begin="BEGIN IMMEDIATE")
            try:
                async with connection.begin():
                    sequence = ((await connection.execute(last)).scalar() or 0) + 1
                    # The primary key lets only one process make the file with this number.
                    values = {
                        "department": department,
                        "outbox": outbox,
                        "sequence": sequence,
                        "name": name_of(sequence),
                        "made_us": microseconds_of(now),
                        "state": OutgoingState.SEALED.value,
                        "temporary_name": "",
                    }
                    await connection.execute(insert(outgoing_file).values(values))
                    numbers = (await connection.execute(oldest)).scalars().all()
                    if not numbers:
                        await connection.rollback()
                        return False
                    await connection.execute(
                        update(outgoing_row)
                        .where(
                            _of(outgoing_row, department, outbox),
                            outgoing_row.c.number <= numbers[-1],
                            outgoing_row.c.sequence.is_(None),
                        )
                        .values(sequence=sequence)
                    )
            except IntegrityError:
                return False
        return True

    @or_store_error
    async def unfinished(self, department: str, outbox: str) -> Sequence[OutgoingFile]:
        query = (
            select(outgoing_file)
            .where(
                _of(outgoing_file, department, outbox),
                outgoing_file.c.state != OutgoingState.DELIVERED.value,
            )
            .order_by(outgoing_file.c.sequence)
        )
        async with self._engine.connect() as connection:
            return [_file(row) for row in await connection.execute(query)]

    @or_store_error
    async def rows(self, department: str, outbox: str, sequence: int) -> Sequence[bytes]:
        query = (
            select(outgoing_row.c.receipt, outgoing_row.c.content)
            .where(_of(outgoing_row, department, outbox), outgoing_row.c.sequence == sequence)
            .order_by(outgoing_row.c.number)
        )
        async with self._engine.connect() as connection:
            found = (await connection.execute(query)).all()
        contents = [self._cipher.decrypt(row.content or b"", row.receipt) for row in found]
        readable = [content for content in contents if content is not None]
        if len(readable) < len(contents):
            log.error("a row of a file to %s was not stored with this HUB_DATA_KEY", department)
            raise RowStoreError("a stored row cannot be read")
        return readable

    @or_store_error
    async def claim(
        self,
        department: str,
        outbox: str,
        file: OutgoingFile,
        temporary_name: str,
        now: dt.datetime,
    ) -> bool:
        return await self._change(
            department,
            outbox,
            file.sequence,
            file.state,
            file.temporary_name,
            {
                "state": OutgoingState.WRITING.value,
                "temporary_name": temporary_name,
                "claimed_us": microseconds_of(now),
            },
        )

    @or_store_error
    async def begin_rename(
        self, department: str, outbox: str, sequence: int, temporary_name: str
    ) -> bool:
        return await self._change(
            department,
            outbox,
            sequence,
            OutgoingState.WRITING,
            temporary_name,
            {"state": OutgoingState.RENAMING.value},
        )

    async def _change(
        self,
        department: str,
        outbox: str,
        sequence: int,
        state: OutgoingState,
        temporary_name: str,
        values: dict[str, object],
    ) -> bool:
        """Change a file that is in this state. Return False if it is not."""
        query = (
            update(outgoing_file)
            .where(
                _of(outgoing_file, department, outbox),
                outgoing_file.c.sequence == sequence,
                outgoing_file.c.state == state.value,
                outgoing_file.c.temporary_name == temporary_name,
            )
            .values(values)
        )
        async with self._engine.begin() as connection:
            return (await connection.execute(query)).rowcount == 1

    @or_store_error
    async def finish(self, department: str, outbox: str, sequence: int) -> None:
        async with self._engine.begin() as connection:
            for table, values in (
                (outgoing_file, {"state": OutgoingState.DELIVERED.value}),
                (outgoing_row, {"content": None}),
            ):
                await connection.execute(
                    update(table)
                    .where(_of(table, department, outbox), table.c.sequence == sequence)
                    .values(values)
                )

    @or_store_error
    async def forget(self, department: str, outbox: str, before: dt.datetime) -> None:
        old = select(outgoing_file.c.sequence).where(
            _of(outgoing_file, department, outbox),
            outgoing_file.c.state == OutgoingState.DELIVERED.value,
            outgoing_file.c.made_us < microseconds_of(before),
        )
        async with self._engine.begin() as connection:
            await connection.execute(
                delete(outgoing_row).where(
                    _of(outgoing_row, department, outbox), outgoing_row.c.sequence.in_(old)
                )
            )


def _of(table: Table, department: str, outbox: str) -> ColumnElement[bool]:
    return and_(table.c.department == department, table.c.outbox == outbox)


def _file(row: Any) -> OutgoingFile:
    return OutgoingFile(
        row.sequence,
        row.name,
        moment_of(row.made_us),
        OutgoingState(row.state),
        row.temporary_name,
        None if row.claimed_us is None else moment_of(row.claimed_us),
    )
