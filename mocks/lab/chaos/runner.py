"""Runs experiments one after another while the load continues."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from mocks.lab.chaos.experiments import KILL, Experiment
from mocks.lab.chaos.load import LoadClient
from mocks.lab.chaos.queries import LoadQuery
from mocks.lab.chaos.testbed import Testbed
from mocks.lab.console import LabError

PROBE_INTERVAL_SECONDS = 0.2
"""Time between two queries that test whether a department is back."""
PROOF_SECONDS = 1.0
PROOF_RESPONSES = 5
"""A department is back when its part is complete in all responses of `PROOF_SECONDS`, and in at
least `PROOF_RESPONSES` responses."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Durations of a run, in seconds.

    Attributes:
        calm: before the first fault.
        fault: duration of each fault.
        back_at_least: shortest calm after a fault, even if the department is back sooner.
        back_at_most: longest wait for the department. If it is not back by then, the experiment
            has failed.
        repeat_calm: replaces `back_at_least` when an experiment is repeated. The 95th percentile
            of a short calm depends on very few responses.
    """

    calm: float
    fault: float
    back_at_least: float
    back_at_most: float
    repeat_calm: float


FULL = Timing(calm=10.0, fault=8.0, back_at_least=1.5, back_at_most=20.0, repeat_calm=6.0)
QUICK = Timing(calm=5.0, fault=3.0, back_at_least=1.2, back_at_most=10.0, repeat_calm=1.2)


@dataclass(frozen=True, slots=True)
class ExperimentRun:
    """One run of an experiment. Times are seconds since the load began.

    Attributes:
        experiment: the fault and the department.
        start: when the fault was switched on.
        ending: when switching it off began. A killed mock starts again from here to `end`, which
            loads the processors.
        end: when the fault was off.
        until: when the next experiment began.
        calls: calls that the mock counted between `start` and `ending`; None for a killed mock.
    """

    experiment: Experiment
    start: float
    ending: float
    end: float
    until: float
    calls: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class ExperimentRunner:
    """Runs experiments. The load is sent by another task.

    Attributes:
        testbed: the mocks and the hub.
        client: sends the load; also tests whether a department is back.
        queries: queries for that test.
        on_progress: called with the name of the next experiment.
    """

    testbed: Testbed
    client: LoadClient
    queries: Sequence[LoadQuery]
    on_progress: Callable[[str], None]

    async def run(self, experiments: Iterable[Experiment], timing: Timing) -> list[ExperimentRun]:
        """Wait for the calm, then run each experiment until its department is back.

        Raises:
            LabError: if the hub has ended.
        """
        self.on_progress("calm")
        await asyncio.sleep(timing.calm)
        runs = []
        for experiment in experiments:
            if self.testbed.hub_has_ended():
                raise LabError("the hub has ended; its log contains the reason.")
            self.on_progress(f"{experiment.department}: {experiment.fault_name}")
            runs.append(await self._run_one(experiment, timing))
        return runs

    async def _run_one(self, experiment: Experiment, timing: Timing) -> ExperimentRun:
        control = self.testbed.control(experiment.department)
        await asyncio.to_thread(control.reset_calls)
        start = self.client.now()
        await asyncio.to_thread(self.testbed.begin, experiment)
        await asyncio.sleep(timing.fault)
        killed = experiment.fault_name == KILL
        calls = None if killed else await asyncio.to_thread(control.calls)
        ending = self.client.now()
        await asyncio.to_thread(self.testbed.end, experiment)
        end = self.client.now()
        await wait_until_back(experiment, start, end, timing, self.client, self.queries)
        return ExperimentRun(experiment, start, ending, end, self.client.now(), calls)


async def wait_until_back(
    experiment: Experiment,
    start: float,
    end: float,
    timing: Timing,
    client: LoadClient,
    queries: Sequence[LoadQuery],
) -> None:
    """Wait until the department is back, and send queries that need it meanwhile.

    An open circuit breaker tests the department with a query. The load alone needs some
    departments only once a second.

    Args:
        experiment: the fault and the department.
        start: when the fault began, in seconds since the load began.
        end: when the fault ended, in seconds since the load began.
        timing: shortest and longest wait.
        client: sends the queries.
        queries: the queries that need the fewest other departments are chosen from these.
    """
    probes = cycle(_narrowest_queries(experiment.department, queries))
    is_back = False
    while client.now() < end + (timing.back_at_least if is_back else timing.back_at_most):
        if not is_back:
            client.send_soon(next(probes))
        await asyncio.sleep(PROBE_INTERVAL_SECONDS)
        is_back = is_back or _is_back(experiment.department, start, end, client)


def _narrowest_queries(department: str, queries: Sequence[LoadQuery]) -> list[LoadQuery]:
    needing = [each for each in queries if department in each.departments]
    fewest = min(len(each.departments) for each in needing)
    return [each for each in needing if len(each.departments) == fewest]


def _is_back(department: str, start: float, end: float, client: LoadClient) -> bool:
    """Return whether the department's part is complete in the latest responses.

    A query without a response since `start` means no: its call still hangs, and can still open
    the circuit breaker.
    """
    if client.has_open_query(department, start):
        return False
    since = max(end, client.now() - PROOF_SECONDS)
    complete = 0
    for observation in reversed(client.observations):
        if observation.ended < since and (complete >= PROOF_RESPONSES or observation.ended < end):
            break
        if observation.started < end or department not in observation.query.departments:
            continue
        if not observation.is_complete_for(department):
            return False
        complete += 1
    return complete >= PROOF_RESPONSES
