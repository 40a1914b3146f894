"""Runs deliveries as workflows of DBOS. There can be one `Workflows` in a process."""

import asyncio
import logging
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

if TYPE_CHECKING:
    from dbos import DBOS, Queue

log = logging.getLogger(__name__)

MAX_RECOVERIES = 20
OTHER_CONCURRENCY = 4
LISTEN_SECONDS = 0.25
"""How often a thread of DBOS wakes up that the hub does not need. It delays the end."""

Run = Callable[[str, int], Awaitable[None]]


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
            await asyncio.wrap_future(started)

        DBOS.workflow(name=WORKFLOW, max_recovery_attempts=MAX_RECOVERIES)(deliver)
        DBOS.launch()
        names = {name: self._queue.name_of(name) for name in self._queue.departments}
        for department, name in names.items():
            most = 0 if department in held else self._queue.departments[department]
            self._queues[department] = self._registered(name, most)
        self._registered(OTHER, OTHER_CONCURRENCY)

    def _registered(self, name: str, concurrency: int) -> "Queue":
        from dbos import DBOS

        return DBOS.register_queue(
            name,
            worker_concurrency=concurrency,
            polling_interval_sec=self._poll_seconds,
            on_conflict="always_update",
        )

    async def stop(self) -> None:
        """Stop at once. What runs is left to another process, or to the next start."""
        await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        from dbos import DBOS

        DBOS.destroy(destroy_registry=True)

    def pause(self) -> None:
        """Take no more deliveries from the queues."""
        for stopping in self._dbos.background_thread_stop_events:
            stopping.set()

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


async def _awaited(run: Run, receipt: str, delivery: int) -> None:
    await run(receipt, delivery)
