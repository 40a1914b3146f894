"""The access log: what it shows to citizens, its keys, erasure, retention and acts."""

import asyncio
import datetime as dt
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hub.access import AccessLog, Principal, Role
from hub.access.keys import WeakKeyError, derived_key
from hub.access.log import Act, default_spill, default_url, retention
from hub.access.log.audit import BreachFilter, touched, verify
from hub.access.log.database import Database, Statement, open_database
from hub.access.log.keys import KEY_BYTES, LogKey, log_keys
from hub.access.log.leaves import PERSONS_PER_LEAF
from hub.store import StoreError
from schema.access_record import AccessRecord, LoggedBasis
from schema.errors import HubError
from tests.support.access_log import CITIZEN, OFFICER, OTHER, entry, log_url, open_log

DAY_US = 86_400_000_000


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[AccessLog]:
    opened = await open_log(tmp_path)
    yield opened
    await opened.close()


def files_in(folder: Path) -> list[Path]:
    return [each for each in folder.iterdir() if each.is_file()]


async def records(log: AccessLog, citizen: str = CITIZEN) -> list[AccessRecord]:
    return (await log.page(citizen, 100, None)).records


async def test_a_record_shows_who_read_which_fields_and_why(log: AccessLog) -> None:
    await log.commit([entry(CITIZEN, CITIZEN, OTHER, consent="consent-7")])
    (record,) = await records(log)
    assert record.role.name == "OFFICER"
    assert (record.portal, record.centre, record.office_identifier) == ("saral", None, "pensions")
    assert record.fields == ["Benefit.benefitNumber", "Benefit.enrollmentStatus"]
    assert (record.purpose, record.legal_basis) == (
        "APPLICATION_PROCESSING",
        LoggedBasis.STATE_BENEFIT,
    )
    assert record.consent_identifier == "consent-7"
    assert record.succeeded
    assert not record.is_own
    assert len(await records(log, OTHER)) == 1
    assert await records(log, "9ZZZ000003") == []


async def test_a_record_says_that_the_citizen_was_the_reader(log: AccessLog) -> None:
    own = Principal(Role.CITIZEN, CITIZEN, subject="iss|1")
    await log.commit([entry(CITIZEN, OTHER, principal=own)])
    assert [each.is_own for each in await records(log)] == [True]
    assert [each.is_own for each in await records(log, OTHER)] == [False]


async def test_pages_contain_each_record_once_in_order(log: AccessLog) -> None:
    for first in range(0, 600, 30):
        await log.commit(
            [
                entry(CITIZEN if n % 3 else OTHER, microseconds=n + 1)
                for n in range(first, first + 30)
            ]
        )
    whole = (await log.page(CITIZEN, 1000, None)).records
    started = [record.called_datetime.microsecond for record in whole]
    assert started == [n + 1 for n in reversed(range(600)) if n % 3]
    for size in (1, 7, 60, 399, 400):
        seen, after, more = [], None, True
        while more:
            page = await log.page(CITIZEN, size, after)
            seen += page.records
            after, more = page.records[-1].sort_key, page.has_next_page
        assert seen == whole
    assert await log.one(CITIZEN, whole[5].sort_key) == whole[5]
    assert await log.one(OTHER, whole[5].sort_key) is None


@pytest.mark.parametrize("key", [(float("inf"), "1"), (1.0, "x"), (-1.0, "1"), (1.0, "9" * 30)])
async def test_a_cursor_of_a_different_list_is_refused(
    log: AccessLog, key: tuple[float, str]
) -> None:
    await log.commit([entry(CITIZEN)])
    with pytest.raises(HubError, match="cursor of a different list"):
        await log.page(CITIZEN, 10, key)


async def test_a_person_known_by_another_number_finds_the_record_later(log: AccessLog) -> None:
    await log.commit([entry(numbers=[("PENSION", "P-77")])])
    assert await records(log) == []
    page = await log.page(CITIZEN, 10, None, [("PENSION", "P-77")])
    assert len(page.records) == 1
    assert await log.one(CITIZEN, page.records[0].sort_key, [("PENSION", "P-77")])


async def test_an_entry_about_very_many_people_becomes_several_leaves(log: AccessLog) -> None:
    people = [f"9ZZZ{n:06}" for n in range(2 * PERSONS_PER_LEAF + 1)]
    await log.commit([entry(*people)])
    assert len(await records(log, people[-1])) == 1
    assert (await verify(log._database)).records == 3


