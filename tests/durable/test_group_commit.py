"""Changes that are made together: each has its own result, and one that fails fails alone."""

import asyncio
from functools import partial
from pathlib import Path

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.store import open_store
from hub.store.group_commit import GroupCommit
from hub.store.submission_tables import delivery_hold
from hub.store.transactions import reading


async def test_a_change_that_fails_does_not_fail_the_others(tmp_path: Path) -> None:
    store = await open_store(f"sqlite+aiosqlite:///{tmp_path}/hub.db")
    group = GroupCommit(store)

    async def add(name: str, connection: AsyncConnection) -> str:
        row = {"department": name, "since_us": 1, "until_us": 2, "failures": 1, "error": "X"}
        await connection.execute(insert(delivery_hold).values(row))
        if name == "b":
            raise LookupError(name)
        return name

    names = ["a", "b", "c", "d"]
    results = await asyncio.gather(
        *(group.run(partial(add, name)) for name in names),
        return_exceptions=True,
    )
    assert [results[0], *results[2:]] == ["a", "c", "d"]
    assert isinstance(results[1], LookupError)
    async with reading(store) as connection:
        count = select(func.count()).select_from(delivery_hold)
        assert (await connection.execute(count)).scalar_one() == 3
    await store.close()


async def test_changes_that_wait_together_need_few_commits(tmp_path: Path) -> None:
    store = await open_store(f"sqlite+aiosqlite:///{tmp_path}/hub.db")
    connections: set[int] = set()

    async def note(connection: AsyncConnection) -> None:
        connections.add(id(connection))

    group = GroupCommit(store)
    await asyncio.gather(*(group.run(note) for _ in range(20)))
    assert len(connections) <= 2
    await store.close()
