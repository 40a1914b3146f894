"""Documents that are not in the cache are prepared one after another, beside the event loop."""

import asyncio
import threading

import pytest

from hub.execution.compiler import Compiler
from hub.execution.documents import DocumentError, Documents
from hub.execution.preparation import MAX_WAITING, Preparation
from schema.errors import HubError
from tests.support.graphql_schema import SCHEMA


def new_preparation() -> tuple[Documents, Preparation]:
    documents = Documents(SCHEMA)
    return documents, Preparation(documents, lambda: Compiler(SCHEMA))


async def test_requests_for_one_document_share_the_work() -> None:
    documents, preparation = new_preparation()
    text = "{ departments { identifier } }"
    found = await asyncio.gather(*(preparation.prepare(text, None) for _ in range(200)))
    assert len({id(each) for each in found}) == 1
    assert documents.known(text, None) is found[0]
    assert found[0].plans


async def test_too_many_different_documents_are_refused() -> None:
    _, preparation = new_preparation()
    results = await asyncio.gather(
        *(preparation.prepare("{ __typename }" + " " * n, None) for n in range(MAX_WAITING + 5)),
        return_exceptions=True,
    )
    refused = [each for each in results if isinstance(each, HubError)]
    assert [each.code for each in refused] == ["OVERLOADED"] * 5
    # The hub prepares again as soon as the thread has caught up.
    await preparation.prepare("{ __typename }", None)


async def test_each_request_for_a_wrong_document_gets_its_errors() -> None:
    _, preparation = new_preparation()
    results = await asyncio.gather(
        *(preparation.prepare("{ nothing }", None) for _ in range(5)), return_exceptions=True
    )
    assert all(isinstance(each, DocumentError) and len(each.errors) == 1 for each in results)


async def test_a_client_that_leaves_does_not_stop_the_work_for_others() -> None:
    documents, preparation = new_preparation()
    text = "{ departments { __typename } }"
    leaving = asyncio.create_task(preparation.prepare(text, None))
    staying = asyncio.create_task(preparation.prepare(text, None))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying) is documents.known(text, None)
    with pytest.raises(asyncio.CancelledError):
        await leaving


async def test_work_runs_outside_the_event_loop() -> None:
    _, preparation = new_preparation()
    assert await preparation.run("key", threading.get_ident) != threading.get_ident()
