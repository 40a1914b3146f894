"""Three real databases: the same rows, warnings and limits with each."""

import asyncio
import datetime as dt
import importlib.util
import time
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from adapters.adapter import ManifestAdapter
from adapters.contract import (
    Capability,
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    DepartmentTimeoutError,
    DepartmentUnreachableError,
    ReplyTooLargeError,
)
from adapters.manifest import ManifestError
from tests.connectors.databases import Database, ServedDatabase
from tests.connectors.manifests import adapter_of, rows_of, warnings_of
from tests.support.calls import call_context

SLOW = {
    "postgresql": "SELECT pg_sleep(20) AS person",
    "mariadb": "SELECT SLEEP(20) AS person, b.ref FROM appl b",
    "sqlite": (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        " SELECT max(i) AS person FROM n"
    ),
}


def connected(
    folder: Path, database: Database, sql: str | None = None, **how: Any
) -> ManifestAdapter:
    call = {"sql": sql or database.sql, **how.pop("call", {})}
    capability = {"call": call, "keys": {"at_once": 100}, "key": "person"}
    url = how.pop("url", database.url)
    connector = {"kind": "database", "url": url}
    return adapter_of(folder, connector, {"applications_by_citizen": capability}, **how)


async def test_a_thousand_rows_are_complete(folder: Path, database: Database) -> None:
    adapter = connected(folder, database)
    found = await rows_of(adapter, "MANY")
    assert len(found["MANY"].records) == 1000
    assert found["MANY"].warnings == []
    assert found["MANY"].records[7].applicant_name == "राम देवी 7"  # type: ignore[attr-defined]
    await adapter.close()


async def test_each_key_gets_its_own_rows(folder: Path, database: Database) -> None:
    adapter = connected(folder, database)
    found = await rows_of(adapter, "DEVA", "NULLS", "EMPTY", "TWIN", "NOBODY")
    assert {key: len(rows.records) for key, rows in found.items()} == {
        "DEVA": 1, "NULLS": 1, "EMPTY": 1, "TWIN": 2, "NOBODY": 0,
    }  # fmt: skip
    for key in ("NULLS", "EMPTY"):
        (record,) = found[key].records
        assert record.applicant_name is None  # type: ignore[attr-defined]
        assert record.requested_datetime is None  # type: ignore[attr-defined]
        assert found[key].warnings == []
    await adapter.close()


async def test_an_expression_sees_the_whole_row(folder: Path, database: Database) -> None:
    record = {"statusNotes": {"expr": "row.status + ' of ' + row.applied"}}
    adapter = connected(folder, database, record=record)
    rows = (await rows_of(adapter, "DEVA"))["DEVA"]
    assert rows.warnings == []
    (found,) = rows.records
    reported = found.status_notes  # type: ignore[attr-defined]
    assert " ".join(reported.split()) == "A of 02/09/2026"
    await adapter.close()


async def test_a_value_that_does_not_fit_is_a_warning_with_the_raw_value(
    folder: Path, database: Database
) -> None:
    adapter = connected(folder, database)
    rows = (await rows_of(adapter, "WRONG"))["WRONG"]
    assert len(rows.records) == 1
    assert warnings_of(rows) == [
        ("UNKNOWN_CODE", "applicationStatus", "??"),
        ("INVALID_VALUE", "requestedDatetime", "31/31/2026"),
    ]
    await adapter.close()


async def test_a_missing_column_is_null_and_an_extra_column_is_ignored(
    folder: Path, database: Database
) -> None:
    condition = database.sql.partition("WHERE")[2].partition("ORDER")[0]
    columns = "SELECT ref, person, status, 1 AS more FROM appl WHERE" + condition
    adapter = connected(folder, database, columns)
    (record,) = (await rows_of(adapter, "DEVA"))["DEVA"].records
    assert record.applicant_name is None  # type: ignore[attr-defined]
    await adapter.close()


async def test_a_session_refuses_to_write(folder: Path, database: Database) -> None:
    adapter = connected(folder, database, "UPDATE appl SET status = 'X'")
    with pytest.raises(DepartmentError):
        await rows_of(adapter, "DEVA")
    await adapter.close()
    after = connected(folder, database)
    (record,) = (await rows_of(after, "DEVA"))["DEVA"].records
    assert record.application_status.name == "APPROVED"  # type: ignore[attr-defined]
    await after.close()


