"""Starts mock departments, each in its own process."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from mocks.lab.child_processes import ChildProcesses
from mocks.lab.console import LabError, err, out
from mocks.options import DEFAULT_PORTS

READY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class MockAddress:
    """The addresses of a running mock.

    Attributes:
        name: name of the mock.
        url: URL of the department.
        control: URL of its control API.
    """

    name: str
    url: str
    control: str


def parse_ports(options: Sequence[str]) -> dict[str, int]:
    """Return the port per mock of options such as `pensions=9202`.

    Raises:
        LabError: if an option has another form.
    """
    ports: dict[str, int] = {}
    for option in options:
        name, _, port = option.partition("=")
        check_names([name])
        if not port.isdecimal() or int(port) > 65535:
            raise LabError(f"--port {option}: write it as {name}=9202.")
        ports[name] = int(port)
    return ports


def parse_data_dirs(options: Sequence[str]) -> dict[str, Path]:
    """Return the data folder per mock of options such as `employment=/var/lib/files`.

    Raises:
        LabError: if an option has another form.
    """
    folders: dict[str, Path] = {}
    for option in options:
        name, _, folder = option.partition("=")
        check_names([name])
        if not folder:
            raise LabError(f"--data-dir {option}: write it as {name}=FOLDER.")
        folders[name] = Path(folder)
    return folders


def check_names(names: Sequence[str]) -> None:
    """Raise `LabError` if a name is not the name of a mock."""
    for name in names:
        if name not in DEFAULT_PORTS:
            raise LabError(f"unknown mock {name!r}. Mocks: {', '.join(DEFAULT_PORTS)}.")


def start_mocks(
    children: ChildProcesses,
    names: Sequence[str],
    citizens: int,
    ports: Mapping[str, int],
    console: Console = err,
    control_ports: Mapping[str, int] | None = None,
    host: str = "127.0.0.1",
    data_dirs: Mapping[str, Path] | None = None,
    submissions: Mapping[str, Path] | None = None,
) -> dict[str, MockAddress]:
    """Start mocks in parallel and wait until all are ready.

    Args:
        children: keeps the processes.
        names: mocks to start.
        citizens: number of people in each mock.
        ports: port of each mock; 0 for any free port.
        console: shows the progress.
        control_ports: port of the control API, for mocks that have a separate one.
        host: address that the mocks bind.
        data_dirs: folder of each mock that does not use a temporary one.
        submissions: file of each mock that keeps what it receives when it restarts.

    Raises:
        LabError: if a mock is not ready within 30 seconds.
    """
    started = {
        name: children.start(
            child_name(name),
            [
                *_arguments(
                    name, ports[name], citizens, control_ports or {}, host, data_dirs or {}
                ),
                *_kept_submissions(name, submissions or {}),
            ],
        )
        for name in names
    }
    running: dict[str, MockAddress] = {}
    with console.status("Starting the mock departments…") as status:
        for name, child in started.items():
            status.update(f"Starting the mock departments… {name}")
            assert child.process.stdout is not None
            ready = json.loads(child.first_line(child.process.stdout, READY_SECONDS))
            running[name] = MockAddress(name, ready["url"], ready["control"])
            line = f"  [green]✓[/] {name:<18} {ready['url']}"
            console.print(line, highlight=False, soft_wrap=True)
    return running


def child_name(mock: str) -> str:
    """Return the name of a mock's child process."""
    return f"the mock {mock}"


def _arguments(
    name: str,
    port: int,
    citizens: int,
    control_ports: Mapping[str, int],
    host: str,
    data_dirs: Mapping[str, Path],
) -> list[str]:
    arguments = ["mocks", name, "--host", host, "--port", str(port), "--citizens", str(citizens)]
    if name in control_ports:
        arguments += ["--control-port", str(control_ports[name])]
    if name in data_dirs:
        arguments += ["--data-dir", str(data_dirs[name])]
    return arguments


def _kept_submissions(name: str, files: Mapping[str, Path]) -> list[str]:
    return ["--submissions", str(files[name])] if name in files else []


def run_mocks(
    names: Sequence[str],
    citizens: int,
    ports: Mapping[str, int],
    host: str,
    data_dirs: Mapping[str, Path],
    *,
    as_json: bool,
) -> None:
    """Run mocks until Ctrl+C.

    Args:
        names: mocks to start; all if empty.
        citizens: number of people in each mock.
        ports: port of each mock that does not use its default port.
        host: address that the mocks bind.
        data_dirs: folder of each mock that does not use a temporary one.
        as_json: print the addresses as JSON.

    Raises:
        LabError: if a name is unknown, a mock does not start, or all mocks have ended.
    """
    check_names(names)
    wanted = list(dict.fromkeys(names)) or list(DEFAULT_PORTS)
    with ChildProcesses() as children:
        running = start_mocks(
            children,
            wanted,
            citizens,
            {**DEFAULT_PORTS, **ports},
            host=host,
            data_dirs=data_dirs,
        )
        if as_json:
            addresses = [
                {"mock": mock.name, "url": mock.url, "control": mock.control}
                for mock in running.values()
            ]
            print(json.dumps(addresses), flush=True)
        else:
            table = Table("mock", "url", "control")
            for mock in running.values():
                table.add_row(mock.name, mock.url, mock.control)
            out.print(table)
            err.print("Press Ctrl+C to stop the mocks.")
        while ended := children.wait_for_stop():
            # Users kill mocks on purpose, to see the hub work without them.
            children.children = [each for each in children.children if each.name != ended]
            if not children.children:
                raise LabError(f"{ended} has ended; no mock is left.")
            err.print(f"[yellow]{ended} has ended; the other mocks are still running.[/]")
