"""Starts a private PostgreSQL, with new data at each start, on a Unix socket only."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import asyncpg

from mocks.certificates.binaries import find_binaries, reachable_binaries
from mocks.databases.server import DatabaseBrokenError, DatabaseServer
from mocks.databases.server_user import server_user

SUPERUSER = "postgres"
PORT = 5432
"""Part of the name of the socket file; no TCP port is opened."""
LOG = "postgres.log"
PREVIOUS_OWNER_SECONDS = 3.0
SETTINGS = (
    "listen_addresses=",
    # The data are created at each start and may be lost.
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "max_connections=200",
    "shared_buffers=32MB",
    "logging_collector=off",
    "timezone=Asia/Kolkata",
)


class PostgresqlServer(DatabaseServer):
    """A running PostgreSQL."""

    product = "PostgreSQL"
    log_name = LOG
    start_seconds = 20.0
    not_yet = (
        OSError,
        asyncpg.CannotConnectNowError,
    )

    @property
    def socket_path(self) -> str:
        return str(self.workspace / f".s.PGSQL.{PORT}")

    async def connect(self, database: str | None = None) -> Any:
        """Open an asyncpg connection as superuser."""
        return await asyncpg.connect(
            host=str(self.workspace),
            port=PORT,
            user=SUPERUSER,
            password=self.password,
            database=database or "postgres",
        )

    async def disconnect(self, connection: Any) -> None:
        await connection.close()


def start_postgresql(data_dir: Path | None) -> PostgresqlServer:
    """Start a new PostgreSQL, with its data in `data_dir/pgdata` or in a temporary folder.

    Raises:
        DatabaseMissingError: PostgreSQL is not installed.
        DatabaseBrokenError: it does not run, or `pgdata` holds other files.
    """
    binaries = find_binaries()
    user = server_user()
    # The path is short because a Unix socket path has at most about 100 characters.
    workspace = Path(tempfile.mkdtemp(prefix="mocks-pg-"))
    try:
        user.give(workspace)
        binaries = reachable_binaries(binaries, workspace, user)
        data = (data_dir.resolve() if data_dir else workspace) / "pgdata"
        _clear(data)
        data.mkdir(parents=True, mode=0o700)
        user.give(data)
        password = secrets.token_hex(16)
        password_file = workspace / "password"
        password_file.write_text(password)
        user.give(password_file)
        made = user.run(
            [
                str(binaries / "initdb"), "--pgdata", str(data), "--username", SUPERUSER,
                "--pwfile", str(password_file), "--auth", "scram-sha-256", "--no-sync",
                "--encoding", "UTF8", "--locale", "C", "--no-instructions",
            ],
            workspace,
        )  # fmt: skip
        password_file.unlink()
        if made.returncode != 0:
            run_as = f" (run as {user.name}, because root may not)" if user.name else ""
            raise DatabaseBrokenError(f"initdb failed{run_as}: {made.stderr.strip()}")
        settings = [word for setting in SETTINGS for word in ("-c", setting)]
        command = [str(binaries / "postgres"), "-D", str(data), "-k", str(workspace), *settings]
        order = {
            "command": command,
            "user": user.name,
            "group": user.group,
            "log": str(workspace / LOG),
            "remove": [str(workspace)],
            # Fast shutdown, immediate shutdown, kill.
            "patience": [["SIGINT", 1.2], ["SIGQUIT", 1.0], ["SIGKILL", 1.0]],
        }
        return PostgresqlServer(workspace, order, password)
    except BaseException:
        shutil.rmtree(workspace, ignore_errors=True)
        raise


def _clear(data: Path) -> None:
    """Remove the database of an earlier start, after its PostgreSQL has ended."""
    if not data.exists():
        return
    if not (data / "PG_VERSION").exists() and any(data.iterdir()):
        raise DatabaseBrokenError(f"{data} is not a PostgreSQL database, so it is not overwritten.")
    deadline = time.monotonic() + PREVIOUS_OWNER_SECONDS
    while (pid := _owner(data)) is not None:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGQUIT)
            deadline = time.monotonic() + PREVIOUS_OWNER_SECONDS
        time.sleep(0.05)
    shutil.rmtree(data)


def _owner(data: Path) -> int | None:
    """Return the process id of the PostgreSQL that uses this folder, or None."""
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return None
    return pid if str(data) in _command_line(pid) else None


def _command_line(pid: int) -> str:
    """Return the command line of a process, empty if it has ended. Small images have no `ps`."""
    if Path("/proc/self").exists():
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
        return ""
    shown = subprocess.run(
        ["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return shown.stdout
