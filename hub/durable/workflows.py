"""Runs deliveries as workflows of DBOS. There can be one `Workflows` in a process."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from hub.durable.delivery_queue import (
    APPLICATION,
    OTHER,
    VERSION,
    WORKFLOW,
    DeliveryQueue,
    JsonSerializer,
)
from hub.observe.stacks import stack_of

if TYPE_CHECKING:
    from dbos import DBOS, Queue

log = logging.getLogger(__name__)

BEGIN_SECONDS = 0.02
JOIN_SECONDS = 5.0
QUEUE_THREADS = "queue-worker-"
MAX_RECOVERIES = 20
OTHER_CONCURRENCY = 4
LISTEN_SECONDS = 0.25
"""How often a thread of DBOS wakes up that the hub does not need. It delays the end."""

Run = Callable[[str, int], Awaitable[None]]


class BrokenDeliveryError(Exception):
    """A delivery ended with an error that it does not expect. The hub's log has the details."""


class Workflows:
    """The workflows of this process.

    DBOS runs them in threads of its own. The work itself runs in the hub's event loop.

    Args:
        queue: the open queue.
        process_id: identifies this process; DBOS marks the workflows that it runs with it.
        poll_seconds: how often each queue is read.
    """

    _dbos: "DBOS"

    def __init__(self, queue: DeliveryQueue, process_id: str, poll_seconds: float) -> None:
        self._queue = queue
        self._process_id = process_id
        self._poll_seconds = poll_seconds
        self._queues: dict[str, Queue] = {}

    async def start(self, run: Run, held: Mapping[str, object]) -> None:
        """Start to run deliveries.

        Args:
            run: delivers a submission, called with its receipt number and the delivery's number.
            held: departments to which nothing is delivered at first.
        """
        await asyncio.to_thread(self._start, run, asyncio.get_running_loop(), held)

    def _start(self, run: Run, loop: asyncio.AbstractEventLoop, held: Mapping[str, object]) -> None:
        from dbos import DBOS

        self._dbos = DBOS(
            config={
                "name": APPLICATION,
                "system_database_engine": self._queue.engine,
                "serializer": JsonSerializer(),  # type: ignore[typeddict-item]
                "application_version": VERSION,
                "executor_id": self._process_id,
                "use_listen_notify": False,
                "run_migrations": False,
                "notification_listener_polling_interval_sec": LISTEN_SECONDS,
                "log_level": "WARNING",
            }
        )

        async def deliver(receipt: str, delivery: int) -> None:
            started = asyncio.run_coroutine_threadsafe(_awaited(run, receipt, delivery), loop)
            try:
                await asyncio.wrap_future(started)
            except Exception as error:
                log.error("The delivery %s.%d broke: %s", receipt, delivery, stack_of(error))
                # DBOS logs and stores the error, so it must not contain data of a submission.
                raise BrokenDeliveryError from None

        DBOS.workflow(name=WORKFLOW, max_recovery_attempts=MAX_RECOVERIES)(deliver)
        # Before the launch: DBOS notices a queue that is registered later only after a second.
        for department, most in self._queue.departments.items():
            name = self._queue.name_of(department)
            allowed = 0 if department in held else most
            self._queues[department] = self._queue.register(name, allowed, self._poll_seconds)
        self._queue.register(OTHER, OTHER_CONCURRENCY, self._poll_seconds)
        DBOS.launch()

    async def stop(self) -> None:
        """Stop at once. What runs is left to another process, or to the next start."""
        await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        from dbos import DBOS

        # It warns of each delivery that is left to another process.
        logging.getLogger("dbos").setLevel(logging.ERROR)
        DBOS.destroy(destroy_registry=True)

    async def pause(self) -> None:
        """Take no more deliveries from the queues. Those that were taken have begun afterwards."""
        for stopping in self._dbos.background_thread_stop_events:
            stopping.set()
        await asyncio.to_thread(_join_queue_threads)
        await asyncio.sleep(BEGIN_SECONDS)

    async def set_concurrency(self, department: str, concurrency: int) -> None:
        """Set how many deliveries to a department may run at once, in every process."""
        queue = self._queues[department]
        await asyncio.to_thread(queue.set_worker_concurrency, concurrency)

    async def take_over(self, process_id: str) -> int:
        """Run the deliveries of a dead process again; return how many."""
        return await asyncio.to_thread(self._take_over, process_id)

    def _take_over(self, process_id: str) -> int:
        from dbos import DBOS

        return len(DBOS._recover_pending_workflows([process_id]))


def _join_queue_threads() -> None:
    """Wait for the threads that read queues: what they take must begin before the loop ends."""
    for thread in threading.enumerate():
        if thread.name.startswith(QUEUE_THREADS):
            thread.join(JOIN_SECONDS)


async def _awaited(run: Run, receipt: str, delivery: int) -> None:
    await run(receipt, delivery)
