"""The limits of documents and variables, and the time to check them."""

import time
from pathlib import Path

import pytest
from graphql import GraphQLError, get_introspection_query, parse

from hub.execution.demand import Limits
from hub.execution.demand.document_size import check_document
from hub.execution.demand.validation import MAX_VALIDATION_ERRORS, validate_bounded
from hub.execution.documents import DocumentError, Documents
from tests.support.graphql_schema import SCHEMA

ROOT = Path(__file__).parents[2]
OWN = [
    *(ROOT / "mocks/lab/queries").glob("*.graphql"),
    *(ROOT / "tests/cases/portal").glob("*.graphql"),
    *(ROOT / "hub/http/static/examples").glob("*.graphql"),
]


class Every(dict[str, object]):
    """Variables that all have this value."""

    def get(self, name: str, default: object = None) -> object:
        return 100


@pytest.mark.parametrize("file", OWN, ids=lambda file: file.stem)
def test_the_projects_own_operations_are_within_all_limits(file: Path) -> None:
    documents = Documents(SCHEMA)
    text = file.read_text(encoding="utf-8")
    for definition in parse(text).definitions:
        if definition.kind == "operation_definition":
            name = definition.name.value if definition.name else None  # type: ignore[attr-defined]
            prepared = documents.prepare(text, name)
            cost = documents.planned(prepared, dict.fromkeys(prepared.conditions, True)).cost
            assert cost.estimate(Every()) <= Limits().cost


def test_the_introspection_of_graphiql_is_within_all_limits() -> None:
    documents = Documents(SCHEMA)
    text = get_introspection_query(
        descriptions=True,
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )
    prepared = documents.prepare(text, None)
    assert documents.planned(prepared, {}).cost.estimate({}) <= Limits().cost


def error_of(text: str, limits: Limits) -> GraphQLError:
    with pytest.raises(GraphQLError) as raised:
        check_document(parse(text), limits)
    return raised.value


@pytest.mark.parametrize(
    ("text", "limits", "message", "column"),
    [
        ("{ a { b { c } } }", Limits(depth=2), "3 nested fields", 11),
        ("{ a { ...F } } fragment F on T { b { c } }", Limits(depth=2), "3 nested", 38),
        ("{ ...F a { ...F } } fragment F on T { b { c } }", Limits(depth=2), "3 nested", 12),
        ("{ a b c }", Limits(fields=2), "3 fields in the operation", 1),
        ("query Q { a b c }", Limits(root_fields=2), "3 root fields in `Q`", 1),
        ("{ ...F ...F } fragment F on T { a b }", Limits(root_fields=3), "4 root fields", 1),
        ("{ ... on T { a } ... { b } }", Limits(root_fields=1), "2 root fields", 1),
        ("{ a: x ...F ...F } fragment F on T { b: x }", Limits(aliases=2), "3 aliases", 1),
        ("{ a } fragment F on T { a: x }", Limits(aliases=0), "1 aliases in `F`", 7),
        ("query ($a: Int @d) @d { a @d }", Limits(directives=2), "3 directives", 1),
        ("{ ...F @d } fragment F on T { a @d }", Limits(directives=1), "2 directives", 1),
        ("query A { a } query B { a }", Limits(operations=1), "2 operations", None),
    ],
)
def test_an_error_names_the_limit_the_count_and_the_part(
    text: str, limits: Limits, message: str, column: int | None
) -> None:
    error = error_of(text, limits)
    assert error.message.startswith(message)
    assert "HUB_MAX_" in error.message
    assert [each.column for each in error.locations or ()] == ([column] if column else [])


@pytest.mark.parametrize("spreads", [2, 30])
def test_exponential_fragments_are_counted_in_linear_time(spreads: int) -> None:
    chain = [f"fragment F{n} on T {{ {f'...F{n + 1} ' * spreads} }}" for n in range(49)]
    document = parse(f"{{ ...F0 }} {' '.join(chain)} fragment F49 on T {{ a }}")
    began = time.perf_counter()
    with pytest.raises(GraphQLError, match="root fields"):
        check_document(document, Limits())
    assert time.perf_counter() - began < 0.1


def test_a_document_is_counted_with_all_its_operations() -> None:
    assert check_document(parse("query A { a } query B { a b c { d } }"), Limits()) == 4


@pytest.mark.parametrize(
    "variables",
    [
        {"a": [1, 2, 3, 4]},
        {"a": {"b": 1, "c": 2}, "d": 1},
        {"a": [[[1]]]},
        {"a": {"b": {"c": {"d": 1}}}},
    ],
)
def test_variables_are_limited(variables: dict[str, object]) -> None:
    with pytest.raises(GraphQLError, match="HUB_MAX_VARIABLE_"):
        Limits(variable_values=3, variable_depth=2).check_variables(variables)


def test_small_variables_pass() -> None:
    Limits(variable_values=4, variable_depth=2).check_variables({"a": {"b": [1]}, "c": "x"})


def test_validation_reports_the_first_errors_only() -> None:
    fields = " ".join(f"x{n}" for n in range(900))
    errors = validate_bounded(SCHEMA._schema, parse(f"{{ departments {{ {fields} }} }}"))
    assert len(errors) == MAX_VALIDATION_ERRORS


def test_the_comparison_of_fields_is_bounded() -> None:
    # graphql-core compares each pair (CVE-2026-75507).
    document = parse("{ " + "departments { services { code } } " * 400 + "}")
    began = time.perf_counter()
    (error,) = validate_bounded(SCHEMA._schema, document)
    assert "same key" in error.message
    assert time.perf_counter() - began < 2


def test_a_document_of_too_many_tokens_is_not_parsed() -> None:
    began = time.perf_counter()
    with pytest.raises(DocumentError) as raised:
        Documents(SCHEMA, Limits(document_bytes=10**7)).prepare("{ " + "a " * 100_000 + "}", None)
    assert "2,001 tokens or more" in raised.value.errors[0].message
    assert time.perf_counter() - began < 0.5
