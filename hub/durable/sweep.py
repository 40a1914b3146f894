"""Does each second what no single delivery does: leases, holds, inquiries and late deliveries."""

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy import Update, and_, or_, select, update

from hub.durable.delivery_queue import LIVE_STATES, DeliveryQueue, Enqueued, workflow_id
from hub.durable.holds import Holds
from hub.durable.measurement import measure
from hub.durable.model import FINISHED, EventKind, TaskKind
from hub.durable.processes import Processes
from hub.durable.reconciliation import Reconciliation
from hub.durable.retention import delete_contents, delete_drafts
from hub.durable.table import add_event
from hub.durable.tasks import open_task
from hub.durable.workflows import Workflows
from hub.observe import SubmissionMetrics
from hub.observe.stacks import stack_of
from hub.store import STORE_FAILURES, Store
from hub.store.submission_tables import hub_process, submission, submission_task
from hub.store.tables import microseconds_of, queued_act
from hub.store.transactions import reading, writing
from schema.codes import ErrorCode
from schema.errors import HubError
from schema.submission_state import SubmissionState

log = logging.getLogger(__name__)

SWEEP_SECONDS = 1.0
LOST_SECONDS = 15.0
"""How often the sweep looks for submissions without a delivery."""
MEASURE_SECONDS = 10.0
RETENTION_SECONDS = 3600.0
REPEAT_SECONDS = 30.0
"""How often the concurrency of a queue is set again, in case another process has overwritten it."""
ENQUEUED_AT_ONCE = 500
WORKFLOW_DAYS = dt.timedelta(days=1)
"""Time for which DBOS keeps the records of ended workflows."""
ENDED_BADLY = ("ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


class Sweep:
    """The work of one process that delivers.

    Args:
        days: days after which the contents of ended submissions are deleted.
        on_acts: called when acts of operators wait for the access log.
    """

    def __init__(
        self,
        store: Store,
        queue: DeliveryQueue,
        processes: Processes,
        holds: Holds,
        workflows: Workflows,
        reconciliation: Reconciliation,
        days: int,
        clock: Callable[[], dt.datetime],
        metrics: SubmissionMetrics,
        on_acts: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._queue = queue
        self._processes = processes
        self._holds = holds
        self._workflows = workflows
        self._reconciliation = reconciliation
        self._days = days
        self._clock = clock
        self._metrics = metrics
        self._on_acts = on_acts
        self._concurrency: dict[str, tuple[int, float]] = {}
        self._inquiries: dict[str, asyncio.Task[None]] = {}
        self._last: dict[str, float] = {}

    async def run(self) -> None:
        """Sweep until the task is cancelled."""
        try:
            while True:
                await self.sweep()
                await asyncio.sleep(SWEEP_SECONDS)
        finally:
            for task in self._inquiries.values():
                task.cancel()
            await asyncio.gather(*self._inquiries.values(), return_exceptions=True)

    async def sweep(self) -> None:
        """Sweep once. What fails is logged and tried again by the next sweep."""
        await _logged("take over deliveries", self._take_over)
        await _logged("apply holds", self._apply_holds)
        await _logged("enqueue submissions", self._enqueue_due)
        await _logged("ask for submissions", self._ask)
        if self._is_time("lost", LOST_SECONDS):
            await _logged("find lost deliveries", self._find_lost)
        if self._is_time("measure", MEASURE_SECONDS):
            await _logged("count submissions", self._measure)
        if self._is_time("retention", RETENTION_SECONDS):
            await _logged("delete old submissions", self._delete_old)

    async def _measure(self) -> None:
        await measure(self._store, self._metrics, self._holds.all, self._clock())

    @property
    def inquiries(self) -> Sequence[asyncio.Task[None]]:
        """Return the running calls that ask departments for submissions."""
        return [task for task in self._inquiries.values() if not task.done()]

    def _is_time(self, name: str, seconds: float) -> bool:
        now = asyncio.get_running_loop().time()
        if now - self._last.get(name, float("-inf")) < seconds:
            return False
        self._last[name] = now
        return True

    async def _take_over(self) -> None:
        for dead in await self._processes.renew():
            count = await self._workflows.take_over(dead)
            if count:
                log.warning("Took over %d deliveries of the hub process %s", count, dead)
            else:
                await self._processes.remove(dead)

    async def _apply_holds(self) -> None:
        await self._holds.read()
        now, read_at = self._clock(), asyncio.get_running_loop().time()
        for department, most in self._queue.departments.items():
            wanted = most
            if department in self._holds.all:
                wanted = 0 if self._holds.is_held(department, now) else 1
            current, since = self._concurrency.get(department, (-1, 0.0))
            if wanted != current or read_at - since > REPEAT_SECONDS:
                await self._workflows.set_concurrency(department, wanted)
                self._concurrency[department] = (wanted, read_at)

    async def _enqueue_due(self) -> None:
        """Enqueue submissions that wait for a time, and those about which a message is missing."""
        now_us = microseconds_of(self._clock())
        states = [SubmissionState.NOT_SENT.name, *(state.name for state in FINISHED)]
        due = (submission.c.next_attempt_us <= now_us, submission.c.state.in_(states))
        columns = (submission.c.receipt, submission.c.department, submission.c.number)
        statement = select(*columns).where(*due).limit(ENQUEUED_AT_ONCE)
        async with reading(self._store) as connection:
            rows = (await connection.execute(statement)).all()
        if not rows:
            return
        enqueued = []
        async with writing(self._store) as connection:
            for row in rows:
                claimed = (
                    update(submission)
                    .where(submission.c.receipt == row.receipt, *due)
                    .values(next_attempt_us=None, delivery=submission.c.delivery + 1)
                    .returning(submission.c.delivery)
                )
                delivery = (await connection.execute(claimed)).scalar_one_or_none()
                if delivery is not None:
                    enqueued.append(Enqueued(row.receipt, delivery, row.department, row.number))
            await self._queue.enqueue(connection, enqueued)

    async def _ask(self) -> None:
        running = [each for each, task in self._inquiries.items() if not task.done()]
        for department, groups in (await self._reconciliation.claim(running)).items():
            asking = self._reconciliation.ask_all(groups)
            self._inquiries[department] = asyncio.create_task(asking)

    async def _find_lost(self) -> None:
        """Enqueue submissions without a delivery, and open tasks for deliveries that broke."""
        workflows = self._queue.workflow_rows()
        own_id = submission.c.receipt.concat(".").concat(submission.c.delivery)
        has_task = (
            select(submission_task.c.task_id)
            .where(
                submission_task.c.receipt == submission.c.receipt,
                submission_task.c.closed_us.is_(None),
            )
            .correlate(submission)
            .exists()
        )
        statement = (
            select(
                submission.c.receipt,
                submission.c.department,
                submission.c.delivery,
                submission.c.state,
                workflows.c.status,
            )
            .outerjoin(workflows, workflows.c.workflow_uuid == own_id)
            .where(
                submission.c.state == SubmissionState.NOT_SENT.name,
                submission.c.next_attempt_us.is_(None),
                or_(workflows.c.status.is_(None), workflows.c.status.not_in(LIVE_STATES)),
                ~has_task,
            )
            .limit(ENQUEUED_AT_ONCE)
        )
        # Of a process that was removed as dead, but lived for a moment more.
        ownerless = (
            select(workflows.c.executor_id)
            .where(
                workflows.c.status == "PENDING",
                workflows.c.executor_id.not_in(select(hub_process.c.process_id)),
            )
            .distinct()
        )
        async with reading(self._store) as connection:
            rows = (await connection.execute(statement)).all()
            executors = list((await connection.execute(ownerless)).scalars())
            acts = (await connection.execute(select(queued_act.c.act_id).limit(1))).first()
        if acts is not None:
            self._on_acts()
        for executor in executors:
            await self._workflows.take_over(executor)
        for row in rows:
            name = workflow_id(row.receipt, row.delivery)
            log.warning("The delivery %s has ended without a result (%s)", name, row.status)
            if row.status in ENDED_BADLY:
                await self._give_up(row.receipt, row.department, row.delivery)
            else:
                await self._enqueue_lost(row.receipt, row.delivery)

    async def _enqueue_lost(self, receipt: str, delivery: int) -> None:
        due = {"next_attempt_us": microseconds_of(self._clock())}
        async with writing(self._store) as connection:
            await connection.execute(_lost(receipt, delivery).values(due))

    async def _give_up(self, receipt: str, department: str, delivery: int) -> None:
        """Open a task. If an attempt was open, the submission may have been sent."""
        now, code = self._clock(), ErrorCode.INTERNAL.name
        was_open = submission.c.open_attempt.is_not(None)
        may_be_sent = _lost(receipt, delivery).where(was_open)
        failed = _lost(receipt, delivery)
        at = {"updated_us": microseconds_of(now), "error": code, "open_attempt": None}
        async with writing(self._store) as connection:
            state, event = SubmissionState.MAYBE_SENT, EventKind.MAYBE_SENT
            # Asked for at once, if the department can be asked.
            values = {**at, "state": state.name, "next_attempt_us": at["updated_us"]}
            if (await connection.execute(may_be_sent.values(values))).rowcount == 0:
                state, event = SubmissionState.FAILED, EventKind.FAILED
                # A delivery informs the citizen.
                values = {**at, "state": state.name, "next_attempt_us": at["updated_us"]}
                if (await connection.execute(failed.values(values))).rowcount == 0:
                    return
            await add_event(connection, receipt, event, now, error=code)
            await open_task(connection, receipt, department, TaskKind.EXHAUSTED, code, now)

    async def _delete_old(self) -> None:
        now = self._clock()
        count = await delete_contents(self._store, now - dt.timedelta(days=self._days))
        if count:
            log.info("Deleted the contents of %d submissions of %d days ago", count, self._days)
        await delete_drafts(self._store, now)
        await self._queue.delete_ended(dt.datetime.now(dt.UTC) - WORKFLOW_DAYS)


def _lost(receipt: str, delivery: int) -> Update:
    return update(submission).where(
        and_(
            submission.c.receipt == receipt,
            submission.c.delivery == delivery,
            submission.c.state == SubmissionState.NOT_SENT.name,
            submission.c.next_attempt_us.is_(None),
        )
    )


async def _logged(what: str, act: Callable[[], Awaitable[None]]) -> None:
    try:
        await act()
    except (HubError, *STORE_FAILURES) as error:
        log.warning("Can't %s: %s", what, type(error).__name__)
    except Exception as error:
        log.error("Can't %s: %s", what, stack_of(error))
