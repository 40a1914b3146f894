"""The hub does not run with a SQLite that can lose commits."""

import os
from pathlib import Path

import pytest

from hub.sqlite_library import may_lose_commits, sqlite3
from hub.store import StoreError, open_store


@pytest.mark.parametrize(
    ("version", "loses"),
    [
        ((3, 6, 23), False),
        ((3, 7, 0), True),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 4), False),
        ((4, 0, 0), False),
    ],
)
def test_versions_that_can_lose_commits(version: tuple[int, ...], *, loses: bool) -> None:
    assert may_lose_commits(version) is loses


def test_the_library_of_this_process_is_safe() -> None:
    assert not may_lose_commits(sqlite3.sqlite_version_info)


async def test_a_database_is_not_opened_with_an_unsafe_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 40, 1))
    with pytest.raises(StoreError, match="pysqlite3"):
        await open_store(f"sqlite+aiosqlite:///{tmp_path}/hub.db")
    assert os.listdir(tmp_path) == []


async def test_commits_are_on_disk_before_they_are_reported(tmp_path: Path) -> None:
    store = await open_store(f"sqlite+aiosqlite:///{tmp_path}/hub.db")
    async with store.engine.connect() as connection:
        version = (await connection.exec_driver_sql("SELECT sqlite_version()")).scalar_one()
        mode = (await connection.exec_driver_sql("PRAGMA journal_mode")).scalar_one()
        synchronous = (await connection.exec_driver_sql("PRAGMA synchronous")).scalar_one()
    await store.close()
    assert version == sqlite3.sqlite_version
    full = 2
    assert (mode, synchronous) == ("wal", full)
