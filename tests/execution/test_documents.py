"""The cache of documents has a total weight, and new documents do not displace used ones."""

from hub.execution.documents import Documents
from tests.support.graphql_schema import SCHEMA

SHORT = "{ __typename }"


def short(number: int) -> str:
    """Return a document that differs from others by its spaces."""
    return SHORT + " " * number


def test_new_documents_displace_each_other() -> None:
    documents = Documents(SCHEMA, weight=200)
    texts = [short(index) for index in range(10)]
    for text in texts:
        documents.prepare(text, None)
    known = [documents.known(text, None) is not None for text in texts]
    assert known == [False] * 7 + [True] * 3


def test_a_document_that_was_used_twice_stays() -> None:
    documents = Documents(SCHEMA, weight=200)
    kept = documents.prepare(short(0), None)
    assert documents.prepare(short(0), None) is kept
    for index in range(1, 50):
        documents.prepare(short(index), None)
    assert documents.known(short(0), None) is kept


def test_a_document_heavier_than_its_part_of_the_cache_is_prepared_each_time() -> None:
    documents = Documents(SCHEMA, weight=200)
    text = short(60_000)
    assert documents.prepare(text, None).root_fields == ("__typename",)
    assert documents.known(text, None) is None


def test_the_plans_of_an_operation_with_many_conditions_are_bounded() -> None:
    documents = Documents(SCHEMA)
    variables = [f"$v{n}: Boolean!" for n in range(6)]
    fields = [f"f{n}: departments @skip(if: $v{n}) {{ identifier }}" for n in range(6)]
    prepared = documents.prepare(f"query({', '.join(variables)}) {{ {' '.join(fields)} }}", None)
    for number in range(64):
        documents.planned(prepared, {f"v{n}": bool(number & 1 << n) for n in range(6)})
    assert len(prepared.plans) == 16
    assert prepared.weight > 12 * 16
