"""`hub demo`: mock departments, a hub, three real queries, and their answers."""

import socket
import tempfile
import time
from collections.abc import Mapping
from importlib.resources import files

import httpx
from rich.console import Console
from rich.rule import Rule

from hub.cli.asking import ask
from hub.cli.child_processes import ChildProcesses
from hub.cli.failures import CliError
from hub.cli.mock_processes import MOCK_PORTS, RunningMock, start_mocks
from hub.cli.population_check import check_population
from hub.cli.rendering import print_response

READY_SECONDS = 30.0
QUERIES = {
    "A family: applications, benefits and certificates from four departments": "family",
    "Where is my application? (no sign-in)": "track",
    "The catalogue of services": "services",
}


def run_demo(*, check: bool, citizens: int, port: int, out: Console, err: Console) -> int:
    """Exit code: with `check`, 1 when an answer differs from the population; else 0."""
    begun = time.monotonic()
    with (
        ChildProcesses() as children,
        tempfile.TemporaryDirectory(prefix="citizen-hub-") as folder,
    ):
        database = f"sqlite+aiosqlite:///{folder}/hub.db"
        if not check:
            refuse_taken_port(port)
        ports = {name: 0 if check or is_taken(each) else each for name, each in MOCK_PORTS.items()}
        mocks = start_mocks(children, list(MOCK_PORTS), citizens, ports, err)
        url = _start_hub(children, mocks, database, 0 if check else port, err)
        story = httpx.get(f"{mocks['population'].url}/population/story", trust_env=False).json()
        answered = _ask_three(url, story, out, err)
        err.print(f"Ready and answered in {time.monotonic() - begun:.1f} s.", highlight=False)
        if check:
            differences = check_population(url, mocks["population"].url, err)
            for difference in differences:
                err.print(f"[red]✗[/] {difference}", highlight=False)
            if answered and not differences:
                err.print("[green]✓[/] Every answer is what the population says.")
            return 0 if answered and not differences else 1
        out.print(
            f"\nTry queries on [bold]{url}[/] (a browser, or: hub query '{{ me {{ name "
            "{ fullName } } }'). Stop with Ctrl+C.",
            highlight=False,
        )
        ended = children.wait_for_stop()
        while ended:
            # A mock may be killed on purpose: the hub lives on, and that is worth seeing.
            if ended == "the hub":
                raise CliError("the hub has stopped by itself.")
            err.print(f"[yellow]{ended} has stopped; the hub answers on without it.[/]")
            children.children = [each for each in children.children if each.name != ended]
            ended = children.wait_for_stop()
    return 0


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def refuse_taken_port(port: int) -> None:
    if port and is_taken(port):
        raise CliError(
            f"port {port} is taken; stop what listens there, or choose another with HUB_PORT."
        )


def _start_hub(
    children: ChildProcesses,
    mocks: Mapping[str, RunningMock],
    database: str,
    port: int,
    err: Console,
) -> str:
    environment = {"HUB_DATABASE_URL": database} | {
        f"HUB_{name.upper()}_URL": mock.url for name, mock in mocks.items() if name != "population"
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
    err.print(f"  [green]✓[/] {'the hub':<13} {url}", highlight=False)
    return url


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


def _ask_three(url: str, story: Mapping[str, str], out: Console, err: Console) -> bool:
    """Asks and prints; whether all three were answered without an error."""
    answered = True
    for title, name in QUERIES.items():
        document = (files("hub.cli") / "queries" / f"{name}.graphql").read_text(encoding="utf-8")
        begun = time.perf_counter()
        response = ask(url, document, dict(story))
        took = round((time.perf_counter() - begun) * 1000)
        out.print(Rule(f"{title} [dim]({took} ms)[/]", align="left"))
        print_response(response, out, err)
        answered = answered and "errors" not in response
    return answered
