"""The access log's buffer: bounded, written behind, patient with a store that is down."""

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
from hub.access.pseudonyms import WeakKeyError, key_of, pseudonyms
from hub.federation.federation import BoundAccessLog
from hub.federation.gateway import PrincipalRequest
from hub.store import Store, StoreError, open_store
from hub.store.tables import metadata
from schema.errors import HubError
from tests.support.calls import call_context

KEY = b"k" * 32
WHO = "9ZZZ000001"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(f"sqlite+aiosqlite:///{tmp_path}/hub.db")
    yield opened
    await opened.close()


def access(*citizens: str, microseconds: int | None = None) -> AccessEntry:
    begun = microseconds or time.time_ns() // 1000
    return AccessEntry(
        message_id="m1",
        request_in_us=begun,
        response_out_us=begun + 5,
        department="pensions",
        capability=Capability.BENEFITS_BY_CITIZEN,
        role=Role.DEMO,
        fault_code=None,
        citizens=citizens,
    )


def new_log(store: Store, **bounds: int) -> AccessLog:
    return AccessLog(AccessRecords(store, pseudonyms(KEY)), 365, **bounds)


async def count(log: AccessLog) -> int:
    return len((await log.page(WHO, 100, None)).records)


async def test_models_are_what_migrations_make(store: Store) -> None:
    async with store.engine.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), metadata)
        )
    assert differences == []


async def test_reading_writes_first(store: Store) -> None:
    log = new_log(store)
    log.record(access(WHO, WHO, "9ZZZ000002"))
    assert await count(log) == 1


async def test_it_is_written_behind(store: Store) -> None:
    log = new_log(store)
    log.start()
    log.record(access(WHO))
    records = AccessRecords(store, pseudonyms(KEY))
    for _ in range(200):
        await asyncio.sleep(0.02)
        if (await records.page(WHO, 1, None)).records:
            break
    assert (await records.page(WHO, 1, None)).records
    await log.close()


async def test_a_store_that_is_down_loses_nothing_within_the_bound(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    log = new_log(store, max_waiting=6)
    await _rename(store, "access_subject", "away")
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            log.record(access(WHO))
        with pytest.raises(HubError, match="can't be read now"):
            await log.page(WHO, 10, None)
        with pytest.raises(HubError):
            await log.page(WHO, 10, None)
        await _rename(store, "away", "access_subject")
        assert await count(log) == 3
    told = [record.getMessage() for record in caplog.records]
    assert sum("can't be written" in each for each in told) == 1
    assert any("2 records were lost" in each for each in told)
    assert WHO not in caplog.text
    log.record(access(WHO))
    assert await count(log) == 4


async def test_a_store_that_hangs_costs_all_who_wait_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = new_log(store)
    tried = 0

    async def hang(_: object) -> None:
        nonlocal tried
        tried += 1
        await asyncio.sleep(0.05)
        raise TimeoutError

    monkeypatch.setattr(log._records, "write", hang)
    log.record(access(WHO))
    found = await asyncio.gather(
        *(log.page(WHO, 10, None) for _ in range(9)), return_exceptions=True
    )
    assert all(isinstance(each, HubError) for each in found)
    assert tried == 1


async def test_the_log_has_no_longer_than_its_request(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = new_log(store)

    async def hang(*_: object) -> None:
        await asyncio.sleep(3600)

    monkeypatch.setattr(log._records, "write", hang)
    log.record(access(WHO))
    request = PrincipalRequest(Principal(Role.DEMO, WHO), call_context(0.05))
    with pytest.raises(HubError, match="can't be read now"):
        await BoundAccessLog(log, DEMO_POLICY, request).page(WHO, 10, None)


async def _rename(store: Store, old: str, new: str) -> None:
    async with store.engine.begin() as connection:
        await connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


async def test_what_waits_is_written_on_closing(store: Store) -> None:
    log = new_log(store)
    log.start()
    log.record(access(WHO))
    await log.close()
    assert await count(new_log(store)) == 1


async def test_pages_go_through_blocks(store: Store) -> None:
    log = new_log(store)
    for n in range(23):
        log.record(access(WHO if n % 3 else "9ZZZ000002", microseconds=n + 1))
        if n % 5 == 4:
            await count(log)
    whole = (await log.page(WHO, 100, None)).records
    begun = [record.request_in_ts.microsecond for record in whole]
    assert begun == [n + 1 for n in reversed(range(23)) if n % 3]
    for size in (1, 2, 4, 7, 15, 16):
        seen, after, more = [], None, True
        while more:
            page = await log.page(WHO, size, after)
            seen += page.records
            after, more = page.records[-1].sort_key, page.has_next_page
        assert seen == whole


async def test_old_records_are_deleted(store: Store) -> None:
    log = new_log(store)
    old = dt.datetime.now(dt.UTC) - dt.timedelta(days=366)
    for _ in range(3):
        log.record(access(WHO, microseconds=int(old.timestamp() * 1_000_000)))
    # A block is deleted whole, once its last record is old.
    assert await count(log) == 3
    log.record(access(WHO))
    assert await count(log) == 4
    await log.delete_old()
    assert await count(log) == 1


async def test_a_key_is_made_once_and_a_weak_one_refused(store: Store) -> None:
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
async def test_an_unusable_database_is_told(url: str, sentence: str) -> None:
    with pytest.raises(StoreError, match=sentence) as caught:
        await open_store(url)
    assert "hidden" not in str(caught.value)


async def test_a_newer_database_is_refused(store: Store, tmp_path: Path) -> None:
    async with store.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="a newer Citizen Hub has migrated it"):
        await open_store(f"sqlite+aiosqlite:///{tmp_path}/hub.db")
