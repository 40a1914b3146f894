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
from hub.link.copies import Copy, detached
from hub.link.errors import LEAST_SHARE, DeadlineExceededError, PendingError, too_late
from schema.needed_fields import NeededFields
from schema.provenance import SourceState

RESERVE = 0.1
"""Seconds between the end of a look-up of many batches and the deadline of its operation. The
operation still gets the rows of the batches that have ended."""
KEPT_SECONDS = 30.0
"""How long the reply is kept that an operation did not wait for, so that it can ask again."""
MOST_KEPT = 100
"""Maximum number of replies that are kept."""

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
        goes_on: whether it goes on although no operation waits, and its reply is kept.
    """

    task: "asyncio.Task[LookUpReply]"

    def __init__(self, kind: FlightKind, keys: Sequence[str]) -> None:
        self.kind = kind
        self.keys = keys
        self.waiting = 0
        self.shared = False
        self.was_sent = False
        self.goes_on = False

    def note_sent(self) -> None:
        self.was_sent = True


class Coalescing:
    """Lets operations that need the same keys wait for one look-up.

    A look-up lives as long as an operation waits for it. It has at least the department's whole
    deadline, because an operation that joins later may have more time than the one that started it.
    A look-up of many batches has until shortly before that operation's deadline.

    A patient operation (`CallContext.wait_until`) leaves a look-up that goes on until its own
    deadline. The next patient operation gets its rows, from the look-up or from the kept reply.

    Args:
        department: identifier, for errors.
        deadline: the department's deadline in seconds.
        look_up: the next stage.
        note: called with the number of keys that joined a running look-up.
        joins_all: whether all operations join running look-ups; otherwise only patient ones do.
    """

    def __init__(
        self,
        department: str,
        deadline: float,
        look_up: LookUp,
        note: Callable[[int], None],
        *,
        joins_all: bool = True,
    ) -> None:
        self._department = department
        self._deadline = deadline
        self._look_up = look_up
        self._note = note
        self._joins_all = joins_all
        self._flights: dict[tuple[FlightKind, str], Flight] = {}
        self._running: set[Flight] = set()
        self._ended: dict[tuple[FlightKind, str], Flight] = {}
        self._kept: dict[Flight, asyncio.TimerHandle] = {}

    async def look_up(
        self, capability: Capability, keys: Sequence[str], context: CallContext
    ) -> LookUpReply:
        """Return the rows for each key, from running look-ups and a new one for the other keys.

        Raises:
            DepartmentError: every look-up failed, or runs longer than the operation waits.
        """
        is_patient = context.wait_until is not None
        if not self._joins_all and not is_patient:
            return await self._look_up(capability, keys, context)
        kind = (context.scope, capability, context.needed, context.erasures)
        now = asyncio.get_running_loop().time()
        time_left = context.deadline - now
        if time_left <= 0:
            raise DeadlineExceededError(self._department)
        flights: dict[Flight, list[str]] = {}
        new: list[str] = []
        for key in keys:
            flight = self._flights.get((kind, key))
            if flight is None and is_patient:
                flight = self._ended.get((kind, key))
            if flight is None:
                new.append(key)
            else:
                flight.shared = True
                flights.setdefault(flight, []).append(key)
        if flights:
            self._note(len(keys) - len(new))
        ended = {flight for flight in flights if flight.task.done()}
        if new:
            flights[self._start(kind, new, context)] = new
        if context.wait_until is None or context.wait_until >= context.deadline:
            await self._wait(flights, time_left)
            late = self._late
        else:
            await self._wait(flights, max(0.0, context.wait_until - now), go_on=True)
            late = self._pending
        return join_replies(
            (mine, self._reply_of(flight, mine, flight in ended) or late(flight, time_left))
            for flight, mine in flights.items()
        )

    def _reply_of(
        self, flight: Flight, keys: Sequence[str], had_ended: bool
    ) -> LookUpReply | BaseException | None:
        """Return the reply or error of a look-up; None if it still runs or was cancelled.

        Args:
            had_ended: whether it ended before the operation needed it.
        """
        if flight.task.done() and not flight.task.cancelled():
            error = flight.task.exception()
            if error is not None:
                # Reported once: an operation that asks again after that makes a new call.
                self._forget(flight)
                return error
            reply = flight.task.result()
            if had_ended:
                return self._kept_reply(flight, keys)
            if not flight.shared:
                return reply
            return replace(reply, results={key: _own(reply.results[key]) for key in keys})
        return None

    def _pending(self, flight: Flight, time_left: float) -> DepartmentError:
        return PendingError(self._department)

    def _late(self, flight: Flight, time_left: float) -> DepartmentError:
        """Return the department's timeout if the department was called, else the hub's own."""
        if not flight.was_sent or time_left < LEAST_SHARE * self._deadline:
            return DeadlineExceededError(self._department)
        return too_late(self._department)

    def _kept_reply(self, flight: Flight, keys: Sequence[str]) -> LookUpReply:
        """Return the rows of a look-up that had ended before, as CACHED."""
        reply = flight.task.result()
        results: dict[str, Rows | DepartmentError] = {}
        for key in keys:
            found = reply.results[key]
            if isinstance(found, Rows) and found.state is SourceState.LIVE:
                found = Copy(found, reply.retrieved_at).shown_as(SourceState.CACHED)
            results[key] = _own(found)
        if any(isinstance(each, DepartmentError) for each in results.values()):
            self._forget(flight)
        return replace(reply, results=results)

    def _start(self, kind: FlightKind, keys: Sequence[str], context: CallContext) -> Flight:
        loop = asyncio.get_running_loop()
        deadline = max(loop.time() + self._deadline, context.deadline - RESERVE)
        flight = Flight(kind, keys)
        own = replace(context, deadline=deadline, on_sent=flight.note_sent, wait_until=None)
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
            if flight.goes_on:
                self._keep(flight)

    def _keep(self, flight: Flight) -> None:
        """Keep a reply for a while, and let go of the oldest if there are too many."""
        if len(self._kept) >= MOST_KEPT:
            self._forget(next(iter(self._kept)))
        loop = asyncio.get_running_loop()
        self._kept[flight] = loop.call_later(KEPT_SECONDS, self._forget, flight)
        for key in flight.keys:
            self._ended[flight.kind, key] = flight

    def _forget(self, flight: Flight) -> None:
        timer = self._kept.pop(flight, None)
        if timer is None:
            return
        timer.cancel()
        for key in flight.keys:
            if self._ended.get((flight.kind, key)) is flight:
                del self._ended[flight.kind, key]

    def forget(self) -> None:
        """Delete the replies that are kept, and keep none of the look-ups that run."""
        for flight in list(self._kept):
            self._forget(flight)
        for flight in self._running:
            flight.goes_on = False

    def _close_to_others(self, flight: Flight) -> None:
        """Let no further operation join the look-up."""
        for key in flight.keys:
            if self._flights.get((flight.kind, key)) is flight:
                del self._flights[flight.kind, key]

    def _cancel(self, flight: Flight) -> None:
        self._close_to_others(flight)
        flight.task.cancel()

    async def _wait(
        self, flights: "dict[Flight, list[str]]", seconds: float, *, go_on: bool = False
    ) -> None:
        """Wait for look-ups; cancel those that no operation waits for any more.

        Args:
            go_on: let those go on that have not ended in this time.
        """
        for flight in flights:
            flight.waiting += 1
        try:
            await asyncio.wait({flight.task for flight in flights}, timeout=seconds)
            if go_on:
                for flight in flights:
                    flight.goes_on = flight.goes_on or not flight.task.done()
        finally:
            for flight in flights:
                flight.waiting -= 1
                if not (flight.waiting or flight.goes_on or flight.task.done()):
                    self._cancel(flight)

    async def close(self) -> None:
        """Cancel all running look-ups, and wait until they have released their resources."""
        self.forget()
        flights = set(self._running)
        for flight in flights:
            self._cancel(flight)
        await asyncio.gather(*(flight.task for flight in flights), return_exceptions=True)


def _own(rows: Rows | DepartmentError) -> Rows | DepartmentError:
    """Copy the records, because each operation changes its own."""
    if isinstance(rows, DepartmentError):
        return rows
    return replace(rows, records=detached(rows.records))
