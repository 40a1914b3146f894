"""One call to a department: whether it may be made, when, how often, and what it teaches."""

import asyncio
import logging
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from aiolimiter import AsyncLimiter

from adapters.contract import (
    CallContext,
    DepartmentError,
    DepartmentRefusedError,
    DepartmentTimeoutError,
    LookUpReply,
    MalformedReplyError,
    SearchReply,
)
from adapters.manifest.limits import Limits
from hub.link.breaker import Breaker, BreakerState, Permit
from hub.link.bulkhead import Bulkhead
from hub.link.call import Answered, Attempt, Call
from hub.link.errors import (
    LEAST_SHARE,
    DeadlineExceededError,
    DepartmentBusyError,
    failed_status,
    without_frames,
)
from hub.link.maintenance import Maintenance
from hub.link.retries import Retries
from hub.observe import DepartmentMetrics
from schema.errors import HubError
from schema.provenance import SourceStatus

log = logging.getLogger(__name__)

ReplyT = TypeVar("ReplyT", LookUpReply, SearchReply)
Ask = Callable[[CallContext], Awaitable[ReplyT]]

QUEUE_FOR_EACH_PLACE = 4
QUEUE_SHARE = 0.5
"""Of a department's deadline a call waits at most this share for its place: what is left is time
enough to be answered, and those that wait for a department that hangs do not all give up in the
moment in which its calls do."""
SLOW_SHARE = 0.8
FAIR_SHARE = 0.5
"""A call that had less than this share of the department's deadline says nothing against it."""

CANCELLED = "cancelled"
"""Outcome of a call that nobody waits for any more."""


