"""Stores submissions. What was accepted is on disk, together with the order to deliver it."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.access import Principal
from hub.durable.attachments.model import AttachmentGoneError
from hub.durable.attachments.table import bind
from hub.durable.clock import utc_now
from hub.durable.contents import stored_sender
from hub.durable.delivery_queue import DeliveryQueue, Enqueued
from hub.durable.model import (
    EventKind,
    KeyConflictError,
    NewSubmission,
    Submission,
    SubmissionEvent,
)
from hub.durable.table import SubmissionTable, add_event, events_of, row_of, selected
from hub.durable.waiting import Waiting
from hub.observe import SubmissionMetrics
from hub.store import Store
from hub.store.group_commit import GroupCommit, Outcomes
from hub.store.submission_tables import draft, submission
from hub.store.tables import microseconds_of
from hub.store.transactions import reading, writing
from schema.errors import bad_input
from schema.submission_state import SubmissionKind, SubmissionState

Clock = Callable[[], dt.datetime]


@dataclass(frozen=True, slots=True)
class _New:
    """A submission that waits for the transaction that stores it."""

    submission: NewSubmission
    row: dict[str, object]
    at: dt.datetime

    @property
    def receipt(self) -> str:
        return self.submission.receipt


class Submissions:
    """The submissions of citizens.

    Every method raises `HubError` with `STORE_UNAVAILABLE` if the database does not reply.

    Args:
        store: the hub's database.
        table: translates rows.
        queue: gets the deliveries.
        waiting: wakes those who wait for a submission.
        alone: returns whether no other process uses the database.
        meetings: returns a number that changes while other processes use the database.
        is_held: returns whether this process knows that nothing is delivered to a department now,
            or does not know whether something is.
        clock: returns the time.
    """

    def __init__(
        self,
        store: Store,
        table: SubmissionTable,
        queue: DeliveryQueue,
        waiting: Waiting,
        alone: Callable[[], bool] = lambda: False,
        meetings: Callable[[], int] = lambda: 0,
        clock: Clock = utc_now,
        metrics: SubmissionMetrics | None = None,
        is_held: Callable[[str], bool] = lambda _department: True,
    ) -> None:
        self._is_held = is_held
        self._store = store
        self._table = table
        self._queue = queue
        self._waiting = waiting
        self._alone = alone
        self._meetings = meetings
        self._clock = clock
        self._metrics = metrics or SubmissionMetrics()
        self._citizens: set[bytes] = set()
        self._read_at_meeting = -1
        self._group = GroupCommit(store, self._store_group, self._note_stored)

    async def open(self) -> None:
        """Read which citizens have submissions."""
        meeting = self._meetings()
        async with reading(self._store) as connection:
            rows = await connection.execute(select(submission.c.citizen).distinct())
            # Submissions that are accepted meanwhile stay in the set.
            self._citizens |= {bytes(citizen) for citizen in rows.scalars()}
        self._read_at_meeting = meeting

    def _knows_all(self) -> bool:
        """Return whether no other process can have accepted submissions of further citizens."""
        return self._alone() and self._read_at_meeting == self._meetings()

    async def close(self) -> None:
        """Wait until submissions that have arrived are stored."""
        await self._group.close()

    async def accept(self, new: NewSubmission) -> Submission:
        """Store a submission and the order to deliver it, in one transaction.

        Returns: the new submission, or the stored one if the sender has used the key before.

        Raises:
            KeyConflictError: the sender has used the key for another input.
            HubError: `BAD_USER_INPUT`, a document does not exist any more.
        """
        if self._table.has_old_keys:
            principal = new.sender.principal
            if (stored := await self.known(principal, new.key, new.digest)) is not None:
                return stored
        now = self._clock()
        row = self._table.new_row(new, now)
        if not self._is_held(new.department):
            self._waiting.expect(new.receipt)
        return await self._group.run(_New(new, row, now))

    async def known(self, principal: Principal, key: str, digest: bytes) -> Submission | None:
        """Return the submission that the principal stored with the key; None if there is none.

        Raises:
            KeyConflictError: the principal has used the key for another input.
        """
        async with reading(self._store) as connection:
            return await self._with_key(connection, principal, key, digest)

    async def by_receipt(self, receipt: str) -> Submission | None:
        """Return the submission with a receipt number as `parse_receipt` returns it."""
        async with reading(self._store) as connection:
            row = await row_of(connection, receipt)
        return None if row is None else self._table.submission(row)

    async def by_reference(self, department: str, reference: str) -> Submission | None:
        """Return the submission to which the department gave the number; None if there is none."""
        hashes = self._table.references(department, reference)
        statement = (
            selected()
            .where(submission.c.department == department, submission.c.reference.in_(hashes))
            .order_by(submission.c.number)
            .limit(1)
        )
        async with reading(self._store) as connection:
            row = (await connection.execute(statement)).one_or_none()
        return None if row is None else self._table.submission(row)

    async def of_citizens(
        self, members: Collection[str], kinds: Collection[SubmissionKind]
    ) -> dict[str, list[Submission]]:
        """Return the submissions of citizens, the newest first, by Family ID member number.

        Citizens without submissions are left out. Submissions whose content was deleted are left
        out too. Nothing is read for citizens without submissions, unless other processes use the
        same database.
        """
        pseudonyms = {
            pseudonym: member for member in members for pseudonym in self._table.citizens(member)
        }
        if self._alone() and not self._knows_all():
            await self.open()
        wanted = pseudonyms.keys() & self._citizens if self._knows_all() else pseudonyms.keys()
        if not wanted or not kinds:
            return {}
        statement = (
            selected()
            .where(
                submission.c.citizen.in_(wanted),
                submission.c.kind.in_([kind.name for kind in kinds]),
                submission.c.content.is_not(None),
            )
            .order_by(submission.c.number.desc())
        )
        async with reading(self._store) as connection:
            rows = (await connection.execute(statement)).all()
        found: dict[str, list[Submission]] = {}
        for row in rows:
            member = pseudonyms[bytes(row.citizen)]
            found.setdefault(member, []).append(self._table.submission(row))
        return found

    def may_have(self, members: Iterable[str]) -> bool:
        """Return False if none of the citizens has submissions, as far as this process can know."""
        if not self._knows_all():
            return True
        known = self._citizens
        return bool(known) and any(
            pseudonym in known for member in members for pseudonym in self._table.citizens(member)
        )

    async def events(self, receipt: str) -> list[SubmissionEvent]:
        """Return what happened to a submission, oldest first."""
        async with reading(self._store) as connection:
            return await events_of(connection, receipt)

    async def wait(self, receipt: str, seconds: float) -> Submission | None:
        """Return the submission as soon as its first attempt has ended, or after some seconds.

        It does not wait while nothing is sent to the department.
        """
        if not self._waiting.is_expected(receipt):
            stored = await self.by_receipt(receipt)
            if stored is None or stored.state is not SubmissionState.NOT_SENT:
                return stored
            if stored.next_attempt_at is not None:
                return stored
        settled = await self._waiting.until_settled(receipt, max(seconds, 0))
        return settled or await self.by_receipt(receipt)

    async def cancel(self, receipt: str) -> Submission | None:
        """Withdraw a submission that was not sent; return None if it may have been sent."""
        now = self._clock()
        statement = (
            update(submission)
            .where(
                submission.c.receipt == receipt,
                submission.c.state == SubmissionState.NOT_SENT.name,
                submission.c.open_attempt.is_(None),
            )
            .values(
                state=SubmissionState.CANCELLED.name,
                updated_us=microseconds_of(now),
                next_attempt_us=None,
            )
        )
        async with writing(self._store) as connection:
            if (await connection.execute(statement)).rowcount == 0:
                return None
            await add_event(connection, receipt, EventKind.CANCELLED, now)
        return await self.by_receipt(receipt)

    async def _store_group(
        self, connection: AsyncConnection, group: Sequence[_New]
    ) -> Outcomes[Submission]:
        # In the same order in all processes, so that they do not wait for each other's locks.
        rows = sorted((each.row for each in group), key=lambda row: (row["actor"], row["key"]))
        numbers = await self._table.insert(connection, rows)
        new = [each for each in group if each.receipt in numbers]
        for each in new:
            await self._attach(connection, each.submission)
        await self._queue.enqueue(
            connection,
            [
                Enqueued(each.receipt, 1, each.submission.department, numbers[each.receipt])
                for each in new
            ],
        )
        return [
            _accepted(numbers[each.receipt], each)
            if each.receipt in numbers
            else await self._stored_before(connection, each.submission)
            for each in group
        ]

    def _note_stored(self, group: Sequence[_New], stored: Outcomes[Submission]) -> None:
        for each, result in zip(group, stored, strict=True):
            if isinstance(result, Submission):
                self._citizens.add(self._table.citizens(each.submission.member)[0])
                if result.receipt == each.receipt:
                    self._metrics.accepted(result.department)

    async def _stored_before(
        self, connection: AsyncConnection, new: NewSubmission
    ) -> Submission | KeyConflictError:
        try:
            found = await self._with_key(connection, new.sender.principal, new.key, new.digest)
        except KeyConflictError as error:
            return error
        assert found is not None, "the key was in the table when the row was inserted"
        return found

    async def _with_key(
        self, connection: AsyncConnection, principal: Principal, key: str, digest: bytes
    ) -> Submission | None:
        row = await self._table.with_key(connection, principal, key)
        if row is None:
            return None
        if not self._table.has_digest(row, digest):
            raise KeyConflictError
        return self._table.submission(row)

    async def _attach(self, connection: AsyncConnection, new: NewSubmission) -> None:
        """Delete the draft, and give the documents to the submission."""
        if new.draft is not None:
            await connection.execute(delete(draft).where(draft.c.draft_id == new.draft))
        try:
            await bind(connection, new.content.documents, new.receipt)
        except AttachmentGoneError:
            message = (
                "A document does not exist any more, or was submitted before. Upload it again."
            )
            raise bad_input(message) from None


def _accepted(number: int, accepted: _New) -> Submission:
    new = accepted.submission
    return Submission(
        number=number,
        receipt=new.receipt,
        state=SubmissionState.NOT_SENT,
        kind=new.kind,
        department=new.department,
        service=new.service,
        member=new.member,
        sender=stored_sender(new.sender),
        content=new.content,
        reference=None,
        token=None,
        attempts=0,
        accepted_at=accepted.at,
        updated_at=accepted.at,
    )
