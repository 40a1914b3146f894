"""One PostgreSQL of our own: made anew at each start, on a unix socket only."""

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import asyncpg

from mocks.certificates.binaries import (
    PostgresBrokenError,
    find_binaries,
    reachable_binaries,
    runner,
)

SUPERUSER = "postgres"
PORT = 5432
"""Only names the socket file; nothing listens on it over TCP."""
START_SECONDS = 20.0
PREVIOUS_OWNER_SECONDS = 3.0
SETTINGS = (
    "listen_addresses=",
    # Made-up data that is written anew at each start needs no care for the disk.
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "max_connections=200",
    "shared_buffers=32MB",
    "logging_collector=off",
    "timezone=Asia/Kolkata",
)


class Cluster:
    """A running PostgreSQL. `workspace` is temporary and holds the socket and the log."""

    def __init__(self, workspace: Path, guardian: "subprocess.Popen[bytes]", password: str) -> None:
        self.workspace = workspace
        self.guardian = guardian
        self.password = password

    @property
    def socket_path(self) -> str:
        """Where the proxy connects."""
        return str(self.workspace / f".s.PGSQL.{PORT}")

    async def connect(self, database: str) -> Any:
        """A superuser's asyncpg connection."""
        return await asyncpg.connect(
            host=str(self.workspace),
            port=PORT,
            user=SUPERUSER,
            password=self.password,
            database=database,
        )

    async def wait_until_ready(self) -> None:
        """Returns when it answers; raises PostgresBrokenError if it ended or takes too long."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.guardian.poll() is None:
            try:
                connection = await self.connect("postgres")
            except (OSError, asyncpg.CannotConnectNowError):
                await asyncio.sleep(0.02)
                continue
            await connection.close()
            return
        log = (self.workspace / "postgres.log").read_text(errors="replace")
        raise PostgresBrokenError(f"PostgreSQL did not start: {log.strip()[-500:]}")

    async def ended(self) -> None:
        """Returns when PostgreSQL has ended by itself."""
        await asyncio.to_thread(self.guardian.wait)

    def stop(self) -> None:
        """Tells the guardian to stop PostgreSQL and clear up, and waits for it."""
        if self.guardian.stdin is not None:
            self.guardian.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.guardian.wait(4)


def start_cluster(data_dir: Path | None) -> Cluster:
    """A new PostgreSQL; its data in `data_dir/pgdata` if given, else temporary."""
    binaries = find_binaries()
    who = runner()
    # A short path: that of a unix socket may have about a hundred characters.
    workspace = Path(tempfile.mkdtemp(prefix="mocks-pg-"))
    try:
        who.give(workspace)
        binaries = reachable_binaries(binaries, workspace, who)
        data = (data_dir.resolve() if data_dir else workspace) / "pgdata"
        _clear(data)
        data.mkdir(parents=True, mode=0o700)
        who.give(data)
        password = secrets.token_hex(16)
        password_file = workspace / "password"
        password_file.write_text(password)
        who.give(password_file)
        made = who.run(
            [
                str(binaries / "initdb"), "--pgdata", str(data), "--username", SUPERUSER,
                "--pwfile", str(password_file), "--auth", "scram-sha-256", "--no-sync",
                "--encoding", "UTF8", "--locale", "C", "--no-instructions",
            ],
            workspace,
        )  # fmt: skip
        password_file.unlink()
        if made.returncode != 0:
            whom = f" (run as {who.user}, because root may not)" if who.user else ""
            raise PostgresBrokenError(f"initdb failed{whom}: {made.stderr.strip()}")
        settings = [word for setting in SETTINGS for word in ("-c", setting)]
        order = {
            "command": [
                str(binaries / "postgres"),
                "-D",
                str(data),
                "-k",
                str(workspace),
                *settings,
            ],
            "user": who.user,
            "group": who.group,
            "log": str(workspace / "postgres.log"),
            "remove": [str(workspace)],
        }
        guardian = subprocess.Popen(
            [
                sys.executable,
                "-S",
                "-E",
                str(Path(__file__).with_name("guardian.py")),
                json.dumps(order),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
    except BaseException:
        shutil.rmtree(workspace, ignore_errors=True)
        raise
    return Cluster(workspace, guardian, password)


def _clear(data: Path) -> None:
    """Removes the database of an earlier start, after its PostgreSQL has gone."""
    if not data.exists():
        return
    if not (data / "PG_VERSION").exists() and any(data.iterdir()):
        raise PostgresBrokenError(f"{data} is no database of PostgreSQL; it is left alone.")
    deadline = time.monotonic() + PREVIOUS_OWNER_SECONDS
    while (pid := _owner(data)) is not None:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGQUIT)
            deadline = time.monotonic() + PREVIOUS_OWNER_SECONDS
        time.sleep(0.05)
    shutil.rmtree(data)


def _owner(data: Path) -> int | None:
    """The PostgreSQL that runs on this directory, if one does."""
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return None
    return pid if str(data) in _command_line(pid) else None


def _command_line(pid: int) -> str:
    """What a process was started with; empty when it is gone. Small images have no `ps`."""
    if Path("/proc/self").exists():
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
        return ""
    shown = subprocess.run(
        ["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return shown.stdout
