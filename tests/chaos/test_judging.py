"""The judge: each thing that should not be is held against the hub, and nothing else is."""

from dataclasses import replace

import pytest

from hub.cli.chaos.answers import Flaw
from hub.cli.chaos.cases import Case
from hub.cli.chaos.conducting import Span
from hub.cli.chaos.judging import Judge, Verdict
from hub.cli.chaos.load import Observation
from hub.cli.chaos.pace import latency_of
from hub.cli.chaos.questions import Question
from hub.cli.chaos.soak import growth
from hub.cli.chaos.spike import recovery_seconds
from hub.cli.chaos.watching import Reading

PENSIONS = Question("worklist", "pensions", b"", {}, frozenset({"pensions"}))
HELPDESK = Question("grievance", "helpdesk", b"", {}, frozenset({"helpdesk"}))
BOTH = Question("dashboard", "registry", b"", {}, frozenset({"pensions", "helpdesk"}))
SPAN = Span(Case("pensions", "hang"), 10.0, 20.0, 20.0, 30.0, None)
GONE = Flaw("pensions", frozenset({"UNAVAILABLE"}))


def asked(question: Question, at: float, *flaws: Flaw, seconds: float = 0.01) -> Observation:
    return Observation(question, at, seconds, flaws)


CALM = [asked(each, at / 10) for at in range(100) for each in (PENSIONS, HELPDESK, BOTH)]
BACK = [asked(PENSIONS, 25.0)]


def judge(*observations: Observation) -> Verdict:
    (verdict,) = Judge([*CALM, *observations, *BACK], [SPAN]).verdicts()
    return verdict


def test_a_missing_part_that_is_told_is_right() -> None:
    verdict = judge(asked(PENSIONS, 12.0, GONE), asked(BOTH, 13.0, GONE), asked(HELPDESK, 14.0))
    assert verdict.complaints == []
    assert (len(verdict.tally.touching), verdict.tally.whole) == (2, 0)
    assert verdict.tally.told == {"UNAVAILABLE": 2}


@pytest.mark.parametrize(
    ("observation", "complaint"),
    [
        (asked(BOTH, 12.0, replace(GONE, wrong=("made up",))), "1 rows are wrong"),
        (asked(BOTH, 12.0, Flaw("pensions", frozenset())), "told wrongly, as nothing 1×"),
        (asked(BOTH, 12.0, Flaw("pensions", frozenset({"LIVE"}))), "told wrongly, as LIVE 1×"),
        (
            asked(BOTH, 12.0, Flaw("helpdesk", frozenset({"UNAVAILABLE"}))),
            "1 parts of other departments are lost",
        ),
        (
            Observation(HELPDESK, 12.0, 0.01, (), "HTTP 503"),
            "questions without an answer: HTTP 503 1×",
        ),
        (asked(HELPDESK, 12.0, seconds=0.2), "the others' p95 rose from 10 to 200 ms"),
    ],
)
def test_what_should_not_be_is_a_complaint(observation: Observation, complaint: str) -> None:
    (found,) = judge(observation).complaints
    assert complaint in found


def test_the_others_may_be_a_little_slower() -> None:
    assert judge(asked(HELPDESK, 12.0, seconds=0.0129)).complaints == []


def plays(*seconds: float) -> list[Span]:
    """The same case again and again, each time for one second."""
    return [replace(SPAN, start=at, ending=at + 1, end=at + 1, until=at + 2) for at in seconds]


def test_a_case_that_seems_slow_is_judged_by_all_its_plays_together() -> None:
    """Of eleven answers of each play the slowest is no 95th percentile of all of them."""
    starts = (10.0, 20.0, 30.0)
    quick = [asked(HELPDESK, at + place / 20) for at in starts for place in range(10)]
    slow = [asked(HELPDESK, at + 0.9, seconds=0.2) for at in starts]
    of_first = [each for each in [*quick, *slow] if each.started < 11]
    assert Judge([*CALM, *of_first, *BACK], plays(10.0)).doubtful() == [SPAN.case]
    for moments, doubtful in ((slow[:1], []), (slow, [SPAN.case])):
        run = Judge([*CALM, *quick, *moments], plays(*starts))
        assert run.doubtful() == doubtful
        (verdict,) = run.verdicts()
        assert len(verdict.plays) == 3
        assert verdict.others.fault.count == len(quick) + len(moments)
        assert verdict.others.calm.count == 100


