"""Evaluates a chaos run: was each failure reported correctly, and contained in its department?"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from mocks.lab.chaos.experiments import Experiment
from mocks.lab.chaos.latency import LatencyChange, latency_of
from mocks.lab.chaos.load import Observation
from mocks.lab.chaos.responses import Flaw
from mocks.lab.chaos.runner import ExperimentRun

SETTLING_SECONDS = 0.5
"""Queries sent within this time after a department is back do not count as calm."""
NEAR_SECONDS = 30.0
"""Calm is measured within this time before and after a fault, because the speed of a machine
changes within minutes."""
EXAMPLES = 5


@dataclass(slots=True)
class ExperimentTally:
    """Counts for one experiment, or for the calm.

    Attributes:
        dependent: queries that need the faulty department, sent during the fault.
        complete: how many of them have the department's complete part.
        reported: missing parts that were reported with a correct state, by state.
        misreported: missing parts that were not reported, or with a wrong state, by state.
        independent: queries that do not need the department, sent during the fault.
        lost: missing parts of departments without a fault.
        unanswered: queries without any response, by reason.
        wrong: number of wrong rows.
        examples: sentences about the first few problems.
    """

    dependent: list[Observation] = field(default_factory=list)
    complete: int = 0
    reported: Counter[str] = field(default_factory=Counter)
    misreported: Counter[str] = field(default_factory=Counter)
    independent: list[Observation] = field(default_factory=list)
    lost: int = 0
    unanswered: Counter[str] = field(default_factory=Counter)
    wrong: int = 0
    examples: list[str] = field(default_factory=list)

    def add_example(self, sentence: str) -> None:
        if len(self.examples) < EXAMPLES and sentence not in self.examples:
            self.examples.append(sentence)

    def add_flaw(
        self, flaw: Flaw, allowed: dict[str, frozenset[str]], observation: Observation
    ) -> None:
        """Count one flaw.

        Args:
            flaw: the flaw.
            allowed: states that may be reported for each faulty department.
            observation: the query that has the flaw.
        """
        kind, states = observation.query.kind, ", ".join(sorted(flaw.states)) or "nothing"
        if flaw.wrong:
            self.wrong += len(flaw.wrong)
            for sentence in flaw.wrong:
                self.add_example(f"{kind}: {sentence} ({flaw.department})")
        elif flaw.department not in allowed:
            self.lost += 1
            self.add_example(f"{kind}: {flaw.department} is missing, reported as {states}")
        elif correct := flaw.states & allowed[flaw.department]:
            self.reported[min(correct)] += 1
        else:
            self.misreported[states] += 1

    def problems(self) -> list[str]:
        """Return one sentence for each kind of problem."""
        found: list[str] = []
        if self.wrong:
            found.append(f"{self.wrong:,} rows are wrong")
        if self.misreported:
            found.append(f"missing rows are reported wrongly, as {_counts(self.misreported)}")
        if self.lost:
            found.append(f"{self.lost:,} parts of other departments are missing")
        if self.unanswered:
            found.append(f"queries without a response: {_counts(self.unanswered)}")
        return found


@dataclass(frozen=True, slots=True)
class ExperimentResult:
    """The result of all runs of one experiment.

    Attributes:
        experiment: the fault and the department.
        runs: when it was run.
        tally: counts.
        dependent: latency of queries that need the department.
        independent: latency of queries that do not need it.
        back_seconds: longest time from the end of the fault until the department's part was
            complete in all responses; None if it did not come back.
        problems: one sentence for each problem; empty if the experiment succeeded.
    """

    experiment: Experiment
    runs: Sequence[ExperimentRun]
    tally: ExperimentTally
    dependent: LatencyChange
    independent: LatencyChange
    back_seconds: float | None
    problems: Sequence[str]


class Evaluator:
    """Evaluates a run.

    Args:
        observations: all queries.
        runs: the runs of experiments, in the order of time.
    """

    def __init__(self, observations: Sequence[Observation], runs: Sequence[ExperimentRun]) -> None:
        self._runs = runs
        self._starts = [run.start for run in runs]
        self._calm_tally = ExperimentTally()
        self._tallies: dict[Experiment, ExperimentTally] = {
            run.experiment: ExperimentTally() for run in runs
        }
        self._independent: list[list[float]] = [[] for _ in runs]
        self._back = [_back_seconds(run, observations) for run in runs]
        self._settled = [_settled(*each) for each in zip(runs, self._back, strict=True)]
        self._calm: list[Observation] = []
        for observation in observations:
            self._add(observation)
        self._calm.sort(key=lambda each: each.started)

    def _add(self, observation: Observation) -> None:
        index = bisect_right(self._starts, observation.started) - 1
        in_run = index >= 0 and observation.started < self._runs[index].until
        tally = self._tallies[self._runs[index].experiment] if in_run else self._calm_tally
        allowed = self._allowed_states(observation)
        if not allowed:
            self._calm.append(observation)
        if in_run and observation.started < self._runs[index].end:
            department = self._runs[index].experiment.department
            if department in observation.query.departments:
                tally.dependent.append(observation)
                tally.complete += observation.is_complete_for(department)
            elif observation.started < self._runs[index].ending:
                tally.independent.append(observation)
                self._independent[index].append(observation.seconds)
        if observation.failure is not None:
            tally.unanswered[observation.failure] += 1
        for flaw in observation.flaws:
            tally.add_flaw(flaw, allowed, observation)

    def _allowed_states(self, observation: Observation) -> dict[str, frozenset[str]]:
        """Return the states that the response may report, by faulty department.

        A department counts as faulty until it is back, if that overlaps with the query.
        """
        last = bisect_right(self._starts, observation.ended)
        first = max(0, bisect_right(self._starts, observation.started) - 1)
        allowed: dict[str, frozenset[str]] = {}
        for index in range(first, last):
            if self._settled[index] > observation.started:
                experiment = self._runs[index].experiment
                states = experiment.fault.states | allowed.get(experiment.department, frozenset())
                allowed[experiment.department] = states
        return allowed

    def results(self) -> list[ExperimentResult]:
        """Return the result of each experiment, in the order of their first runs."""
        return [self._result(experiment, tally) for experiment, tally in self._tallies.items()]

    def slow_experiments(self) -> list[Experiment]:
        """Return the experiments that slowed independent queries more than allowed."""
        return [each.experiment for each in self.results() if each.independent.is_slow]

    def calm_problems(self) -> list[str]:
        """Return one sentence for each problem while no department was faulty."""
        return self._calm_tally.problems()

    def _result(self, experiment: Experiment, tally: ExperimentTally) -> ExperimentResult:
        indexes = [index for index, run in enumerate(self._runs) if run.experiment == experiment]
        department = experiment.department
        dependent = LatencyChange(
            latency_of(each.seconds for each in self._calm if department in each.query.departments),
            latency_of(each.seconds for each in tally.dependent),
        )
        independent = LatencyChange(
            latency_of(
                each.seconds
                for each in self._calm_near(indexes)
                if department not in each.query.departments
            ),
            latency_of(seconds for index in indexes for seconds in self._independent[index]),
        )
        back = [self._back[index] for index in indexes]
        problems = tally.problems()
        if independent.is_slow:
            calm, fault = independent.calm.p95_ms, independent.fault.p95_ms
            problems.append(f"the p95 of other queries rose from {calm:.0f} to {fault:.0f} ms")
        if None in back:
            waited = max(self._runs[index].until - self._runs[index].end for index in indexes)
            problems.append(f"not back {waited:.0f} s after the fault")
        return ExperimentResult(
            experiment=experiment,
            runs=[self._runs[index] for index in indexes],
            tally=tally,
            dependent=dependent,
            independent=independent,
            back_seconds=None if None in back else max(filter(None, back), default=0.0),
            problems=problems,
        )

    def _calm_near(self, indexes: Sequence[int]) -> Iterable[Observation]:
        """Return the observations in the calm around these runs, each once."""
        near: set[int] = set()
        for index in indexes:
            run = self._runs[index]
            begin, end = (
                bisect_left(self._calm, moment, key=lambda each: each.started)
                for moment in (run.start - NEAR_SECONDS, run.until + NEAR_SECONDS)
            )
            near.update(range(begin, end))
        return (self._calm[position] for position in near)


def _back_seconds(run: ExperimentRun, observations: Sequence[Observation]) -> float | None:
    department = run.experiment.department
    after = sorted(
        (each.started, each.is_complete_for(department))
        for each in observations
        if run.end <= each.started < run.until and department in each.query.departments
    )
    incomplete = [index for index, (_, complete) in enumerate(after) if not complete]
    if not incomplete:
        return 0.0 if after else None
    if incomplete[-1] == len(after) - 1:
        return None
    return after[incomplete[-1] + 1][0] - run.end


def _settled(run: ExperimentRun, back_seconds: float | None) -> float:
    """Return the time from which queries count as calm again."""
    if back_seconds is None:
        return run.until
    return min(run.until, run.end + back_seconds + SETTLING_SECONDS)


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}×" for name, count in counter.items())
