"""The tables of revocations and of queued acts, in both databases."""

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from hub.store import Store, open_store
from hub.store.queued_acts import CLAIM_TIME, ActQueue, QueuedAct
from hub.store.revocations import Revocation, RevocationTable
from hub.store.tables import change_counter, queued_act, revocation
from tests.connectors.databases import serve_postgresql

NOW = dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture(scope="module")
async def postgresql() -> AsyncIterator[str]:
    database = await serve_postgresql()
    yield database.owner
    await database.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/hub.db"
    url: str = request.getfixturevalue("postgresql")
    return url


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    store = await open_store(store_url)
    async with store.engine.begin() as connection:
        for table in (revocation, queued_act, change_counter):
            await connection.execute(delete(table))
    yield store
    await store.close()


def act(name: str = "REVOKE", at: dt.datetime = NOW) -> QueuedAct:
    return QueuedAct(name, "centre CSC-1", "audit", "root", at)


def of_centre(reason: str = "audit", until: dt.datetime | None = None) -> Revocation:
    return Revocation("centre", "CSC-1", NOW, until, reason)


async def test_a_revocation_is_loaded_until_it_ends(store: Store) -> None:
    table = RevocationTable(store)
    added = of_centre(until=NOW + HOUR)
    await table.save(added, act())
    assert await table.load(NOW) == [added]
    assert await table.load(NOW + HOUR) == []


async def test_a_second_revocation_replaces_the_first(store: Store) -> None:
    table = RevocationTable(store)
    await table.save(of_centre(until=NOW + HOUR), act())
    await table.save(of_centre("fraud"), act())
    assert await table.load(NOW + 2 * HOUR) == [of_centre("fraud")]


async def test_each_change_is_counted(store: Store) -> None:
    table = RevocationTable(store)
    assert await table.changes() == 0
    await table.save(of_centre(), act())
    await table.save(of_centre(), act())
    assert await table.changes() == 2
    assert await table.remove("centre", "CSC-1", act("UNDO_REVOCATION"))
    assert await table.changes() == 3
    assert not await table.remove("centre", "CSC-1", act("UNDO_REVOCATION"))
    assert await table.changes() == 3


async def test_an_act_is_handed_to_one_process(store: Store) -> None:
    table, queue = RevocationTable(store), ActQueue(store)
    first, second = act(), act("UNDO_REVOCATION", NOW + HOUR)
    await table.save(of_centre(), first)
    await table.remove("centre", "CSC-1", second)
    assert await queue.claim(NOW) == [first, second]
    assert await queue.claim(NOW) == []
    await queue.release([second])
    await queue.remove([first])
    assert await queue.claim(NOW) == [second]


async def test_an_act_is_handed_out_again_if_its_process_died(store: Store) -> None:
    queue, given = ActQueue(store), act()
    await RevocationTable(store).save(of_centre(), given)
    await queue.claim(NOW)
    assert await queue.claim(NOW + CLAIM_TIME) == []
    assert await queue.claim(NOW + CLAIM_TIME + HOUR) == [given]
