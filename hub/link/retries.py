"""Second attempts of reads: full jitter, within a budget, and a hedge for those that take long.

Waiting and counting attempts is tenacity's. It costs more than a quick call does, so it comes in
only where a first attempt has failed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_all,
    retry_if_exception_type,
    stop_after_attempt,
    stop_before_delay,
    wait_random_exponential,
)

from adapters.contract import (
    DepartmentError,
    DepartmentFaultError,
    DepartmentUnreachableError,
    MalformedReplyError,
)
from adapters.manifest.limits import RetryRule
from hub.link.bulkhead import Bulkhead
from hub.link.call import Call

ReplyT = TypeVar("ReplyT")

WORTH_A_RETRY = (DepartmentFaultError, DepartmentUnreachableError, MalformedReplyError)
"""What may have passed a moment later. A timeout has used the time that a retry would need."""

MOST_SAVED = 10.0


class Budget:
    """Lets second attempts be at most a share of first ones."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._saved = 0.0

    def note_call(self) -> None:
        self._saved = min(MOST_SAVED, self._saved + self._share)

    def allows(self) -> bool:
        """Whether there may be one more."""
        return self._saved >= 1

    def spend(self) -> None:
        self._saved -= 1


class Retries:
    """Makes second attempts of reads.

    Args:
        rule: how many, how soon, and how many of all calls.
        hedge: seconds after which a call is made a second time while the first goes on; never when
            None.
        bulkhead: a hedge takes a place of its own there, if one is free.
        note_second: called for each second attempt.
    """

    def __init__(
        self,
        rule: RetryRule,
        hedge: float | None,
        bulkhead: Bulkhead,
        note_second: Callable[[], None],
    ) -> None:
        self._rule = rule
        self._hedge = hedge
        self._bulkhead = bulkhead
        self._note_second = note_second
        self._budget = Budget(rule.budget)

    async def run(
        self,
        attempt: Callable[[], Awaitable[ReplyT]],
        call: Call,
        may_ask: Callable[[], bool],
    ) -> ReplyT:
        """The reply of an attempt; the error of the last one.

        Args:
            attempt: asks the department.
            call: what is known of the call so far.
            may_ask: whether the department may be asked a second time: not when others have found
                meanwhile that it is down.
        """
        self._budget.note_call()
        try:
            if self._hedge is None:
                return await attempt()
            return await self._hedged(attempt, self._hedge, call, may_ask)
        except WORTH_A_RETRY as error:
            first = error
        if self._rule.attempts == 1:
            raise first
        return await self._retry(attempt, first, call, may_ask)

    async def _retry(
        self,
        attempt: Callable[[], Awaitable[ReplyT]],
        first: DepartmentError,
        call: Call,
        may_ask: Callable[[], bool],
    ) -> ReplyT:
        last, made = first, 0

        async def again() -> ReplyT:
            nonlocal last, made
            made += 1
            # Others may have spent the budget while this one waited.
            if made == 1 or not may_ask() or not self._budget.allows():
                raise last
            self._make_another()
            try:
                return await attempt()
            except DepartmentError as error:
                last = error
                raise

        were_all = stop_after_attempt(self._rule.attempts)
        would_be_late = stop_before_delay(max(call.left(), 0.0))

        def give_up(state: RetryCallState) -> bool:
            return were_all(state) or would_be_late(state) or not self._budget.allows()

        retrying = AsyncRetrying(
            stop=give_up,
            wait=wait_random_exponential(multiplier=self._rule.backoff, min=0),
            retry=retry_all(retry_if_exception_type(WORTH_A_RETRY), lambda _: may_ask()),
            reraise=True,
        )
        return await retrying(again)

    def _make_another(self) -> None:
        self._budget.spend()
        self._note_second()

    async def _hedged(
        self,
        attempt: Callable[[], Awaitable[ReplyT]],
        after: float,
        call: Call,
        may_ask: Callable[[], bool],
    ) -> ReplyT:
        """The first reply of two attempts; the error of the first when both fail."""
        first = asyncio.ensure_future(attempt())
        try:
            await asyncio.wait({first}, timeout=after)
            # What waits for the rate has no need of another that waits behind it.
            if first.done() or not call.was_asked or not may_ask() or not self._may_hedge():
                return await first
            self._make_another()
            hedge = asyncio.ensure_future(attempt())
            hedge.add_done_callback(lambda _: self._bulkhead.leave())
            return await _first_reply(first, hedge)
        finally:
            await _ended(first)

    def _may_hedge(self) -> bool:
        """Whether there is budget and a place for a hedge; the place is taken then."""
        return self._budget.allows() and self._bulkhead.enter_if_free()


async def _first_reply(first: "asyncio.Task[ReplyT]", hedge: "asyncio.Task[ReplyT]") -> ReplyT:
    waiting = {first, hedge}
    try:
        while waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                if each.exception() is None:
                    return each.result()
        return first.result()
    finally:
        await _ended(hedge)


async def _ended(attempt: "asyncio.Task[ReplyT]") -> None:
    """Cancels an attempt that is still under way, and waits until it has let go of everything."""
    attempt.cancel()
    await asyncio.gather(attempt, return_exceptions=True)
