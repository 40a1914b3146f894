"""An adapter that follows a test's script, and a link over it with clocks that the test sets."""

import asyncio
import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from adapters.contract import (
    CallContext,
    Capability,
    DepartmentError,
    DepartmentFaultError,
    LookUpReply,
    Rows,
    SearchReply,
)
from adapters.manifest.limits import Limits, MaintenanceWindow
from adapters.writes import Misfit, WriteCapability, WriteReply, WriteRequest
from hub.link import DepartmentLink
from hub.link.cache import CopyStore
from hub.link.call_runner import CallRunner
from hub.link.department_link import IST
from hub.link.maintenance import Maintenance
from hub.observe import Metrics
from schema.application import Application
from schema.language import Text
from schema.provenance import Origin, SourceState
from schema.status import ApplicationStatus, DepartmentStatus
from tests.link.stage_clock import StageClock
from tests.support.calls import call_context

APPLICATIONS = Capability.APPLICATIONS_BY_CITIZEN


def fault() -> DepartmentFaultError:
    return DepartmentFaultError("pensions", "pensions reports a failure.")


def application_of(number: str, at: dt.datetime) -> Application:
    """Return the only application of a made-up citizen with this number."""
    return Application(
        application_reference_number=f"SJE-{number}",
        application_status=ApplicationStatus.UNDER_PROCESS,
        department_status=DepartmentStatus(code="02", label=Text("In process")),
        department_identifier="pensions",
        applicant_key=number,
        origin=Origin("pensions", "scripted", at, 1, "test"),
    )


class ScriptedAdapter:
    """Answers each call as the next link of the script says, then as the last one does.

    A link of the script is an error to raise, seconds to take, or None to answer at once.
    """

    department = "pensions"
    capabilities = frozenset(Capability)
    writes = frozenset(WriteCapability)

    def __init__(self, clock: StageClock, *, keys_at_once: int = 50) -> None:
        self._clock = clock
        self._keys_at_once = keys_at_once
        self.script: list[Exception | float | None] = [None]
        self.state = SourceState.LIVE
        self.calls: list[tuple[Capability | WriteCapability, tuple[str, ...], CallContext]] = []
        self.under_way = 0
        self.most_under_way = 0
        self.cancelled = 0
        self.opened = self.closed = False

    def keys_at_once(self, capability: Capability) -> int:
        return self._keys_at_once

    async def look_up(
        self, capability: Capability, keys: Sequence[str], context: CallContext
    ) -> LookUpReply:
        await self._play(capability, tuple(keys), context)
        now = self._clock.now()
        rows = {key: Rows([application_of(key, now)], (), key, state=self.state) for key in keys}
        return LookUpReply(rows, 1, now)

    async def search(
        self, capability: Capability, criteria: Mapping[str, object], context: CallContext
    ) -> SearchReply:
        await self._play(capability, (), context)
        return SearchReply(Rows(()), 0, 1, self._clock.now())

    def misfits(
        self,
        service_code: str,
        values: Mapping[str, object],
        facts: Mapping[str, object],
        capability: WriteCapability = WriteCapability.SUBMIT_APPLICATION,
    ) -> Sequence[Misfit]:
        return ()

    async def write(
        self, capability: WriteCapability, request: WriteRequest, context: CallContext
    ) -> WriteReply:
        await self._play(capability, (request.receipt,), context)
        return WriteReply("SJE-1", None, True, False, 1, self._clock.now())

    async def _play(
        self, capability: Capability | WriteCapability, keys: tuple[str, ...], context: CallContext
    ) -> None:
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        self.calls.append((capability, keys, context))
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            if isinstance(step, Exception):
                raise step
            if step is not None:
                await asyncio.sleep(step)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.under_way -= 1

    async def open(self) -> None:
        self.opened = True

    async def erase(self, numbers: Collection[str]) -> int:
        return 0

    async def close(self) -> None:
        self.closed = True


HANG: float = 3600


class Stage:
    """A link over a scripted adapter, with its clocks and metrics."""

    def __init__(
        self,
        *,
        windows: Sequence[MaintenanceWindow] = (),
        keys_at_once: int = 50,
        copies: CopyStore | None = None,
        **limits: Any,
    ) -> None:
        self.clock = StageClock()
        self.adapter = ScriptedAdapter(self.clock, keys_at_once=keys_at_once)
        self.metrics = Metrics()
        self.link = DepartmentLink(
            self.adapter,
            Limits.model_validate({"deadline": "2s", **limits}),
            self.metrics.department("pensions"),
            windows=windows,
            copies=copies,
            clock=self.clock.now,
            monotonic=self.clock.monotonic,
        )

    async def look_up(self, *keys: str, seconds: float = 10, **context: Any) -> LookUpReply:
        return await self.link.look_up(APPLICATIONS, keys, call_context(seconds, **context))

    async def outcome(self, *keys: str, **context: Any) -> str:
        """Look up the keys; return `ok` or the code of the error."""
        try:
            await self.look_up(*keys, **context)
        except DepartmentError as error:
            return error.code
        return "ok"

    def measured(self, name: str, **labels: str) -> float:
        value = self.metrics.registry.get_sample_value(name, {"department": "pensions", **labels})
        return value or 0.0

    def is_idle(self) -> bool:
        """Return whether no slot is taken, no call waits and none runs."""
        return (self.link.in_flight, self.link.waiting, self.adapter.under_way) == (0, 0, 0)


def call_runner(**limits: Any) -> CallRunner:
    """Return the call runner of a link, without cache and coalescing."""
    clock = StageClock()
    return CallRunner(
        "pensions",
        Limits.model_validate(limits),
        Maintenance("pensions", (), IST, clock.now),
        Metrics().department("pensions"),
        clock.monotonic,
    )


async def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds; fail after two seconds."""
    async with asyncio.timeout(2):
        while not condition():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.001)
