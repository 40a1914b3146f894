"""The cache of documents has a total size; the least recently used documents leave first."""

from hub.execution.documents import Documents
from schema.contract import build_schema

SCHEMA = build_schema()
SHORT = "{ __typename }"


def of_characters(count: int) -> str:
    """Return a valid document with this number of characters."""
    return SHORT + " " * (count - len(SHORT))


def test_the_cache_is_limited_by_the_size_of_its_documents() -> None:
    documents = Documents(SCHEMA, characters=10_000)
    texts = [of_characters(3_000 + index) for index in range(4)]
    for text in texts[:3]:
        documents.prepare(text, None)
    kept = documents.known(texts[0], None)
    assert kept is not None
    assert documents.prepare(texts[0], None) is kept
    documents.prepare(texts[3], None)
    assert [documents.known(text, None) is not None for text in texts] == [True, False, True, True]


def test_the_number_of_short_documents_is_limited() -> None:
    documents = Documents(SCHEMA, characters=10_000)
    texts = [of_characters(20 + index) for index in range(30)]
    for text in texts:
        documents.prepare(text, None)
    assert sum(documents.known(text, None) is not None for text in texts) == 9


def test_a_document_larger_than_the_cache_is_prepared_each_time() -> None:
    documents = Documents(SCHEMA, characters=10_000)
    text = of_characters(10_001)
    assert documents.prepare(text, None).root_fields == ("__typename",)
    assert documents.known(text, None) is None
