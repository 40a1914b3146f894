"""What is asked while faults come and go: the mix, and each question's true answer."""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import cycle
from typing import Any

import orjson

from hub.cli.chaos.answers import HUB, REGISTRY, Place, Slot

MIX = {
    "dashboard": 30,
    "person": 12,
    "track": 24,
    "worklist": 12,
    "grievance": 12,
    "services": 10,
}
"""Of a hundred questions, how many are of a kind. Only a dashboard asks several departments."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes:
        kind: its kind in the mix.
        owner: the one department it is about; the registry where a dashboard begins.
        body: the HTTP request's body.
        expected: the true answer, by list and department.
        departments: those that are asked to answer it.
    """

    kind: str
    owner: str
    body: bytes
    expected: Mapping[Place, Slot]
    departments: frozenset[str]


def question_body(kind: str, variables: Mapping[str, Any]) -> bytes:
    """The request; a kind is a file in `hub/cli/queries`."""
    document = (files("hub.cli") / "queries" / f"{kind}.graphql").read_text(encoding="utf-8")
    return orjson.dumps({"query": document, "variables": variables})


def make_question(kind: str, owner: str, body: bytes, expected: Mapping[Place, Slot]) -> Question:
    departments = {department for _, department in expected} | {owner}
    return Question(kind, owner, body, expected, frozenset(departments - {HUB}))


class QuestionMix:
    """Deals questions from a shuffled deck of a hundred, again and again.

    Every stretch of a few seconds has each kind as often as `MIX` says, each department as often as
    the others, and the same citizens: else one would be slower by what was asked in it.
    """

    def __init__(self, questions: Sequence[Question], seed: int) -> None:
        groups: dict[str, dict[str, list[Question]]] = defaultdict(lambda: defaultdict(list))
        for question in questions:
            groups[question.kind][question.owner].append(question)
        self._turns = {
            kind: cycle([cycle(of_owner) for of_owner in by_owner.values()])
            for kind, by_owner in groups.items()
        }
        self._dice = random.Random(seed)  # noqa: S311 (the mix is to be the same each time)
        self._deck: list[Question] = []

    def draw(self) -> Question:
        if not self._deck:
            self._deck = [
                next(next(owners)) for kind, owners in self._turns.items() for _ in range(MIX[kind])
            ]
            self._dice.shuffle(self._deck)
        return self._deck.pop()


def variables_of_story(
    people: Sequence[Mapping[str, Any]], each: int
) -> list[tuple[str, str, dict[str, Any]]]:
    """What to ask about these people: kind, department that it is about, variables.

    Args:
        people: citizens as the population tells them.
        each: most questions of one kind about one department.
    """
    asked: list[tuple[str, str, dict[str, Any]]] = [("services", HUB, {})]
    for person in people[:each]:
        asked.append(("dashboard", REGISTRY, {"id": person["memberId"]}))
        asked.append(("person", REGISTRY, {"id": person["memberId"]}))
    tracked: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for person in people:
        if person["phoneNumber"]:
            last4 = person["phoneNumber"][-4:]
            for row in person["applications"]:
                reference = row["applicationReferenceNumber"]
                tracked[row["department"]].append({"reference": reference, "phoneLast4": last4})
    for department, variables in sorted(tracked.items()):
        asked += [("track", department, one) for one in variables[:each]]
        asked += [
            ("worklist", department, {"department": department, "first": first})
            for first in (5, 10, 15, 20)
        ]
    grievances = [row for person in people for row in person["grievances"]]
    asked += [
        ("grievance", row["department"], {"number": row["registrationNumber"]})
        for row in grievances[:each]
    ]
    return asked
