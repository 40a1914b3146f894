"""Runs the calls to one department, within its limits.

    share → slot → retries and hedge → rate → maintenance → breaker → deadline → department

Each attempt passes the stages from `rate` on once, in this order. The department's health
(breaker, adaptive bulkhead, `hub status`) learns from every attempt that the department caused to
succeed or fail.
"""

import asyncio
import datetime as dt
import logging
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
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
from adapters.writes import WriteReply
from hub.link.breaker import Breaker, BreakerState
from hub.link.bulkhead import Bulkhead
from hub.link.errors import (
    LEAST_SHARE,
    DeadlineExceededError,
    DepartmentBusyError,
    too_late,
    without_frames,
)
from hub.link.maintenance import Maintenance, wall_clock
from hub.link.progress import Attempt, CallProgress
from hub.link.retries import Retries
from hub.link.shares import Shares
from hub.link.status import failed_status, replied_status
from hub.observe import DepartmentMetrics
from schema.errors import HubError
from schema.provenance import SourceStatus

log = logging.getLogger(__name__)

ReplyT = TypeVar("ReplyT", LookUpReply, SearchReply, WriteReply)
Send = Callable[[CallContext], Awaitable[ReplyT]]

QUEUE_PER_SLOT = 4
QUEUE_SHARE = 0.5
"""A call waits for a slot for at most this share of the department's deadline. The rest is enough
for the call itself, and calls that queue behind a hanging department do not all fail at once."""
SLOW_SHARE = 0.8
FAIR_SHARE = 0.5
"""An attempt that had less than this share of the department's deadline and timed out does not
count as the department's failure."""

CANCELLED = "cancelled"
"""Metric label of a call that no client waits for any more."""


