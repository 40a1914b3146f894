"""The wait for a department that was faulty: it is asked for until it is back, and no longer."""

from dataclasses import replace

from hub.cli.chaos.answers import Flaw
from hub.cli.chaos.cases import Case
from hub.cli.chaos.conducting import QUICK, wait_until_back
from hub.cli.chaos.load import Asker, Observation
from hub.cli.chaos.questions import Question

BOTH = Question("dashboard", "registry", b"", {}, frozenset({"pensions", "helpdesk"}))
HELPDESK = Question("grievance", "helpdesk", b"", {}, frozenset({"helpdesk"}))
PENSIONS = Question("worklist", "pensions", b"", {}, frozenset({"pensions"}))
GONE = Flaw("helpdesk", frozenset({"CIRCUIT_OPEN"}))
TIMING = replace(QUICK, back_at_least=0.0, back_at_most=4.0)


class Recovering(Asker):
    """Nobody's answers: the helpdesk's part is missing until `back`."""

    def __init__(self, back: float) -> None:
        super().__init__("")
        self.back = back

    async def ask(self, question: Question, due: float | None = None) -> Observation:
        now = self.now()
        observation = Observation(question, now, 0.0, (GONE,) if now < self.back else ())
        self.observations.append(observation)
        return observation


async def waited(back: float) -> tuple[Recovering, float]:
    """Who asked, and when the wait was over; the fault is over at 0."""
    asker = Recovering(back)
    case, questions = Case("helpdesk", "hang"), (BOTH, HELPDESK, PENSIONS)
    await wait_until_back(case, -1.0, 0.0, TIMING, asker, questions)
    return asker, asker.now()


async def test_who_waits_asks_what_needs_that_department_alone_until_it_is_back() -> None:
    asker, over = await waited(back=1.0)
    asked = [each.started for each in asker.observations]
    assert {each.question.kind for each in asker.observations} == {HELPDESK.kind}
    # Back is believed after a second without a flaw.
    assert 2.0 < over < TIMING.back_at_most
    assert 5 <= sum(moment > 1.0 for moment in asked) < 10


async def test_a_department_that_does_not_come_back_is_not_waited_for_without_end() -> None:
    asker, over = await waited(back=100.0)
    assert TIMING.back_at_most < over < TIMING.back_at_most + 1
    assert len(asker.observations) > 10
