"""A plan and graphql-core return the same data and the same errors."""

import re
from random import Random
from typing import Any

import orjson
import pytest
from graphql import parse, validate

from hub.execution import Executor, GraphQLRequest
from tests.execution.fake_sources import new_context
from tests.execution.operations import OperationMaker
from tests.execution.wide_limits import WIDE
from tests.support.graphql_schema import SCHEMA

OPERATIONS = 5000
BATCHES = 10
MUTATION_EVERY = 10
EXECUTOR = Executor(SCHEMA, debug=True, limits=WIDE)


async def answers(request: GraphQLRequest) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the plan's response and graphql-core's response, as decoded JSON."""
    planned = await EXECUTOR.execute(request, new_context())
    reference = await EXECUTOR.execute_with_graphql_core(request, new_context())
    return orjson.loads(orjson.dumps(planned.body)), orjson.loads(orjson.dumps(reference.body))


Errors = list[tuple[str, str]]


def split_errors(body: dict[str, Any]) -> tuple[Errors, Errors]:
    """Return the errors as path and message: first those in the data, then those below a null.

    When a null propagates, sibling fields may continue or be cancelled (GraphQL spec, 6.4.4).
    graphql-core cancels some of them; a plan lets all of them finish.
    """
    shown: Errors = []
    below_null: Errors = []
    for error in body.get("errors", ()):
        path = error.get("path") or []
        found = below_null if is_below_null(body.get("data"), path) else shown
        found.append((str(path), error["message"]))
    return sorted(shown), sorted(below_null)


def is_below_null(data: Any, path: list[str | int]) -> bool:
    for step in path:
        if data is None:
            return True
        data = data[step]
    return False


def assert_same(planned: dict[str, Any], reference: dict[str, Any], document: str) -> None:
    assert planned.get("data") == reference.get("data"), document
    shown, below_null = split_errors(planned)
    expected, expected_below_null = split_errors(reference)
    assert shown == expected, document
    assert set(expected_below_null) <= set(below_null), document
    assert bool(expected_below_null) == bool(below_null), document


def seen_in(document: str, body: dict[str, Any]) -> set[str]:
    """Return the features that this operation and its response are examples of."""
    data = body.get("data")
    marks = {
        "a fragment": "fragment Part" in document,
        "an inline fragment": "... on " in document,
        "an alias": re.search(r"\ba\d+: ", document) is not None,
        "@skip": "@skip(if: $" in document,
        "@include": "@include(if: t" in document,
        "an abstract type": "on ServiceCentre" in document,
        "a problem": data is not None and "__typename" in document and "Problem" in str(data),
        "a mutation": document.startswith("mutation"),
        "a failing field": "errors" in body,
        "a failing mutation": document.startswith("mutation") and "errors" in body,
        "a null root": data is not None and None in data.values(),
        "no failure": "errors" not in body,
    }
    return {name for name, holds in marks.items() if holds}


EXAMPLES = frozenset(
    {
        "a fragment", "an inline fragment", "an alias", "@skip", "@include", "an abstract type",
        "a problem", "a mutation", "a failing field", "a failing mutation", "a null root",
        "no failure",
    }
)  # fmt: skip


@pytest.mark.timeout(400)
@pytest.mark.slow
@pytest.mark.parametrize("batch", range(BATCHES))
async def test_generated_operations_return_the_same_response(batch: int) -> None:
    seen = await compare_operations(OPERATIONS // BATCHES, Random(20261124 + batch))
    assert seen == EXAMPLES


async def test_some_generated_operations_return_the_same_response() -> None:
    assert await compare_operations(50, Random(20261124 + BATCHES))


async def compare_operations(count: int, random: Random) -> set[str]:
    """Compare the responses to generated operations; return which examples were among them."""
    maker = OperationMaker(SCHEMA._schema, random)
    done = 0
    seen: set[str] = set()
    while done < count:
        document, variables = maker.make("mutation" if done % MUTATION_EVERY == 0 else "query")
        if validate(SCHEMA._schema, parse(document)):
            continue
        done += 1
        planned, reference = await answers(GraphQLRequest(document, dict(variables)))
        assert planned["extensions"] == {"executor": "plan"}
        assert_same(planned, reference, document)
        assert orjson.dumps(planned["data"]) == orjson.dumps(reference["data"])
        seen |= seen_in(document, planned)
    return seen