async def test_the_database_contains_no_citizen_numbers(tmp_path: Path) -> None:
    log = await open_log(tmp_path)
    await log.commit([entry(CITIZEN, numbers=[("PENSION", "P-774411")])])
    await log.close()
    kept = b"".join(each.read_bytes() for each in files_in(tmp_path))
    assert CITIZEN.encode() not in kept
    assert b"P-774411" not in kept
    assert b"officer-1" not in kept


async def test_destroying_a_persons_key_erases_and_the_tree_stays_valid(log: AccessLog) -> None:
    await log.commit([entry(CITIZEN, OTHER)])
    assert await log.erase(CITIZEN) == 1
    assert await records(log) == []
    assert len(await records(log, OTHER)) == 1
    assert not (await verify(log._database)).problems
    await log.commit([entry(CITIZEN)])
    assert len(await records(log)) == 1


async def test_a_rotated_key_finds_the_earlier_entries(tmp_path: Path) -> None:
    log = await open_log(tmp_path, keys="a" * 20)
    await log.commit([entry(CITIZEN)])
    await log.close()
    log = await open_log(tmp_path, keys=f"{'b' * 20},{'a' * 20}")
    await log.commit([entry(CITIZEN)])
    assert len(await records(log)) == 2
    await log.close()
    # The person's secret is now stored under the new key too.
    database = await open_database(log_url(tmp_path))
    new = LogKey(derived_key("HUB_ACCESS_LOG_KEYS", "b" * 20, KEY_BYTES)).key_id
    delete = "DELETE FROM access_log_person_key WHERE key_id != ?"
    await database.write([Statement(delete, [(new,)])])
    await database.close()
    log = await open_log(tmp_path, keys="b" * 20)
    assert len(await records(log)) == 2
    await log.close()


async def test_a_generated_key_stays_usable_when_keys_are_set(tmp_path: Path) -> None:
    log = await open_log(tmp_path)
    await log.commit([entry(CITIZEN)])
    await log.close()
    log = await open_log(tmp_path, keys="a" * 20)
    assert len(await records(log)) == 1
    await log.close()


async def test_a_replica_with_other_keys_is_refused(tmp_path: Path) -> None:
    log = await open_log(tmp_path, keys="a" * 20)
    await log.commit([entry(CITIZEN)])
    await log.close()
    with pytest.raises(StoreError, match="HUB_ACCESS_LOG_KEYS does not contain"):
        await open_log(tmp_path, keys="b" * 20)


async def test_a_short_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeakKeyError, match="HUB_ACCESS_LOG_KEYS"):
        await open_log(tmp_path, keys="short")
    with pytest.raises(WeakKeyError, match="HUB_ACCESS_LOG_SIGNING_KEY"):
        await open_log(tmp_path, signing_key="short")


async def test_a_second_process_on_the_same_file_is_refused(log: AccessLog, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="has one writer"):
        await open_log(tmp_path)
    reader = await open_database(log_url(tmp_path), read_only=True)
    await log.commit([entry(CITIZEN)])
    assert (await verify(reader)).records == 1
    await reader.close()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "is not a database URL"),
        ("mysql://x/y", "driver 'mysql'"),
        ("sqlite+aiosqlite:////no/such/folder/log.db", "cannot be used"),
        ("postgresql+asyncpg://nobody:hidden@127.0.0.1:1/none", "cannot be used"),
    ],
)
async def test_an_unusable_database_is_reported_without_its_password(
    url: str, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match=sentence) as caught:
        await open_log(tmp_path, url)
    assert "hidden" not in str(caught.value)


def test_the_log_is_beside_the_database_by_default() -> None:
    url = default_url("sqlite+aiosqlite:////data/hub.db")
    assert url == "sqlite+aiosqlite:////data/hub-access-log.db"
    assert default_spill(url) == Path("/data/hub-access-log.db.spill")
    assert default_url("postgresql+asyncpg://u:p@h/d") == "postgresql+asyncpg://u:p@h/d"


async def test_acts_are_in_the_log_with_who_what_and_why(
    log: AccessLog, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "hub.access.log"):
        await log.administrative(
            OFFICER, Act.PAUSE_DEPARTMENT, "pensions", reason="Flood", citizens=[CITIZEN]
        )
    rows = await log._database.fetch("SELECT body FROM access_log_leaf")
    body = bytes(rows[0][0]).decode()
    assert '"kind":"act"' in body
    assert '"PAUSE_DEPARTMENT"' in body
    assert '"Flood"' in body
    assert "PAUSE_DEPARTMENT pensions by OFFICER" in caplog.text
    assert CITIZEN not in caplog.text
    assert await records(log) == []


