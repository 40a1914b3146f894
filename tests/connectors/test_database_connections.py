"""Stale connections are replaced silently; a connection that breaks in use is not retried."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from adapters.adapter import ManifestAdapter
from adapters.connectors.database import failures
from adapters.contract import DepartmentError
from tests.connectors.databases import ServedDatabase
from tests.connectors.manifests import adapter_of, rows_of


@pytest.fixture(params=["postgresql", "mariadb"])
def served(request: pytest.FixtureRequest) -> ServedDatabase:
    """Each server in turn."""
    found: ServedDatabase = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def adapter(folder: Path, served: ServedDatabase) -> ManifestAdapter:
    return new_adapter(folder, served)


def new_adapter(folder: Path, served: ServedDatabase) -> ManifestAdapter:
    connector = {"kind": "database", "url": served.url}
    capability = {"call": {"sql": served.sql}, "keys": {"at_once": 50}, "key": "person"}
    return adapter_of(folder, connector, {"applications_by_citizen": capability})


async def calls_of_a_failure(adapter: ManifestAdapter, served: ServedDatabase, fault: str) -> int:
    served.proxy.calls.reset()
    served.proxy.switchboard.replace({fault: 1})
    try:
        with pytest.raises(DepartmentError):
            await rows_of(adapter, "DEVA")
    finally:
        served.proxy.switchboard.clear()
    total: int = served.proxy.calls.summary()["total"]
    return total


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every connection count as idle for long."""
    monkeypatch.setattr(failures, "STALE_SECONDS", 0)


@pytest.mark.usefixtures("idle")
async def test_a_restart_of_the_database_is_not_visible(
    adapter: ManifestAdapter, served: ServedDatabase
) -> None:
    await rows_of(adapter, "DEVA")
    await served.proxy.reopen()
    assert len((await rows_of(adapter, "DEVA"))["DEVA"].records) == 1
    await adapter.close()


@pytest.mark.usefixtures("idle")
async def test_a_lost_idle_connection_is_replaced_once(
    adapter: ManifestAdapter, served: ServedDatabase
) -> None:
    await rows_of(adapter, "DEVA")
    assert await calls_of_a_failure(adapter, served, "reset_after_write") == 2
    assert await calls_of_a_failure(adapter, served, "reset_after_write") == 1
    assert len((await rows_of(adapter, "DEVA"))["DEVA"].records) == 1
    await adapter.close()


@pytest.mark.parametrize("fault", ["reset_after_write", "garbage", "truncate"])
async def test_a_statement_is_not_repeated_after_its_connection_breaks(
    adapter: ManifestAdapter, served: ServedDatabase, fault: str
) -> None:
    await rows_of(adapter, "DEVA")
    for _ in range(2):
        assert await calls_of_a_failure(adapter, served, fault) == 1
    assert len((await rows_of(adapter, "DEVA"))["DEVA"].records) == 1
    await adapter.close()


@pytest.mark.usefixtures("idle")
async def test_each_of_many_lost_connections_is_replaced_once(
    folder: Path, postgresql: ServedDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    logins = 0

    async def connect(*arguments: Any, **options: Any) -> asyncpg.Connection:
        nonlocal logins
        logins += 1
        return await log_in(*arguments, **options)

    log_in = asyncpg.connect
    monkeypatch.setattr(asyncpg, "connect", connect)
    adapter = new_adapter(folder, postgresql)

    async def ask_all() -> None:
        found = await asyncio.gather(*(rows_of(adapter, "DEVA") for _ in range(8)))
        assert all(len(each["DEVA"].records) == 1 for each in found)

    await ask_all()
    assert logins > 1
    for _ in range(2):
        first, logins = logins, 0
        await postgresql.proxy.reopen()
        await ask_all()
        await ask_all()
        assert logins <= first
    await adapter.close()


async def test_postgresql_connections_are_opened_one_after_another(
    folder: Path, postgresql: ServedDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way: list[int] = [0]

    async def connect(*arguments: Any, **options: Any) -> asyncpg.Connection:
        under_way.append(under_way[-1] + 1)
        try:
            return await log_in(*arguments, **options)
        finally:
            under_way.append(under_way[-1] - 1)

    log_in = asyncpg.connect
    monkeypatch.setattr(asyncpg, "connect", connect)
    adapter = new_adapter(folder, postgresql)
    found = await asyncio.gather(*(rows_of(adapter, "DEVA") for _ in range(8)))
    assert all(len(each["DEVA"].records) == 1 for each in found)
    assert under_way.count(1) > 1
    assert max(under_way) == 1
    await adapter.close()
