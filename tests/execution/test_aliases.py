"""Aliases of one field are resolved together, and give the same response on both executors."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.execution import Executor, GraphQLRequest
from schema.application import Application
from schema.batch import Outcome
from schema.citizen import Citizen
from schema.codes import ErrorCode
from schema.context import RequestContext
from schema.errors import HubError
from schema.family import Family
from schema.sources import SourcedRows
from tests.execution.fake_sources import (
    MEMBERS,
    REFERENCES,
    FakeApplications,
    FakeCitizens,
    FakeFamilies,
    FakeRecords,
    FakeSources,
)
from tests.execution.test_same_answers import assert_same
from tests.execution.wide_limits import WIDE
from tests.support.graphql_schema import SCHEMA
from tests.support.ids import global_id

EXECUTOR = Executor(SCHEMA, debug=True, limits=WIDE)

Calls = Counter[str]


@dataclass
class CountedCitizens(FakeCitizens):
    calls: Calls = field(default_factory=Counter)

    async def by_identifier(self, members: Sequence[str]) -> list[Outcome[Citizen | None]]:
        self.calls["citizens"] += 1
        await asyncio.sleep(0)
        if "forbidden" in members:
            raise HubError(ErrorCode.FORBIDDEN, "You may not read this.")
        return await super().by_identifier(members)


@dataclass
class CountedFamilies(FakeFamilies):
    calls: Calls = field(default_factory=Counter)

    async def by_identifier(self, identifiers: Sequence[str]) -> list[Outcome[Family | None]]:
        self.calls["families"] += 1
        return await super().by_identifier(identifiers)


@dataclass
class CountedApplications(FakeApplications):
    calls: Calls = field(default_factory=Counter)

    async def by_reference(self, references: Sequence[str]) -> list[Outcome[Application | None]]:
        self.calls["applications"] += 1
        return await super().by_reference(references)

    tracked = by_reference

    async def by_citizen(
        self,
        citizens: Sequence[Citizen],
        *,
        department: str | None = None,
        wait: float | None = None,
        arguments: Mapping[str, Sequence[str]] | None = None,
    ) -> list[Outcome[SourcedRows[Application]]]:
        self.calls["applications of citizens"] += 1
        return await super().by_citizen(citizens, department=department, wait=wait)


@dataclass
class CountedRecords(FakeRecords):
    calls: Calls = field(default_factory=Counter)

    async def by_registration_number(self, numbers: Sequence[str]) -> list[Outcome[Any]]:
        self.calls[self.kind] += 1
        return await super().by_registration_number(numbers)


async def run(
    document: str, variables: dict[str, Any] | None = None, *, executor: str = "plan"
) -> tuple[dict[str, Any], Calls]:
    """Return the response and the number of calls of each port."""
    calls: Calls = Counter()
    sources = FakeSources(
        citizens=CountedCitizens(calls),
        families=CountedFamilies(calls),
        applications=CountedApplications(calls),
        grievances=CountedRecords("grievances", calls),
    )
    context = RequestContext("test", lambda _needed: sources)
    request = GraphQLRequest(document, variables)
    if executor == "plan":
        response = await EXECUTOR.execute(request, context)
        assert response.executor == "plan"
    else:
        response = await EXECUTOR.execute_with_graphql_core(request, context)
    return orjson.loads(orjson.dumps(response.body)), calls


async def responses(
    document: str, variables: dict[str, Any] | None = None
) -> tuple[dict[str, Any], Calls]:
    """Run a document on both executors; return their common response and number of calls."""
    planned, calls = await run(document, variables)
    reference, reference_calls = await run(document, variables, executor="graphql-core")
    assert_same(planned, reference, document)
    assert calls == reference_calls
    return planned, calls


def aliases(calls: Sequence[str], selection: str) -> str:
    return " ".join(f"a{n}: {call} {{ {selection} }}" for n, call in enumerate(calls))


FIELDS = [
    ("citizens", [f'citizen(by: {{memberIdentifier: "{each}"}})' for each in MEMBERS]),
    (
        "families",
        [
            'family(by: {familyIdentifier: "7KNL0421"})',
            'family(by: {familyIdentifier: "0AAA0000"})',
        ],
    ),
    ("applications", [f'application(reference: "{each}")' for each in REFERENCES]),
    ("applications", [f'node(id: "{global_id("Application", f"x:{r}")}")' for r in REFERENCES]),
    (
        "applications",
        [
            f'trackApplication(reference: "{each}", phoneLast4: "{digits}")'
            for each in REFERENCES
            for digits in ("0123", "9999", "12")
        ],
    ),
    ("grievances", [f'grievance(registrationNumber: "CMOFF/2026/{n}")' for n in range(9)]),
]


@pytest.mark.parametrize(("port", "calls"), FIELDS)
async def test_aliases_of_a_look_up_field_are_one_call(port: str, calls: list[str]) -> None:
    _, counted = await responses(f"{{ {aliases(calls * 20, '__typename')} }}")
    assert counted == {port: 1}


async def test_fields_below_aliases_are_resolved_together() -> None:
    calls = [f'citizen(by: {{memberIdentifier: "{each}"}})' for each in MEMBERS]
    document = f"{{ {aliases(calls, 'family { id } applications { totalCount }')} }}"
    _, counted = await responses(document)
    assert counted == {"citizens": 1, "families": 1, "applications of citizens": 1}


async def test_different_arguments_below_aliases_are_not_mixed() -> None:
    document = """{
        a: citizen(by: {memberIdentifier: "7KNL042101"}) { applications(first: 1) { nodes { id } } }
        b: citizen(by: {memberIdentifier: "7KNL042101"}) { applications(first: 2) { nodes { id } } }
        c: citizen(by: {memberIdentifier: "7KNL042101"}) { applications(first: 2) { nodes { id } } }
        d: citizen(by: {memberIdentifier: "7KNL042101"}) { applications(first: 0) { nodes { id } } }
    }"""
    response, counted = await responses(document)
    lists = [response["data"][alias]["applications"] for alias in "abcd"]
    assert [each and len(each["nodes"]) for each in lists] == [1, 2, 2, None]
    assert counted["citizens"] == 1
    assert counted["applications of citizens"] <= 3


async def test_an_error_is_reported_at_its_own_alias() -> None:
    family = global_id("Family", "7KNL0421")
    document = f"""{{
        good: citizen(by: {{memberIdentifier: "7KNL042101"}}) {{ id }}
        none: citizen(by: {{memberIdentifier: "0AAA000001"}}) {{ id }}
        wrong: citizen(by: {{id: "{family}"}}) {{ id }}
        failed: citizen(by: {{memberIdentifier: "9XXX000001"}}) {{ id }}
        again: citizen(by: {{memberIdentifier: "7KNL042101"}}) {{ id }} }}"""
    response, counted = await responses(document)
    assert counted == {"citizens": 1}
    member = {"id": global_id("Citizen", "7KNL042101")}
    assert response["data"] == {
        "good": member, "none": None, "wrong": None, "failed": None, "again": member,
    }  # fmt: skip
    codes = {each["path"][0]: each["extensions"]["code"] for each in response["errors"]}
    expected = {"none": "NOT_FOUND", "wrong": "BAD_USER_INPUT", "failed": "DEPARTMENT_TIMEOUT"}
    assert codes == expected


async def test_the_error_of_one_type_does_not_affect_nodes_of_another() -> None:
    ids = [global_id("Citizen", "forbidden"), global_id("Application", f"x:{REFERENCES[0]}")]
    calls = [f'node(id: "{each}")' for each in [*ids, "wrong"]]
    response, _ = await responses(f"{{ {aliases(calls, 'id')} }}")
    assert [each is not None for each in response["data"].values()] == [False, True, False]
    codes = {each["path"][0]: each["extensions"]["code"] for each in response["errors"]}
    assert codes == {"a0": "FORBIDDEN", "a2": "BAD_USER_INPUT"}


KEYS = st.sampled_from(
    [
        *(("memberIdentifier", each) for each in [*MEMBERS, "0AAA000001", "9XXX000001"]),
        *(("id", global_id("Citizen", each)) for each in MEMBERS),
        ("id", global_id("Family", "7KNL0421")),
        ("id", "7KNL042101"),
    ]
)
SELECTIONS = st.sampled_from(
    [
        "id",
        "personName { fullName } family { id }",
        "applications { totalCount }",
        "applications(first: 2) { nodes { id applicant { id } } }",
        "applications(first: 0) { totalCount }",
    ]
)


@settings(max_examples=60, deadline=None)
@given(fields=st.lists(st.tuples(KEYS, SELECTIONS, st.sampled_from(["", "...", "$"])), min_size=1))
def test_any_aliases_give_the_response_of_graphql_core(
    fields: list[tuple[tuple[str, str], str, str]],
) -> None:
    """The keys come from literals and variables, inside and outside of inline fragments."""
    variables: dict[str, Any] = {}
    parts = []
    for number, ((name, key), selection, style) in enumerate(fields):
        given_key = f'{{{name}: "{key}"}}'
        if style == "$":
            given_key = f"$key{number}"
            variables[f"key{number}"] = {name: key}
        part = f"a{number}: citizen(by: {given_key}) {{ {selection} }}"
        parts.append(f"... {{ {part} }}" if style == "..." else part)
    declared = "".join(f"${name}: CitizenKeyInput! " for name in variables)
    document = f"query {f'({declared})' if declared else ''} {{ {' '.join(parts)} }}"
    _, counted = asyncio.run(responses(document, variables))
    assert counted["citizens"] <= 1
    assert counted["applications of citizens"] <= 3