class Attempts:
    """Maintenance, breaker, bulkhead, deadline, retry and rate, in this order.

    Args:
        department: identifier, for errors.
        limits: the manifest's.
        maintenance: when the department is closed.
        metrics: the department's.
        clock: seconds, monotonic, for the breaker.
    """

    def __init__(
        self,
        department: str,
        limits: Limits,
        maintenance: Maintenance,
        metrics: DepartmentMetrics,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._department = department
        self._deadline = limits.deadline
        self._slow = limits.breaker.slow or SLOW_SHARE * limits.deadline
        self._maintenance = maintenance
        self._metrics = metrics
        self.breaker = Breaker(department, limits.breaker, self._slow, clock)
        queue = limits.queue
        self.bulkhead = Bulkhead(
            department,
            limits.concurrency,
            QUEUE_FOR_EACH_PLACE * limits.concurrency if queue is None else queue,
            adaptive=limits.adaptive,
        )
        rate = limits.rate
        self._rate = AsyncLimiter(rate.calls, rate.per) if rate is not None else None
        self._retries = Retries(limits.retries, limits.hedge, self.bulkhead, metrics.second_attempt)
        self.last: Answered | SourceStatus | None = None
        """How the department did when it was asked last; what the hub decides alone is not here."""

    async def run(self, ask: Ask[ReplyT], context: CallContext) -> ReplyT:
        """The department's reply to a read; raises `DepartmentError`, and never anything else."""
        return await self._guarded(ask, context, may_repeat=True)

    async def run_once(self, ask: Ask[ReplyT], context: CallContext) -> ReplyT:
        """The same for what must not happen twice, as a submission: never repeated."""
        return await self._guarded(ask, context, may_repeat=False)

    async def _guarded(self, ask: Ask[ReplyT], context: CallContext, *, may_repeat: bool) -> ReplyT:
        self._maintenance.check()
        if context.deadline <= asyncio.get_running_loop().time():
            raise DeadlineExceededError(self._department)
        context = self._bounded(context)
        permit = self.breaker.admit()
        try:
            latest = asyncio.get_running_loop().time() + QUEUE_SHARE * self._deadline
            await self.bulkhead.enter(min(context.deadline, latest))
        except BaseException:
            self.breaker.forget(permit)
            raise
        try:
            permit = self._admit_again(permit)
            return await self._judged(permit, ask, context, may_repeat=may_repeat)
        finally:
            self.bulkhead.leave()

    def _admit_again(self, permit: Permit) -> Permit:
        """While the call waited, the department may have been closed, or the breaker opened."""
        try:
            self._maintenance.check()
        except BaseException:
            self.breaker.forget(permit)
            raise
        return self.breaker.admit_again(permit)

    def _bounded(self, context: CallContext) -> CallContext:
        """The client's time, and never more than the department's deadline."""
        latest = asyncio.get_running_loop().time() + self._deadline
        if context.deadline <= latest:
            return context
        return replace(context, deadline=latest)

    async def _judged(
        self, permit: Permit, ask: Ask[ReplyT], context: CallContext, *, may_repeat: bool
    ) -> ReplyT:
        """The reply; whatever comes of the call, the breaker and the bulkhead hear of it."""
        call = Call(context.deadline)
        began = asyncio.get_running_loop().time()

        async def attempt() -> ReplyT:
            return await self._recorded(permit, ask, context, call)

        try:
            if may_repeat:
                reply = await self._retries.run(
                    attempt, call, may_ask=lambda: self._may_ask(permit)
                )
            else:
                reply = await attempt()
        except DepartmentError as error:
            if call.failure is not None:
                self.last = failed_status(call.failure)
            if call.is_recorded:
                well = isinstance(error, DepartmentRefusedError) and call.seconds < self._slow
                self.bulkhead.learn(began=began, well=well)
            raise
        except asyncio.CancelledError:
            # The clients' time is over, and the department has had its own.
            if not call.is_recorded and call.seconds >= FAIR_SHARE * self._deadline:
                failure = self._too_late()
                self.last = failed_status(failure)
                self._record_failure(permit, call, failure, call.seconds)
                self.bulkhead.learn(began=began, well=False)
            raise
        finally:
            if not call.is_recorded:
                self.breaker.forget(permit)
        self.last = Answered(reply.retrieved_at, reply.latency_ms)
        self.bulkhead.learn(began=began, well=call.seconds < self._slow)
        return reply

    def _may_ask(self, permit: Permit) -> bool:
        """Whether a second attempt may be made: probes are few by design, and have none."""
        return (
            self.breaker.state is BreakerState.CLOSED
            and self.breaker.holds(permit)
            and self._maintenance.closure() is None
        )

    async def _recorded(
        self, permit: Permit, ask: Ask[ReplyT], context: CallContext, call: Call
    ) -> ReplyT:
        """One attempt. Each counts: not every caller asks a dying department a second time."""
        attempt = Attempt()
        try:
            await self._wait_for_rate(permit, context.deadline)
            reply = await self._attempt(ask, context, call, attempt)
        except DepartmentError as error:
            failure = self._heard(permit, call, attempt, error)
        else:
            call.is_recorded = True
            self.breaker.record(permit, attempt.seconds, None)
            return reply
        finally:
            call.seconds = max(call.seconds, attempt.seconds)
        raise without_frames(failure)

    def _heard(
        self, permit: Permit, call: Call, attempt: Attempt, error: DepartmentError
    ) -> DepartmentError:
        """Takes note of an attempt that failed; what there is to tell of the call."""
        if not attempt.was_asked or isinstance(error, DeadlineExceededError):
            # The hub itself had no room or time for it: an earlier attempt's failure tells more.
            return call.failure or error
        if self._tells_of_department(attempt, error):
            self._record_failure(permit, call, error, attempt.seconds)
        call.failure = error
        return error

    def _record_failure(
        self, permit: Permit, call: Call, error: DepartmentError, seconds: float
    ) -> None:
        call.is_recorded = True
        # One that refuses a question is well: the question was wrong.
        refused = isinstance(error, DepartmentRefusedError)
        self.breaker.record(permit, seconds, None if refused else error)

    async def _attempt(
        self, ask: Ask[ReplyT], context: CallContext, call: Call, attempt: Attempt
    ) -> ReplyT:
        """Asks, in its time; whatever goes wrong becomes a `DepartmentError`."""
        department = self._department
        left = context.deadline - asyncio.get_running_loop().time()
        if left <= 0:
            raise DeadlineExceededError(department)
        attempt.granted = left
        hurried = left < LEAST_SHARE * self._deadline
        call.was_asked = True
        started = time.perf_counter()
        outcome = CANCELLED
        try:
            async with asyncio.timeout_at(context.deadline):
                reply = await ask(context)
            outcome = "ok"
            return reply
        except TimeoutError:
            outcome = DepartmentTimeoutError.code_name
            raise (DeadlineExceededError(department) if hurried else self._too_late()) from None
        except HubError as error:
            outcome = error.code
            raise
        except Exception as error:
            # A reply that no check foresaw must cost its own department's rows only. The message
            # is not logged: it may quote what the department holds of a person.
            log.error(
                "unforeseen %s while reading a reply of %s:\n%s",
                type(error).__name__,
                department,
                "".join(traceback.format_tb(error.__traceback__)),
            )
            outcome = MalformedReplyError.code_name
            raise MalformedReplyError(
                department, f"{department} sent a reply that can't be read."
            ) from error
        finally:
            attempt.seconds = time.perf_counter() - started
            self._metrics.call(outcome, attempt.seconds)

    async def _wait_for_rate(self, permit: Permit, deadline: float) -> None:
        """Raises what is told of the department when it must not be asked any more after that."""
        if self._rate is None:
            return
        try:
            async with asyncio.timeout_at(deadline):
                await self._rate.acquire()
        except TimeoutError:
            raise DepartmentBusyError(
                self._department,
                f"{self._department} allows no more questions in so short a time.",
            ) from None
        self._maintenance.check()
        if not self.breaker.holds(permit) and (refusal := self.breaker.refusal()) is not None:
            raise refusal

    def _too_late(self) -> DepartmentTimeoutError:
        return DepartmentTimeoutError(
            self._department, f"{self._department} did not answer in time."
        )

    def _tells_of_department(self, attempt: Attempt, error: DepartmentError) -> bool:
        hurried = attempt.granted < FAIR_SHARE * self._deadline
        return not (hurried and isinstance(error, DepartmentTimeoutError))
