"""The load: the same questions in every stretch, at moments that differ."""

from collections import Counter
from itertools import pairwise

from hub.cli.chaos.load import Asker, Observation
from hub.cli.chaos.questions import MIX, Question, QuestionMix

QUESTIONS = [
    Question(kind, owner, f"{kind} {owner} {number}".encode(), {}, frozenset())
    for kind in MIX
    for owner in ("pensions", "water")
    for number in range(5)
]
RATE = 200


class Noting(Asker):
    """Asks nobody, and notes when each question was due."""

    def __init__(self) -> None:
        super().__init__("")
        self.due: list[float] = []

    async def ask(self, question: Question, due: float | None = None) -> Observation:
        assert due is not None
        self.due.append(due)
        return Observation(question, due, 0.0)


def test_every_hundred_questions_are_of_the_same_kinds_departments_and_citizens() -> None:
    mix = QuestionMix(QUESTIONS, seed=4)
    hundreds = [[mix.draw() for _ in range(100)] for _ in range(3)]
    for hundred in hundreds:
        assert Counter(question.kind for question in hundred) == MIX
        asked = Counter((question.kind, question.owner) for question in hundred)
        assert all(asked[kind, "pensions"] == asked[kind, "water"] for kind in MIX)
        assert all(count == 3 for (body, count) in _dashboards(hundred))
    assert hundreds[0] != hundreds[1]


def _dashboards(questions: list[Question]) -> list[tuple[bytes, int]]:
    return list(Counter(each.body for each in questions if each.kind == "dashboard").items())


def test_a_question_that_nobody_can_be_asked_is_left_out() -> None:
    mix = QuestionMix([each for each in QUESTIONS if each.kind == "track"], seed=4)
    assert {mix.draw().kind for _ in range(50)} == {"track"}


async def test_each_question_comes_at_any_moment_of_its_share() -> None:
    asker = Noting()
    begun = asker.now()
    await asker.ask_steadily(QuestionMix(QUESTIONS, seed=4), RATE, asker.until(begun + 0.5))
    await asker.all_answered()
    shares = [(due - begun) * RATE for due in asker.due]
    assert len(shares) > 50
    distances = [later - sooner for sooner, later in pairwise(shares)]
    assert all(0 < distance < 2 for distance in distances)
    assert min(distances) < 0.5
    assert max(distances) > 1.5
