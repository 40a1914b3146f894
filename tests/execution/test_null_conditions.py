"""A null in `@skip` or `@include` is an error, exactly as graphql-core reports it."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.execution import Executor, GraphQLRequest
from tests.execution.fake_sources import new_context
from tests.execution.test_same_answers import answers
from tests.support.graphql_schema import SCHEMA

EXECUTOR = Executor(SCHEMA, debug=True)
FRAGMENT = "fragment Part on Citizen { personName { fullName } }"
CITIZEN = 'citizen(by: {memberIdentifier: "7KNL042101"})'
AT = [
    "{ %s { id @COND } }",
    "{ %s @COND { id } services { totalCount } }",
    "{ %s { id ... on Citizen @COND { sex } } }",
    "{ %s { id ...Part @COND } }",
    "{ %s { family { members { citizen { id @COND } } } } }",
    "{ a: %s { id } b: %s { id @COND } }",
    "{ %s { id personName @skip(if: true) { fullName @COND } } }",
    "{ %s { id sex @OTHER @COND } }",
]


@pytest.mark.parametrize("body", AT)
@pytest.mark.parametrize("directive", ["skip", "include"])
@pytest.mark.parametrize("default", ["true", "false"])
async def test_null_is_an_error_where_the_selection_is_collected(
    body: str, directive: str, default: str
) -> None:
    body = body.replace("%s", CITIZEN).replace("COND", f"{directive}(if: $w)")
    other = "include(if: false)" if directive == "skip" else "skip(if: true)"
    body = body.replace("OTHER", other)
    document = f"query ($w: Boolean = {default}) {body} {FRAGMENT if 'Part' in body else ''}"
    planned, reference = await answers(GraphQLRequest(document, {"w": None}))
    assert planned["data"] == reference["data"]
    assert planned.get("errors") == reference.get("errors")
    # `@include` is not read if `@skip` holds on the same selection or on one above.
    is_reached = "@skip(if: true)" not in body
    messages = [each["message"] for each in planned.get("errors", [])]
    assert bool(messages) == is_reached
    assert all("'if'" in message for message in messages)


async def test_the_same_document_still_runs_on_a_plan_with_true_and_false() -> None:
    document = f"query ($w: Boolean = true) {{ {CITIZEN} {{ id sex @include(if: $w) }} }}"
    runs = [(None, "graphql-core"), (True, "plan"), (None, "graphql-core"), (False, "plan")]
    for value, expected in runs:
        response = await EXECUTOR.execute(GraphQLRequest(document, {"w": value}), new_context())
        assert response.executor == expected
    response = await EXECUTOR.execute(GraphQLRequest(document), new_context())
    assert response.executor == "plan"
    assert "sex" in response.body["data"]["citizen"]


FLAGS = st.sampled_from([True, False, None])
CONDITION = st.tuples(st.sampled_from(["skip", "include"]), st.sampled_from("xyz"))


@settings(max_examples=80, deadline=None)
@given(
    values=st.fixed_dictionaries({}, optional={"x": FLAGS, "y": FLAGS, "z": FLAGS}),
    conditions=st.lists(CONDITION, min_size=4, max_size=4),
)
def test_any_conditions_give_the_response_of_graphql_core(
    values: dict[str, bool | None], conditions: list[tuple[str, str]]
) -> None:
    first, second, third, fourth = (f"@{name}(if: ${flag})" for name, flag in conditions)
    document = f"""query ($x: Boolean = true, $y: Boolean = false, $z: Boolean = true) {{
        used: services {{ a: totalCount @skip(if: $x) b: totalCount @skip(if: $y)
                          c: totalCount @skip(if: $z) d: totalCount }}
        {CITIZEN} {{ id {first} personName {second} {{ fullName {third} script }}
                     ... on Citizen {fourth} {{ sex }} __typename }} }}"""
    planned, reference = asyncio.run(answers(GraphQLRequest(document, dict(values))))
    assert planned["data"] == reference["data"]
    assert planned.get("errors") == reference.get("errors")
