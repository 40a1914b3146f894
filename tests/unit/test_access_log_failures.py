"""The access log when its database cannot be written: fail closed, spill, repeat, recover."""

import asyncio
import errno
import logging
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from adapters.writes import WriteCapability
from hub.access import AccessLog
from hub.access.log import Act, LogOptions, spill, writer
from hub.access.log.audit import verify
from hub.access.log.database import Database, Statement
from hub.access.log.keys import LogKey
from hub.access.log.sqlite import SQLiteDatabase
from hub.observe import Metrics
from hub.sqlite_library import sqlite3
from hub.store import StoreError
from schema.errors import HubError
from tests.support.access_log import CITIZEN, OTHER, entry, open_log


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "RETRY_SECONDS", 0.02)
    monkeypatch.setattr(writer, "CLOSE_SECONDS", 1.0)


class Fault:
    """Makes writes of a database fail while it is on."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_on = True
        real = database.write

        async def write(statements: Sequence[Statement]) -> None:
            if self.is_on:
                raise sqlite3.OperationalError("database or disk is full")
            await real(statements)

        monkeypatch.setattr(database, "write", write)


async def count(log: AccessLog, citizen: str = CITIZEN) -> int:
    return len((await log.page(citizen, 100, None)).records)


async def test_without_the_log_no_data_leaves_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    log = await open_log(tmp_path)
    await log.commit([entry(CITIZEN)])
    fault = Fault(log._database, monkeypatch)
    for _ in range(3):
        with pytest.raises(HubError) as caught:
            await log.commit([entry(CITIZEN)])
        assert caught.value.code == "STORE_UNAVAILABLE"
    with pytest.raises(HubError, match="can't be read now"):
        await count(log)
    assert "database or disk is full" in caplog.text
    assert CITIZEN not in caplog.text
    fault.is_on = False
    await _recovered(log)
    # The calls of the refused responses are in the log too.
    assert await count(log) == 4
    assert not (await verify(log._database)).problems
    await log.close()
    assert log.unwritten == 0


async def test_if_the_log_is_not_required_entries_wait_and_spill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = await open_log(tmp_path, required=False, max_waiting=5)
    fault = Fault(log._database, monkeypatch)
    for _ in range(12):
        await log.commit([entry(CITIZEN)])
    fault.is_on = False
    await _recovered(log)
    assert await count(log) == 12
    assert not (await verify(log._database)).problems
    await log.close()


async def test_a_stopped_hub_moves_waiting_entries_to_a_file_that_the_next_start_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    metrics = Metrics()
    options = LogOptions(tmp_path / "log.spill", required=False)
    url = f"sqlite+aiosqlite:///{tmp_path}/log.db"
    log = await AccessLog.open(url, options, metrics.access_log)
    Fault(log._database, monkeypatch)
    for n in range(30):
        await log.commit([entry(CITIZEN, numbers=[("PENSION", "P-9")], microseconds=n + 1)])
    submit = WriteCapability.SUBMIT_APPLICATION
    await log.commit([entry(CITIZEN, capability=submit, microseconds=31)])
    await log.administrative(entry().principal, Act.REVOKE, reason="stolen")
    await log.close()
    assert log.unwritten == 32
    assert "32 entries are in" in caplog.text
    shown = metrics.text().decode()
    assert "hub_access_log_spilled_entries_total 32.0" in shown
    assert "hub_access_log_failures_total" in shown
    content = (tmp_path / "log.spill").read_bytes()
    assert CITIZEN.encode() not in content
    again = await AccessLog.open(url, options)
    page = await again.page(CITIZEN, 100, None)
    assert [each.called_datetime.microsecond for each in page.records] == list(range(31, 0, -1))
    written = page.records[0]
    assert (written.capability.name, written.fields) == ("SUBMIT_APPLICATION", ["Submission.*"])
    assert page.records[1].fields == ["Benefit.benefitNumber", "Benefit.enrollmentStatus"]
    await again.close()
    assert again.unwritten == 0
    third = await AccessLog.open(url, options)
    assert await count(third) == 31
    await third.close()


async def test_a_full_disk_leaves_room_for_the_file(tmp_path: Path) -> None:
    log = await open_log(tmp_path, required=False)
    assert (tmp_path / "log.spill").stat().st_size >= 4 << 20
    await log._database.fetch("PRAGMA max_page_count = 1")
    people = [f"{n:010}" for n in range(5000)]
    for _ in range(3):
        await log.commit([entry(*people)])
    await log.close()
    assert log.unwritten == 3


async def test_entries_that_the_file_does_not_take_are_counted_as_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    log = await open_log(tmp_path, required=False)
    Fault(log._database, monkeypatch)
    await log.commit([entry(CITIZEN), entry(OTHER)])
    monkeypatch.setattr(os, "pwrite", _refuse)
    await log.close()
    assert log.unwritten == 2
    assert "2 entries of the access log are lost" in caplog.text


def _refuse(*_: object) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


async def test_a_spill_file_under_an_unknown_key_is_not_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = await open_log(tmp_path, keys="a" * 20, required=False)
    with monkeypatch.context() as patch:
        Fault(log._database, patch)
        await log.commit([entry(CITIZEN), entry(CITIZEN)])
        await log.close()
    with pytest.raises(StoreError, match=r"log\.spill has entries .* under a key"):
        await open_log(tmp_path, keys="b" * 20)
    again = await open_log(tmp_path, keys="a" * 20)
    assert await count(again) == 2
    await again.close()


async def test_processes_with_the_same_spill_file_use_files_of_their_own(tmp_path: Path) -> None:
    keys = [LogKey(bytes(32))]
    first, second = (spill.SpillFile(tmp_path / "x", keys) for _ in range(2))
    first.open()
    second.open()
    assert [first.path.name, second.path.name] == ["x", "x.2"]
    first.append([entry(CITIZEN)])
    second.append([entry(OTHER), entry(OTHER)])
    first.close()
    second.close()
    again = spill.SpillFile(tmp_path / "x.2", keys)
    again.open()
    assert [each.citizens for each in again.entries()] == [[OTHER], [OTHER]]
    again.close()


async def test_the_error_is_repeated_while_the_failure_lasts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(writer, "REPEAT_ERROR_SECONDS", 0.1)
    log = await open_log(tmp_path, required=False)
    fault = Fault(log._database, monkeypatch)
    with caplog.at_level(logging.WARNING):
        await log.commit([entry(CITIZEN)])
        await asyncio.sleep(0.5)
        assert caplog.text.count("can't be written: database or disk is full") >= 2
        fault.is_on = False
        await _recovered(log)
    assert "is being written again" in caplog.text
    await log.close()


async def test_a_write_that_succeeded_without_an_answer_is_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = await open_log(tmp_path)
    database = log._database
    real, failures = database.write, [1]

    async def write(statements: Sequence[Statement]) -> None:
        await real(statements)
        if len(statements) > 1 and failures:
            failures.pop()
            raise ConnectionError("the connection broke after COMMIT")

    monkeypatch.setattr(database, "write", write)
    with pytest.raises(HubError):
        await log.commit([entry(CITIZEN)])
    await _recovered(log)
    assert await count(log) == 1
    await log.commit([entry(CITIZEN)])
    assert await count(log) == 2
    assert not (await verify(database)).problems
    await log.close()


async def test_a_hanging_database_does_not_hold_responses_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "COMMIT_SECONDS", 0.1)
    log = await open_log(tmp_path)
    hang = asyncio.Event()
    real = log._database.write

    async def write(statements: Sequence[Statement]) -> None:
        await hang.wait()
        await real(statements)

    monkeypatch.setattr(log._database, "write", write)
    with pytest.raises(HubError, match="shows no data"):
        await log.commit([entry(CITIZEN)])
    hang.set()
    await asyncio.sleep(0.1)
    assert await count(log) == 1
    await log.close()


async def test_a_client_that_disconnects_does_not_stop_the_commit_of_others(
    tmp_path: Path,
) -> None:
    log = await open_log(tmp_path)
    gone = asyncio.create_task(log.commit([entry(CITIZEN)]))
    stays = asyncio.create_task(log.commit([entry(OTHER)]))
    await asyncio.sleep(0)
    gone.cancel()
    await stays
    assert (await count(log), await count(log, OTHER)) == (1, 1)
    await log.close()


async def test_an_old_sqlite_never_has_two_writers(tmp_path: Path) -> None:
    first = await SQLiteDatabase.open(str(tmp_path / "log.db"), "log.db")
    with pytest.raises(Exception, match="has one writer"):
        await SQLiteDatabase.open(str(tmp_path / "log.db"), "log.db")
    reader = await SQLiteDatabase.open_to_read(str(tmp_path / "log.db"), "log.db")
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await reader.write([Statement("DELETE FROM access_log_meta WHERE name = ?", [("x",)])])
    await reader.close()
    await first.close()


async def _recovered(log: AccessLog) -> None:
    for _ in range(200):
        await asyncio.sleep(0.02)
        if not log._writer.failing:
            return
    raise AssertionError("the log is not written again")
