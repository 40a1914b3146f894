"""The queries of the load, with their expected responses."""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import orjson

from mocks.lab.chaos.responses import HUB, REGISTRY, Part, PartKey
from mocks.lab.hub_client import document_named

MIX = {
    "dashboard": 30,
    "person": 12,
    "track": 24,
    "worklist": 12,
    "grievance": 12,
    "services": 10,
}
"""Number of queries of each kind in a hundred. Only a dashboard needs several departments."""


@dataclass(frozen=True, slots=True)
class LoadQuery:
    """One query of the load.

    Attributes:
        kind: key in `MIX`.
        owner: the department that the query is about; the registry for a dashboard.
        body: body of the HTTP request.
        expected: parts of the expected response.
        departments: departments that are needed for the response.
    """

    kind: str
    owner: str
    body: bytes
    expected: Mapping[PartKey, Part]
    departments: frozenset[str]


def request_body(kind: str, variables: Mapping[str, Any]) -> bytes:
    """Return the HTTP body of a query. Its kind is the name of a file in `mocks/lab/queries`."""
    return orjson.dumps({"query": document_named(kind), "variables": variables})


def make_query(kind: str, owner: str, body: bytes, expected: Mapping[PartKey, Part]) -> LoadQuery:
    """Return a query that needs its owner and the departments of its expected response."""
    departments = {department for _, department in expected} | {owner}
    return LoadQuery(kind, owner, body, expected, frozenset(departments - {HUB}))


class QueryMix:
    """Deals queries from a shuffled deck of one hundred, which is then made anew.

    Every hundred queries have the same kinds, departments and citizens. Otherwise a few seconds
    would be slower than others only because they had other queries.
    """

    def __init__(self, queries: Sequence[LoadQuery], seed: int) -> None:
        groups: dict[str, dict[str, list[LoadQuery]]] = defaultdict(lambda: defaultdict(list))
        for query in queries:
            groups[query.kind][query.owner].append(query)
        self._turns = {
            kind: cycle([cycle(of_owner) for of_owner in by_owner.values()])
            for kind, by_owner in groups.items()
        }
        self._dice = random.Random(seed)
        self._deck: list[LoadQuery] = []

    def draw(self) -> LoadQuery:
        """Return the next query."""
        if not self._deck:
            self._deck = [
                next(next(owners)) for kind, owners in self._turns.items() for _ in range(MIX[kind])
            ]
            self._dice.shuffle(self._deck)
        return self._deck.pop()


def example_variables(
    people: Sequence[Mapping[str, Any]], limit: int
) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the kind, owner and variables of queries about these people.

    Args:
        people: citizens, as the mock `population` describes them.
        limit: maximum number of queries for each kind and department.
    """
    found: list[tuple[str, str, dict[str, Any]]] = [("services", HUB, {})]
    for person in people[:limit]:
        found.append(("dashboard", REGISTRY, {"id": person["memberId"]}))
        found.append(("person", REGISTRY, {"id": person["memberId"]}))
    tracked: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for person in people:
        if person["phoneNumber"]:
            last4 = person["phoneNumber"][-4:]
            for row in person["applications"]:
                reference = row["applicationReferenceNumber"]
                tracked[row["department"]].append({"reference": reference, "phoneLast4": last4})
    for department, variables in sorted(tracked.items()):
        found += [("track", department, one) for one in variables[:limit]]
        found += [
            ("worklist", department, {"department": department, "first": first})
            for first in (5, 10, 15, 20)
        ]
    grievances = [row for person in people for row in person["grievances"]]
    found += [
        ("grievance", row["department"], {"number": row["registrationNumber"]})
        for row in grievances[:limit]
    ]
    return found
