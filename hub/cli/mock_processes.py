"""`hub mocks`: the mock departments, each in a process of its own."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from hub.cli.child_processes import ChildProcesses
from hub.cli.failures import CliError

# The mocks are another program: the hub knows their names and ports, not their code.
MOCK_PORTS = {
    "population": 9100,
    "registry": 9101,
    "pensions": 9102,
    "scholarships": 9103,
    "certificates": 9104,
    "helpdesk": 9105,
    "civil-registration": 9106,
    "post-matric": 9112,
    "employment": 9113,
    "labour": 9110,
    "labour-welfare": 9111,
    "trade-licences": 9114,
    "water": 9107,
    "food": 9108,
    "power": 9109,
}
READY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class RunningMock:
    """A mock that is ready: its name, its URL, and the URL of its control API."""

    name: str
    url: str
    control: str


def parse_ports(given: Sequence[str]) -> dict[str, int]:
    """`pensions=9202` and the like; raises `CliError` on anything else."""
    ports: dict[str, int] = {}
    for each in given:
        name, _, port = each.partition("=")
        check_names([name])
        if not port.isdecimal() or int(port) > 65535:
            raise CliError(f"--port {each}: write it as {name}=9202.")
        ports[name] = int(port)
    return ports


def check_names(names: Sequence[str]) -> None:
    for name in names:
        if name not in MOCK_PORTS:
            raise CliError(f"there is no mock {name!r}; there are {', '.join(MOCK_PORTS)}.")


def start_mocks(
    children: ChildProcesses,
    names: Sequence[str],
    citizens: int,
    ports: Mapping[str, int],
    err: Console,
    control_ports: Mapping[str, int] | None = None,
) -> dict[str, RunningMock]:
    """Starts them side by side and waits until each is ready.

    Args:
        control_ports: by name, where a control API listens that has a port of its own.
    """
    started = {
        name: children.start(
            child_name(name), _arguments(name, ports[name], citizens, control_ports or {})
        )
        for name in names
    }
    running: dict[str, RunningMock] = {}
    with err.status("Starting the mock departments…") as status:
        for name, child in started.items():
            status.update(f"Starting the mock departments… {name}")
            assert child.process.stdout is not None
            told = json.loads(child.first_line(child.process.stdout, READY_SECONDS))
            running[name] = RunningMock(name, told["url"], told["control"])
            err.print(f"  [green]✓[/] {name:<18} {told['url']}", highlight=False)
    return running


def child_name(mock: str) -> str:
    """What the child process of a mock is called."""
    return f"the mock {mock}"


def _arguments(name: str, port: int, citizens: int, control_ports: Mapping[str, int]) -> list[str]:
    control = ["--control-port", str(control_ports[name])] if name in control_ports else []
    return ["mocks", name, "--port", str(port), "--citizens", str(citizens), *control]


def run_mocks(
    names: Sequence[str],
    citizens: int,
    ports: Mapping[str, int],
    as_json: bool,
    out: Console,
    err: Console,
) -> None:
    check_names(names)
    wanted = list(dict.fromkeys(names)) or list(MOCK_PORTS)
    with ChildProcesses() as children:
        running = start_mocks(children, wanted, citizens, {**MOCK_PORTS, **ports}, err)
        if as_json:
            print(json.dumps([vars_of(mock) for mock in running.values()]), flush=True)
        else:
            out.print(_table(running))
            err.print("Stop them with Ctrl+C.")
        while ended := children.wait_for_stop():
            # One may be killed on purpose: the others are departments of their own.
            children.children = [each for each in children.children if each.name != ended]
            if not children.children:
                raise CliError(f"{ended} has stopped by itself, the last of them.")
            err.print(f"[yellow]{ended} has stopped; the others go on.[/]")


def vars_of(mock: RunningMock) -> dict[str, str]:
    return {"mock": mock.name, "url": mock.url, "control": mock.control}


def _table(running: Mapping[str, RunningMock]) -> Table:
    table = Table("mock", "url", "control")
    for mock in running.values():
        table.add_row(mock.name, mock.url, mock.control)
    return table
