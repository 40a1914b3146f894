"""The link to one department: all stages between federation and the department's adapter.

    cache → coalescing → share → slot (bulkhead) → retries → rate → maintenance → breaker → adapter

Each stage has its own settings in the manifest (`limits`). A look-up passes through all of them. A
search has no keys, so it is neither cached nor coalesced. A write is sent at most once: it passes
share, slot, rate, maintenance and breaker only.

Background: docs/decisions/0008-the-link.md.
"""

import datetime as dt
import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from adapters.batches import look_up_in_batches
from adapters.contract import (
    Adapter,
    CallContext,
    Capability,
    DepartmentError,
    LookUp,
    LookUpReply,
    Rows,
    SearchReply,
)
from adapters.manifest.limits import Limits, MaintenanceWindow
from adapters.writes import Misfit, WriteCapability, WriteReply, WriteRequest
from hub.link.cache import Cache, CopyStore, InProcessCopies
from hub.link.call_runner import CallRunner
from hub.link.caller_input import check_criteria, may_exist
from hub.link.coalescing import Coalescing
from hub.link.maintenance import Maintenance, wall_clock
from hub.link.status import failed_status
from hub.observe import DepartmentMetrics
from schema.errors import HubError
from schema.provenance import CircuitState, LinkState, SourceStatus

log = logging.getLogger(__name__)

IST = ZoneInfo("Asia/Kolkata")
UNCACHED = frozenset(
    {
        Capability.DOCUMENTS_BY_CERTIFICATE,
        Capability.FIND_SUBMISSION,
        Capability.FIND_GRIEVANCE,
    }
)
"""Files are large, and each is read rarely. Whether a submission has arrived must be current."""


