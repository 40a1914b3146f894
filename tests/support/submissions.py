"""Submissions in a database of their own, with a clock that tests move and a made-up department."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client import CollectorRegistry
from sqlalchemy import select, update

from adapters.contract import DepartmentRefusedError, DepartmentUnreachableError
from adapters.writes import WriteReply
from hub.access import Principal, Role
from hub.access.signing import Signer
from hub.durable.delivery import Delivery
from hub.durable.delivery_queue import DeliveryQueue
from hub.durable.holds import Holds
from hub.durable.model import Content, EventKind, NewSubmission, Sender, Submission
from hub.durable.processes import Processes
from hub.durable.reconciliation import Reconciliation
from hub.durable.submissions import Submissions
from hub.durable.sweep import Sweep
from hub.durable.table import SubmissionTable
from hub.durable.tasks import Tasks
from hub.durable.waiting import Waiting
from hub.durable.workflows import Workflows
from hub.observe import SubmissionMetrics
from hub.store import Store, open_store
from hub.store.encryption import ContentCipher
from hub.store.submission_tables import submission
from schema.submission_state import SubmissionKind

START = dt.datetime(2026, 11, 28, 10, tzinfo=dt.UTC)
MEMBER = "7KNL042101"
CITIZEN = Principal(Role.CITIZEN, member_identifier=MEMBER, subject="https://id.example|c-1")
LABOUR = "labour"
CIPHER = ContentCipher(b"c" * 32)
SIGNER = Signer([b"s" * 32])


class Crash(BaseException):
    """The process dies. Nothing may catch it."""


def new_submission(
    key: str = "key",
    *,
    member: str = MEMBER,
    kind: SubmissionKind = SubmissionKind.APPLICATION,
    digest: bytes = b"d" * 32,
    department: str = LABOUR,
    content: Content | None = None,
) -> NewSubmission:
    return NewSubmission(
        kind,
        department,
        "LAB-BOC",
        member,
        Sender(CITIZEN, "SELF_SERVICE", correlation_id="corr-1"),
        key,
        digest,
        content or Content({"trade": "MASON", "name": "रमेश"}, {"text": "x"}),
    )


@dataclass(slots=True)
class Department:
    """A department that counts what arrives. It implements `DeliveryPort`.

    Attributes:
        behave: what the next sends do, in order: an exception to raise before or after the
            submission arrives, or None for success. Afterwards everything succeeds.
        copies: copies that arrived, by receipt number.
        arrivals: numbers of submissions in the order in which they arrived.
        finds: answers of `find` before the real ones: an exception, or None for the real answer.
        notified: receipt numbers and states about which citizens were informed.
    """

    behave: list[tuple[bool, BaseException | None]] = field(default_factory=list)
    copies: dict[str, int] = field(default_factory=dict)
    arrivals: list[int] = field(default_factory=list)
    finds: list[Exception | None] = field(default_factory=list)
    notified: list[tuple[str, str]] = field(default_factory=list)
    is_final: bool = True
    has_finder: bool = True
    has_call: bool = True
    repeatable: bool = False
    settles: dt.timedelta = dt.timedelta(seconds=60)
    is_down: Callable[[], bool] = lambda: False
    before_send: Callable[[], None] = lambda: None

    def can_send(self, submission: Submission) -> bool:
        return self.has_call

    def can_find(self, submission: Submission) -> bool:
        return self.has_finder

    def settles_within(self, submission: Submission) -> dt.timedelta:
        return self.settles

    def may_repeat(self, submission: Submission) -> bool:
        return self.repeatable

    async def send(self, submission: Submission, on_sent: Callable[[], None]) -> WriteReply:
        if self.is_down():
            error = DepartmentUnreachableError(submission.department, "refused")
            error.not_done = True
            raise error
        arrives, failure = self.behave.pop(0) if self.behave else (True, None)
        if failure is not None and not arrives:
            raise failure
        self.before_send()
        on_sent()
        await asyncio.sleep(0)
        copies = self.copies.get(submission.receipt, 0)
        self.copies[submission.receipt] = 1 if self.repeatable else copies + 1
        self.arrivals.append(submission.number)
        if failure is not None:
            raise failure
        return self.reply(submission)

    async def find(
        self, submissions: Sequence[Submission]
    ) -> Mapping[str, WriteReply | Exception | None]:
        failure = self.finds.pop(0) if self.finds else None
        return {
            each.receipt: failure or (self.reply(each) if each.receipt in self.copies else None)
            for each in submissions
        }

    async def notify(self, submission: Submission) -> bool:
        self.notified.append((submission.receipt, submission.state.name))
        return True

    def reply(self, submission: Submission) -> WriteReply:
        reference = f"REG-{submission.number}" if self.is_final else None
        token = None if self.is_final else f"T-{submission.number}"
        return WriteReply(reference, token, self.is_final, False, 12, START)


def unreachable(*, not_done: bool) -> DepartmentUnreachableError:
    error = DepartmentUnreachableError(LABOUR, "The connection failed.")
    error.not_done = not_done
    return error


def refused() -> DepartmentRefusedError:
    return DepartmentRefusedError(LABOUR, "The department refuses it.")


class FakeWorkflows(Workflows):
    """DBOS without threads. The bench runs what is enqueued.

    Attributes:
        concurrency: the concurrency of each queue, as it was set last.
    """

    def __init__(self) -> None:
        self.concurrency: dict[str, int] = {}

    async def set_concurrency(self, department: str, concurrency: int) -> None:
        self.concurrency[department] = concurrency

    async def take_over(self, process_id: str) -> int:
        return 0


@dataclass(slots=True)
class DeliveryBench:
    """Submissions and their delivery, without DBOS's threads.

    Attributes:
        now: the time.
        department: the only department.
    """

    store: Store
    queue: DeliveryQueue
    department: Department
    calls: int = 8
    now: dt.datetime = START
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    workflows: FakeWorkflows = field(default_factory=FakeWorkflows)
    metrics: SubmissionMetrics = field(init=False)
    table: SubmissionTable = field(init=False)
    holds: Holds = field(init=False)
    waiting: Waiting = field(init=False)
    submissions: Submissions = field(init=False)
    delivery: Delivery = field(init=False)
    tasks: Tasks = field(init=False)
    sweep: Sweep = field(init=False)

    def __post_init__(self) -> None:
        store = self.store
        self.metrics = SubmissionMetrics(self.registry)
        self.table = SubmissionTable(store, CIPHER, SIGNER, self.clock)
        self.holds = Holds(store, jitter=lambda: 0.0)
        self.waiting = Waiting(store, lambda: False)
        self.submissions = Submissions(
            store,
            self.table,
            self.queue,
            self.waiting,
            lambda: True,
            clock=self.clock,
            metrics=self.metrics,
        )
        self.tasks = Tasks(store, self.table, self.clock)
        self.delivery = Delivery(
            store,
            self.table,
            self.queue,
            self.holds,
            self.waiting,
            self.department,
            {LABOUR: self.calls},
            self.clock,
            self.metrics,
            self.monotonic,
        )
        reconciliation = Reconciliation(
            store, self.table, self.holds, self.delivery, self.department, self.clock
        )
        self.sweep = Sweep(
            store,
            self.queue,
            Processes(store, self.clock, self.monotonic),
            self.holds,
            self.workflows,
            reconciliation,
            400,
            self.clock,
            self.metrics,
        )

    @property
    def at_once(self) -> int:
        """Return how many deliveries one look into the queue starts."""
        return self.queue.departments[LABOUR]

    def clock(self) -> dt.datetime:
        return self.now

    def monotonic(self) -> float:
        return self.now.timestamp()

    def wait(self, **time: float) -> None:
        self.now += dt.timedelta(**time)

    async def enqueued(self) -> list[tuple[str, int]]:
        """Return the deliveries that wait, in the order in which DBOS would run them."""
        rows = self.queue.workflow_rows()
        waiting = select(rows.c.workflow_uuid).where(rows.c.status == "ENQUEUED")
        async with self.store.engine.connect() as connection:
            found = await connection.execute(waiting.order_by(rows.c.priority))
            names = [name.rpartition(".") for name in found.scalars()]
        return [(receipt, int(delivery)) for receipt, _dot, delivery in names]

    async def run_enqueued(self) -> int:
        """Run as many deliveries as one poll of DBOS starts; return how many."""
        most = self.workflows.concurrency.get(LABOUR, self.at_once)
        started = (await self.enqueued())[:most]
        for receipt, delivery in started:
            try:
                await self.delivery.run(receipt, delivery)
            except Crash:
                # DBOS runs it again, in another process.
                continue
            await self._end(f"{receipt}.{delivery}")
        return len(started)

    async def _end(self, name: str) -> None:
        rows = self.queue.workflow_rows()
        ended = update(rows).where(rows.c.workflow_uuid == name).values(status="SUCCESS")
        async with self.store.writer, self.store.engine.begin() as connection:
            await connection.execute(ended)

    async def end_all(self, status: str) -> None:
        """End all deliveries without running them."""
        rows = self.queue.workflow_rows()
        ended = update(rows).where(rows.c.status == "ENQUEUED").values(status=status)
        async with self.store.writer, self.store.engine.begin() as connection:
            await connection.execute(ended)

    async def sweep_once(self) -> None:
        """Sweep, and wait for the answers of the department."""
        await self.sweep.sweep()
        await asyncio.gather(*self.sweep.inquiries)

    async def settle(self, seconds: float = 1.0, rounds: int = 400) -> None:
        """Let time pass until nothing is left to do."""
        for _ in range(rounds):
            await self.sweep_once()
            await self.run_enqueued()
            if not await self.enqueued() and not await self._planned():
                return
            self.wait(seconds=seconds)
            seconds = min(seconds * 1.5, 3600.0)

    async def _planned(self) -> bool:
        planned = select(submission.c.receipt).where(submission.c.next_attempt_us.is_not(None))
        async with self.store.engine.connect() as connection:
            return (await connection.execute(planned.limit(1))).first() is not None

    async def stored(self, receipt: str) -> Submission:
        found = await self.submissions.by_receipt(receipt)
        assert found is not None
        return found

    async def events(self, receipt: str) -> list[EventKind]:
        return [each.event for each in await self.submissions.events(receipt)]


@asynccontextmanager
async def delivery_bench(
    folder: Path, department: Department | None = None, url: str | None = None
) -> AsyncIterator[DeliveryBench]:
    """Open a database, by default in the folder, and yield a bench."""
    store = await open_store(url or f"sqlite+aiosqlite:///{folder}/hub.db")
    queue = DeliveryQueue(store, {LABOUR: 8})
    await queue.open()
    bench = DeliveryBench(store, queue, department or Department())
    try:
        await bench.submissions.open()
        yield bench
    finally:
        await bench.submissions.close()
        await queue.close()
        await store.close()
