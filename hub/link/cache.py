"""Cache of department replies: one copy per capability, key and scope.

A copy passes three stages as its age grows:

1. fresh: returned as CACHED; the department is not called.
2. refreshing: returned as CACHED while one call refreshes it in the background
   (stale-while-revalidate, RFC 5861).
3. stale: returned as STALE, with its age in `sources`, only if the department fails
   (stale-if-error, RFC 5861).
"""

import asyncio
import datetime as dt
import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from cachetools import TLRUCache

from adapters.contract import (
    CallContext,
    Capability,
    DepartmentError,
    DepartmentRefusedError,
    LookUp,
    LookUpReply,
    Rows,
)
from adapters.manifest.limits import CacheRule
from hub.link.copies import Copy, CopyKey, Found, is_attributed, owners_of
from hub.link.errors import PendingError
from hub.link.maintenance import wall_clock
from schema.needed_fields import ALL_FIELDS
from schema.provenance import SourceState

log = logging.getLogger(__name__)

REFRESH_SECONDS = 60.0
"""Time limit of a background refresh."""


class CopyStore(Protocol):
    """Stores copies of one department's replies. Copies may disappear at any time."""

    async def get(self, keys: Sequence[CopyKey]) -> Found: ...

    async def put(
        self, copies: Mapping[CopyKey, Copy], seconds: float, erasures: int | None
    ) -> None:
        """Store copies for at most `seconds`.

        Store nothing if a citizen was erased since `get` returned `erasures`: the reply may contain
        that citizen's data.
        """

    async def erase(self, numbers: Collection[str]) -> int:
        """Delete all copies that contain a citizen with one of these numbers.

        Returns: how many copies were deleted.

        Raises:
            HubError: `STORE_UNAVAILABLE`, the store cannot be reached.
        """

    async def close(self) -> None: ...


