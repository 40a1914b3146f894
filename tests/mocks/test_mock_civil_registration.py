"""The mock of the civil registers: MariaDB behind a proxy with call counts and faults."""

import os
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncmy
import pytest
from asyncmy.cursors import DictCursor

from mocks.civil_registration.mariadb import find_program
from mocks.civil_registration.rows import all_rows
from mocks.civil_registration.session import MARIADB_FAULTS, operation_of
from mocks.civil_registration.tables import TABLES
from mocks.databases.proxy import WRITE_FAULTS
from mocks.databases.server import DatabaseMissingError
from mocks.databases.tables import write_sqlite
from mocks.population import Population
from tests.support.processes import Mock

ONE = "/* applications_by_citizen */ SELECT * FROM bd_appl WHERE pers_no = %s"


@pytest.fixture(scope="module")
def process() -> Iterator[Mock]:
    try:
        find_program()
    except DatabaseMissingError as missing:
        if os.environ.get("HUB_TESTS_NEED_MARIADB"):
            raise
        pytest.skip(f"{missing}; .ci/run installs it")
    mock = Mock("civil-registration")
    yield mock
    mock.stop()


@pytest.fixture
async def database(process: Mock) -> AsyncIterator[Any]:
    process.clear()
    connection = await connected(process)
    yield connection
    connection.close()


async def connected(mock: Mock, password: str | None = None) -> Any:
    url = urlsplit(mock.url)
    return await asyncmy.connect(
        host=url.hostname,
        port=url.port,
        user=url.username,
        password=password or url.password,
        database=url.path[1:],
    )


async def run_query(connection: Any, sql: str, *values: object) -> list[dict[str, Any]]:
    async with connection.cursor(DictCursor) as cursor:
        await cursor.execute(sql, values)
        return list(await cursor.fetchall())


async def test_char_columns_are_padded_and_compared_with_blanks(database: Any) -> None:
    (row,) = await run_query(database, ONE, "UP0000042".ljust(12))
    assert row["appl_no"] == "ULB-BDC/2026/000042".ljust(24)
    assert row["nm"] == "SUNITA DEVI".ljust(60)
    assert row["st_txt"] == "aprooved".ljust(20)
    assert row["pend_dist"] == "01"
    assert await run_query(database, ONE, "UP0000042") == []


async def test_rows_have_several_spellings_dates_and_flags(database: Any) -> None:
    rows = await run_query(database, "SELECT * FROM bd_appl")
    assert {"Approved", "APPROVED", "aprooved"} <= {row["st_txt"].strip() for row in rows}
    assert {row["obj_flg"] for row in rows} == {"Y", "N", " ", None}
    assert "00/00/0000" in {row["due_dt"] for row in rows}
    marriages = await run_query(database, "SELECT * FROM mrg_appl")
    counts = Counter([*(r["appl_no"] for r in rows), *(r["regn_no"] for r in marriages)])
    twins = [number for number, count in counts.items() if count == 2]
    assert twins
    both = [
        (row.get("appl_dt") or row["regn_dt"], row.get("upd_ts") or row["chg_ts"])
        for row in (*rows, *marriages)
        if (row.get("appl_no") or row["regn_no"]) == twins[0]
    ]
    assert both[0][0] != both[1][0]
    assert both[0][1] != both[1][1]


async def test_the_reader_can_only_read_and_call_the_procedure(database: Any) -> None:
    with pytest.raises(asyncmy.errors.OperationalError, match="denied"):
        await run_query(database, "DELETE FROM bd_appl")
    found = await run_query(database, "CALL births_of(%s)", "UP0000042,UP0000043")
    assert [row["pers_no"].strip() for row in found] == ["UP0000042"]


async def test_a_wrong_password_is_refused(process: Mock) -> None:
    with pytest.raises(asyncmy.errors.OperationalError, match="1045"):
        await connected(process, "wrong")


async def test_only_the_clients_own_statements_are_counted(process: Mock, database: Any) -> None:
    for _ in range(3):
        await run_query(database, ONE, "x")
    await run_query(database, "SELECT * FROM mrg_appl LIMIT 1")
    await run_query(database, "SELECT @@version")
    assert process.calls() == {"applications_by_citizen": 3, "statement": 1}


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("/* applications_by_citizen */ SELECT 1", "applications_by_citizen"),
        ("SELECT page.* FROM (/* applications_search */ SELECT 1) AS page", "applications_search"),
        ("SELECT 1", "statement"),
        ("SET SESSION TRANSACTION READ ONLY", None),
        ("SELECT VERSION()", None),
    ],
)  # fmt: skip
def test_a_statement_is_counted_under_its_capability(sql: str, name: str | None) -> None:
    assert operation_of(sql) == name


async def test_an_error_does_not_end_the_session(process: Mock, database: Any) -> None:
    process.set_faults(error=1)
    for _ in range(2):
        with pytest.raises(asyncmy.errors.Error):
            await run_query(database, ONE, "x")
    process.clear()
    assert await run_query(database, ONE, "x") == []


@pytest.mark.parametrize(
    "fault", ["refuse", "maintenance", "reset_after_write", "truncate", "garbage"]
)
async def test_a_fault_ends_the_session(process: Mock, fault: str) -> None:
    process.clear()
    connection = await connected(process)
    process.set_faults(**{fault: 1})
    with pytest.raises((asyncmy.errors.Error, OSError, EOFError)):
        await run_query(connection, ONE, "x")
    process.clear()
    connection.close()


async def test_latency_delays_a_statement(process: Mock, database: Any) -> None:
    process.set_faults(latency=0.3)
    begun = time.monotonic()
    await run_query(database, ONE, "x")
    assert time.monotonic() - begun > 0.25
    process.clear()


def test_the_control_api_lists_the_supported_faults(process: Mock) -> None:
    assert set(process.control.get("faults").json()["supported"]) == {
        *MARIADB_FAULTS,
        *WRITE_FAULTS,
    }


def test_processes_and_folders_are_removed_at_the_end(
    process: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The path must be short, and the user of the server must reach it.
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        monkeypatch.setenv("TMPDIR", folder)
        mock = Mock("civil-registration")
        assert list(Path(folder).glob("mocks-my-*"))
        assert mock.stop()[0] == 0
        until = time.monotonic() + 10
        while list(Path(folder).iterdir()) and time.monotonic() < until:
            time.sleep(0.05)
        assert list(Path(folder).iterdir()) == []


def test_without_mariadb_there_is_a_sqlite_file(tmp_path: Path) -> None:
    path = tmp_path / "ulb.sqlite"
    population = Population(600, 20261124)
    write_sqlite(path, TABLES, all_rows(population))
    with sqlite3.connect(path) as database:
        (name,) = database.execute(
            "SELECT nm FROM bd_appl WHERE pers_no = ?", ("UP0000042".ljust(12),)
        ).fetchone()
    database.close()
    assert name == "SUNITA DEVI".ljust(60)