async def test_a_checkpoint_is_signed_within_a_second(log: AccessLog) -> None:
    log.start()
    first = await log.checkpoint()
    await log.commit([entry(CITIZEN)])
    await log.commit([entry(CITIZEN)])
    deadline = time.monotonic() + 5
    while b"\n2\n" not in (await log.checkpoint() or b""):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    assert await log.checkpoint() != first
    assert await log.checkpoint(99) is None


async def test_the_people_of_a_breach_are_listed(log: AccessLog) -> None:
    operator = Principal(Role.OPERATOR, subject="iss|operator", centre="CSC-7")
    await log.commit([entry(CITIZEN), entry(CITIZEN, OTHER, principal=operator)])
    await log.commit([entry(OTHER, department="labour"), entry(OTHER, error_code="CIRCUIT_OPEN")])
    keys = await log_keys(log._database, None, register=False)
    now = dt.datetime.now(dt.UTC)
    span = now - dt.timedelta(hours=1), now + dt.timedelta(hours=1)

    async def people(**chosen: Any) -> list[str | None]:
        found = await touched(log._database, keys, BreachFilter(*span, **chosen))
        return [each.person for each in found]

    assert await people(department="pensions") == [CITIZEN, OTHER]
    assert await people(department="labour") == [OTHER]
    assert await people(centre="CSC-7") == [CITIZEN, OTHER]
    assert await people(principal=OFFICER.subject) == [CITIZEN, OTHER]
    assert await people(principal="iss|somebody") == []
    await log.erase(OTHER)
    assert await people(department="labour") == [None]
    past = BreachFilter(span[0] - dt.timedelta(days=2), span[0], department="pensions")
    assert await touched(log._database, keys, past) == []


async def fill(log: AccessLog, count: int) -> None:
    for start in range(0, count, 256):
        await log.commit([entry(CITIZEN) for _ in range(start, min(start + 256, count))])
    await log._tree.sign()


async def test_old_content_is_deleted_by_the_databases_clock_and_leaves_stay(
    log: AccessLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(log, 700)
    assert await log.delete_old() == 0
    _move_clock(log, monkeypatch, 366)
    await retention.accept_clock(log._database, await log._database.now_us())
    # Whole bundles of 256 are deleted.
    assert await log.delete_old() == 512
    assert len((await log.page(CITIZEN, 1000, None)).records) == 700 - 512
    found = await verify(log._database)
    assert (found.records, found.without_content, found.problems) == (700, 512, [])


async def test_a_clock_400_days_ahead_deletes_nothing(
    log: AccessLog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await fill(log, 300)
    await log.delete_old()
    _move_clock(log, monkeypatch, 400)
    for _ in range(3):
        assert await log.delete_old() == 0
    assert len((await log.page(CITIZEN, 1000, None)).records) == 300
    assert caplog.text.count("jumped by +400.0 days") == 3
    assert "hub audit accept-clock" in caplog.text


async def test_a_hub_with_a_wrong_clock_deletes_nothing(
    log: AccessLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = time.time_ns()
    database = log._database
    at_us = await database.now_us()

    async def right() -> int:
        return at_us

    monkeypatch.setattr(database, "now_us", right)
    monkeypatch.setattr(time, "time_ns", lambda: real + 400 * DAY_US * 1000)
    await fill(log, 300)
    assert await log.delete_old() == 0


async def test_a_run_deletes_a_bounded_number_of_entries(
    log: AccessLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "LEAVES_PER_RUN", 512)
    await fill(log, 1100)
    _move_clock(log, monkeypatch, 366)
    await retention.accept_clock(log._database, await log._database.now_us())
    assert [await log.delete_old() for _ in range(3)] == [512, 512, 0]


async def test_checkpoints_older_than_a_day_are_kept_hourly(
    log: AccessLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        await log.commit([entry(CITIZEN)])
        await log._tree.sign()
    count = "SELECT count(*), max(size) FROM access_log_checkpoint WHERE tree = 1"
    assert (await log._database.fetch(count))[0][0] > 3
    _move_clock(log, monkeypatch, 2)
    await log.delete_old()
    ((kept, largest),) = await log._database.fetch(count)
    # Two if the hour ended during the test.
    assert kept <= 2
    assert largest == 5
    assert not (await verify(log._database)).problems


def _move_clock(log: AccessLog, monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    database: Database = log._database
    real = database.now_us

    async def ahead() -> int:
        return await real() + days * DAY_US

    monkeypatch.setattr(database, "now_us", ahead)
