"""Finds the expected response of each query, and compares it with the population."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import httpx

from mocks.lab.chaos.queries import LoadQuery, example_variables, make_query, request_body
from mocks.lab.chaos.responses import GOOD_STATES, HUB, Part, PartKey, ResponseReader
from mocks.lab.console import LabError
from mocks.lab.population_check import LISTS, differences_in_queried, expected_row, flat_row

SECONDS = 30.0
EXAMPLES = 5


class GroundTruth:
    """All people of the population, with their rows by list and number.

    Args:
        url: URL of the mock `population`.
        citizens: number of people in it.
        departments: departments of the run; rows of other departments are left out.

    Attributes:
        people: the citizens, as the mock `population` describes them.
    """

    def __init__(self, url: str, citizens: int, departments: Collection[str]) -> None:
        with httpx.Client(base_url=url, trust_env=False, timeout=SECONDS) as population:
            sample = population.get("/population/sample", params={"n": citizens}).json()
            self.people: list[dict[str, Any]] = [
                _only_rows_of(population.get(f"/population/citizens/{member}").json(), departments)
                for member in sample["memberIds"]
            ]
        self._rows = {
            (name, row[number]): row
            for person in self.people
            for name, number in LISTS.items()
            for row in map(expected_row, person[name])
        }
        self._persons = {person["memberId"]: person for person in self.people}

    def differences(self, key: PartKey, part: Part, variables: Mapping[str, Any]) -> Iterator[str]:
        """Yield one sentence for each difference between a part and the population.

        Args:
            key: list or record, and department.
            part: part of the hub's response.
            variables: variables of the query.
        """
        name, department = key
        if department == HUB:
            return
        for number, row in part.rows.items():
            if name == "citizen":
                received = {**row, "personName": row["personName"]["fullName"]}
                truth = self._persons.get(variables["id"])
            elif name in LISTS:
                received, truth = flat_row(row), self._rows.get((name, number))
            else:
                received, truth = flat_row(row), self._truth_of_record(row)
            if truth is None:
                yield f"{name} of {department}: {number} is invented"
                continue
            yield from differences_in_queried(f"{name} of {department}: {number}", truth, received)

    def missing(
        self, kind: str, parts: Mapping[PartKey, Part], variables: Mapping[str, Any]
    ) -> Iterator[str]:
        """Yield one sentence for each row of the population that a response lacks.

        Args:
            kind: kind of the query.
            parts: the parts of the hub's response.
            variables: variables of the query.
        """
        if kind == "dashboard":
            person = self._persons[variables["id"]]
            for name, number in LISTS.items():
                for row in map(expected_row, person[name]):
                    part = parts.get((name, row["department"]), Part())
                    if row[number] not in part.rows:
                        yield f"{name} of {row['department']}: {row[number]} is missing"
        elif kind == "worklist":
            department = variables["department"]
            every = sum(
                row["department"] == department
                for (name, _), row in self._rows.items()
                if name == "applications"
            )
            received = len(parts.get(("applications", department), Part()).rows)
            if received != min(variables["first"], every):
                yield f"worklist of {department}: {received} rows of {every} were received"

    def _truth_of_record(self, record: Mapping[str, Any]) -> dict[str, Any] | None:
        for name, number in LISTS.items():
            if number in record:
                return self._rows.get((name, record[number]))
        return None


def _only_rows_of(person: dict[str, Any], departments: Collection[str]) -> dict[str, Any]:
    lists = {
        name: [row for row in person[name] if row["department"] in departments] for name in LISTS
    }
    return {**person, **lists}


def prepare_queries(hub_url: str, truth: GroundTruth, limit: int) -> list[LoadQuery]:
    """Send each query once, and take the response as the expected one.

    Args:
        hub_url: GraphQL URL of a hub without faults.
        truth: the response must match this.
        limit: maximum number of queries for each kind and department.

    Raises:
        LabError: if a response does not match the population.
    """
    queries: list[LoadQuery] = []
    differences: list[str] = []
    with httpx.Client(trust_env=False, timeout=SECONDS) as hub:
        for kind, owner, variables in example_variables(truth.people, limit):
            body = request_body(kind, variables)
            reply = hub.post(hub_url, content=body, headers={"content-type": "application/json"})
            response = reply.json()
            if _is_unsupported(kind, response):
                continue
            parts = ResponseReader(owner).read(response)
            differences += [f"{kind}: {error['message']}" for error in response.get("errors", ())]
            differences += truth.missing(kind, parts, variables)
            for key, part in parts.items():
                differences += truth.differences(key, part, variables)
                if part.states - GOOD_STATES:
                    differences.append(f"{kind}: {key[1]} is reported as {sorted(part.states)}")
            queries.append(make_query(kind, owner, body, parts))
    if differences:
        shown = "\n".join(f"  {difference}" for difference in differences[:EXAMPLES])
        raise LabError(
            f"without any fault, {len(differences)} values differ from the population. Correct "
            f"this first:\n{shown}"
        )
    return queries


UNSUPPORTED = {"track": "NOT_FOUND", "worklist": "BAD_USER_INPUT"}
"""The error code of a query that a department does not support: it does not know the applicant's
telephone number, or it has no worklist."""


def _is_unsupported(kind: str, response: Mapping[str, Any]) -> bool:
    codes = {error["extensions"]["code"] for error in response.get("errors", ())}
    return UNSUPPORTED.get(kind) in codes
