"""One call to a department: whether it may be made, when, how often, and what it teaches."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
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
from hub.link.breaker import Breaker
from hub.link.bulkhead import Bulkhead
from hub.link.maintenance import Maintenance
from hub.link.retries import Retries
from hub.observe import DepartmentMetrics
from schema.errors import HubError

log = logging.getLogger(__name__)

ReplyT = TypeVar("ReplyT", LookUpReply, SearchReply)
Ask = Callable[[CallContext], Awaitable[ReplyT]]

QUEUE_FOR_EACH_PLACE = 4
SLOW_SHARE = 0.8
FAIR_SHARE = 0.5
"""A call that had less than this share of the department's deadline says nothing against it."""


class Attempts:
    """Maintenance, breaker, bulkhead, rate, deadline and retry, in this order (`design.md` 6).

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
        self._retries = Retries(limits.retries, limits.hedge, metrics.second_attempt)

    async def run(self, ask: Ask[ReplyT], context: CallContext) -> ReplyT:
        """The department's reply to a read; raises `DepartmentError`, and never anything else."""
        return await self._guarded(ask, context, may_repeat=True)

    async def run_once(self, ask: Ask[ReplyT], context: CallContext) -> ReplyT:
        """The same for what must not happen twice, as a submission: never repeated."""
        return await self._guarded(ask, context, may_repeat=False)

    async def _guarded(self, ask: Ask[ReplyT], context: CallContext, *, may_repeat: bool) -> ReplyT:
        self._maintenance.check()
        context = self._bounded(context)
        self.breaker.admit()
        try:
            await self.bulkhead.enter(context.deadline)
        except BaseException:
            self.breaker.forget()
            raise
        started = asyncio.get_running_loop().time()
        try:
            if may_repeat:
                reply = await self._retries.run(lambda: self._attempt(ask, context))
            else:
                reply = await self._attempt(ask, context)
        except DepartmentError as error:
            self._learn(context, started, error)
            raise
        except BaseException:
            self.breaker.forget()
            raise
        finally:
            self.bulkhead.leave()
        self._learn(context, started, None)
        return reply

    def _bounded(self, context: CallContext) -> CallContext:
        """The client's time, and never more than the department's deadline."""
        latest = asyncio.get_running_loop().time() + self._deadline
        if context.deadline <= latest:
            return context
        return CallContext(context.correlation_id, latest, context.needed, context.scope)

    async def _attempt(self, ask: Ask[ReplyT], context: CallContext) -> ReplyT:
        """One attempt, in its time; whatever goes wrong becomes a `DepartmentError`."""
        department = self._department
        started = time.perf_counter()
        outcome = "ok"
        try:
            async with asyncio.timeout_at(context.deadline):
                if self._rate is not None:
                    await self._rate.acquire()
                return await ask(context)
        except TimeoutError:
            outcome = DepartmentTimeoutError.code_name
            raise DepartmentTimeoutError(
                department, f"{department} did not answer in time."
            ) from None
        except HubError as error:
            outcome = error.code
            raise
        except Exception as error:
            # A reply that no check foresaw must cost its own department's rows only.
            log.exception("unforeseen failure while reading a reply of %s", department)
            outcome = MalformedReplyError.code_name
            raise MalformedReplyError(
                department, f"{department} sent a reply that can't be read."
            ) from error
        finally:
            self._metrics.call(outcome, time.perf_counter() - started)

    def _learn(self, context: CallContext, started: float, error: DepartmentError | None) -> None:
        now = asyncio.get_running_loop().time()
        if isinstance(error, DepartmentRefusedError):
            # The question was wrong: the department is well.
            error = None
        hurried = context.deadline - started < FAIR_SHARE * self._deadline
        if isinstance(error, DepartmentTimeoutError) and hurried:
            self.breaker.forget()
            return
        self.breaker.record(now - started, error)
        self.bulkhead.learn(began=started, well=error is None and now - started < self._slow)
