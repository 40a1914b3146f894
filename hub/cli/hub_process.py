"""A hub in a process of its own, over mocks that run."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx
from rich.console import Console

from hub.cli.child_processes import ChildProcess, ChildProcesses
from hub.cli.failures import CliError
from hub.cli.mock_processes import RunningMock

READY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class RunningHub:
    """A hub that is ready; `url` is its GraphQL URL."""

    url: str
    child: ChildProcess


def variable_of(department: str) -> str:
    """The environment variable that has the department's address."""
    return f"HUB_{department.upper().replace('-', '_')}_URL"


def start_hub(
    children: ChildProcesses, mocks: Mapping[str, RunningMock], port: int, err: Console
) -> RunningHub:
    """Waits until it is ready; raises `CliError` when it does not become so."""
    departments = {name: mock.url for name, mock in mocks.items() if name != "population"}
    environment = {
        "HUB_DATABASE_URL": f"sqlite+aiosqlite:///{children.folder}/hub.db",
        "HUB_ONLY_DEPARTMENTS": ",".join(departments),
        **{variable_of(name): url for name, url in departments.items()},
    }
    with err.status("Starting the hub…"):
        child = children.start("the hub", ["hub", "serve", "--port", str(port)], environment)
        assert child.process.stderr is not None
        line = child.first_line(child.process.stderr, READY_SECONDS)
        url = line.rpartition(" ")[2]
        if not url.startswith("http"):
            rest = child.process.communicate(timeout=READY_SECONDS)[1]
            raise CliError(f"the hub did not start: {line}\n{rest}".strip())
        _wait_until_ready(url.removesuffix("graphql") + "readyz")
    err.print(f"  [green]✓[/] {'the hub':<18} {url}", highlight=False)
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
    raise CliError(f"the hub was not ready within {READY_SECONDS:.0f} s.")
