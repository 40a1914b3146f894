"""The mocks and the hubs of a crash run. Kills hubs, and starts them again on the same database."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import httpx
from rich.console import Console

from mocks.certificates.postgresql import SUPERUSER, PostgresqlServer, start_postgresql
from mocks.lab.chaos.crash.load import SERVICES
from mocks.lab.child_processes import ChildProcess, ChildProcesses
from mocks.lab.console import LabError
from mocks.lab.faults.control import MockControl
from mocks.lab.hub_process import NO_BUDGETS, start_hub
from mocks.lab.mock_processes import start_mocks
from mocks.lab.sign_in import Tokens, sign_in_settings

FAULTS = {"lost_reply": 0.08, "double_reply": 0.05, "refuse_write": 0.02, "late_reply": 0.3}
"""Faults of the departments during the kills."""
DEPARTMENTS = ("registry", *SERVICES)
SETTINGS = {
    **NO_BUDGETS,
    # A few citizens apply again and again.
    "HUB_ATTACHMENTS_PER_HOUR": "1000000",
    "HUB_DELIVERY_POLL_SECONDS": "0.2",
    "HUB_LOG_LEVEL": "WARNING",
}
COMMAND_SECONDS = 60.0


class CrashTestbed:
    """Mocks that receive submissions, and hubs that share one database.

    Args:
        children: keeps the processes.
        hubs: number of hubs: 1 uses SQLite, more share a PostgreSQL.
        citizens: number of people in the mocks.
        log: file for the log of all hubs.

    Attributes:
        urls: GraphQL URL of each hub. A hub keeps its port when it is started again.
        tokens: access tokens of the citizens.

    Raises:
        LabError: a process does not start.
    """

    def __init__(self, children: ChildProcesses, hubs: int, citizens: int, log: Path) -> None:
        self._children = children
        self._log = log.open("w", encoding="utf-8")
        names = ["population", "identity", *DEPARTMENTS]
        self._mocks = start_mocks(children, names, citizens, dict.fromkeys(names, 0))
        issuer = self._mocks["identity"].url
        self.tokens = Tokens(issuer)
        self._database = _start_database() if hubs > 1 else None
        self._settings = {
            **SETTINGS,
            **sign_in_settings(Path(children.folder), issuer),
            "HUB_DATABASE_URL": _url(self._database, Path(children.folder)),
            "HUB_ATTACHMENTS_URL": f"file://{children.folder}/attachments",
        }
        ports = [_free_port() for _ in range(hubs)]
        self.urls = [f"http://127.0.0.1:{port}/graphql" for port in ports]
        self._hubs: list[ChildProcess | None] = [None] * hubs
        for index in range(hubs):
            self.start(index)

    def members(self, count: int) -> list[str]:
        """Return the member numbers of some citizens."""
        url = self._mocks["population"].url
        sample = httpx.get(f"{url}/population/sample", params={"n": count}, trust_env=False)
        return [str(each) for each in sample.json()["memberIds"]]

    def start(self, index: int) -> None:
        """Start a hub, and wait until it is ready."""
        port = int(self.urls[index].rpartition(":")[2].partition("/")[0])
        settings = dict(self._settings)
        if len(self.urls) > 1:
            settings["HUB_ACCESS_LOG_SPILL"] = f"{self._children.folder}/spill-{index}"
        quiet = Console(quiet=True)
        hub = start_hub(self._children, self._mocks, port, settings, quiet)
        assert hub.child.process.stderr is not None
        threading.Thread(
            target=self._copy, args=(hub.child.process.stderr,), name="hub log", daemon=True
        ).start()
        self._hubs[index] = hub.child

    def kill(self, index: int) -> None:
        """Kill a hub at once (SIGKILL), and start it again."""
        child = self._hubs[index]
        assert child is not None
        child.process.kill()
        child.process.wait()
        self._children.children.remove(child)
        self.start(index)

    def begin_faults(self) -> None:
        """Switch on those of the faults that each department's mock supports."""
        for name in SERVICES:
            control = self._control(name)
            supported = control.faults()["supported"]
            control.set_faults({key: value for key, value in FAULTS.items() if key in supported})

    def end_faults(self) -> None:
        for name in SERVICES:
            self._control(name).clear_faults()

    def arrivals(self, department: str) -> list[dict[str, Any]]:
        """Return what the department's mock has received: `hubReference`, `copies`, `kind` …"""
        url = f"{self._mocks[department].control}/submissions"
        received: list[dict[str, Any]] = httpx.get(url, trust_env=False).json()
        return received

    def hub_command(self, *arguments: str) -> Any:
        """Return the JSON that a command of the hub prints, run on the hubs' database.

        Raises:
            LabError: the command failed.
        """
        done = subprocess.run(
            [sys.executable, "-m", "hub", *arguments, "--json"],
            env={**os.environ, **self._settings},
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
        )
        if done.returncode != 0:
            raise LabError(f"hub {' '.join(arguments)} failed: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def close(self) -> None:
        """Stop the database, if there is one."""
        if self._database is not None:
            self._database.stop()

    def _control(self, name: str) -> MockControl:
        return MockControl(name, self._mocks[name].control)

    def _copy(self, stream: IO[str]) -> None:
        for line in stream:
            self._log.write(line)
            self._log.flush()


def _start_database() -> PostgresqlServer:
    server = start_postgresql(None)
    asyncio.run(_make_database(server))
    return server


async def _make_database(server: PostgresqlServer) -> None:
    await server.wait_until_ready()
    connection = await server.connect()
    await connection.execute("CREATE DATABASE hub")
    await server.disconnect(connection)


def _url(server: PostgresqlServer | None, folder: Path) -> str:
    if server is None:
        return f"sqlite+aiosqlite:///{folder}/hub.db"
    account = f"{SUPERUSER}:{server.password}"
    return f"postgresql+asyncpg://{account}@/hub?host={server.workspace}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def described(faults: Mapping[str, float] = FAULTS) -> str:
    """Return the faults as a text for the report."""
    return ", ".join(f"{name} {value:g}" for name, value in faults.items())
