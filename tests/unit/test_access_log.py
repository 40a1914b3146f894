"""The access log: its buffer, failures of the store, pages, retention."""

import asyncio
import datetime as dt
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from adapters.contract import Capability
from hub.access import DEMO_POLICY, AccessEntry, AccessLog, AccessRecords, Principal, Role
from hub.access.keys import WeakKeyError
from hub.access.pseudonyms import key_of, pseudonyms
from hub.federation.federation import BoundAccessLog
from hub.federation.gateway import PrincipalRequest
from hub.store import Store, StoreError, open_store
from hub.store.tables import metadata
from schema.errors import HubError
from tests.support.calls import call_context

KEY = b"k" * 32
CITIZEN = "9ZZZ000001"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(f"sqlite+aiosqlite:///{tmp_path}/hub.db")
    yield opened
    await opened.close()


def access(*citizens: str, microseconds: int | None = None) -> AccessEntry:
    started = microseconds or time.time_ns() // 1000
    return AccessEntry(
        correlation_id="m1",
        started_us=started,
        ended_us=started + 5,
        department="pensions",
        capability=Capability.BENEFITS_BY_CITIZEN,
        principal=Principal(Role.CITIZEN),
        citizens=citizens,
    )


def new_log(store: Store, **bounds: int) -> AccessLog:
    return AccessLog(AccessRecords(store, pseudonyms(KEY)), 365, **bounds)


async def count(log: AccessLog) -> int:
    return len((await log.page(CITIZEN, 100, None)).records)


async def test_the_migrations_make_the_tables_of_the_models(store: Store) -> None:
    async with store.engine.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), metadata)
        )
    assert differences == []


async def test_reading_writes_waiting_entries_first(store: Store) -> None:
    log = new_log(store)
    log.record(access(CITIZEN, CITIZEN, "9ZZZ000002"))
    assert await count(log) == 1


async def test_entries_are_written_in_the_background(store: Store) -> None:
    log = new_log(store)
    log.start()
    log.record(access(CITIZEN))
    records = AccessRecords(store, pseudonyms(KEY))
    for _ in range(200):
        await asyncio.sleep(0.02)
        if (await records.page(CITIZEN, 1, None)).records:
            break
    assert (await records.page(CITIZEN, 1, None)).records
    await log.close()


async def test_entries_within_the_limit_survive_a_failing_store(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    log = new_log(store, max_waiting=6)
    await _rename(store, "access_subject", "away")
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            log.record(access(CITIZEN))
        with pytest.raises(HubError, match="can't be read now"):
            await log.page(CITIZEN, 10, None)
        with pytest.raises(HubError):
            await log.page(CITIZEN, 10, None)
        await _rename(store, "away", "access_subject")
        assert await count(log) == 3
    messages = [record.getMessage() for record in caplog.records]
    assert sum("can't be written" in each for each in messages) == 1
    assert any("2 entries were lost" in each for each in messages)
    assert CITIZEN not in caplog.text
    log.record(access(CITIZEN))
    assert await count(log) == 4


async def test_readers_share_one_attempt_at_a_hanging_store(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = new_log(store)
    attempts = 0

    async def hang(_: object) -> None:
        nonlocal attempts
        attempts += 1
        await asyncio.sleep(0.05)
        raise TimeoutError

    monkeypatch.setattr(log._records, "write", hang)
    log.record(access(CITIZEN))
    found = await asyncio.gather(
        *(log.page(CITIZEN, 10, None) for _ in range(9)), return_exceptions=True
    )
    assert all(isinstance(each, HubError) for each in found)
    assert attempts == 1


async def test_reading_the_log_respects_the_deadline(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = new_log(store)

    async def hang(*_: object) -> None:
        await asyncio.sleep(3600)

    monkeypatch.setattr(log._records, "write", hang)
    log.record(access(CITIZEN))
    request = PrincipalRequest(Principal(Role.CITIZEN, CITIZEN), call_context(0.05))
    with pytest.raises(HubError, match="can't be read now"):
        await BoundAccessLog(log, DEMO_POLICY, request).page(CITIZEN, 10, None)


async def _rename(store: Store, old: str, new: str) -> None:
    async with store.engine.begin() as connection:
        await connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


async def test_waiting_entries_are_written_on_close(store: Store) -> None:
    log = new_log(store)
    log.start()
    log.record(access(CITIZEN))
    await log.close()
    assert await count(new_log(store)) == 1


async def test_pages_continue_within_and_across_blocks(store: Store) -> None:
    log = new_log(store)
    for n in range(23):
        log.record(access(CITIZEN if n % 3 else "9ZZZ000002", microseconds=n + 1))
        if n % 5 == 4:
            await count(log)
    whole = (await log.page(CITIZEN, 100, None)).records
    started = [record.called_datetime.microsecond for record in whole]
    assert started == [n + 1 for n in reversed(range(23)) if n % 3]
    for size in (1, 2, 4, 7, 15, 16):
        seen, after, more = [], None, True
        while more:
            page = await log.page(CITIZEN, size, after)
            seen += page.records
            after, more = page.records[-1].sort_key, page.has_next_page
        assert seen == whole


async def test_old_entries_are_deleted(store: Store) -> None:
    log = new_log(store)
    old = dt.datetime.now(dt.UTC) - dt.timedelta(days=366)
    for _ in range(3):
        log.record(access(CITIZEN, microseconds=int(old.timestamp() * 1_000_000)))
    # A block is deleted as a whole, when its last record is old.
    assert await count(log) == 3
    log.record(access(CITIZEN))
    assert await count(log) == 4
    await log.delete_old()
    assert await count(log) == 1


async def test_a_random_key_is_stored_and_a_short_one_rejected(store: Store) -> None:
    assert await key_of(store, None) == await key_of(store, None)
    assert await key_of(store, "s" * 40) != await key_of(store, None)
    with pytest.raises(WeakKeyError, match="shorter than 16"):
        await key_of(store, "short")


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