class DepartmentLink:
    """Calls one department within its limits.

    Args:
        adapter: the department's adapter; the link opens and closes it.
        limits: the limits in the manifest.
        metrics: the department's metrics.
        windows: when the department is closed.
        zone: the department's time zone.
        copies: store of cached copies; in this process if None. Unused without `limits.cache`.
        clock: returns the current time with its zone.
        monotonic: clock in seconds that never goes back.
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
        self._calls = CallRunner(self.department, limits, self.maintenance, metrics, monotonic)
        self._look_up: LookUp = self._call
        self._coalescing = Coalescing(
            self.department,
            limits.deadline,
            self._look_up,
            metrics.coalesced,
            joins_all=limits.coalesce,
        )
        self._look_up = self._coalescing.look_up
        self._uncached = self._look_up
        self._cache: Cache | None = None
        if limits.cache is not None:
            store = copies or InProcessCopies(limits.cache.entries, monotonic)
            self._cache = Cache(limits.cache, store, self._look_up, metrics.copies, clock)
            self._look_up = self._cache.look_up
        metrics.watch(self)

    async def open(self) -> None:
        """Open the adapter."""
        await self._adapter.open()

    async def replace_adapter(self, adapter: Adapter) -> Adapter:
        """Open another adapter of the department, and send all new calls to it.

        Returns: the adapter until now. Close it when its running calls have ended.
        """
        await adapter.open()
        previous, self._adapter = self._adapter, adapter
        return previous

    async def look_up(
        self, capability: Capability, keys: Sequence[str], context: CallContext
    ) -> LookUpReply:
        """Return the rows for each key. A key that no record can have gets none, without a call.

        Raises:
            DepartmentError: no key could be looked up.
        """
        look_up = self._look_up if capability not in UNCACHED else self._uncached
        sent = [key for key in keys if may_exist(key)]
        if len(sent) == len(keys):
            return await look_up(capability, keys, context)
        others: dict[str, Rows | DepartmentError] = {
            key: Rows((), (), key) for key in keys if not may_exist(key)
        }
        if not sent:
            return LookUpReply(others, 0, dt.datetime.now(dt.UTC))
        reply = await look_up(capability, sent, context)
        return replace(reply, results={**reply.results, **others})

    async def search(
        self, capability: Capability, criteria: Mapping[str, object], context: CallContext
    ) -> SearchReply:
        """Return one page of the rows that match the criteria.

        Raises:
            DepartmentError: the call failed, or the hub did not make it.
            HubError: `BAD_USER_INPUT`, the department cannot use these criteria.
        """
        check_criteria(criteria)

        async def send(context: CallContext) -> SearchReply:
            return await self._adapter.search(capability, criteria, context)

        return await self._calls.run(send, context)

    @property
    def writes(self) -> frozenset[WriteCapability]:
        """The writes that the department accepts."""
        return self._adapter.writes

    def misfits(
        self,
        service_code: str,
        values: Mapping[str, object],
        facts: Mapping[str, object],
        capability: WriteCapability = WriteCapability.SUBMIT_APPLICATION,
    ) -> Sequence[Misfit]:
        """Return the values that the department does not take; see `Adapter.misfits`."""
        return self._adapter.misfits(service_code, values, facts, capability)

    async def write(
        self, capability: WriteCapability, request: WriteRequest, context: CallContext
    ) -> WriteReply:
        """Send a write, at most once. There are no retries and no hedge.

        After a write that may have had an effect, the hub's copies of the citizen's rows are
        deleted, so that the next look-up shows it.

        Args:
            context: its `on_sent` is called just before the write is sent. If it was not called,
                the department has received nothing.

        Raises:
            DepartmentError: the department did not confirm the write. `not_done` says whether it
                certainly had no effect.
        """

        async def send(context: CallContext) -> WriteReply:
            return await self._adapter.write(capability, request, context)

        try:
            reply = await self._calls.run_once(send, context)
        except DepartmentError as error:
            if not error.not_done:
                await self._forget_copies(request)
            raise
        await self._forget_copies(request)
        return reply

    async def _forget_copies(self, request: WriteRequest) -> None:
        """Delete the hub's copies of the citizen's rows. Stored rows of files are kept."""
        self._coalescing.forget()
        numbers = {request.citizen, request.reference} - {None, ""}
        if self._cache is None or not numbers:
            return
        try:
            await self._cache.erase([number for number in numbers if number])
        except HubError as error:
            # The copies show the write when they are refreshed.
            log.warning("copies of %s could not be deleted: %s", self.department, error.code)

    async def _call(
        self, capability: Capability, keys: Sequence[str], context: CallContext
    ) -> LookUpReply:
        """Call the department, once for each batch."""

        async def look_up(batch: Sequence[str]) -> LookUpReply:
            async def send(context: CallContext) -> LookUpReply:
                return await self._adapter.look_up(capability, batch, context)

            return await self._calls.run(send, context)

        size = self._adapter.keys_at_once(capability)
        return await look_up_in_batches(look_up, keys, size)

    def status(self) -> SourceStatus | None:
        """Return the department's current state; None if it is open and was not called yet."""
        closure = self.maintenance.closure()
        if closure is not None:
            return failed_status(self.maintenance.error(closure))
        refusal = self._calls.breaker.refusal()
        if refusal is not None:
            return failed_status(refusal)
        return self._calls.last_status

    def state(self) -> LinkState:
        """Return what operators need to know, and since when the department is missing."""
        closure = self.maintenance.closure()
        return LinkState(
            CircuitState[self._calls.breaker.state.name],
            self.in_flight,
            self.waiting,
            closure.since if closure is not None else self._calls.failing_since,
        )

    @property
    def breaker(self) -> str:
        """The breaker's state: closed, open or half-open."""
        return self._calls.breaker.state.value

    @property
    def in_flight(self) -> int:
        """Number of calls that run."""
        return self._calls.bulkhead.in_flight

    @property
    def waiting(self) -> int:
        """Number of calls that wait for a slot."""
        return self._calls.bulkhead.waiting

    def reopen(self) -> None:
        """End a pause, and close the breaker."""
        self.maintenance.resume()
        self._calls.breaker.reset()

    async def erase(self, numbers: Collection[str]) -> int:
        """Delete all copies and stored rows of citizens with one of these numbers.

        Returns: how many were deleted.

        Raises:
            HubError: `STORE_UNAVAILABLE`, the shared copies cannot be reached.
        """
        self._coalescing.forget()
        stored = await self._adapter.erase(numbers)
        return stored + (await self._cache.erase(numbers) if self._cache is not None else 0)

    async def close(self) -> None:
        """Cancel running calls and close the adapter."""
        if self._cache is not None:
            await self._cache.close()
        await self._coalescing.close()
        await self._adapter.close()