class CallRunner:
    """Runs calls to one department.

    Args:
        department: identifier, for errors.
        limits: the limits in the manifest.
        maintenance: when the department is closed.
        metrics: the department's metrics.
        clock: monotonic clock in seconds, for the breaker.
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
            QUEUE_PER_SLOT * limits.concurrency if queue is None else queue,
            adaptive=limits.adaptive,
        )
        self._shares = Shares(department, self.bulkhead)
        rate = limits.rate
        self._rate = AsyncLimiter(rate.calls, rate.per) if rate is not None else None
        self._retries = Retries(limits.retries, limits.hedge, self.bulkhead, metrics.second_attempt)
        self.last_status: SourceStatus | None = None
        """State after the latest attempt; unaffected by what the hub refuses itself."""
        self.failing_since: dt.datetime | None = None
        """When the first attempt failed after the latest success; None if there is none."""

    async def run(self, send: Send[ReplyT], context: CallContext) -> ReplyT:
        """Return the reply to a read, which may be repeated.

        Args:
            send: makes one attempt at the department.
            context: its deadline may be later than the department's.

        Raises:
            DepartmentError: the call failed, or the hub did not make it.
            HubError: `BAD_USER_INPUT` from the adapter.
        """
        return await self._run(send, context, may_repeat=True)

    async def run_once(self, send: Send[ReplyT], context: CallContext) -> ReplyT:
        """Return the reply to a write: like `run`, but sent at most once."""
        return await self._run(send, context, may_repeat=False)

    async def _run(self, send: Send[ReplyT], context: CallContext, *, may_repeat: bool) -> ReplyT:
        loop = asyncio.get_running_loop()
        operation = context.operation
        if not self._shares.enter_if_free(operation):
            await self._shares.wait(operation, context.deadline)
        try:
            now = loop.time()
            context = self._within_deadline(context, now)
            await self._take_slot(context.deadline, now)
            try:
                call = CallProgress(context)
                attempt = partial(self._attempt, send, call)
                if not may_repeat:
                    return await attempt()
                return await self._retries.run(attempt, call, self._may_repeat)
            finally:
                self.bulkhead.leave()
        finally:
            self._shares.leave(operation)

    def _within_deadline(self, context: CallContext, now: float) -> CallContext:
        """Bound the call's deadline by the department's."""
        if context.deadline <= now:
            raise DeadlineExceededError(self._department)
        latest = now + self._deadline
        return context if context.deadline <= latest else replace(context, deadline=latest)

    async def _take_slot(self, deadline: float, now: float) -> None:
        if self.bulkhead.enter_if_free():
            return
        # Refuse at once a call that would be refused after the wait.
        self._maintenance.check()
        self.breaker.check()
        await self.bulkhead.wait(deadline, now + QUEUE_SHARE * self._deadline)

    def _may_repeat(self) -> bool:
        """Return whether a second attempt may be made; a probe of the breaker has none."""
        return self.breaker.state is BreakerState.CLOSED and self._maintenance.closure() is None

    async def _attempt(self, send: Send[ReplyT], call: CallProgress) -> ReplyT:
        attempt = await self._admit(call)
        call.was_sent = True
        if call.context.on_sent is not None:
            try:
                call.context.on_sent()
            except Exception:
                self.breaker.forget(attempt.permit)
                raise
        try:
            async with asyncio.timeout_at(call.context.deadline):
                reply = await send(call.context)
        except asyncio.CancelledError:
            self._abandon(attempt)
            raise
        except Exception as error:
            failure = self._fail(attempt, error)
        else:
            self._succeed(attempt, reply)
            return reply
        # Raised here, not in the handler: there it would refer to the error being handled.
        raise without_frames(failure)

    async def _admit(self, call: CallProgress) -> Attempt:
        """Wait until an attempt may be made; raise if the department must not be called."""
        try:
            await self._wait_for_rate(call.context.deadline)
            self._maintenance.check()
            return Attempt(call, self.breaker.admit(), asyncio.get_running_loop().time())
        except DepartmentError as error:
            # The department's own failure says more than the hub's refusal to try again.
            refusal = call.failure or error
        raise without_frames(refusal)

    async def _wait_for_rate(self, deadline: float) -> None:
        if self._rate is None:
            return
        try:
            async with asyncio.timeout_at(deadline):
                await self._rate.acquire()
        except TimeoutError:
            raise DepartmentBusyError(
                self._department,
                f"The hub did not call {self._department}: its limit of calls per time is used up.",
            ) from None

    def _succeed(self, attempt: Attempt, reply: LookUpReply | SearchReply | WriteReply) -> None:
        seconds = self._measure(attempt, "ok")
        attempt.call.has_reply = True
        self.breaker.record(attempt.permit, seconds, None)
        self.bulkhead.learn(began=attempt.started, well=seconds < self._slow)
        self.last_status = replied_status(self._department, reply)
        self.failing_since = None

    def _fail(self, attempt: Attempt, error: Exception) -> HubError:
        """Record a failed attempt; return the error of the call."""
        failure = self._failure_of(error)
        seconds = self._measure(attempt, failure.code)
        if not isinstance(failure, DepartmentError):
            self.breaker.forget(attempt.permit)
            return failure
        granted_share = attempt.granted / self._deadline
        timed_out = isinstance(failure, DepartmentTimeoutError)
        if timed_out and granted_share < LEAST_SHARE:
            self.breaker.forget(attempt.permit)
            late = DeadlineExceededError(self._department)
            # The attempt has left the hub, so a write may have had an effect.
            late.not_done = failure.not_done
            return attempt.call.failure or late
        if timed_out and granted_share < FAIR_SHARE:
            self.breaker.forget(attempt.permit)
        else:
            # A department that rejects an invalid call is healthy.
            refused = isinstance(failure, DepartmentRefusedError)
            self.breaker.record(attempt.permit, seconds, None if refused else failure)
            self.bulkhead.learn(began=attempt.started, well=refused and seconds < self._slow)
        attempt.call.failure = failure
        self._note_failure(failure)
        return failure

    def _failure_of(self, error: Exception) -> HubError:
        if isinstance(error, HubError):
            return error
        if isinstance(error, TimeoutError):
            return too_late(self._department)
        # The message is not logged: it may quote personal data of the reply.
        log.error(
            "unexpected %s while reading a reply of %s:\n%s",
            type(error).__name__,
            self._department,
            "".join(traceback.format_tb(error.__traceback__)),
        )
        return MalformedReplyError(
            self._department, f"{self._department} sent a reply that the hub cannot read."
        )

    def _abandon(self, attempt: Attempt) -> None:
        """Record an attempt that was cancelled: no client waits any more, or a hedge was faster.

        Without this, a department that hangs for longer than clients wait would never fail.
        """
        seconds = self._measure(attempt, CANCELLED)
        if attempt.call.has_reply or seconds < FAIR_SHARE * self._deadline:
            self.breaker.forget(attempt.permit)
            return
        failure = too_late(self._department)
        self.breaker.record(attempt.permit, seconds, failure)
        self.bulkhead.learn(began=attempt.started, well=False)
        self._note_failure(failure)

    def _note_failure(self, failure: DepartmentError) -> None:
        self.last_status = failed_status(failure)
        if self.failing_since is None:
            self.failing_since = wall_clock()

    def _measure(self, attempt: Attempt, outcome: str) -> float:
        """Count the attempt in the metrics; return how many seconds it took."""
        seconds = asyncio.get_running_loop().time() - attempt.started
        self._metrics.call(outcome, seconds)
        return seconds