async def test_a_statement_ends_at_its_time_limit(folder: Path, database: Database) -> None:
    adapter = connected(folder, database, SLOW[database.name], limits={"deadline": "300ms"})
    begun = time.monotonic()
    # PostgreSQL reports a cancelled statement with the same class of errors as a shutdown.
    with pytest.raises((DepartmentTimeoutError, DepartmentUnreachableError, DepartmentFaultError)):
        await rows_of(adapter, "DEVA")
    assert time.monotonic() - begun < 10
    await adapter.close()


async def test_a_reply_with_too_many_bytes_is_refused(folder: Path, database: Database) -> None:
    adapter = connected(folder, database, limits={"reply_bytes": "4KiB"})
    with pytest.raises(ReplyTooLargeError):
        await rows_of(adapter, "MANY")
    assert len((await rows_of(adapter, "DEVA"))["DEVA"].records) == 1
    await adapter.close()


async def test_a_reply_with_too_many_rows_is_refused(folder: Path, database: Database) -> None:
    adapter = connected(folder, database, limits={"rows": 999})
    with pytest.raises(ReplyTooLargeError):
        await rows_of(adapter, "MANY")
    await adapter.close()


@pytest.mark.parametrize("page", [1, 7, 250, 1000, 5000])
async def test_all_pages_are_read(folder: Path, database: Database, page: int) -> None:
    sql = database.sql.partition("ORDER")[0]
    keys = "TWIN" if page == 1 else "MANY"
    adapter = connected(folder, database, sql, call={"keyset": ["ref", "applied"], "page": page})
    records = (await rows_of(adapter, keys))[keys].records
    references = [each.application_reference_number for each in records]  # type: ignore[attr-defined]
    assert len(references) == (2 if page == 1 else 1000)
    assert references == sorted(references)
    await adapter.close()


async def test_reading_pages_stops_at_the_limit_of_rows(folder: Path, database: Database) -> None:
    sql = database.sql.partition("ORDER")[0]
    call = {"keyset": ["ref", "applied"], "page": 100}
    adapter = connected(folder, database, sql, call=call, limits={"rows": 450})
    with pytest.raises(ReplyTooLargeError):
        await rows_of(adapter, "MANY")
    await adapter.close()


async def test_changes_begin_at_the_watermark(folder: Path, database: Database) -> None:
    call = {
        "sql": "SELECT * FROM appl WHERE person <> 'MANY'",
        "watermark": "chg",
        "keyset": ["ref", "applied"],
        "page": 2,
    }
    connector = {"kind": "database", "url": database.url}
    adapter = adapter_of(folder, connector, {"applications_changes_since": {"call": call}})
    # Minute 3 of the year in the department's zone, written in another zone.
    since = dt.datetime(2025, 12, 31, 18, 33, tzinfo=dt.UTC)
    which = Capability.APPLICATIONS_CHANGES_SINCE
    found = await adapter.search(which, {"since": since}, call_context())
    references = [r.application_reference_number for r in found.rows.records]  # type: ignore[attr-defined]
    assert references == ["T-90003", "T-90003", "T-90004", "T-90005"]
    await adapter.close()


async def test_a_thousand_keys_go_in_one_batch(folder: Path, database: Database) -> None:
    capability = {"call": {"sql": database.sql}, "keys": {"at_once": 1000}, "key": "person"}
    connector = {"kind": "database", "url": database.url}
    adapter = adapter_of(folder, connector, {"applications_by_citizen": capability})
    keys = [*(f"NO-{n:04d}" for n in range(1500)), "DEVA"]
    found = await rows_of(adapter, *keys)
    assert sum(len(rows.records) for rows in found.values()) == 1
    await adapter.close()


async def test_a_value_is_never_part_of_the_statement(folder: Path, database: Database) -> None:
    adapter = connected(folder, database)
    found = await rows_of(adapter, "' OR '1'='1", '"; --', "ढूँढो", ":keys", "%s")
    assert all(rows.records == [] for rows in found.values())
    await adapter.close()


async def test_an_unknown_table_is_a_fault_without_the_databases_message(
    folder: Path, database: Database
) -> None:
    sql = database.sql.replace("FROM appl", "FROM secret_name")
    adapter = connected(folder, database, sql)
    with pytest.raises(DepartmentFaultError) as caught:
        await rows_of(adapter, "DEVA")
    assert caught.value.fault is not None
    assert "secret" not in f"{caught.value.message} {caught.value.fault}"
    await adapter.close()


