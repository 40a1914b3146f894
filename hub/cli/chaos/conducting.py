"""Lets one fault after another come and go while the load goes on."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from hub.cli.chaos.cases import KILL, Case
from hub.cli.chaos.load import Asker
from hub.cli.chaos.stage import Stage
from hub.cli.failures import CliError

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


async def play(
    cases: Iterable[Case],
    timing: Timing,
    stage: Stage,
    asker: Asker,
    on_progress: Callable[[str], None],
) -> list[Span]:
    """Calm, then each case: its fault, and the wait until the department is back."""
    on_progress("calm")
    await asyncio.sleep(timing.calm)
    spans = []
    for case in cases:
        if stage.hub_has_ended():
            raise CliError("the hub has stopped by itself; its log says why.")
        on_progress(f"{case.department}: {case.name}")
        spans.append(await _play_one(case, timing, stage, asker))
    return spans


async def _play_one(case: Case, timing: Timing, stage: Stage, asker: Asker) -> Span:
    control = stage.control(case.department)
    await asyncio.to_thread(control.forget_calls)
    start = asker.now()
    await asyncio.to_thread(stage.begin, case)
    await asyncio.sleep(timing.fault)
    calls = None if case.name == KILL else await asyncio.to_thread(control.calls)
    ending = asker.now()
    await asyncio.to_thread(stage.end, case)
    end = asker.now()
    while asker.now() < end + timing.back_at_most:
        await asyncio.sleep(0.2)
        if asker.now() > end + timing.back_at_least and _is_back(
            case.department, start, end, asker
        ):
            break
    return Span(case, start, ending, end, asker.now(), calls)


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
