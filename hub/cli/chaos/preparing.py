"""Learns the true answers: the hub's own of a calm moment, held against the population."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import httpx

from hub.cli.chaos.answers import GOOD_STATES, HUB, AnswerReader, Place, Slot
from hub.cli.chaos.questions import Question, make_question, question_body, variables_of_story
from hub.cli.failures import CliError
from hub.cli.population_check import LISTS, differences_as_told, row_as_expected, row_as_told

SECONDS = 30.0
SHOWN = 5


class Population:
    """The truth about everybody, with each row by its list and number.

    Args:
        url: the oracle's.
        citizens: how many there are.
        departments: those on the stage; rows of others are left out.
    """

    def __init__(self, url: str, citizens: int, departments: Collection[str]) -> None:
        with httpx.Client(base_url=url, trust_env=False, timeout=SECONDS) as oracle:
            sample = oracle.get("/population/sample", params={"n": citizens}).json()
            self.people: list[dict[str, Any]] = [
                _as_played(oracle.get(f"/population/citizens/{member}").json(), departments)
                for member in sample["memberIds"]
            ]
        self._rows = {
            (name, row[number]): row
            for person in self.people
            for name, number in LISTS.items()
            for row in map(row_as_expected, person[name])
        }
        self._persons = {person["memberId"]: person for person in self.people}

    def differences(self, place: Place, slot: Slot, asked: Mapping[str, Any]) -> Iterator[str]:
        """What the hub tells otherwise than the population has it."""
        name, department = place
        if department == HUB:
            return
        for number, row in slot.rows.items():
            if name == "citizen":
                told = {**row, "name": row["name"]["fullName"]}
                truth = self._persons.get(asked["id"])
            elif name in LISTS:
                told, truth = row_as_told(row), self._rows.get((name, number))
            else:
                told, truth = row, self._truth_of_record(row)
            if truth is None:
                yield f"{name} of {department}: {number} is invented"
                continue
            yield from differences_as_told(f"{name} of {department}: {number}", truth, told)

    def _truth_of_record(self, record: Mapping[str, Any]) -> dict[str, Any] | None:
        for name, number in LISTS.items():
            if number in record:
                return self._rows.get((name, record[number]))
        return None


def _as_played(person: dict[str, Any], departments: Collection[str]) -> dict[str, Any]:
    own = {
        name: [row for row in person[name] if row["department"] in departments] for name in LISTS
    }
    return {**person, **own}


def prepare(hub_url: str, population: Population, each: int) -> list[Question]:
    """The questions with their true answers; raises `CliError` if a calm hub tells untruths.

    Args:
        each: most questions of one kind about one department.
    """
    questions: list[Question] = []
    differences: list[str] = []
    with httpx.Client(trust_env=False, timeout=SECONDS) as hub:
        for kind, owner, variables in variables_of_story(population.people, each):
            body = question_body(kind, variables)
            reply = hub.post(hub_url, content=body, headers={"content-type": "application/json"})
            response = reply.json()
            if _can_not_be_asked(kind, response):
                continue
            slots = AnswerReader(owner).read(response)
            differences += [f"{kind}: {error['message']}" for error in response.get("errors", ())]
            for place, slot in slots.items():
                differences += population.differences(place, slot, variables)
                if slot.states - GOOD_STATES:
                    differences.append(f"{kind}: {place[1]} is told as {sorted(slot.states)}")
            questions.append(make_question(kind, owner, body, slots))
    if differences:
        shown = "\n".join(f"  {difference}" for difference in differences[:SHOWN])
        raise CliError(
            f"{len(differences)} answers of the calm hub are not what the population says; put "
            f"that right first:\n{shown}"
        )
    return questions


UNASKED = {"track": "NOT_FOUND", "worklist": "BAD_USER_INPUT"}
"""What the hub says where a department holds no telephone number of the applicant, or has no
worklist."""


def _can_not_be_asked(kind: str, response: Mapping[str, Any]) -> bool:
    codes = {error["extensions"]["code"] for error in response.get("errors", ())}
    return UNASKED.get(kind) in codes
