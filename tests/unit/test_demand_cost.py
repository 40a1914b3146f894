"""The cost of operations: estimated from the page sizes, actual from the rows."""

import asyncio
from pathlib import Path
from random import Random
from typing import Any

import pytest
from graphql import parse, validate
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.execution import Executor, GraphQLRequest
from hub.execution.documents import Documents
from tests.execution.fake_sources import new_context
from tests.execution.operations import OperationMaker
from tests.execution.wide_limits import WIDE
from tests.support.graphql_schema import SCHEMA

DOCUMENTS = Documents(SCHEMA, WIDE)
EXECUTOR = Executor(SCHEMA, limits=WIDE)
CALL = 10
"""Weight of a field that may call a department."""


def estimate(text: str, **variables: Any) -> int:
    prepared = DOCUMENTS.prepare(text, None)
    return DOCUMENTS.planned(prepared, variables).cost.estimate(variables)


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("{ __typename }", 0),
        ("{ services(first: 3) { totalCount } }", 1),
        ("{ services(first: 3) { nodes { code } } }", 1 + 3),
        ("{ services { nodes { code } } }", 1 + 20),
        ("{ services(last: 7) { nodes { code } } }", 1 + 7),
        ("{ services(first: 3) { edges { cursor node { code } } } }", 1 + 3 * 2),
        ("{ services(first: 3) { nodes { department { identifier } } } }", 1 + 3 * 2),
        ('{ services(first: 3, search: "pension") { nodes { code } } }', 20 + 1 + 3),
        ("{ departments { identifier } }", 20),
        ("{ departments { services { code } } }", 20 * (1 + 30)),
        ("{ me { sex } }", CALL + 1),
        ("{ me { applications(first: 5) { nodes { id } } } }", CALL + 1 + CALL + 1 + 5),
        ("{ a: me { sex } b: me { sex } }", 2 * (CALL + 1)),
        ("{ me { ...F ...F } } fragment F on Citizen { family { id } }", CALL + 1 + CALL + 1),
        ('{ node(id: "x") { id } }', CALL + 1),
        ('{ nodes(ids: ["a", "b"]) { id } }', CALL + 2),
        (
            '{ nodes(ids: ["a", "b"]) { ... on Family { members { relationship } } } }',
            CALL + 2 * (1 + 10),
        ),
        ('mutation { resumeDepartment(department: "x") { __typename } }', 21),
    ],
)
def test_an_operation_costs(text: str, cost: int) -> None:
    assert estimate(text) == cost


@pytest.mark.parametrize(
    ("variables", "cost"), [({}, 21), ({"n": None}, 21), ({"n": 4}, 5), ({"n": 10**6}, 101)]
)
def test_variables_give_the_size_of_a_page(variables: dict[str, Any], cost: int) -> None:
    assert (
        estimate("query ($n: Int) { services(first: $n) { nodes { code } } }", **variables) == cost
    )


def test_excluded_fields_cost_nothing() -> None:
    text = "query ($x: Boolean!) { services(first: 3) @include(if: $x) { nodes { code } } }"
    assert (estimate(text, x=True), estimate(text, x=False)) == (4, 0)


async def test_the_actual_cost_is_that_of_the_rows() -> None:
    text = "{ me { applications { nodes { timeline { action } } } } departments { identifier } }"
    response = await EXECUTOR.execute(GraphQLRequest(text, report_cost=True), new_context())
    data, cost = response.body["data"], response.body["extensions"]["cost"]
    rows = data["me"]["applications"]["nodes"]
    events = sum(len(row["timeline"]) for row in rows)
    expected = 2 * (CALL + 1) + len(rows) + events + len(data["departments"])
    assert rows
    assert cost["actual"] == expected
    assert cost["actual"] < cost["estimated"] == estimate(text)
    assert cost["maximum"] == WIDE.cost


@pytest.mark.parametrize("executor", ["plan", "graphql-core"])
async def test_both_executors_refuse_an_operation_that_costs_too_much(executor: str) -> None:
    rows = "{ nodes { timeline { action } } }"
    fields = " ".join(f"a{n}: me {{ applications(first: 100) {rows} }}" for n in range(25))
    # Plans do not support introspection, so graphql-core would run the second document.
    more = "" if executor == "plan" else " __schema { queryType { name } }"
    request = GraphQLRequest(f"{{ {fields}{more} }}")
    response = await Executor(SCHEMA, debug=True).execute(request, new_context())
    assert response.executor == "refused"
    (error,) = response.body["errors"]
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert "HUB_MAX_COST" in error["message"]


@settings(max_examples=150, deadline=None)
@given(st.integers(min_value=0, max_value=2**32))
def test_the_estimate_is_never_below_the_actual_cost(seed: int) -> None:
    maker = OperationMaker(SCHEMA._schema, Random(seed))
    document, variables = maker.make("query")
    if validate(SCHEMA._schema, parse(document)):
        return
    request = GraphQLRequest(document, dict(variables), report_cost=True)
    response = asyncio.run(EXECUTOR.execute(request, new_context()))
    if response.executed:
        cost = response.body["extensions"]["cost"]
        assert cost["actual"] <= cost["estimated"], document


@pytest.mark.parametrize(
    "facets",
    [
        "groups { count }",
        "departments { count }",
        "audiences { count }",
        "lifeEvents { count }",
    ],
)
async def test_the_facets_of_our_catalogue_cost_no_more_than_estimated(facets: str) -> None:
    request = GraphQLRequest(f"{{ services {{ facets {{ {facets} }} }} }}", report_cost=True)
    cost = (await EXECUTOR.execute(request, new_context())).body["extensions"]["cost"]
    assert cost["actual"] <= cost["estimated"]


def test_mutations_that_submit_something_cost_more() -> None:
    text = Path("schema/schema.graphql").read_text(encoding="utf-8")
    assert "): SubmitApplicationPayload @cost(weight: 1000)" in text
    assert "): PauseDepartmentPayload @cost(weight: 20)" in text
