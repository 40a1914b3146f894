"""Durable work: opens its parts, starts them in the background and stops them."""

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hub.access.signing import Signer
from hub.durable.clock import utc_now
from hub.durable.delivery import Delivery
from hub.durable.delivery_queue import DeliveryQueue
from hub.durable.holds import Holds
from hub.durable.model import DeliveryPort
from hub.durable.processes import Processes
from hub.durable.reconciliation import Reconciliation
from hub.durable.submissions import Submissions
from hub.durable.sweep import SWEEP_SECONDS, Sweep
from hub.durable.table import SubmissionTable
from hub.durable.tasks import Tasks
from hub.durable.waiting import Waiting
from hub.durable.workflows import Workflows
from hub.observe import SubmissionMetrics
from hub.store import STORE_FAILURES, Store
from hub.store.encryption import ContentCipher
from schema.errors import HubError

log = logging.getLogger(__name__)

STOP_SECONDS = 5.0
"""Time for deliveries to end when the hub stops."""


@dataclass(frozen=True, slots=True)
class WorkOptions:
    """Settings of the durable work.

    Attributes:
        delivers: False if this process only accepts submissions.
        poll_seconds: how often each queue is read.
        days: days after which the contents of ended submissions are deleted.
    """

    delivers: bool = True
    poll_seconds: float = 1.0
    days: int = 400


class DurableWork:
    """Submissions and their delivery.

    Args:
        store: the hub's database.
        cipher: encrypts contents.
        signer: hides persons.
        calls: calls that a process may make at once, by department to which the hub can write.
        options: settings.
        metrics: shows the numbers.
        clock: returns the time.

    Attributes:
        submissions: accepts and shows submissions.
        tasks: decisions for operators.
    """

    def __init__(
        self,
        store: Store,
        cipher: ContentCipher,
        signer: Signer,
        calls: Mapping[str, int],
        options: WorkOptions,
        metrics: SubmissionMetrics | None = None,
        clock: Callable[[], dt.datetime] = utc_now,
    ) -> None:
        self._store = store
        self._calls = calls
        self._options = options
        self._clock = clock
        self._metrics = metrics or SubmissionMetrics()
        self._queue = DeliveryQueue(store, calls)
        self._processes = Processes(store, clock)
        self._table = SubmissionTable(store, cipher, signer, clock)
        self._holds = Holds(store)
        self._waiting = Waiting(store, lambda: not self._is_alone() or not options.delivers)
        self._workflows: Workflows | None = None
        self._sweeper: asyncio.Task[None] | None = None
        self._running: set[asyncio.Task[object]] = set()
        self.submissions = Submissions(
            store,
            self._table,
            self._queue,
            self._waiting,
            self._is_alone,
            lambda: self._processes.meetings,
            clock,
            self._metrics,
            lambda department: not options.delivers or self._holds.is_held(department, clock()),
        )
        self.tasks = Tasks(store, self._table, clock)

    def _is_alone(self) -> bool:
        return not self._processes.has_peers

    async def open(self) -> None:
        """Prepare the tables. After this, submissions are accepted.

        Raises:
            StoreError: the tables of DBOS can't be created.
            HubError: `STORE_UNAVAILABLE`.
        """
        await self._queue.open()
        await self._processes.renew()
        await self.submissions.open()

    async def start(self, port: DeliveryPort, on_acts: Callable[[], None] = lambda: None) -> None:
        """Start to deliver, unless this process only accepts.

        Args:
            port: sends submissions to departments.
            on_acts: called when acts of operators wait for the access log.
        """
        if not self._options.delivers:
            self._sweeper = asyncio.create_task(self._renew())
            return
        delivery = Delivery(
            self._store,
            self._table,
            self._queue,
            self._holds,
            self._waiting,
            port,
            self._calls,
            self._clock,
            self._metrics,
        )

        async def run(receipt: str, number: int) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._running.add(task)
            try:
                await delivery.run(receipt, number)
            finally:
                self._running.discard(task)

        await self._holds.read()
        self._workflows = Workflows(self._queue, self._processes.own_id, self._options.poll_seconds)
        await self._workflows.start(run, self._holds.all)
        reconciliation = Reconciliation(
            self._store, self._table, self._holds, delivery, port, self._clock
        )
        sweep = Sweep(
            self._store,
            self._queue,
            self._processes,
            self._holds,
            self._workflows,
            reconciliation,
            self._options.days,
            self._clock,
            self._metrics,
            on_acts,
        )
        self._sweeper = asyncio.create_task(sweep.run())

    async def close(self) -> None:
        """Stop. Deliveries that run get some seconds to end; others wait for the next start."""
        if self._workflows is not None:
            await self._workflows.pause()
        if self._sweeper is not None:
            self._sweeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeper
        if self._running:
            await asyncio.wait(set(self._running), timeout=STOP_SECONDS)
        if self._workflows is not None:
            await self._workflows.stop()
        await self._waiting.close()
        await self.submissions.close()
        try:
            await self._processes.end()
        except HubError:
            log.warning("The database does not reply, so peers take over after some seconds")
        await self._queue.close()

    async def _renew(self) -> None:
        """Show the peers that this process lives, since it accepts submissions."""
        while True:
            with contextlib.suppress(HubError, *STORE_FAILURES):
                await self._processes.renew()
            await asyncio.sleep(SWEEP_SECONDS)
