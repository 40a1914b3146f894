"""Changes that are made together: each has its own result, and one that fails fails alone."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.store import open_store
from hub.store.group_commit import GroupCommit, Outcomes
from hub.store.submission_tables import delivery_hold
from hub.store.transactions import reading


async def test_an_item_that_fails_does_not_fail_the_others(tmp_path: Path) -> None:
    store = await open_store(f"sqlite+aiosqlite:///{tmp_path}/hub.db")
    committed: list[str] = []

    async def add(connection: AsyncConnection, names: Sequence[str]) -> Outcomes[str]:
        for name in names:
            row = {"department": name, "since_us": 1, "until_us": 2, "failures": 1, "error": "X"}
            await connection.execute(insert(delivery_hold).values(row))
        if "b" in names:
            raise LookupError("b")
        return [KeyError(name) if name == "c" else name for name in names]

    group = GroupCommit(store, add, lambda names, _outcomes: committed.extend(names))
    results = await asyncio.gather(*map(group.run, "abcd"), return_exceptions=True)
    assert [results[0], results[3]] == ["a", "d"]
    assert isinstance(results[1], LookupError)
    # Its row is stored: an outcome can be an exception.
    assert isinstance(results[2], KeyError)
    assert committed == ["a", "c", "d"]
    async with reading(store) as connection:
        count = select(func.count()).select_from(delivery_hold)
        assert (await connection.execute(count)).scalar_one() == 3
    await store.close()


async def test_items_that_wait_together_need_few_commits(tmp_path: Path) -> None:
    store = await open_store(f"sqlite+aiosqlite:///{tmp_path}/hub.db")
    groups: list[int] = []

    async def note(_connection: AsyncConnection, items: Sequence[int]) -> Outcomes[int]:
        groups.append(len(items))
        return items

    group = GroupCommit(store, note)
    assert await asyncio.gather(*map(group.run, range(20))) == list(range(20))
    assert len(groups) <= 2
    await store.close()


async def test_an_item_nobody_waits_for_any_more_is_stored(tmp_path: Path) -> None:
    store = await open_store(f"sqlite+aiosqlite:///{tmp_path}/hub.db")
    stored: list[str] = []

    async def note(_connection: AsyncConnection, names: Sequence[str]) -> Outcomes[str]:
        stored.extend(names)
        return names

    group = GroupCommit(store, note)
    waiting = asyncio.create_task(group.run("a"))
    await asyncio.sleep(0)
    waiting.cancel()
    await group.close()
    assert stored == ["a"]
    await store.close()
