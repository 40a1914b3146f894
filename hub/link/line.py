"""A department's line: everything between a question and the department's adapter.

    cache → coalescing → maintenance → breaker → bulkhead → deadline → retry → rate → adapter

Each stage is an object of its own with its own settings in the manifest (`limits`). A look-up goes
through all of them; a search has no keys, so it is neither copied nor coalesced.
"""

import asyncio
import datetime as dt
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from zoneinfo import ZoneInfo

from adapters.connectors.wire import KeepsCopies
from adapters.contract import (
    Adapter,
    CallContext,
    Capability,
    DepartmentError,
    LookUpReply,
    Rows,
    SearchReply,
)
from adapters.manifest.limits import Limits, MaintenanceWindow
from hub.link.asking import LookUp
from hub.link.attempts import Attempts
from hub.link.cache import Cache, CopyStore, InProcessCopies
from hub.link.coalescing import Coalescing
from hub.link.errors import failed_status
from hub.link.maintenance import Maintenance, wall_clock
from hub.observe import DepartmentMetrics
from schema.provenance import SourceState, SourceStatus

IST = ZoneInfo("Asia/Kolkata")


class Line:
    """Asks one department.

    Args:
        adapter: the department's adapter.
        limits: what the department can bear.
        windows: when it is closed.
        zone: the zone of its local times.
        metrics: the department's.
        copies: keeps copies of its answers, where the manifest wants copies; in this process when
            not given.
        clock: the time, with zone.
        monotonic: seconds that never go back, for the breaker and the copies in this process.
    """

    def __init__(
        self,
        adapter: Adapter,
        limits: Limits,
        metrics: DepartmentMetrics,
        *,
        windows: Sequence[MaintenanceWindow] = (),
        zone: ZoneInfo = IST,
        copies: CopyStore | None = None,
        clock: Callable[[], dt.datetime] = wall_clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.department = adapter.department
        self._adapter = adapter
        self.maintenance = Maintenance(self.department, windows, zone, clock)
        self._attempts = Attempts(self.department, limits, self.maintenance, metrics, monotonic)
        self._of_copies: SourceStatus | None = None
        self._look_up: LookUp = self._ask
        self._coalescing: Coalescing | None = None
        if limits.coalesce:
            self._coalescing = Coalescing(
                self.department, limits.deadline, self._look_up, metrics.coalesced
            )
            self._look_up = self._coalescing.look_up
        self._cache: Cache | None = None
        if limits.cache is not None:
            store = copies or InProcessCopies(limits.cache.entries, monotonic)
            self._cache = Cache(limits.cache, store, self._look_up, metrics.copies, clock)
            self._look_up = self._cache.look_up
        metrics.watch(self)

    async def look_up(
        self, capability: Capability, keys: Sequence[str], context: CallContext
    ) -> LookUpReply:
        """What the department holds for each key; raises the error that all of them met."""
        return await self._look_up(capability, keys, context)

    async def search(
        self, capability: Capability, criteria: Mapping[str, object], context: CallContext
    ) -> SearchReply:
        """A window of rows; raises `DepartmentError`."""

        async def ask(context: CallContext) -> SearchReply:
            return await self._adapter.search(capability, criteria, context)

        return await self._attempts.run(ask, context)

    async def _ask(
        self, capability: Capability, keys: Sequence[str], context: CallContext
    ) -> LookUpReply:
        """Asks the department, in as many calls as its batches are large, side by side.

        One batch never has more calls before the bulkhead than there are places: it would fill the
        queue by itself, and be refused the rest.
        """
        at_once = self._adapter.keys_at_once(capability)
        if len(keys) <= at_once:
            return await self._ask_group(capability, keys, context)
        groups = [keys[start : start + at_once] for start in range(0, len(keys), at_once)]
        turns = asyncio.Semaphore(self._attempts.bulkhead.places)

        async def ask_in_turn(group: Sequence[str]) -> LookUpReply:
            async with turns:
                return await self._ask_group(capability, group, context)

        answers = await asyncio.gather(*map(ask_in_turn, groups), return_exceptions=True)
        return _joined(groups, answers)

    async def _ask_group(
        self, capability: Capability, keys: Sequence[str], context: CallContext
    ) -> LookUpReply:
        async def ask(context: CallContext) -> LookUpReply:
            return await self._adapter.look_up(capability, keys, context)

        reply = await self._attempts.run(ask, context)
        self._of_copies = _status_of_copies(self.department, reply)
        return reply

    def status(self) -> SourceStatus | None:
        """How the department stands; None when it has not been asked and is not closed."""
        closure = self.maintenance.closure()
        if closure is not None:
            return failed_status(self.maintenance.error(closure))
        refusal = self._attempts.breaker.refusal()
        if refusal is not None:
            return failed_status(refusal)
        last = self._attempts.last
        if last is None:
            return None
        if isinstance(last, SourceStatus):
            return last
        if self._of_copies is not None:
            return self._of_copies
        return SourceStatus(
            department=self.department,
            state=SourceState.LIVE,
            as_of=last.retrieved_at,
            latency_ms=last.latency_ms,
        )

    @property
    def breaker(self) -> str:
        """The breaker's state: closed, open or half-open."""
        return self._attempts.breaker.state.value

    @property
    def in_flight(self) -> int:
        """Calls under way."""
        return self._attempts.bulkhead.in_flight

    @property
    def waiting(self) -> int:
        """Calls that wait for a place."""
        return self._attempts.bulkhead.waiting

    def reopen(self) -> None:
        """Ends a pause, and asks again at once where the breaker was open."""
        self.maintenance.resume()
        self._attempts.breaker.reset()

    async def erase(self, numbers: Collection[str]) -> int:
        """Drops every copy that tells of a citizen with one of these numbers; how many."""
        kept = 0
        if isinstance(self._adapter, KeepsCopies):
            kept = await self._adapter.erase(numbers)
        return kept + (await self._cache.erase(numbers) if self._cache is not None else 0)

    async def close(self) -> None:
        if self._cache is not None:
            await self._cache.close()
        if self._coalescing is not None:
            await self._coalescing.close()
        await self._adapter.close()


def _joined(
    groups: Sequence[Sequence[str]], answers: Sequence[LookUpReply | BaseException]
) -> LookUpReply:
    """One reply out of the groups'; an error stands in place of what its group did not bring."""
    results: dict[str, Rows | DepartmentError] = {}
    replies: list[LookUpReply] = []
    for group, answer in zip(groups, answers, strict=True):
        if isinstance(answer, LookUpReply):
            results.update(answer.results)
            replies.append(answer)
        elif isinstance(answer, DepartmentError):
            results.update(dict.fromkeys(group, answer))
        else:
            raise answer
    if not replies:
        assert isinstance(answers[0], DepartmentError)
        raise answers[0]
    return LookUpReply(
        results,
        max(reply.latency_ms for reply in replies),
        min(reply.retrieved_at for reply in replies),
    )


def _status_of_copies(department: str, reply: LookUpReply) -> SourceStatus | None:
    """How a department stands whose adapter answers from a copy of its own, as from files."""
    rows = (each for each in reply.results.values() if isinstance(each, Rows))
    copied = next((each for each in rows if each.state is not SourceState.LIVE), None)
    if copied is None:
        return None
    return SourceStatus(
        department=department,
        state=copied.state,
        as_of=copied.as_of,
        message=copied.failure.message if copied.failure is not None else None,
    )
