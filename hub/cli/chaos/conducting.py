"""Lets one fault after another come and go while the load goes on."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from hub.cli.chaos.cases import KILL, Case
from hub.cli.chaos.load import Asker
from hub.cli.chaos.questions import Question
from hub.cli.chaos.stage import Stage
from hub.cli.failures import CliError

WAITING_SECONDS = 0.2
"""How often who waits for a department asks whether it is back."""
PROOF_SECONDS = 1.0
PROOF_ANSWERS = 5
"""A department is back when its part is whole in all answers of so many seconds, and in so many."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of each part of a run.

    Attributes:
        calm: before the first fault.
        fault: how long each fault lasts.
        back_at_least: how long calm lasts after each fault, if the department is back by then.
        back_at_most: how long it is waited for; one that is not back by then is held against the
            hub.
        calm_again: instead of `back_at_least`, in a case that is played again: the 95th
            percentile of a hundred calm answers is the fifth slowest, too few to doubt a hub by.
    """

    calm: float
    fault: float
    back_at_least: float
    back_at_most: float
    calm_again: float


FULL = Timing(calm=10.0, fault=8.0, back_at_least=1.5, back_at_most=20.0, calm_again=6.0)
QUICK = Timing(calm=5.0, fault=3.0, back_at_least=1.2, back_at_most=10.0, calm_again=1.2)


@dataclass(frozen=True, slots=True)
class Span:
    """One case in time, in seconds since the load began.

    Attributes:
        case: which fault, where.
        start: when it was begun.
        ending: when its end was begun: a mock that was killed starts anew then, which keeps the
            machine's processors busy.
        end: when it was over.
        until: when the next thing was begun.
        calls: what the mock counted from start to end; None for a mock that was killed.
    """

    case: Case
    start: float
    ending: float
    end: float
    until: float
    calls: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Conductor:
    """Plays cases while the load goes on by itself.

    Attributes:
        stage: where departments fail.
        asker: who asks the load's questions, and whether a department is back.
        questions: some of them are asked for that.
        on_progress: called with what comes next.
    """

    stage: Stage
    asker: Asker
    questions: Sequence[Question]
    on_progress: Callable[[str], None]

    async def play(self, cases: Iterable[Case], timing: Timing) -> list[Span]:
        """Calm, then each case: its fault, and the wait until the department is back."""
        self.on_progress("calm")
        await asyncio.sleep(timing.calm)
        spans = []
        for case in cases:
            if self.stage.hub_has_ended():
                raise CliError("the hub has stopped by itself; its log says why.")
            self.on_progress(f"{case.department}: {case.name}")
            spans.append(await self._play_one(case, timing))
        return spans

    async def _play_one(self, case: Case, timing: Timing) -> Span:
        control = self.stage.control(case.department)
        await asyncio.to_thread(control.forget_calls)
        start = self.asker.now()
        await asyncio.to_thread(self.stage.begin, case)
        await asyncio.sleep(timing.fault)
        calls = None if case.name == KILL else await asyncio.to_thread(control.calls)
        ending = self.asker.now()
        await asyncio.to_thread(self.stage.end, case)
        end = self.asker.now()
        await wait_until_back(case, start, end, timing, self.asker, self.questions)
        return Span(case, start, ending, end, self.asker.now(), calls)


async def wait_until_back(
    case: Case,
    start: float,
    end: float,
    timing: Timing,
    asker: Asker,
    questions: Sequence[Question],
) -> None:
    """Asks again and again until the case's department is back: an open breaker is probed by a
    question, and the load alone may need the department but once a second.

    Args:
        start: when the fault began, in seconds since the load began.
        end: when it was over.
        questions: those that need the department and as few others as can be are asked.
    """
    asked = cycle(_nearest_questions(case.department, questions))
    is_back = False
    while asker.now() < end + (timing.back_at_least if is_back else timing.back_at_most):
        if not is_back:
            asker.ask_now(next(asked))
        await asyncio.sleep(WAITING_SECONDS)
        is_back = is_back or _is_back(case.department, start, end, asker)


def _nearest_questions(department: str, questions: Sequence[Question]) -> list[Question]:
    needing = [each for each in questions if department in each.departments]
    fewest = min(len(each.departments) for each in needing)
    return [each for each in needing if len(each.departments) == fewest]


def _is_back(department: str, start: float, end: float, asker: Asker) -> bool:
    """Whether the latest answers that need the department have its part whole: so many in a row,
    and every one of the last moment. Of what was asked since the start none may be unanswered: a
    call that still hangs can open the breaker."""
    if asker.waits_for(department, start):
        return False
    since = max(end, asker.now() - PROOF_SECONDS)
    seen = 0
    for observation in reversed(asker.observations):
        if observation.ended < since and (seen >= PROOF_ANSWERS or observation.ended < end):
            break
        if observation.started < end or department not in observation.question.departments:
            continue
        if observation.failure or any(f.department == department for f in observation.flaws):
            return False
        seen += 1
    return seen >= PROOF_ANSWERS
