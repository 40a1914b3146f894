"""The demo: mock departments, a hub, example queries, who may read what, and applications."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
from rich.rule import Rule

from mocks.lab.access_tour import CITIZEN, AccessTour
from mocks.lab.child_processes import ChildProcesses
from mocks.lab.console import LabError, err, out
from mocks.lab.hub_client import document_named
from mocks.lab.hub_process import start_hub
from mocks.lab.mock_processes import start_mocks
from mocks.lab.population_check import check_population
from mocks.lab.sign_in import Tokens, sign_in_settings
from mocks.lab.submission_tour import DOWN, SubmissionTour
from mocks.options import DEFAULT_PORTS

SIGNED_IN = frozenset({"family", "payments", "conflicts"})
"""The queries that the demo's citizen sends. The others need no sign-in."""
QUERIES = {
    "My family, and my applications, benefits and certificates from four departments": "family",
    "Where is my application? (no sign-in)": "track",
    "Which payments of a pension did the bank return?": "payments",
    "Is this certificate genuine? (no sign-in)": "verify",
    "What do departments disagree about?": "conflicts",
    "The catalogue of services": "services",
    "A misspelt search, and the nearest service centres": "search",
    "The application form of a service, in Hindi": "form",
}
EXAMPLES = (*QUERIES.values(), "assisted", "log")
"""The queries in the tabs of GraphiQL."""


def run_demo(*, check: bool, citizens: int, port: int) -> int:
    """Run the demo until Ctrl+C, or until the check is complete.

    Args:
        check: use free ports, compare the hub's responses with the population, and stop.
        citizens: number of people in the mocks.
        port: port of the hub.

    Returns:
        The exit code: 1 if `check` found a difference, 0 otherwise.

    Raises:
        LabError: if the port is taken, or if a process does not start or has ended.
    """
    begun = time.monotonic()
    with ChildProcesses() as children:
        if not check and port and is_taken(port):
            raise LabError(
                f"port {port} is taken. Stop the program that uses it, or set another HUB_PORT."
            )
        ports = {
            name: 0 if check or is_taken(each) else each for name, each in DEFAULT_PORTS.items()
        }
        received = Path(children.folder) / "received.sqlite"
        mocks = start_mocks(
            children, list(DEFAULT_PORTS), citizens, ports, submissions={DOWN: received}
        )
        family = httpx.get(
            f"{mocks['population'].url}/population/demo-family", trust_env=False
        ).json()
        folder, issuer = Path(children.folder), mocks["identity"].url
        settings = {
            "HUB_GRAPHIQL_EXAMPLES": str(write_examples(folder, family)),
            **sign_in_settings(folder, issuer),
            "HUB_SMS_URL": f"{mocks['sms'].url}/messages",
        }
        url = start_hub(children, mocks, 0 if check else port, settings).url
        complete = _run_queries(url, issuer, family)
        out.print(Rule("Who may read this?", align="left"))
        differences = AccessTour(url, mocks, family).run()
        err.print(f"Started and queried in {time.monotonic() - begun:.1f} s.", highlight=False)
        if check:
            # The applications of the next tour are not in the population.
            differences += check_population(url, mocks["population"].url, tokens=Tokens(issuer))
        out.print(Rule("Apply, while a department is down", align="left"))
        member = family["memberId"]
        differences += SubmissionTour(url, children, mocks, member, citizens, received).run()
        if check:
            for difference in differences:
                err.print(f"[red]✗[/] {difference}", highlight=False)
            if complete and not differences:
                err.print("[green]✓[/] Every response matches the population and the policy.")
            return 0 if complete and not differences else 1
        out.print(
            f"\nTry queries on [bold]{url}[/] (GraphiQL in a browser, or: hub query "
            f"--as {CITIZEN} '{{ me {{ personName {{ fullName }} }} }}'). Press Ctrl+C to stop.",
            highlight=False,
        )
        while ended := children.wait_for_stop():
            # Users kill mocks on purpose, to see the hub work without them.
            if ended == "the hub":
                raise LabError("the hub has ended.")
            err.print(f"[yellow]{ended} has ended; the hub continues without it.[/]")
            children.children = [each for each in children.children if each.name != ended]
    return 0


def write_examples(folder: Path, variables: Mapping[str, str]) -> Path:
    """Write the demo's queries and their variables, for the tabs of GraphiQL."""
    examples = folder / "examples"
    examples.mkdir()
    for number, name in enumerate(EXAMPLES):
        file = examples / f"{number}-{name}.graphql"
        file.write_text(document_named(name), encoding="utf-8")
    (examples / "variables.json").write_text(json.dumps(variables), encoding="utf-8")
    return examples


def is_taken(port: int) -> bool:
    """Return whether another program listens on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _run_queries(url: str, issuer: str, variables: Mapping[str, str]) -> bool:
    """Print the response to each query. Return True if none has an error."""
    complete = True
    for title, name in QUERIES.items():
        out.print(Rule(title, align="left"))
        query = ["query", document_named(name), "--variables", json.dumps(variables), "--url", url]
        if name in SIGNED_IN:
            query += ["--as", CITIZEN, "--issuer", issuer]
        done = subprocess.run([sys.executable, "-m", "hub", *query, "--strict", "--time"])
        complete = complete and done.returncode == 0
    return complete
