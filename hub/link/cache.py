"""The entity cache: look-ups answered from copies, by age.

A copy is `fresh` (told as CACHED, the department is not asked), then for a while told as CACHED
while the department is asked anew behind it (stale-while-revalidate, RFC 5861), and later told as
STALE only when the department fails (stale-if-error, RFC 5861), with its age in `sources`.
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
    LookUpReply,
    Rows,
)
from adapters.manifest.limits import CacheRule
from hub.link.asking import LookUp
from hub.link.copies import Copy, CopyKey, Found, is_attributed, owners_of
from hub.link.maintenance import wall_clock
from schema.provenance import SourceState

log = logging.getLogger(__name__)

REFRESH_SECONDS = 60.0


class CopyStore(Protocol):
    """Keeps copies of one department's answers; a copy may be gone at any time."""

    async def get(self, keys: Sequence[CopyKey]) -> Found: ...
    async def put(
        self, copies: Mapping[CopyKey, Copy], seconds: float, erasures: int | None
    ) -> None:
        """Keeps them for so many seconds at most; none when a citizen was erased meanwhile.

        `erasures` is what `get` told before the department was asked: what it answered then may
        tell of whoever was erased since.
        """

    async def erase(self, numbers: Collection[str]) -> int:
        """Drops every copy that tells of a citizen with one of these numbers; how many."""

    async def close(self) -> None: ...


class InProcessCopies:
    """Copies in this process; the least lately used go first.

    Args:
        entries: most copies kept.
        monotonic: seconds that never go back.
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
            # Its time may have come since the list was made.
            kept = self._copies.get(key)
            if kept is not None and not wanted.isdisjoint(owners_of(key[2], kept[0].rows)):
                self._copies.pop(key, None)
                erased += 1
        return erased

    async def close(self) -> None:
        return


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of the department, and how often citizens had been erased before."""

    capability: Capability
    context: CallContext
    erasures: int | None

    def copy_key(self, key: str) -> CopyKey:
        return self.context.scope, self.capability, key


class Cache:
    """Answers look-ups from copies where their age allows, and asks for the rest.

    Args:
        rule: the ages.
        store: keeps the copies.
        ask: asks the department.
        note: called with `hit`, `miss`, `refresh` or `stale` and how many keys.
        clock: the time, with zone.
    """

    def __init__(
        self,
        rule: CacheRule,
        store: CopyStore,
        ask: LookUp,
        note: Callable[[str, int], None],
        clock: Callable[[], dt.datetime] = wall_clock,
    ) -> None:
        self._fresh = rule.fresh or 0.0
        self._served = self._fresh + (rule.refresh or 0.0)
        self._stale = rule.stale or 0.0
        self._keep = max(self._served, self._stale)
        self._store = store
        self._ask = ask
        self._note = note
        self._clock = clock
        self._refreshes: dict[CopyKey, asyncio.Task[None]] = {}

    async def look_up(
        self, capability: Capability, keys: Sequence[str], context: CallContext
    ) -> LookUpReply:
        found = await self._store.get([(context.scope, capability, key) for key in keys])
        copies = {
            key: kept for key, kept in zip(keys, found.copies, strict=True) if kept is not None
        }
        asked = _Asked(capability, context, found.erasures)
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
            self._refresh(asked, ageing)
        if not missing:
            return LookUpReply(results, 0, now)
        self._note("miss", len(missing))
        # Whole records, so that a copy serves every question that comes after.
        whole = replace(context, needed={}, erasures=found.erasures)
        try:
            reply = await self._ask(capability, missing, whole)
        except DepartmentError as error:
            failed: dict[str, Rows | DepartmentError] = dict.fromkeys(missing, error)
            self._put_stale_in_place(failed, copies, now)
            if not results and all(each is error for each in failed.values()):
                raise
            return LookUpReply({**results, **failed}, 0, now)
        await self._keep_all(asked, reply)
        results.update(reply.results)
        self._put_stale_in_place(results, copies, now)
        return LookUpReply(results, reply.latency_ms, reply.retrieved_at)

    async def _keep_all(self, asked: _Asked, reply: LookUpReply) -> None:
        # Records that a request may add to are detached: the copy stays as the department told it.
        copies = {
            asked.copy_key(key): Copy(
                Copy(rows, reply.retrieved_at).shown_as(SourceState.LIVE), reply.retrieved_at
            )
            for key, rows in reply.results.items()
            if isinstance(rows, Rows) and is_attributed(asked.capability, rows)
        }
        await self._store.put(copies, self._keep, asked.erasures)

    def _put_stale_in_place(
        self,
        results: dict[str, Rows | DepartmentError],
        copies: Mapping[str, Copy],
        now: dt.datetime,
    ) -> None:
        """Old copies instead of failures, where there are any that are not too old.

        A department that refuses a question has not failed: it may have withdrawn what it told.
        """
        for key, result in results.items():
            kept = copies.get(key)
            if isinstance(result, Rows | DepartmentRefusedError):
                continue
            if kept is None or kept.age(now) >= self._stale:
                continue
            results[key] = kept.shown_as(SourceState.STALE, result)
            self._note("stale", 1)

    def _refresh(self, asked: _Asked, keys: Sequence[str]) -> None:
        """Asks behind the answer's back; a failure costs nothing but the refreshing."""
        due = [key for key in keys if asked.copy_key(key) not in self._refreshes]
        if not due:
            return
        self._note("refresh", len(due))
        task = asyncio.create_task(self._refresh_now(asked, due))
        for key in due:
            self._refreshes[asked.copy_key(key)] = task
        task.add_done_callback(lambda _: self._forget(asked, due))

    async def _refresh_now(self, asked: _Asked, keys: Sequence[str]) -> None:
        # Its time is the department's own deadline, not what is left of the request that is served.
        deadline = asyncio.get_running_loop().time() + REFRESH_SECONDS
        alone = replace(asked.context, deadline=deadline, needed={}, erasures=asked.erasures)
        try:
            await self._keep_all(asked, await self._ask(asked.capability, keys, alone))
        except DepartmentError as error:
            log.info("refreshing copies of %s failed: %s", error.department, error.code)
        except Exception as error:
            # Nobody waits for it: what is not said here is never said.
            log.error("refreshing copies failed unforeseen: %s", type(error).__name__)

    def _forget(self, asked: _Asked, keys: Sequence[str]) -> None:
        for key in keys:
            self._refreshes.pop(asked.copy_key(key), None)

    async def erase(self, numbers: Collection[str]) -> int:
        """Drops every copy that tells of a citizen with one of these numbers; how many."""
        return await self._store.erase(numbers)

    async def close(self) -> None:
        running = set(self._refreshes.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._store.close()
