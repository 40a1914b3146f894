"""The access log in PostgreSQL: several hubs, lost connections, keys, retention."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.access import AccessLog
from hub.access.log import retention, writer
from hub.access.log.audit import verify
from hub.access.log.database import LOG_FAILURES, Statement
from hub.access.log.export import export
from hub.access.log.tree import first_id
from hub.access.log.verifier import Export
from hub.store import StoreError
from mocks.certificates.postgresql import SUPERUSER, start_postgresql
from mocks.databases.server import DatabaseServer
from schema.errors import HubError
from tests.support.access_log import CITIZEN, OTHER, entry, open_log

DAY_US = 86_400_000_000


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[DatabaseServer]:
    started = start_postgresql(None)
    await started.wait_until_ready()
    yield started
    started.stop()


@pytest.fixture
async def url(server: DatabaseServer) -> str:
    """The URL of an empty database."""
    name = f"log{time.monotonic_ns()}"
    connection = await server.connect("postgres")
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    account = f"{SUPERUSER}:{server.password}"
    return f"postgresql+asyncpg://{account}@/{name}?host={server.workspace}"


async def pages(log: AccessLog, citizen: str = CITIZEN) -> list[int]:
    """Return the microseconds of all records, read page by page."""
    found, after, more = [], None, True
    while more:
        page = await log.page(citizen, 7, after)
        found += page.records
        more = page.has_next_page
        after = page.records[-1].sort_key if more else None
    return [each.called_datetime.microsecond for each in found]


async def test_each_hub_writes_a_tree_and_all_are_read_together(url: str, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    first, second = await open_log(tmp_path, url), await open_log(tmp_path / "b", url)
    for n in range(20):
        log = first if n % 3 else second
        await log.commit([entry(CITIZEN, microseconds=n + 1), entry(OTHER)])
    assert await pages(first) == list(range(20, 0, -1))
    assert await pages(second) == list(range(20, 0, -1))
    for log in (first, second):
        await log._tree.sign()
    for log in (first, second):
        await log.maintain()
    parent = await first.checkpoint(0)
    assert parent is not None
    assert parent.splitlines()[0].endswith(b"/0")
    found = await verify(first._database, kept=[parent])
    assert found.problems == []
    # 40 entries, and the checkpoints of two trees.
    assert found.records == 42
    await export(first._database, tmp_path / "export")
    check = Export(tmp_path / "export", kept={"kept": parent})
    assert check.problems(lambda _text: None) == []
    change = "UPDATE access_log_leaf SET body = ? WHERE id = ?"
    await first._database.write([Statement(change, [(b"{}", first_id(2) + 3)])])
    (problem,) = (await verify(first._database)).problems
    assert str(problem).startswith("tree 2, record 3: was changed")
    await first.close()
    again = await open_log(tmp_path, url)
    assert again._tree.tree == 1
    assert await pages(again) == list(range(20, 0, -1))
    await again.close()
    await second.close()


async def test_a_lost_connection_loses_and_doubles_nothing(
    url: str, tmp_path: Path, server: DatabaseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "RETRY_SECONDS", 0.05)
    log = await open_log(tmp_path, url, required=False)
    connection = await server.connect("postgres")
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'log%'"
    for n in range(40):
        if n % 10 == 5:
            await connection.execute(cut)
        await log.commit([entry(CITIZEN, microseconds=n + 1)])
    for _ in range(100):
        await asyncio.sleep(0.05)
        if not log._writer.failing:
            break
    assert sorted(await _patient_pages(log)) == list(range(1, 41))
    await log._tree.sign()
    assert (await verify(log._database)).problems == []
    await connection.close()
    await log.close()
    assert log.unwritten == 0


async def _patient_pages(log: AccessLog) -> list[int]:
    for _ in range(5):
        try:
            return await pages(log)
        except HubError:
            await asyncio.sleep(0.2)
    return await pages(log)


async def test_a_database_that_refuses_is_followed_by_the_spill_file(
    url: str, tmp_path: Path, server: DatabaseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "RETRY_SECONDS", 0.05)
    log = await open_log(tmp_path, url, required=False)
    await log.commit([entry(CITIZEN, microseconds=1)])
    name = url.rpartition("@/")[2].partition("?")[0]
    connection = await server.connect("postgres")
    await connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    await connection.execute(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    )
    for n in range(30):
        await log.commit([entry(CITIZEN, microseconds=n + 2)])
    await log.close()
    assert log.unwritten == 30
    await connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    await connection.close()
    again = await open_log(tmp_path, url)
    assert await pages(again) == list(range(31, 0, -1))
    await again.close()


async def test_a_replica_with_other_keys_is_refused(url: str, tmp_path: Path) -> None:
    log = await open_log(tmp_path, url, keys="a" * 20)
    await log.commit([entry(CITIZEN)])
    with pytest.raises(StoreError, match="HUB_ACCESS_LOG_KEYS does not contain"):
        await open_log(tmp_path, url, keys="b" * 20)
    await log.close()


async def test_retention_follows_the_servers_clock(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = await open_log(tmp_path, url)
    for start in range(0, 600, 200):
        await log.commit([entry(CITIZEN) for _ in range(start, start + 200)])
    await log._tree.sign()
    real = time.time_ns()
    with monkeypatch.context() as patch:
        patch.setattr(time, "time_ns", lambda: real + 400 * DAY_US * 1000)
        assert await log.delete_old() == 0
    now_us = log._database.now_us

    async def ahead() -> int:
        return await now_us() + 366 * DAY_US

    monkeypatch.setattr(log._database, "now_us", ahead)
    assert await log.delete_old() == 0
    await retention.accept_clock(log._database, await ahead())
    assert await log.delete_old() == 512
    found = await verify(log._database)
    assert (found.without_content, found.problems) == (512, [])
    assert await log.erase(CITIZEN) == 1
    assert await pages(log) == []
    await log.close()


async def test_an_unreachable_server_is_an_error_of_the_log(url: str, tmp_path: Path) -> None:
    log = await open_log(tmp_path, url)
    database = log._database
    await database.close()
    database._url = "postgresql://nobody@127.0.0.1:1/none"  # type: ignore[attr-defined]
    with pytest.raises(LOG_FAILURES):
        await database.fetch("SELECT 1")
    await log.close()
