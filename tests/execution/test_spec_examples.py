"""Examples of the GraphQL specification: chapters 6 and 7, and input coercion.

The plan returns the data that the specification shows, and graphql-core returns the same. The
examples are from October 2021; those marked 2025 are from September 2025.
"""

from typing import Any

import orjson
import pytest

from hub.execution import Executor, GraphQLRequest, GraphQLResponse
from schema.context import RequestContext
from tests.execution.fake_sources import FakeSources
from tests.execution.spec_schema import HELD, SCHEMA
from tests.execution.test_same_answers import assert_same

EXECUTOR = Executor(SCHEMA)
REFUSED = object()
"""Expect a request error: the response has no `data` (7.1.1)."""

NAME_FAILS = "Name for character with ID 1002 could not be fetched."

# Name, document, variables, expected data.
EXAMPLES: list[tuple[str, str, dict[str, Any], Any]] = [
    ("6.1.2 a default", "query ($n: Float = 2.5) { echo(number: $n) }", {},
     {"echo": "2.5 none True"}),
    ("6.1.2 a value before the default", "query ($n: Float = 2.5) { echo(number: $n) }", {"n": 3},
     {"echo": "3.0 none True"}),
    ("6.1.2 a value that is missing", "query ($n: Float!) { echo(number: $n) }", {}, REFUSED),
    ("6.1.2 null for a non-null type", "query ($n: Float!) { echo(number: $n) }", {"n": None},
     REFUSED),
    ("6.1.2 a value of another type", "query ($n: Float) { echo(number: $n) }", {"n": "x"},
     REFUSED),
    ("6.1.2 a default is of a nullable type", "query ($e: Episode = EMPIRE) { hero(episode: $e) "
     "{ name } }", {"e": None}, {"hero": {"name": "R2-D2"}}),
    ("6.2.2 one mutation after the other", "mutation { first: changeTheNumber(newNumber: 1) "
     "{ theNumber } second: failToChangeTheNumber { theNumber } third: changeTheNumber"
     "(newNumber: 3) { theNumber } }", {},
     {"first": {"theNumber": 1}, "second": None, "third": {"theNumber": 3}}),
    ("6.3.1 fields of a query", "{ birthday { month } address { street } }", {},
     {"birthday": {"month": 7}, "address": {"street": "Station Road"}}),
    ("6.3.2 a field and a fragment", "{ a { subfield1 } ...ExampleFragment } "
     "fragment ExampleFragment on Query { a { subfield2 } b }", {},
     {"a": {"subfield1": "one", "subfield2": "two"}, "b": "b"}),
    ("6.3.2 a fragment spread twice", "{ ...F ...F b } fragment F on Query { me { lastName } }", {},
     {"me": {"lastName": "Devi"}, "b": "b"}),
    ("6.3.2 skip wins over include", "query ($y: Boolean!, $n: Boolean!) "
     "{ b @include(if: $y) @skip(if: $y) c: b @skip(if: $n) @include(if: $y) }",
     {"y": True, "n": False}, {"c": "b"}),
    ("6.4.3 selection sets are merged", "{ me { firstName } me { lastName } }", {},
     {"me": {"firstName": "Rani", "lastName": "Devi"}}),
    ("6.4.3 the type of a union's member", "{ pets { __typename ... on Cat { meows } "
     "... on Dog { barks } } }", {},
     {"pets": [{"__typename": "Dog", "barks": True}, {"__typename": "Cat", "meows": True}]}),
    ("7.1.2 an error in a nullable field", "query ($episode: Episode) { hero(episode: $episode) "
     "{ name heroFriends: friends { id name } } }", {"episode": "NEWHOPE"},
     {"hero": {"name": "R2-D2", "heroFriends": [
         {"id": "1000", "name": "Luke Skywalker"}, {"id": "1002", "name": None},
         {"id": "1003", "name": "Leia Organa"}]}}),
    ("7.1.2 an error in a non-null field", "{ hero { name heroFriends: certain "
     "{ id name } } }", {},
     {"hero": {"name": "R2-D2", "heroFriends": [
         {"id": "1000", "name": "Luke Skywalker"}, None,
         {"id": "1003", "name": "Leia Organa"}]}}),
    ("6.4.4 a list with non-null items", "{ hero { name allCertain { id name } } }", {},
     {"hero": {"name": "R2-D2", "allCertain": None}}),
    ("7.2.2 keys in selection order", "{ b me { lastName firstName } a { subfield2 subfield1 } }",
     {}, {"b": "b", "me": {"lastName": "Devi", "firstName": "Rani"},
          "a": {"subfield2": "two", "subfield1": "one"}}),
    ("3.10 both fields", '{ example(arg: {a: "abc", b: 123}) }', {},
     {"example": "a abc, b 123"}),
    ("3.10 null is not an omitted field", "{ example(arg: {a: null, b: 123}) }", {},
     {"example": "a None, b 123"}),
    ("3.10 an omitted field", "{ example(arg: {b: 123}) }", {}, {"example": "a absent, b 123"}),
    ("3.10 an omitted variable is an omitted field",
     "query ($var: String) { example(arg: {a: $var, b: 123}) }", {},
     {"example": "a absent, b 123"}),
    ("3.10 a variable that is null", "query ($var: String) { example(arg: {a: $var, b: 123}) }",
     {"var": None}, {"example": "a None, b 123"}),
    ("3.10 a missing required field", '{ example(arg: {a: "abc"}) }', {}, REFUSED),
    ("3.10 an unknown field", '{ example(arg: {a: "abc", b: 1, c: 2}) }', {}, REFUSED),
    ("3.10 a number is not a string", "{ example(arg: {a: 123, b: 123}) }", {}, REFUSED),
    ("3.10 the object by a variable", "query ($o: ExampleInput) { example(arg: $o) }",
     {"o": {"b": 5}}, {"example": "a absent, b 5"}),
    ("3.11 one item for a list", "{ listed(of: 1) }", {}, {"listed": "[1]"}),
    ("3.11 a list with null in it", "{ listed(of: [1, null, 3]) }", {},
     {"listed": "[1, None, 3]"}),
    ("3.11 null for a list", "{ listed(of: null) }", {}, {"listed": "None"}),
    ("3.11 no list", "{ listed }", {}, {"listed": "absent"}),
    ("3.11 a string in a list of numbers", '{ listed(of: [1, "b", true]) }', {}, REFUSED),
    ("3.11 lists of lists", "{ nested(of: [[1], [2, 3], null]) }", {},
     {"nested": [[1], [2, 3], None]}),
    ("3.11 one item for a list of lists", "{ nested(of: 1) }", {}, {"nested": [[1]]}),
    ("3.11 items for a list of lists (2025)", "query ($l: [[Int]]) { nested(of: $l) }",
     {"l": [1, 2, 3]}, {"nested": [[1], [2], [3]]}),
    ("3.5 an integer for a Float", "{ echo(number: 1) }", {}, {"echo": "1.0 none True"}),
    ("3.5 a number is not a Boolean", "{ echo(flag: 1) }", {}, REFUSED),
    ("3.5 a custom scalar, in and out", '{ colour(of: "ff") }', {}, {"colour": "ff"}),
    ("3.5 a custom scalar by a variable", "query ($c: Hex!) { later(day: \"2026-11-01\", "
     "colour: $c) }", {"c": "1e"}, {"later": "2026-12-01"}),
    ("3.5 an invalid value of a custom scalar", '{ colour(of: "no") }', {}, REFUSED),
    ("2.9.4 a block string", '{ echo(text: """\n    Hello,\n      World!\n    """) }', {},
     {"echo": "1.5 Hello,\n  World! True"}),
    ("2.9.4 a character beyond the basic plane (2025)", '{ echo(text: "\\u{1F600}") }', {},
     {"echo": "1.5 \U0001f600 True"}),
    ("3.10.1 exactly one field (2025)", '{ pet(pet: {cat: "Mani"}) }', {}, {"pet": "cat Mani"}),
    ("3.10.1 two fields (2025)", '{ pet(pet: {cat: "Mani", dog: 123}) }', {}, REFUSED),
    ("3.10.1 null is not a value (2025)", "{ pet(pet: {cat: null}) }", {}, REFUSED),
    ("3.10.1 no field (2025)", "{ pet(pet: {}) }", {}, REFUSED),
    ("3.10.1 by a variable (2025)", "query ($v: Pet!) { pet(pet: $v) }", {"v": {"dog": 3}},
     {"pet": "dog 3"}),
    ("3.10.1 two fields by a variable (2025)", "query ($v: Pet!) { pet(pet: $v) }",
     {"v": {"dog": 3, "cat": "Mani"}}, REFUSED),
]  # fmt: skip


