"""Uploaded documents of two hubs on one PostgreSQL database and one folder."""

import asyncio
import datetime as dt
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.durable.attachments import AttachmentGoneError, AttachmentKeyError
from hub.durable.attachments.table import bind
from hub.store.transactions import writing
from mocks.certificates.postgresql import SUPERUSER, start_postgresql
from mocks.databases.server import DatabaseServer
from tests.support.attachments import MEMBER, PRINCIPAL, AttachmentBench, attachment_bench
from tests.support.uploads import pdf, png

Hubs = tuple[AttachmentBench, AttachmentBench]


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[DatabaseServer]:
    started = start_postgresql(None)
    await started.wait_until_ready()
    yield started
    started.stop()


@pytest.fixture
async def hubs(server: DatabaseServer, tmp_path: Path) -> AsyncIterator[Hubs]:
    name = f"attachments{time.monotonic_ns()}"
    connection = await server.connect("postgres")
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    account = f"{SUPERUSER}:{server.password}"
    url = f"postgresql+asyncpg://{account}@/{name}?host={server.workspace}"
    async with (
        attachment_bench(tmp_path, database_url=url) as first,
        attachment_bench(tmp_path, database_url=url) as second,
    ):
        yield first, second


async def store(hub: AttachmentBench, content: bytes, key: str) -> str:
    upload = await hub.received(content)
    try:
        stored = await hub.attachments.store(
            upload, member=MEMBER, principal=PRINCIPAL, evidence="", key=key
        )
    finally:
        await upload.discard()
    return stored.attachment_id


async def test_one_key_gives_one_document_in_both_hubs(hubs: Hubs) -> None:
    ids = await asyncio.gather(*(store(hubs[number % 2], pdf(), "key") for number in range(20)))
    assert len(set(ids)) == 1
    assert [each.name for each in hubs[0].files()] == [ids[0]]
    with pytest.raises(AttachmentKeyError):
        await store(hubs[1], png(), "key")
    (found,) = (await hubs[1].attachments.of(ids, MEMBER)).values()
    assert await hubs[1].attachments.read(found) == pdf()


async def test_a_document_is_in_one_submission_only(hubs: Hubs) -> None:
    attachment_id = await store(hubs[0], pdf(), "key")

    async def submit(hub: AttachmentBench, receipt: str) -> None:
        async with writing(hub.store) as connection:
            await bind(connection, [attachment_id], receipt)

    results = await asyncio.gather(
        *(submit(hubs[number % 2], f"CH{number}") for number in range(10)), return_exceptions=True
    )
    assert sum(each is None for each in results) == 1
    assert sum(isinstance(each, AttachmentGoneError) for each in results) == 9


async def test_both_sweeps_together_delete_each_document_once(hubs: Hubs) -> None:
    for number in range(10):
        await store(hubs[number % 2], pdf(), f"key-{number}")
    for hub in hubs:
        hub.now += dt.timedelta(days=8)
    counts = await asyncio.gather(*(hub.attachments.sweep() for hub in hubs))
    assert sum(counts) == 10
    assert hubs[0].files() == []
