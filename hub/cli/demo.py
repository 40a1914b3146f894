"""`hub demo`: mock departments, a hub, three real queries, and their answers."""

import socket
import time
from collections.abc import Mapping
from importlib.resources import files

import httpx
from rich.console import Console
from rich.rule import Rule

from hub.cli.asking import ask
from hub.cli.child_processes import ChildProcesses
from hub.cli.failures import CliError
from hub.cli.hub_process import start_hub
from hub.cli.mock_processes import MOCK_PORTS, start_mocks
from hub.cli.population_check import check_population
from hub.cli.reading_settings import read_settings
from hub.cli.rendering import print_response

QUERIES = {
    "A family: applications, benefits and certificates from four departments": "family",
    "Where is my application? (no sign-in)": "track",
    "The catalogue of services": "services",
}


def run_demo(*, check: bool, citizens: int, port: int, out: Console, err: Console) -> int:
    """Exit code: with `check`, 1 when an answer differs from the population; else 0."""
    begun = time.monotonic()
    # Before anything is started that a wrong one would stop.
    read_settings()
    with ChildProcesses() as children:
        if not check:
            refuse_taken_port(port)
        ports = {name: 0 if check or is_taken(each) else each for name, each in MOCK_PORTS.items()}
        mocks = start_mocks(children, list(MOCK_PORTS), citizens, ports, err)
        url = start_hub(children, mocks, 0 if check else port, err).url
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
