"""The evaluation of a chaos run: every kind of problem is found, and nothing else."""

from dataclasses import replace

import pytest

from mocks.lab.chaos.evaluation import Evaluator, ExperimentResult
from mocks.lab.chaos.experiments import Experiment
from mocks.lab.chaos.latency import latency_of
from mocks.lab.chaos.load import Observation
from mocks.lab.chaos.process_monitor import ResourceReading
from mocks.lab.chaos.queries import LoadQuery
from mocks.lab.chaos.responses import Flaw
from mocks.lab.chaos.runner import ExperimentRun
from mocks.lab.chaos.soak import growth
from mocks.lab.chaos.spike import recovery_seconds

PENSIONS = LoadQuery("worklist", "pensions", b"", {}, frozenset({"pensions"}))
HELPDESK = LoadQuery("grievance", "helpdesk", b"", {}, frozenset({"helpdesk"}))
BOTH = LoadQuery("dashboard", "registry", b"", {}, frozenset({"pensions", "helpdesk"}))
RUN = ExperimentRun(Experiment("pensions", "hang"), 10.0, 20.0, 20.0, 30.0, None)
MISSING = Flaw("pensions", frozenset({"UNAVAILABLE"}))


def sent(query: LoadQuery, at: float, *flaws: Flaw, seconds: float = 0.01) -> Observation:
    return Observation(query, at, seconds, flaws)


CALM = [sent(each, at / 10) for at in range(100) for each in (PENSIONS, HELPDESK, BOTH)]
BACK = [sent(PENSIONS, 25.0)]


def evaluate(*observations: Observation) -> ExperimentResult:
    (result,) = Evaluator([*CALM, *observations, *BACK], [RUN]).results()
    return result


def test_a_missing_part_with_a_correct_state_is_no_problem() -> None:
    result = evaluate(
        sent(PENSIONS, 12.0, MISSING), sent(BOTH, 13.0, MISSING), sent(HELPDESK, 14.0)
    )
    assert result.problems == []
    assert (len(result.tally.dependent), result.tally.complete) == (2, 0)
    assert result.tally.reported == {"UNAVAILABLE": 2}


@pytest.mark.parametrize(
    ("observation", "problem"),
    [
        (sent(BOTH, 12.0, replace(MISSING, wrong=("made up",))), "1 rows are wrong"),
        (sent(BOTH, 12.0, Flaw("pensions", frozenset())), "reported wrongly, as nothing 1×"),
        (sent(BOTH, 12.0, Flaw("pensions", frozenset({"LIVE"}))), "reported wrongly, as LIVE 1×"),
        (
            sent(BOTH, 12.0, Flaw("helpdesk", frozenset({"UNAVAILABLE"}))),
            "1 parts of other departments are missing",
        ),
        (
            Observation(HELPDESK, 12.0, 0.01, (), "HTTP 503"),
            "queries without a response: HTTP 503 1×",
        ),
        (sent(HELPDESK, 12.0, seconds=0.2), "the p95 of other queries rose from 10 to 200 ms"),
    ],
)
def test_each_kind_of_problem_is_found(observation: Observation, problem: str) -> None:
    (found,) = evaluate(observation).problems
    assert problem in found


def test_a_small_increase_in_latency_is_allowed() -> None:
    assert evaluate(sent(HELPDESK, 12.0, seconds=0.0129)).problems == []


def runs_at(*seconds: float) -> list[ExperimentRun]:
    """Return repeated runs of one experiment, one second each."""
    return [replace(RUN, start=at, ending=at + 1, end=at + 1, until=at + 2) for at in seconds]


def test_a_slow_experiment_is_evaluated_over_all_its_runs() -> None:
    """One slow response among eleven is the 95th percentile of one run, but not of three."""
    starts = (10.0, 20.0, 30.0)
    fast = [sent(HELPDESK, at + index / 20) for at in starts for index in range(10)]
    slow = [sent(HELPDESK, at + 0.9, seconds=0.2) for at in starts]
    of_first = [each for each in [*fast, *slow] if each.started < 11]
    first = Evaluator([*CALM, *of_first, *BACK], runs_at(10.0))
    assert first.slow_experiments() == [RUN.experiment]
    for responses, expected in ((slow[:1], []), (slow, [RUN.experiment])):
        evaluator = Evaluator([*CALM, *fast, *responses], runs_at(*starts))
        assert evaluator.slow_experiments() == expected
        (result,) = evaluator.results()
        assert len(result.runs) == 3
        assert result.independent.fault.count == len(fast) + len(responses)
        assert result.independent.calm.count == 100


