"""Starts a private MariaDB, with new data at each start, on a Unix socket only."""

import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import asyncmy

from mocks.databases.server import DatabaseBrokenError, DatabaseMissingError, DatabaseServer
from mocks.databases.server_user import server_user

ADMINISTRATOR = "boss"
LOG = "mariadb.log"
BOOTSTRAP_SECONDS = 60.0
SETTINGS = (
    "--no-defaults",
    "--skip-networking",
    # The data are created at each start and may be lost.
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-log-file-size=8M",
    "--innodb-buffer-pool-size=32M",
    "--skip-log-bin",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_unicode_ci",
    "--default-time-zone=+05:30",
    "--max-connections=200",
)
PROGRAMS = ("mariadbd", "mysqld")
FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/opt/homebrew/bin", "/usr/local/bin")
SCRIPTS = ("share/mysql", "share/mariadb", "share")
TABLES = "mysql_system_tables.sql"


class MariadbServer(DatabaseServer):
    """A running MariaDB."""

    product = "MariaDB"
    log_name = LOG
    start_seconds = 30.0
    not_yet = (
        OSError,
        asyncmy.errors.Error,
    )

    @property
    def socket_path(self) -> str:
        return str(self.workspace / "s.sock")

    async def connect(self, database: str | None = None) -> Any:
        return await asyncmy.connect(
            unix_socket=self.socket_path,
            user=ADMINISTRATOR,
            password=self.password,
            database=database,
            autocommit=True,
        )

    async def disconnect(self, connection: Any) -> None:
        await connection.ensure_closed()


def find_program() -> tuple[Path, Path]:
    """Return the server program and the SQL script of its system tables.

    Raises:
        DatabaseMissingError: MariaDB is not installed.
    """
    for name in PROGRAMS:
        found = shutil.which(name) or next(
            (f"{folder}/{name}" for folder in FOLDERS if Path(folder, name).exists()), None
        )
        if found is None:
            continue
        program = Path(found).resolve()
        for base in (program.parent.parent, Path("/usr")):
            for folder in SCRIPTS:
                script = base / folder / TABLES
                if script.exists() and "mariadb" in _version(program):
                    return program, script
    raise DatabaseMissingError("MariaDB is not installed (Debian: mariadb-server-core)")


def _version(program: Path) -> str:
    shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    return shown.stdout.lower()


def start_mariadb(data_dir: Path | None = None) -> MariadbServer:
    """Start a new MariaDB that has only its system tables. Its data are always temporary.

    Raises:
        DatabaseMissingError: MariaDB is not installed.
        DatabaseBrokenError: its system tables cannot be created.
    """
    program, script = find_program()
    user = server_user()
    # The path is short because a Unix socket path has at most about 100 characters.
    workspace = Path(tempfile.mkdtemp(prefix="mocks-my-"))
    password = secrets.token_hex(16)
    try:
        data = workspace / "data"
        data.mkdir(mode=0o700)
        for folder in (workspace, data):
            user.give(folder)
        command = [str(program), *SETTINGS, f"--datadir={data}", f"--tmpdir={workspace}"]
        _bootstrap(command, script, password, user.name, user.group)
        order = {
            "command": [*command, f"--socket={workspace / 's.sock'}", f"--pid-file={data / 'pid'}"],
            "user": user.name,
            "group": user.group,
            "log": str(workspace / LOG),
            "remove": [str(workspace)],
            # MariaDB stops cleanly on SIGTERM and ignores SIGINT.
            "patience": [["SIGTERM", 2.0], ["SIGKILL", 1.0]],
        }
        return MariadbServer(workspace, order, password)
    except BaseException:
        shutil.rmtree(workspace, ignore_errors=True)
        raise


def _bootstrap(
    command: list[str], script: Path, password: str, user: str | None, group: int | None
) -> None:
    """Create the system tables and the account with all rights."""
    statements = (
        "CREATE DATABASE mysql;\nUSE mysql;\n"
        + script.read_text(encoding="utf-8")
        + "\nFLUSH PRIVILEGES;\n"
        + f"CREATE USER {ADMINISTRATOR}@localhost IDENTIFIED BY '{password}';\n"
        + f"GRANT ALL ON *.* TO {ADMINISTRATOR}@localhost WITH GRANT OPTION;\n"
    )
    made = subprocess.run(
        [*command, "--bootstrap"],
        input=statements,
        capture_output=True,
        text=True,
        timeout=BOOTSTRAP_SECONDS,
        user=user,
        group=group,
        cwd="/",
        check=False,
    )
    if made.returncode != 0:
        raise DatabaseBrokenError(
            f"MariaDB's system tables cannot be created: {made.stderr[-500:]}"
        )
