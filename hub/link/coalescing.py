"""Coalescing: a key that is being asked for is not asked for again meanwhile."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from adapters.contract import (
    CallContext,
    Capability,
    DepartmentError,
    DepartmentTimeoutError,
    LookUpReply,
    Rows,
)
from hub.link.asking import LookUp
from hub.link.copies import detached
from hub.link.errors import LEAST_SHARE, DeadlineExceededError

Question = tuple[str, Capability, tuple[tuple[str, frozenset[str]], ...], int | None]
"""Whose it is, what is asked, which fields of it, and after how many erasures."""

Late = Callable[[], DepartmentError]
"""What is told of a call that is not over in time."""


class Flight:
    """One call that is under way, and how many requests wait for it."""

    def __init__(
        self, question: Question, keys: Sequence[str], task: "asyncio.Task[LookUpReply]"
    ) -> None:
        self.question = question
        self.keys = keys
        self.task = task
        self.waiting = 0
        self.shared = False


class Coalescing:
    """Lets requests that want the same keys wait for one call.

    A call lives as long as somebody waits for it; it has the department's whole deadline, since a
    request that joins later may have more time left than the one that began.

    Args:
        department: identifier, for errors.
        deadline: the department's, in seconds.
        ask: asks the department.
        note: called with how many keys were joined to a call under way.
    """

    def __init__(
        self, department: str, deadline: float, ask: LookUp, note: Callable[[int], None]
    ) -> None:
        self._department = department
        self._deadline = deadline
        self._ask = ask
        self._note = note
        self._flights: dict[tuple[Question, str], Flight] = {}
        self._under_way: set[Flight] = set()

    async def look_up(
        self, capability: Capability, keys: Sequence[str], context: CallContext
    ) -> LookUpReply:
        needed = tuple(sorted(context.needed.items()))
        question = (context.scope, capability, needed, context.erasures)
        left = context.deadline - asyncio.get_running_loop().time()
        if left <= 0:
            raise DeadlineExceededError(self._department)
        joined = {key: flight for key in keys if (flight := self._flights.get((question, key)))}
        mine = [key for key in keys if key not in joined] if joined else keys
        flights = dict(joined)
        if joined:
            self._note(len(joined))
            for flight in joined.values():
                flight.shared = True
        if mine:
            flights.update(dict.fromkeys(mine, self._begin(question, mine, context)))
        distinct = set(flights.values())
        await self._wait(distinct, left)
        late = partial(self._late, left)
        if len(distinct) == 1:
            return _reply_of(distinct.pop(), keys, late)
        return _combined(flights, late)

    def _late(self, left: float) -> DepartmentError:
        """What is told of a call that is not over in time, of which so much was left."""
        if left < LEAST_SHARE * self._deadline:
            return DeadlineExceededError(self._department)
        return DepartmentTimeoutError(
            self._department, f"{self._department} did not answer in time."
        )

    def _begin(self, question: Question, keys: Sequence[str], context: CallContext) -> Flight:
        loop = asyncio.get_running_loop()
        own = replace(context, deadline=loop.time() + self._deadline)
        flight = Flight(question, keys, loop.create_task(self._ask(question[1], keys, own)))
        self._under_way.add(flight)
        for key in keys:
            self._flights[question, key] = flight
        flight.task.add_done_callback(lambda _: self._land(flight))
        return flight

    def _land(self, flight: Flight) -> None:
        self._part_with(flight)
        self._under_way.discard(flight)
        if not flight.task.cancelled():
            # Asked for, so that asyncio does not report it as never retrieved.
            flight.task.exception()

    def _part_with(self, flight: Flight) -> None:
        """Nobody can join it from now on; who asks next begins another."""
        for key in flight.keys:
            if self._flights.get((flight.question, key)) is flight:
                del self._flights[flight.question, key]

    def _end(self, flight: Flight) -> None:
        self._part_with(flight)
        flight.task.cancel()

    async def _wait(self, flights: set[Flight], seconds: float) -> None:
        for flight in flights:
            flight.waiting += 1
        try:
            await asyncio.wait({flight.task for flight in flights}, timeout=seconds)
        finally:
            for flight in flights:
                flight.waiting -= 1
                if not flight.waiting and not flight.task.done():
                    self._end(flight)

    async def close(self) -> None:
        """Ends every call under way, and waits until they have let go of everything."""
        flights = set(self._under_way)
        for flight in flights:
            self._end(flight)
        await asyncio.gather(*(flight.task for flight in flights), return_exceptions=True)


def _reply_of(flight: Flight, keys: Sequence[str], late: Late) -> LookUpReply:
    error = _error_of(flight, late)
    if error is not None:
        # Each who waits raises it: their frames are not to be added up in it.
        raise error.with_traceback(None)
    reply = flight.task.result()
    if not flight.shared:
        return reply
    return LookUpReply(
        {key: _own(reply.results[key]) for key in keys}, reply.latency_ms, reply.retrieved_at
    )


def _combined(flights: dict[str, Flight], late: Late) -> LookUpReply:
    """One reply out of several calls; an error stands in place of what its call did not bring."""
    results: dict[str, Rows | DepartmentError] = {}
    replies: list[LookUpReply] = []
    errors: list[DepartmentError] = []
    for key, flight in flights.items():
        error = _error_of(flight, late)
        if error is not None:
            results[key] = error
            errors.append(error)
            continue
        reply = flight.task.result()
        results[key] = _own(reply.results[key])
        replies.append(reply)
    if not replies:
        raise errors[0].with_traceback(None)
    return LookUpReply(
        results,
        max(reply.latency_ms for reply in replies),
        min(reply.retrieved_at for reply in replies),
    )


def _error_of(flight: Flight, late: Late) -> DepartmentError | None:
    if not flight.task.done() or flight.task.cancelled():
        return late()
    error = flight.task.exception()
    if error is None or isinstance(error, DepartmentError):
        return error
    raise error


def _own(rows: Rows | DepartmentError) -> Rows | DepartmentError:
    """Rows with records of one's own: each request adds to its records."""
    if isinstance(rows, DepartmentError):
        return rows
    return replace(rows, records=detached(rows.records))
