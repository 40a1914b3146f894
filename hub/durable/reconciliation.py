"""Asks departments for submissions whose delivery had no clear end, or that have no number yet."""

import datetime as dt
import logging
from collections.abc import Callable, Collection, Sequence

from sqlalchemy import select, update

from adapters.writes import WriteReply
from hub.durable.delivery import Delivery
from hub.durable.delivery_records import send_again
from hub.durable.holds import Holds
from hub.durable.model import DeliveryPort, EventKind, Submission, TaskKind
from hub.durable.table import SubmissionRow, SubmissionTable, add_event, selected
from hub.durable.tasks import TaskOutcome, close_tasks, open_task
from hub.observe.stacks import stack_of
from hub.store import Store
from hub.store.submission_tables import submission
from hub.store.tables import microseconds_of, moment_of
from hub.store.transactions import reading, writing
from schema.errors import HubError
from schema.submission_state import SubmissionState

log = logging.getLogger(__name__)

CLAIM_TIME = dt.timedelta(minutes=2)
"""Time for which a claimed submission is not asked for again, in case the process dies."""
ASKED_AT_ONCE = 100
WAITS = [dt.timedelta(seconds=each) for each in (5, 30, 120, 600, 3600)]
"""Times between inquiries about one submission. The last is repeated."""
DENIALS = 2
"""How often the department must say that it does not have a submission before it is sent again."""
UNCLEAR_TIME = dt.timedelta(hours=24)
"""Time after which an operator looks at a submission that may have been sent."""
UNNUMBERED_TIME = dt.timedelta(days=7)
"""Time after which an operator looks at a submission without a number."""


class Reconciliation:
    """Asks for the submissions whose time has come.

    Args:
        delivery: stores what the department has received.
    """

    def __init__(
        self,
        store: Store,
        table: SubmissionTable,
        holds: Holds,
        delivery: Delivery,
        port: DeliveryPort,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._table = table
        self._holds = holds
        self._delivery = delivery
        self._port = port
        self._clock = clock

    async def claim(self, excluded: Collection[str]) -> dict[str, list[list[SubmissionRow]]]:
        """Return the submissions to ask for, by department. No other process gets them.

        Args:
            excluded: departments that are being asked.

        Returns: groups of submissions of one kind.
        """
        now = self._clock()
        states = [SubmissionState.MAYBE_SENT.name, SubmissionState.SENT.name]
        due = (
            select(submission.c.receipt)
            .where(
                submission.c.next_attempt_us <= microseconds_of(now),
                submission.c.state.in_(states),
                submission.c.department.not_in(excluded),
            )
            .order_by(submission.c.next_attempt_us)
            .limit(ASKED_AT_ONCE)
        )
        async with reading(self._store) as connection:
            receipts = list((await connection.execute(due)).scalars())
        if not receipts:
            return {}
        claimed = (
            update(submission)
            .where(
                submission.c.receipt.in_(receipts),
                submission.c.next_attempt_us <= microseconds_of(now),
            )
            .values(next_attempt_us=microseconds_of(now + CLAIM_TIME))
            .returning(submission.c.receipt)
        )
        async with writing(self._store) as connection:
            receipts = list((await connection.execute(claimed)).scalars())
            of_them = selected().where(submission.c.receipt.in_(receipts))
            rows = (await connection.execute(of_them.order_by(submission.c.number))).all()
        groups: dict[str, dict[str, list[SubmissionRow]]] = {}
        for row in rows:
            groups.setdefault(row.department, {}).setdefault(row.kind, []).append(row)
        return {department: list(kinds.values()) for department, kinds in groups.items()}

    async def ask_all(self, groups: Sequence[Sequence[SubmissionRow]]) -> None:
        """Ask one department for groups of submissions, and log what goes wrong.

        Submissions without an answer are asked for again later.
        """
        for rows in groups:
            try:
                await self.ask(rows)
            except HubError as error:
                log.warning("%s can't be asked for submissions: %s", rows[0].department, error.code)
            except Exception as error:
                department = rows[0].department
                log.error("%s can't be asked for submissions: %s", department, stack_of(error))

    async def ask(self, rows: Sequence[SubmissionRow]) -> None:
        """Ask one department for submissions of one kind, and store the answers."""
        submissions: dict[str, Submission] = {}
        for row in rows:
            try:
                submissions[row.receipt] = self._table.submission(row)
            except HubError as error:
                # It must not keep the hub from asking for the others.
                log.error("%s can't be asked for: %s", row.receipt, error.message)
        rows = [row for row in rows if row.receipt in submissions]
        if not rows:
            return
        first = submissions[rows[0].receipt]
        if not self._port.can_find(first):
            for row in rows:
                await self._note_unknown(row, counts=False)
            return
        if self._holds.is_held(first.department, self._clock()):
            for row in rows:
                await self._postpone(row)
            return
        found = await self._port.find(list(submissions.values()))
        for row in rows:
            answer = found.get(row.receipt)
            if isinstance(answer, WriteReply):
                await self._note_found(row, answer)
            else:
                await self._note_unknown(row, counts=answer is None)

    async def _note_found(self, row: SubmissionRow, reply: WriteReply) -> None:
        has_number = reply.is_final or reply.reference is not None
        if row.state == SubmissionState.SENT.name and not has_number:
            await self._note_unknown(row, counts=False)
            return
        await self._delivery.attempts.note_reply(row, reply, None)

    async def _note_unknown(self, row: SubmissionRow, *, counts: bool) -> None:
        """Store that the department does not have the submission, or did not answer.

        Args:
            counts: whether the department said that it does not have it.
        """
        now = self._clock()
        since = moment_of(row.updated_us)
        is_unclear = row.state == SubmissionState.MAYBE_SENT.name
        settled = since + self._port.settles_within(self._table.submission(row))
        denials = row.denials + (1 if counts and is_unclear and now >= settled else 0)
        inquiries = row.inquiries + 1
        next_inquiry = now + WAITS[min(inquiries, len(WAITS) - 1)]
        if counts and is_unclear:
            # The next answer counts if it comes when the department has settled.
            next_inquiry = max(min(next_inquiry, settled), now + WAITS[0])
        values = {
            "inquiries": inquiries,
            "denials": denials,
            "next_attempt_us": microseconds_of(next_inquiry),
        }
        same = (
            submission.c.receipt == row.receipt,
            submission.c.delivery == row.delivery,
            submission.c.state == row.state,
        )
        async with writing(self._store) as connection:
            done = await connection.execute(update(submission).where(*same).values(values))
            if done.rowcount == 0:
                return
            if denials >= DENIALS:
                await add_event(connection, row.receipt, EventKind.NOT_FOUND, now)
                await send_again(connection, row.receipt, now)
                await close_tasks(connection, [(row.receipt, now)], TaskOutcome.RETRIED)
            elif now - since >= (UNCLEAR_TIME if is_unclear else UNNUMBERED_TIME):
                kind = TaskKind.NOT_FOUND_YET
                await open_task(connection, row.receipt, row.department, kind, row.error, now)

    async def _postpone(self, row: SubmissionRow) -> None:
        at = self._holds.all[row.department].until if row.department in self._holds.all else None
        waits = microseconds_of(at or self._clock() + WAITS[1])
        same = (submission.c.receipt == row.receipt, submission.c.state == row.state)
        async with writing(self._store) as connection:
            await connection.execute(update(submission).where(*same).values(next_attempt_us=waits))
