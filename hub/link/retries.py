"""Second attempts of reads: retries with full jitter within a budget, and a hedge for slow calls.

tenacity waits and counts. It costs more than a fast call, so it is used only after the first
attempt has failed.
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
from hub.link.progress import CallProgress

ReplyT = TypeVar("ReplyT")

WORTH_A_RETRY = (DepartmentFaultError, DepartmentUnreachableError, MalformedReplyError)
"""Errors that may disappear within milliseconds. After a timeout there is no time for a retry."""

MOST_SAVED = 10.0


class Budget:
    """Bounds second attempts to a share of first attempts."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._saved = 0.0

    def note_call(self) -> None:
        """Count a first attempt: it adds a share of a second one to the budget."""
        self._saved = min(MOST_SAVED, self._saved + self._share)

    def allows(self) -> bool:
        """Return whether the budget has a second attempt."""
        return self._saved >= 1

    def spend(self) -> None:
        """Take a second attempt from the budget."""
        self._saved -= 1


class Retries:
    """Makes second attempts of reads.

    Args:
        rule: number of attempts, backoff and budget.
        hedge: seconds after which a slow call is sent again while the first attempt continues;
            never if None.
        bulkhead: a hedge takes a slot of its own, if one is free.
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
        call: CallProgress,
        may_repeat: Callable[[], bool],
    ) -> ReplyT:
        """Return the reply of the first attempt that succeeds.

        Args:
            attempt: makes one attempt.
            call: the state of the call.
            may_repeat: whether a second attempt may be made; not if the breaker has opened or the
                department has closed since.

        Raises:
            DepartmentError: the error of the last attempt.
        """
        self._budget.note_call()
        try:
            if self._hedge is None:
                return await attempt()
            return await self._hedged(attempt, self._hedge, call, may_repeat)
        except WORTH_A_RETRY as error:
            first = error
        if self._rule.attempts == 1:
            raise first
        return await self._retry(attempt, first, call, may_repeat)

    async def _retry(
        self,
        attempt: Callable[[], Awaitable[ReplyT]],
        first: DepartmentError,
        call: CallProgress,
        may_repeat: Callable[[], bool],
    ) -> ReplyT:
        last, made = first, 0

        async def repeat() -> ReplyT:
            nonlocal last, made
            made += 1
            # tenacity counts the first attempt, which was made already. Later, other calls may have
            # used the budget while this one waited.
            if made == 1 or not may_repeat() or not self._budget.allows():
                raise last
            self._spend()
            try:
                return await attempt()
            except DepartmentError as error:
                last = error
                raise

        no_attempts_left = stop_after_attempt(self._rule.attempts)
        time_left = call.context.deadline - asyncio.get_running_loop().time()
        too_late = stop_before_delay(max(time_left, 0.0))

        def give_up(state: RetryCallState) -> bool:
            return no_attempts_left(state) or too_late(state) or not self._budget.allows()

        retrying = AsyncRetrying(
            stop=give_up,
            wait=wait_random_exponential(multiplier=self._rule.backoff, min=0),
            retry=retry_all(retry_if_exception_type(WORTH_A_RETRY), lambda _: may_repeat()),
            reraise=True,
        )
        return await retrying(repeat)

    def _spend(self) -> None:
        self._budget.spend()
        self._note_second()

    async def _hedged(
        self,
        attempt: Callable[[], Awaitable[ReplyT]],
        after: float,
        call: CallProgress,
        may_repeat: Callable[[], bool],
    ) -> ReplyT:
        """Return the first reply of two attempts; raise the first attempt's error if both fail."""
        first = asyncio.ensure_future(attempt())
        try:
            await asyncio.wait({first}, timeout=after)
            # A hedge would only queue behind an attempt that still waits for the rate.
            if first.done() or not call.was_sent or not may_repeat() or not self._may_hedge():
                return await first
            self._spend()
            hedge = asyncio.ensure_future(attempt())
            hedge.add_done_callback(lambda _: self._bulkhead.leave())
            return await _first_reply(first, hedge)
        finally:
            await _ended(first)

    def _may_hedge(self) -> bool:
        """Return whether there is budget and a slot for a hedge; take the slot if so."""
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
    """Cancel an attempt that is still running, and wait until it has released its resources."""
    attempt.cancel()
    await asyncio.gather(attempt, return_exceptions=True)
