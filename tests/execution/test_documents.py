"""Prepared documents: kept by their size, the least recently asked for go first."""

from hub.execution.documents import Documents
from schema.contract import build_schema

SCHEMA = build_schema()
SHORT = "{ __typename }"


def of_characters(count: int) -> str:
    """A valid document of so many characters."""
    return SHORT + " " * (count - len(SHORT))


def test_documents_are_kept_by_their_size() -> None:
    documents = Documents(SCHEMA, characters=10_000)
    texts = [of_characters(3_000 + place) for place in range(4)]
    for text in texts[:3]:
        documents.prepare(text, None)
    kept = documents.known(texts[0], None)
    assert kept is not None
    assert documents.prepare(texts[0], None) is kept
    documents.prepare(texts[3], None)
    assert [documents.known(text, None) is not None for text in texts] == [True, False, True, True]


def test_short_documents_are_not_countless() -> None:
    documents = Documents(SCHEMA, characters=10_000)
    texts = [of_characters(20 + place) for place in range(30)]
    for text in texts:
        documents.prepare(text, None)
    assert sum(documents.known(text, None) is not None for text in texts) == 9


def test_a_document_beyond_the_bound_is_prepared_each_time() -> None:
    documents = Documents(SCHEMA, characters=10_000)
    text = of_characters(10_001)
    assert documents.prepare(text, None).root_fields == ("__typename",)
    assert documents.known(text, None) is None