def test_queries_during_the_restart_of_a_mock_are_not_counted() -> None:
    killed = replace(RUN, ending=15.0)
    restarting = [sent(HELPDESK, at, seconds=0.2) for at in (15.5, 19.5)]
    (result,) = Evaluator([*CALM, sent(HELPDESK, 12.0), *restarting, *BACK], [killed]).results()
    assert result.independent.fault.count == 1
    assert result.independent.calm.count == 100


def test_calm_begins_when_the_department_is_back() -> None:
    after = [sent(HELPDESK, 26.0 + at / 10, seconds=0.03) for at in range(30)]
    result = evaluate(sent(PENSIONS, 24.0, MISSING), sent(HELPDESK, 24.5), *after)
    assert result.back_seconds == 5.0
    assert result.independent.calm.count == 100 + len(after)


def test_only_calm_close_to_the_fault_is_used() -> None:
    begin = 3600.0
    calm = [sent(HELPDESK, begin - 5 + at / 10, seconds=0.02) for at in range(40)]
    during = sent(HELPDESK, begin + 0.5, seconds=0.025)
    (result,) = Evaluator([*CALM, *calm, during], runs_at(begin)).results()
    assert (result.independent.calm.count, result.independent.growth) == (40, 1.25)
    assert not result.independent.is_slow


def test_queries_that_need_the_faulty_department_may_be_slow() -> None:
    assert evaluate(sent(BOTH, 12.0, MISSING, seconds=3.0)).problems == []


def test_a_query_sent_before_the_fault_may_be_affected_by_it() -> None:
    evaluator = Evaluator([*CALM, sent(BOTH, 9.9, MISSING, seconds=4.0)], [RUN])
    assert evaluator.calm_problems() == []


def test_a_part_missing_in_calm_is_a_problem() -> None:
    evaluator = Evaluator([*CALM, sent(BOTH, 5.0, MISSING)], [RUN])
    assert evaluator.calm_problems() == ["1 parts of other departments are missing"]


def test_back_is_the_first_query_after_the_last_missing_part() -> None:
    assert evaluate().back_seconds == 0.0
    late = evaluate(sent(PENSIONS, 21.0, MISSING), sent(BOTH, 22.0, MISSING), sent(PENSIONS, 22.5))
    assert late.back_seconds == 2.5
    never = evaluate(sent(PENSIONS, 26.0, MISSING))
    assert never.back_seconds is None
    assert never.problems == ["not back 10 s after the fault"]


def readings(*rss: float, files: int = 30) -> list[ResourceReading]:
    return [ResourceReading(float(at), each, files, 5, 4) for at, each in enumerate(rss)]


def test_growth_is_reported_and_noise_is_not() -> None:
    assert growth(readings(100, 120, 121, 122)) == []
    assert growth(readings(100, 120, 140, 160)) == ["the hub's memory grew from 120 to 160 MiB"]
    leaking = [*readings(100, 100, 100), replace(readings(100)[0], files=90, threads=9, tasks=99)]
    assert growth(leaking) == [
        "the number of files in the hub grew from 30 to 90",
        "the number of threads in the hub grew from 4 to 9",
        "the number of tasks in the hub grew from 0 to 99",
    ]


def test_the_hub_has_recovered_when_responses_stay_good() -> None:
    calm = latency_of([0.01] * 20)
    slow = [sent(HELPDESK, 100 + at / 5, seconds=2.0) for at in range(20)]
    good = [sent(HELPDESK, 104 + at / 5) for at in range(30)]
    assert recovery_seconds([*slow, *good], 100.0, calm) == 4.0
    assert recovery_seconds(good, 104.0, calm) == 0.0
    assert recovery_seconds(slow, 100.0, calm) is None
    assert recovery_seconds([*good, sent(HELPDESK, 104.5, MISSING)], 104.0, calm) == 1.0