async def test_a_cancelled_call_leaves_the_connector_usable(
    folder: Path, database: Database
) -> None:
    adapter = connected(
        folder, database, SLOW[database.name], limits={"deadline": "2s", "concurrency": 1}
    )
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await rows_of(adapter, "DEVA")
    await adapter.close()


async def test_postgresql_cancels_the_statement_of_a_cancelled_call_and_keeps_the_session(
    folder: Path, postgresql: ServedDatabase
) -> None:
    sql = (
        "SELECT a.*, pg_backend_pid() AS pid, "
        "pg_sleep(CASE person WHEN 'WRONG' THEN 30 ELSE 0 END) "
        "FROM appl a WHERE person = ANY(CAST(:keys AS bpchar[]))"
    )
    adapter = connected(folder, postgresql, sql, limits={"deadline": "9s", "concurrency": 1})
    await rows_of(adapter, "DEVA")
    owner = await asyncpg.connect(postgresql.owner)
    sessions = "SELECT pid FROM pg_stat_activity WHERE application_name = 'citizen-hub'"
    before = await owner.fetch(sessions)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await rows_of(adapter, "WRONG")
    await rows_of(adapter, "DEVA")
    assert await owner.fetch(f"{sessions} AND state = 'active'") == []
    assert await owner.fetch(sessions) == before
    await owner.close()
    await adapter.close()


@pytest.mark.parametrize("name", ["postgresql", "mariadb"])
async def test_wrong_credentials_are_an_authentication_error(
    folder: Path, name: str, request: pytest.FixtureRequest
) -> None:
    database: Database = request.getfixturevalue(name)
    adapter = connected(folder, database, url=database.url.replace("reader-pw", "wrong"))
    with pytest.raises(DepartmentAuthError):
        await rows_of(adapter, "DEVA")
    await adapter.close()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://reader:pw@127.0.0.1:1/none",
        "mariadb://reader:pw@127.0.0.1:1/none",
        "sqlite:////nowhere/at/all.sqlite",
    ],
)
async def test_an_unreachable_database_is_reported(
    folder: Path, sqlite: Database, url: str
) -> None:
    adapter = connected(folder, sqlite, url=url)
    with pytest.raises(DepartmentUnreachableError):
        await rows_of(adapter, "DEVA")
    await adapter.close()


async def test_a_missing_sqlite_file_is_not_created(folder: Path, sqlite: Database) -> None:
    missing = folder.parent / "missing.sqlite"
    adapter = connected(folder, sqlite, url=f"sqlite:///{missing}")
    with pytest.raises(DepartmentUnreachableError):
        await rows_of(adapter, "DEVA")
    await adapter.close()
    assert not missing.exists()


@pytest.mark.parametrize(
    ("sql", "reported"),
    [
        ("SELECT 1 AS person WHERE :keys IS NULL", "write it as `IN :keys`"),
        ({"mysql": "SELECT 1 AS person"}, "there is no statement for sqlite"),
        ("SELECT :kees AS person", "did you mean 'keys'?"),
    ],
)
def test_an_impossible_call_is_reported_with_its_line(
    folder: Path, sqlite: Database, sql: Any, reported: str
) -> None:
    with pytest.raises(ManifestError) as caught:
        connected(folder, sqlite, sql)
    (problem,) = caught.value.problems
    assert reported in str(problem)
    assert problem.key.startswith("capabilities.applications_by_citizen.call")
    assert problem.line > 1


@pytest.mark.parametrize(
    ("url", "module", "extra"),
    [
        ("mariadb://a:b@c/d", "asyncmy", "mysql"),
        ("oracle://a:b@c/d", "oracledb", "oracle"),
        ("mssql://a:b@c/d", "aioodbc", "mssql"),
    ],
)
def test_a_missing_driver_names_the_extra_to_install(
    folder: Path,
    sqlite: Database,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    module: str,
    extra: str,
) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == module else find_spec(name)
    )
    with pytest.raises(ManifestError) as caught:
        connected(folder, sqlite, url=url)
    (problem,) = caught.value.problems
    assert problem.key == "connector.url"
    assert f"pip install 'citizen-hub[{extra}]'" in problem.remedy
