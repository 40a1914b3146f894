"""MariaDB only: procedures that return rows, and broken connections."""

import asyncio
from pathlib import Path

import pytest

from adapters.contract import DepartmentError, DepartmentFaultError, DepartmentUnreachableError
from tests.connectors.databases import ServedDatabase
from tests.connectors.manifests import adapter_of, rows_of

BY_PROCEDURE = {
    "call": {"procedure": "of_persons", "arguments": ["keys"]},
    "keys": {"at_once": 50},
    "key": "person",
}


async def test_a_procedure_returns_rows(folder: Path, mariadb: ServedDatabase) -> None:
    connector = {"kind": "database", "url": mariadb.url}
    adapter = adapter_of(folder, connector, {"applications_by_citizen": BY_PROCEDURE})
    # Repeated, because a procedure leaves a second result on the connection.
    for _ in range(3):
        found = await rows_of(adapter, "DEVA", "TWIN", "NOBODY")
        assert [len(rows.records) for rows in found.values()] == [1, 2, 0]
    assert len((await rows_of(adapter, "MANY"))["MANY"].records) == 1000
    await adapter.close()


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("error", DepartmentFaultError),
        ("maintenance", DepartmentUnreachableError),
        ("reset_after_write", DepartmentUnreachableError),
        ("truncate", DepartmentUnreachableError),
        ("garbage", DepartmentError),
    ],
)
async def test_a_failing_database_is_reported_and_works_again_later(
    folder: Path, mariadb: ServedDatabase, fault: str, expected: type[DepartmentError]
) -> None:
    connector = {"kind": "database", "url": mariadb.url}
    capability = {"call": {"sql": mariadb.sql}, "keys": {"at_once": 50}, "key": "person"}
    adapter = adapter_of(
        folder, connector, {"applications_by_citizen": capability}, limits={"deadline": "2s"}
    )
    assert len((await rows_of(adapter, "DEVA"))["DEVA"].records) == 1
    mariadb.proxy.switchboard.replace({fault: 1})
    try:
        with pytest.raises(expected):
            await rows_of(adapter, "DEVA")
    finally:
        mariadb.proxy.switchboard.clear()
    assert len((await rows_of(adapter, "DEVA"))["DEVA"].records) == 1
    await adapter.close()


async def test_a_broken_reply_of_mariadb_closes_the_connection(
    folder: Path, mariadb: ServedDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    connector = {"kind": "database", "url": mariadb.url}
    capability = {"call": {"sql": mariadb.sql}, "keys": {"at_once": 50}, "key": "person"}
    adapter = adapter_of(
        folder, connector, {"applications_by_citizen": capability}, limits={"concurrency": 1}
    )
    await rows_of(adapter, "DEVA")
    for fault in ("garbage", "truncate", "stall"):
        mariadb.proxy.switchboard.replace({fault: 1})
        with pytest.raises((DepartmentError, TimeoutError)):
            async with asyncio.timeout(2):
                await rows_of(adapter, "DEVA")
        mariadb.proxy.switchboard.clear()
        assert len((await rows_of(adapter, "DEVA"))["DEVA"].records) == 1
    # A pool that finds unread data on a connection logs a stack trace.
    assert caplog.records == []
    await adapter.close()
