"""Coalescing: a key that is already being looked up is not looked up again."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from adapters.batches import join_replies
from adapters.contract import (
    CallContext,
    Capability,
    DepartmentError,
    LookUp,
    LookUpReply,
    Rows,
)
from hub.link.copies import detached
from hub.link.errors import LEAST_SHARE, DeadlineExceededError, too_late
from schema.needed_fields import NeededFields

RESERVE = 0.1
"""Seconds between the end of a look-up of many batches and the deadline of its operation. The
operation still gets the rows of the batches that have ended."""

FlightKind = tuple[str, Capability, NeededFields, int | None]
"""Scope, capability, needed fields and erasure counter: look-ups that may share a call."""


class Flight:
    """A look-up that is running.

    Attributes:
        kind: which look-ups may join it.
        keys: its keys.
        task: gives its reply.
        waiting: how many operations wait for it.
        shared: whether more than one operation has waited for it.
        was_sent: whether one of its calls was sent to the department.
    """

    task: "asyncio.Task[LookUpReply]"

    def __init__(self, kind: FlightKind, keys: Sequence[str]) -> None:
        self.kind = kind
        self.keys = keys
        self.waiting = 0
        self.shared = False
        self.was_sent = False

    def note_sent(self) -> None:
        self.was_sent = True


class Coalescing:
    """Lets operations that need the same keys wait for one look-up.

    A look-up lives as long as an operation waits for it. It has at least the department's whole
    deadline, because an operation that joins later may have more time than the one that started it.
    A look-up of many batches has until shortly before that operation's deadline.

    Args:
        department: identifier, for errors.
        deadline: the department's deadline in seconds.
        look_up: the next stage.
        note: called with the number of keys that joined a running look-up.
    """

    def __init__(
        self, department: str, deadline: float, look_up: LookUp, note: Callable[[int], None]
    ) -> None:
        self._department = department
        self._deadline = deadline
        self._look_up = look_up
        self._note = note
        self._flights: dict[tuple[FlightKind, str], Flight] = {}
        self._running: set[Flight] = set()

    async def look_up(
        self, capability: Capability, keys: Sequence[str], context: CallContext
    ) -> LookUpReply:
        """Return the rows for each key, from running look-ups and a new one for the other keys.

        Raises:
            DepartmentError: every look-up failed.
        """
        kind = (context.scope, capability, context.needed, context.erasures)
        time_left = context.deadline - asyncio.get_running_loop().time()
        if time_left <= 0:
            raise DeadlineExceededError(self._department)
        flights: dict[Flight, list[str]] = {}
        new: list[str] = []
        for key in keys:
            flight = self._flights.get((kind, key))
            if flight is None:
                new.append(key)
            else:
                flight.shared = True
                flights.setdefault(flight, []).append(key)
        if flights:
            self._note(len(keys) - len(new))
        if new:
            flights[self._start(kind, new, context)] = new
        await self._wait(flights, time_left)
        return join_replies(
            (mine, self._reply_of(flight, mine, time_left)) for flight, mine in flights.items()
        )

    def _reply_of(
        self, flight: Flight, keys: Sequence[str], time_left: float
    ) -> LookUpReply | BaseException:
        """Return the reply or error of a look-up.

        If it still runs, return the department's timeout if the department was called, else the
        hub's own.
        """
        if flight.task.done() and not flight.task.cancelled():
            error = flight.task.exception()
            if error is not None:
                return error
            reply = flight.task.result()
            if not flight.shared:
                return reply
            return replace(reply, results={key: _own(reply.results[key]) for key in keys})
        if not flight.was_sent or time_left < LEAST_SHARE * self._deadline:
            return DeadlineExceededError(self._department)
        return too_late(self._department)

    def _start(self, kind: FlightKind, keys: Sequence[str], context: CallContext) -> Flight:
        loop = asyncio.get_running_loop()
        deadline = max(loop.time() + self._deadline, context.deadline - RESERVE)
        flight = Flight(kind, keys)
        own = replace(context, deadline=deadline, on_sent=flight.note_sent)
        flight.task = loop.create_task(self._look_up(kind[1], keys, own))
        self._running.add(flight)
        for key in keys:
            self._flights[kind, key] = flight
        flight.task.add_done_callback(lambda _: self._finish(flight))
        return flight

    def _finish(self, flight: Flight) -> None:
        self._close_to_others(flight)
        self._running.discard(flight)
        if not flight.task.cancelled():
            # Retrieved, so that asyncio does not report it as never retrieved.
            flight.task.exception()

    def _close_to_others(self, flight: Flight) -> None:
        """Let no further operation join the look-up."""
        for key in flight.keys:
            if self._flights.get((flight.kind, key)) is flight:
                del self._flights[flight.kind, key]

    def _cancel(self, flight: Flight) -> None:
        self._close_to_others(flight)
        flight.task.cancel()

    async def _wait(self, flights: "dict[Flight, list[str]]", seconds: float) -> None:
        for flight in flights:
            flight.waiting += 1
        try:
            await asyncio.wait({flight.task for flight in flights}, timeout=seconds)
        finally:
            for flight in flights:
                flight.waiting -= 1
                if not flight.waiting and not flight.task.done():
                    self._cancel(flight)

    async def close(self) -> None:
        """Cancel all running look-ups, and wait until they have released their resources."""
        flights = set(self._running)
        for flight in flights:
            self._cancel(flight)
        await asyncio.gather(*(flight.task for flight in flights), return_exceptions=True)


def _own(rows: Rows | DepartmentError) -> Rows | DepartmentError:
    """Copy the records, because each operation changes its own."""
    if isinstance(rows, DepartmentError):
        return rows
    return replace(rows, records=detached(rows.records))