class InProcessCopies:
    """Copies in this process. When full, the least recently used is removed.

    Args:
        entries: maximum number of copies.
        monotonic: clock in seconds that never goes back.
    """

    def __init__(self, entries: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._copies: TLRUCache[CopyKey, tuple[Copy, float]] = TLRUCache(
            entries, lambda _, kept, now: now + kept[1], timer=monotonic
        )
        self._erasures = 0

    async def get(self, keys: Sequence[CopyKey]) -> Found:
        found = (self._copies.get(key) for key in keys)
        copies = [kept[0] if kept is not None else None for kept in found]
        return Found(copies, self._erasures)

    async def put(
        self, copies: Mapping[CopyKey, Copy], seconds: float, erasures: int | None
    ) -> None:
        if erasures != self._erasures:
            return
        for key, kept in copies.items():
            self._copies[key] = (kept, seconds)

    async def erase(self, numbers: Collection[str]) -> int:
        self._erasures += 1
        wanted = frozenset(numbers)
        erased = 0
        for key in list(self._copies):
            # The entry may have expired since the list was made.
            kept = self._copies.get(key)
            if kept is not None and not wanted.isdisjoint(owners_of(key[2], kept[0].rows)):
                self._copies.pop(key, None)
                erased += 1
        return erased

    async def close(self) -> None:
        return


@dataclass(frozen=True, slots=True)
class _Request:
    """A look-up at the department, and the erasure counter before it."""

    capability: Capability
    context: CallContext
    erasures: int | None

    def copy_key(self, key: str) -> CopyKey:
        return self.context.scope, self.capability, key


class Cache:
    """Answers look-ups from copies if they are young enough, and looks up the other keys.

    Args:
        rule: the ages.
        store: stores the copies.
        look_up: the next stage.
        note: called with `hit`, `miss`, `refresh` or `stale` and the number of keys.
        clock: returns the current time with its zone.
    """

    def __init__(
        self,
        rule: CacheRule,
        store: CopyStore,
        look_up: LookUp,
        note: Callable[[str, int], None],
        clock: Callable[[], dt.datetime] = wall_clock,
    ) -> None:
        self._fresh = rule.fresh or 0.0
        self._served = self._fresh + (rule.refresh or 0.0)
        self._stale = rule.stale or 0.0
        self._keep = max(self._served, self._stale)
        self._store = store
        self._look_up = look_up
        self._note = note
        self._clock = clock
        self._refreshes: dict[CopyKey, asyncio.Task[None]] = {}

    async def look_up(
        self, capability: Capability, keys: Sequence[str], context: CallContext
    ) -> LookUpReply:
        """Return the rows for each key; a stale copy if the look-up of a key failed.

        Raises:
            DepartmentError: every look-up failed, and there are no copies.
        """
        found = await self._store.get([(context.scope, capability, key) for key in keys])
        copies = {
            key: kept for key, kept in zip(keys, found.copies, strict=True) if kept is not None
        }
        request = _Request(capability, context, found.erasures)
        now = self._clock()
        results: dict[str, Rows | DepartmentError] = {}
        ageing: list[str] = []
        for key, kept in copies.items():
            if kept.age(now) < self._served:
                results[key] = kept.shown_as(SourceState.CACHED)
                if kept.age(now) >= self._fresh:
                    ageing.append(key)
        missing = [key for key in keys if key not in results]
        self._note("hit", len(results))
        if ageing:
            self._refresh(request, ageing)
        if not missing:
            return LookUpReply(results, 0, now)
        self._note("miss", len(missing))
        # Read all fields, so that the copy serves any later operation.
        whole = replace(context, needed=ALL_FIELDS, erasures=found.erasures)
        try:
            reply = await self._look_up(capability, missing, whole)
        except DepartmentError as error:
            failed: dict[str, Rows | DepartmentError] = dict.fromkeys(missing, error)
            self._use_stale_copies(failed, copies, now)
            if not results and all(each is error for each in failed.values()):
                raise
            return LookUpReply({**results, **failed}, 0, now)
        await self._store_copies(request, reply)
        results.update(reply.results)
        self._use_stale_copies(results, copies, now)
        return LookUpReply(results, reply.latency_ms, reply.retrieved_at)

    async def _store_copies(self, request: _Request, reply: LookUpReply) -> None:
        # Copy the records, because the operation changes the ones that it received.
        copies = {
            request.copy_key(key): Copy(
                Copy(rows, reply.retrieved_at).shown_as(SourceState.LIVE), reply.retrieved_at
            )
            for key, rows in reply.results.items()
            if isinstance(rows, Rows)
            and rows.state is not SourceState.INCOMPLETE
            and is_attributed(request.capability, rows)
        }
        await self._store.put(copies, self._keep, request.erasures)

    def _use_stale_copies(
        self,
        results: dict[str, Rows | DepartmentError],
        copies: Mapping[str, Copy],
        now: dt.datetime,
    ) -> None:
        """Replace failures by stale copies that are young enough.

        A refusal is not replaced: the department may have withdrawn the record. A department that
        may still reply has not failed.
        """
        for key, result in results.items():
            kept = copies.get(key)
            if isinstance(result, Rows | DepartmentRefusedError | PendingError):
                continue
            if kept is None or kept.age(now) >= self._stale:
                continue
            results[key] = kept.shown_as(SourceState.STALE, result)
            self._note("stale", 1)

    def _refresh(self, request: _Request, keys: Sequence[str]) -> None:
        """Refresh copies in the background; a failure leaves them as they are."""
        due = [key for key in keys if request.copy_key(key) not in self._refreshes]
        if not due:
            return
        self._note("refresh", len(due))
        task = asyncio.create_task(self._refresh_now(request, due))
        for key in due:
            self._refreshes[request.copy_key(key)] = task
        task.add_done_callback(lambda _: self._forget(request, due))

    async def _refresh_now(self, request: _Request, keys: Sequence[str]) -> None:
        # The operation that started the refresh does not wait, so its deadline does not apply.
        deadline = asyncio.get_running_loop().time() + REFRESH_SECONDS
        alone = replace(
            request.context,
            deadline=deadline,
            needed=ALL_FIELDS,
            erasures=request.erasures,
            wait_until=None,
        )
        try:
            await self._store_copies(request, await self._look_up(request.capability, keys, alone))
        except DepartmentError as error:
            log.info(
                "background refresh of the copies of %s failed: %s", error.department, error.code
            )
        except Exception as error:
            # No caller waits for this task, so the log is the only report.
            log.error(
                "background refresh of copies failed with an unexpected %s", type(error).__name__
            )

    def _forget(self, request: _Request, keys: Sequence[str]) -> None:
        for key in keys:
            self._refreshes.pop(request.copy_key(key), None)

    async def erase(self, numbers: Collection[str]) -> int:
        """Delete the copies of citizens with one of these numbers; see `CopyStore.erase`."""
        return await self._store.erase(numbers)

    async def close(self) -> None:
        running = set(self._refreshes.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._store.close()
