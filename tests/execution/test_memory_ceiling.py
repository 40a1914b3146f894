"""Whatever documents callers send, the memory for documents has a ceiling."""

import gc
import http.client
import json
from collections.abc import Callable

import httpx
import pytest

from hub.execution import Executor, GraphQLRequest
from tests.execution.fake_sources import new_context
from tests.integration.test_hostile_requests import resident_mib
from tests.support.graphql_schema import SCHEMA
from tests.support.processes import Hub

EXECUTOR = Executor(SCHEMA)


def small(number: int) -> str:
    return f'{{ service(code: "x{number}") {{ code }} }}'


def with_aliases(number: int, aliases: int) -> str:
    fields = (f'a{n}: service(code: "x{number}") {{ code }}' for n in range(aliases))
    return f"{{ {' '.join(fields)} }}"


async def _send(documents: list[str]) -> int:
    """Execute documents; return the number of objects that exist afterwards."""
    for each in documents:
        await EXECUTOR.execute(GraphQLRequest(each), new_context())
    return len(gc.get_objects())


@pytest.mark.parametrize(
    ("make", "first", "then"),
    [(small, 1_000, 2_000), (lambda number: with_aliases(number, 60), 60, 30)],
    ids=["3,000 small documents", "90 documents with 60 aliases"],
)
async def test_documents_are_freed_without_the_garbage_collector(
    make: Callable[[int], str], first: int, then: int
) -> None:
    gc.collect()
    gc.disable()
    try:
        full = await _send([make(number) for number in range(first)])
        later = await _send([make(number) for number in range(first, first + then)])
    finally:
        gc.enable()
    # Validation leaves some 35 objects, none of the document. A document has more than 100.
    assert later - full < 60 * then


async def test_failing_operations_are_freed_without_the_garbage_collector() -> None:
    document = with_aliases(0, 100)
    before = await _send([document] * 5)
    gc.collect()
    gc.disable()
    try:
        before = await _send([document] * 5)
        after = await _send([document] * 50)
    finally:
        gc.enable()
    assert after - before < 2_000


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_thirty_thousand_documents_find_a_plateau() -> None:
    hub = Hub({})
    url = httpx.URL(hub.url)
    connection = http.client.HTTPConnection(url.host, url.port or 80, timeout=30)

    def send(document: str) -> None:
        body = json.dumps({"query": document})
        connection.request("POST", "/graphql", body, {"Content-Type": "application/json"})
        connection.getresponse().read()

    try:
        for number in range(5_000):
            send(small(number))
        for number in range(100):
            send(with_aliases(number, 150))
        plateau = resident_mib(hub.process_id)
        for number in range(5_000, 30_000):
            send(small(number))
        for number in range(100, 500):
            send(with_aliases(number, 150))
        assert resident_mib(hub.process_id) < plateau + 25
    finally:
        connection.close()
        hub.stop()
