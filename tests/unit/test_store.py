"""The hub's database: its migrations, and databases that cannot be used."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from hub.store import Store, StoreError, open_store
from hub.store.submission_tables import submission

ENTRY = "INSERT INTO access_block VALUES (x'00', 1, x'00')"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(f"sqlite+aiosqlite:///{tmp_path}/hub.db")
    yield opened
    await opened.close()


async def test_the_migrations_make_the_tables_of_the_models(store: Store) -> None:
    async with store.engine.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), submission.metadata)
        )
    assert differences == []


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "is not a database URL"),
        ("mysql://x/y", "driver 'mysql'"),
        ("sqlite+aiosqlite:////no/such/folder/hub.db", "cannot be used"),
        ("postgresql+asyncpg://nobody:hidden@127.0.0.1:1/none", "cannot be used"),
    ],
)
async def test_an_unusable_database_is_reported_without_its_password(
    url: str, sentence: str
) -> None:
    with pytest.raises(StoreError, match=sentence) as caught:
        await open_store(url)
    assert "hidden" not in str(caught.value)


async def test_a_database_of_a_newer_release_is_rejected(store: Store, tmp_path: Path) -> None:
    async with store.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="a newer Citizen Hub has migrated it"):
        await open_store(f"sqlite+aiosqlite:///{tmp_path}/hub.db")


@pytest.mark.parametrize("has_entries", [True, False])
async def test_entries_of_the_old_access_log_are_kept(tmp_path: Path, has_entries: bool) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/hub.db")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "hub.store:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0006")
        if has_entries:
            connection.execute(text(ENTRY))
    engine.dispose()
    store = await open_store(f"sqlite+aiosqlite:///{tmp_path}/hub.db")
    async with store.engine.connect() as opened:
        names = await opened.run_sync(lambda sync: inspect(sync).get_table_names())
    await store.close()
    assert ("old_access_block" in names) is has_entries
    assert "access_block" not in names
