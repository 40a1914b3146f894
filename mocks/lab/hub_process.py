"""Starts a hub in its own process, connected to running mocks."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console

from mocks.lab.child_processes import ChildProcess, ChildProcesses
from mocks.lab.console import LabError, err
from mocks.lab.mock_processes import MockAddress
from mocks.options import NOT_DEPARTMENTS

READY_SECONDS = 30.0
OPEN_POLICY = Path(__file__).with_name("open_policy.yaml")
"""A policy that lets everybody read everything."""
NO_BUDGETS = {
    "HUB_COST_PER_MINUTE": "1000000000000",
    "HUB_CLIENT_COST_PER_MINUTE": "1000000000000",
    "HUB_TRIES_PER_CALLER": "1000000000",
    "HUB_TRIES_PER_REFERENCE": "1000000000",
}
"""Settings for chaos runs, tests and benchmarks, which send everything from one address."""


@dataclass(frozen=True, slots=True)
class RunningHub:
    """A hub that is ready.

    Attributes:
        url: its GraphQL URL.
        child: its process.
    """

    url: str
    child: ChildProcess


def url_variable(department: str) -> str:
    """Return the name of the environment variable for a department's URL."""
    return f"HUB_{department.upper().replace('-', '_')}_URL"


def start_hub(
    children: ChildProcesses,
    mocks: Mapping[str, MockAddress],
    port: int,
    settings: Mapping[str, str] | None = None,
    console: Console = err,
) -> RunningHub:
    """Start a hub and wait until it is ready.

    Args:
        children: keeps the process, and the folder of the hub's database.
        mocks: the departments that the hub serves. `NOT_DEPARTMENTS` are left out.
        port: port of the hub; 0 for any free port.
        settings: further environment variables of the hub.
        console: shows the progress.

    Raises:
        LabError: if the hub is not ready within 30 seconds.
    """
    departments = {name: mock.url for name, mock in mocks.items() if name not in NOT_DEPARTMENTS}
    environment = {
        "HUB_DATABASE_URL": f"sqlite+aiosqlite:///{children.folder}/hub.db",
        "HUB_ONLY_DEPARTMENTS": ",".join(departments),
        **{url_variable(name): url for name, url in departments.items()},
        **(settings or {}),
    }
    with console.status("Starting the hub…"):
        child = children.start("the hub", ["hub", "serve", "--port", str(port)], environment)
        assert child.process.stderr is not None
        line = child.first_line(child.process.stderr, READY_SECONDS)
        url = line.rpartition(" ")[2]
        if not url.startswith("http"):
            rest = child.process.communicate(timeout=READY_SECONDS)[1]
            raise LabError(f"the hub did not start: {line}\n{rest}".strip())
        _wait_until_ready(url.removesuffix("graphql") + "readyz")
    console.print(f"  [green]✓[/] {'the hub':<18} {url}", highlight=False, soft_wrap=True)
    return RunningHub(url, child)


def _wait_until_ready(url: str) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        try:
            if httpx.get(url, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.05)
    raise LabError(f"the hub was not ready within {READY_SECONDS:.0f} s.")
