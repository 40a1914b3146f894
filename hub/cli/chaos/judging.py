"""Holds what happened against what must: the others unchanged, the faulty one told rightly."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hub.cli.chaos.answers import Flaw
from hub.cli.chaos.cases import Case
from hub.cli.chaos.conducting import Span
from hub.cli.chaos.load import Observation
from hub.cli.chaos.pace import Latency, Pace, latency_of, slowness

SETTLING_SECONDS = 0.5
"""After a department is back, until what is asked counts as calm."""
NEAR_SECONDS = 30.0
"""Calm is taken from so long before and after a fault: a machine's mood changes in minutes."""
SENTENCES = 5


@dataclass(slots=True)
class Tally:
    """What was seen of one case, or of calm.

    Attributes:
        touching: answers that needed the faulty department, asked while it was faulty.
        whole: how many of them had its part whole.
        told: parts of it that were missing and told rightly, by state.
        mistold: parts of it that were missing and not told, or told as something else.
        others: answers that did not need it, asked while it was faulty.
        lost: parts of other departments that were missing although nothing was wrong with them.
        unanswered: questions without any answer, by reason.
        wrong: rows that are not true.
        sentences: the first few of what is wrong.
    """

    touching: list[Observation] = field(default_factory=list)
    whole: int = 0
    told: Counter[str] = field(default_factory=Counter)
    mistold: Counter[str] = field(default_factory=Counter)
    others: list[Observation] = field(default_factory=list)
    lost: int = 0
    unanswered: Counter[str] = field(default_factory=Counter)
    wrong: int = 0
    sentences: list[str] = field(default_factory=list)

    def note_sentence(self, sentence: str) -> None:
        if len(self.sentences) < SENTENCES and sentence not in self.sentences:
            self.sentences.append(sentence)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One case judged, over all its plays.

    Attributes:
        case: which fault, where.
        plays: when it was played.
        tally: what was seen.
        faulty: latency of answers that needed the department, while it was faulty.
        faulty_calm: the same questions in calm.
        others: pace of the others.
        back_seconds: from the end of the fault to the first answer after which every one had the
            department's part whole, at worst; None if that never came.
        complaints: one sentence for each thing that should not have been.
    """

    case: Case
    plays: Sequence[Span]
    tally: Tally
    faulty: Latency
    faulty_calm: Latency
    others: Pace
    back_seconds: float | None
    complaints: Sequence[str]


class Judge:
    """Judges a run.

    Args:
        observations: every question asked.
        spans: the cases, in the order in which they were played.
    """

    def __init__(self, observations: Sequence[Observation], spans: Sequence[Span]) -> None:
        self._spans = spans
        self._starts = [span.start for span in spans]
        self.calm = Tally()
        self._tallies: dict[Case, Tally] = {span.case: Tally() for span in spans}
        self._others: list[list[float]] = [[] for _ in spans]
        self._after = [self._back_seconds(span, observations) for span in spans]
        self._settled = [_settled(*each) for each in zip(spans, self._after, strict=True)]
        self._quiet: list[Observation] = []
        for observation in observations:
            self._note(observation)
        self._quiet.sort(key=lambda each: each.started)

    def _note(self, observation: Observation) -> None:
        place = bisect_right(self._starts, observation.started) - 1
        during = place >= 0 and observation.started < self._spans[place].until
        tally = self._tallies[self._spans[place].case] if during else self.calm
        suspects = self._suspects(observation)
        if not suspects:
            self._quiet.append(observation)
        if during and observation.started < self._spans[place].end:
            department = self._spans[place].case.department
            if department in observation.question.departments:
                tally.touching.append(observation)
                tally.whole += _is_whole(observation, department)
            elif observation.started < self._spans[place].ending:
                tally.others.append(observation)
                self._others[place].append(observation.seconds)
        if observation.failure is not None:
            tally.unanswered[observation.failure] += 1
        for flaw in observation.flaws:
            _note_flaw(tally, flaw, suspects, observation)

    def _suspects(self, observation: Observation) -> dict[str, frozenset[str]]:
        """Departments that were faulty, or not back yet, at some time while the answer was made."""
        last = bisect_right(self._starts, observation.ended)
        first = max(0, bisect_right(self._starts, observation.started) - 1)
        suspects: dict[str, frozenset[str]] = {}
        for place in range(first, last):
            if self._settled[place] > observation.started:
                case = self._spans[place].case
                states = case.fault.states | suspects.get(case.department, frozenset())
                suspects[case.department] = states
        return suspects

    def _back_seconds(self, span: Span, observations: Sequence[Observation]) -> float | None:
        department = span.case.department
        after = sorted(
            (each.started, _is_whole(each, department))
            for each in observations
            if span.end <= each.started < span.until and department in each.question.departments
        )
        failed = [place for place, (_, whole) in enumerate(after) if not whole]
        if not failed:
            return 0.0 if after else None
        if failed[-1] == len(after) - 1:
            return None
        return after[failed[-1] + 1][0] - span.end

    def verdicts(self) -> list[Verdict]:
        """One for each case, in the order in which they were first played."""
        return [self._verdict(case, tally) for case, tally in self._tallies.items()]

    def doubtful(self) -> list[Case]:
        """Cases in which the others were slower than they may be."""
        return [each.case for each in self.verdicts() if each.others.is_slow]

    def _verdict(self, case: Case, tally: Tally) -> Verdict:
        places = [place for place, span in enumerate(self._spans) if span.case == case]
        touching = [each for each in self._quiet if case.department in each.question.departments]
        others = self._pace(case, places)
        backs = [self._after[place] for place in places]
        complaints = [*_complaints(tally), *slowness(others)]
        if None in backs:
            waited = max(self._spans[place].until - self._spans[place].end for place in places)
            complaints.append(f"not back {waited:.0f} s after the fault")
        return Verdict(
            case=case,
            plays=[self._spans[place] for place in places],
            tally=tally,
            faulty=latency_of(each.seconds for each in tally.touching),
            faulty_calm=latency_of(each.seconds for each in touching),
            others=others,
            back_seconds=None if None in backs else max(filter(None, backs), default=0.0),
            complaints=complaints,
        )

    def _pace(self, case: Case, places: Sequence[int]) -> Pace:
        calm = (
            each.seconds
            for each in self._calm_near(places)
            if case.department not in each.question.departments
        )
        return Pace(
            latency_of(calm), latency_of(each for place in places for each in self._others[place])
        )

    def _calm_near(self, places: Sequence[int]) -> Iterable[Observation]:
        """What was asked in the calm around these plays, each once."""
        near: set[int] = set()
        for place in places:
            span = self._spans[place]
            begin, end = (
                bisect_left(self._quiet, moment, key=lambda each: each.started)
                for moment in (span.start - NEAR_SECONDS, span.until + NEAR_SECONDS)
            )
            near.update(range(begin, end))
        return (self._quiet[place] for place in near)

    def calm_complaints(self) -> list[str]:
        """What should not have been while no department was faulty."""
        return _complaints(self.calm)


def _is_whole(observation: Observation, department: str) -> bool:
    return observation.failure is None and not any(
        flaw.department == department for flaw in observation.flaws
    )


def _note_flaw(
    tally: Tally, flaw: Flaw, suspects: dict[str, frozenset[str]], observation: Observation
) -> None:
    if flaw.wrong:
        tally.wrong += len(flaw.wrong)
        for sentence in flaw.wrong:
            tally.note_sentence(f"{observation.question.kind}: {sentence} ({flaw.department})")
        return
    if flaw.department not in suspects:
        tally.lost += 1
        tally.note_sentence(
            f"{observation.question.kind}: {flaw.department} is missing, told as "
            f"{', '.join(sorted(flaw.states)) or 'nothing'}"
        )
        return
    told = flaw.states & suspects[flaw.department]
    if told:
        tally.told[min(told)] += 1
    else:
        tally.mistold[", ".join(sorted(flaw.states)) or "nothing"] += 1


def _complaints(tally: Tally) -> list[str]:
    found: list[str] = []
    if tally.wrong:
        found.append(f"{tally.wrong:,} rows are wrong")
    if tally.mistold:
        told = ", ".join(f"{state} {count:,}×" for state, count in tally.mistold.items())
        found.append(f"missing rows are told wrongly, as {told}")
    if tally.lost:
        found.append(f"{tally.lost:,} parts of other departments are lost")
    if tally.unanswered:
        reasons = ", ".join(f"{why} {count:,}×" for why, count in tally.unanswered.items())
        found.append(f"questions without an answer: {reasons}")
    return found


def _settled(span: Span, back_seconds: float | None) -> float:
    """When the department is faulty no more, and back for a while."""
    if back_seconds is None:
        return span.until
    return min(span.until, span.end + back_seconds + SETTLING_SECONDS)
