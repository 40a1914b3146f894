"""A connection that went stale is replaced unseen; one that breaks costs no second call."""

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
    """Each of them in turn."""
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
    served.door.calls.reset()
    served.door.switchboard.replace({fault: 1})
    try:
        with pytest.raises(DepartmentError):
            await rows_of(adapter, "DEVA")
    finally:
        served.door.switchboard.clear()
    total: int = served.door.calls.summary()["total"]
    return total


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every connection counts as one that was idle for long."""
    monkeypatch.setattr(failures, "STALE_SECONDS", 0)


@pytest.mark.usefixtures("idle")
async def test_a_restarted_database_is_not_noticed(
    adapter: ManifestAdapter, served: ServedDatabase
) -> None:
    await rows_of(adapter, "DEVA")
    await served.door.reopen()
    assert len((await rows_of(adapter, "DEVA"))["DEVA"].records) == 1
    await adapter.close()


@pytest.mark.usefixtures("idle")
async def test_one_that_was_idle_and_is_lost_is_replaced_once(
    adapter: ManifestAdapter, served: ServedDatabase
) -> None:
    await rows_of(adapter, "DEVA")
    assert await calls_of_a_failure(adapter, served, "reset_after_write") == 2
    assert await calls_of_a_failure(adapter, served, "reset_after_write") == 1
    assert len((await rows_of(adapter, "DEVA"))["DEVA"].records) == 1
    await adapter.close()


@pytest.mark.parametrize("fault", ["reset_after_write", "garbage", "truncate"])
async def test_what_breaks_in_use_is_not_asked_again(
    adapter: ManifestAdapter, served: ServedDatabase, fault: str
) -> None:
    await rows_of(adapter, "DEVA")
    for _ in range(2):
        assert await calls_of_a_failure(adapter, served, fault) == 1
    assert len((await rows_of(adapter, "DEVA"))["DEVA"].records) == 1
    await adapter.close()


@pytest.mark.usefixtures("idle")
async def test_many_lost_at_once_are_each_replaced_once(
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
        await postgresql.door.reopen()
        await ask_all()
        await ask_all()
        assert logins <= first
    await adapter.close()


async def test_logins_at_postgresql_come_one_after_another(
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