def test_a_mock_that_starts_anew_is_not_its_fault() -> None:
    killed = replace(SPAN, ending=15.0)
    starting = [asked(HELPDESK, at, seconds=0.2) for at in (15.5, 19.5)]
    (verdict,) = Judge([*CALM, asked(HELPDESK, 12.0), *starting, *BACK], [killed]).verdicts()
    assert verdict.others.fault.count == 1
    assert verdict.others.calm.count == 100


def test_it_is_calm_again_as_soon_as_the_department_is_back() -> None:
    after = [asked(HELPDESK, 26.0 + at / 10, seconds=0.03) for at in range(30)]
    missing = asked(PENSIONS, 24.0, GONE)
    verdict = judge(missing, asked(HELPDESK, 24.5), *after)
    assert verdict.back_seconds == 5.0
    assert verdict.others.calm.count == 100 + len(after)


def test_calm_is_taken_from_nearby() -> None:
    """A machine that was slow an hour ago tells nothing of now, nor the other way round."""
    begin = 3600.0
    calm = [asked(HELPDESK, begin - 5 + at / 10, seconds=0.02) for at in range(40)]
    (span,) = plays(begin)
    (verdict,) = Judge(
        [*CALM, *calm, asked(HELPDESK, begin + 0.5, seconds=0.025)], [span]
    ).verdicts()
    assert (verdict.others.calm.count, verdict.others.growth) == (40, 1.25)
    assert not verdict.others.is_slow


def test_those_that_need_the_faulty_department_may_wait_for_it() -> None:
    assert judge(asked(BOTH, 12.0, GONE, seconds=3.0)).complaints == []


def test_an_answer_begun_in_calm_may_meet_the_fault() -> None:
    run = Judge([*CALM, asked(BOTH, 9.9, GONE, seconds=4.0)], [SPAN])
    assert run.calm_complaints() == []


def test_a_part_lost_in_calm_is_a_complaint() -> None:
    run = Judge([*CALM, asked(BOTH, 5.0, GONE)], [SPAN])
    assert run.calm_complaints() == ["1 parts of other departments are lost"]


def test_back_is_when_nothing_is_missing_any_more() -> None:
    assert judge().back_seconds == 0.0
    late = judge(asked(PENSIONS, 21.0, GONE), asked(BOTH, 22.0, GONE), asked(PENSIONS, 22.5))
    assert late.back_seconds == 2.5
    never = judge(asked(PENSIONS, 26.0, GONE))
    assert never.back_seconds is None
    assert never.complaints == ["not back 10 s after the fault"]


def readings(*rss: float, files: int = 30) -> list[Reading]:
    return [Reading(float(at), each, files, 5, 4) for at, each in enumerate(rss)]


def test_growth_is_told_and_noise_is_not() -> None:
    assert growth(readings(100, 120, 121, 122)) == []
    assert growth(readings(100, 120, 140, 160)) == ["the hub's memory grew from 120 to 160 MiB"]
    leaking = [*readings(100, 100, 100), replace(readings(100)[0], files=90, threads=9, tasks=99)]
    assert growth(leaking) == [
        "the hub's files grew from 30 to 90",
        "the hub's threads grew from 4 to 9",
        "the hub's tasks grew from 0 to 99",
    ]


def test_recovery_is_from_when_it_stays_good() -> None:
    calm = latency_of([0.01] * 20)
    slow = [asked(HELPDESK, 100 + at / 5, seconds=2.0) for at in range(20)]
    good = [asked(HELPDESK, 104 + at / 5) for at in range(30)]
    assert recovery_seconds([*slow, *good], 100.0, calm) == 4.0
    assert recovery_seconds(good, 104.0, calm) == 0.0
    assert recovery_seconds(slow, 100.0, calm) is None
    assert recovery_seconds([*good, asked(HELPDESK, 104.5, GONE)], 104.0, calm) == 1.0