def context() -> RequestContext:
    return RequestContext("test", lambda _needed: FakeSources())


def as_json(response: GraphQLResponse) -> Any:
    return orjson.loads(orjson.dumps(response.body))


@pytest.mark.parametrize(
    ("document", "variables", "expected"),
    [pytest.param(*rest, id=name) for name, *rest in EXAMPLES],
)
async def test_an_example_of_the_specification(
    document: str, variables: dict[str, Any], expected: Any
) -> None:
    request = GraphQLRequest(document, variables)
    planned = await EXECUTOR.execute(request, context())
    reference = await EXECUTOR.execute_with_graphql_core(request, context())
    if expected is REFUSED:
        assert not planned.executed
        assert "data" not in planned.body
        expected_messages = [error["message"] for error in reference.body["errors"]]
        assert [error["message"] for error in planned.body["errors"]] == expected_messages
        return
    assert planned.executor == "plan"
    body = as_json(planned)
    assert body["data"] == expected
    assert list(body["data"]) == list(expected)
    assert_same(body, as_json(reference), document)


@pytest.mark.parametrize(
    ("friends", "path"),
    [
        ("friends", ["hero", "heroFriends", 1, "name"]),
        ("certain", ["hero", "heroFriends", 1, "name"]),
    ],
)
async def test_an_error_has_the_path_and_location_of_the_failed_field(
    friends: str, path: list[Any]
) -> None:
    """7.1.2: the path is the same whether or not the null propagated."""
    document = f"{{ hero {{ heroFriends: {friends} {{ name }} }} }}"
    (error,) = as_json(await EXECUTOR.execute(GraphQLRequest(document), context()))["errors"]
    assert (error["message"], error["path"]) == (NAME_FAILS, path)
    column = document.index("name") + 1
    assert error["locations"] == [{"line": 1, "column": column}]


async def test_mutations_run_in_order() -> None:
    """6.2.2: the number is `1`, then `3`, then `2`."""
    document = (
        "mutation { "
        + " ".join(
            f"{name}: changeTheNumber(newNumber: {number}) {{ theNumber }}"
            for name, number in (("first", 1), ("second", 3), ("third", 2))
        )
        + " }"
    )
    response = await EXECUTOR.execute(GraphQLRequest(document), context())
    assert [each["theNumber"] for each in response.body["data"].values()] == [1, 3, 2]
    assert HELD == [2]


async def test_a_request_error_has_no_data() -> None:
    """7.1: `data` is absent if execution did not begin."""
    for document in ("{ unknown }", "{", "query A { b } query B { b }"):
        response = await EXECUTOR.execute(GraphQLRequest(document), context())
        assert "data" not in response.body
        assert response.body["errors"]
