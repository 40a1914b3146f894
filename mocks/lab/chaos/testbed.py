"""The mocks and the hub of a chaos run. Switches faults on and off."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from rich.console import Console

from mocks.lab.chaos.experiments import KILL, Experiment
from mocks.lab.chaos.process_monitor import ProcessMonitor
from mocks.lab.child_processes import ChildProcess, ChildProcesses
from mocks.lab.faults.control import MockControl
from mocks.lab.hub_process import NO_BUDGETS, OPEN_POLICY, start_hub
from mocks.lab.mock_processes import MockAddress, child_name, start_mocks

SETTINGS = {
    **NO_BUDGETS,
    "HUB_POLICY": str(OPEN_POLICY),
    # A fault of a few seconds would end before the hub polls the folders once a minute.
    "HUB_POST_MATRIC_POLL": "1s",
    "HUB_EMPLOYMENT_POLL": "1s",
    "HUB_POST_MATRIC_OUTBOX_EVERY": "1s",
}


class Testbed:
    """Mocks and a hub, all on free ports.

    Args:
        children: keeps the processes.
        departments: departments to start.
        citizens: number of people in the mocks.
        log: file for the hub's log.

    Attributes:
        hub_url: GraphQL URL of the hub.
        hub_monitor: reads the resources of the hub's process.
        mocks: addresses of the mocks by name.

    Raises:
        LabError: if a process does not start.
    """

    def __init__(
        self, children: ChildProcesses, departments: Sequence[str], citizens: int, log: Path
    ) -> None:
        self.departments = departments
        self._children = children
        self._citizens = citizens
        names = ["population", *departments]
        self.mocks = start_mocks(children, names, citizens, dict.fromkeys(names, 0))
        hub = start_hub(children, self.mocks, 0, SETTINGS)
        self.hub_url = hub.url
        ports = {_port_of(self.mocks[name].url) for name in departments}
        self.hub_monitor = ProcessMonitor(hub.child.process.pid, _port_of(hub.url), ports)
        self._hub = hub.child
        assert hub.child.process.stderr is not None
        # The hub would block on a full pipe if nothing read its log.
        threading.Thread(
            target=_copy, args=(hub.child.process.stderr, log), name="hub log", daemon=True
        ).start()

    def control(self, department: str) -> MockControl:
        """Return the control API of a department's mock."""
        return MockControl(department, self.mocks[department].control)

    def supported(self) -> dict[str, Mapping[str, object]]:
        """Return the faults that each department's mock supports."""
        return {name: self.control(name).faults()["supported"] for name in self.departments}

    def hub_has_ended(self) -> bool:
        return self._hub.has_ended()

    def begin(self, experiment: Experiment) -> None:
        """Switch the fault on, or kill the mock."""
        if experiment.fault_name == KILL:
            self._child(experiment.department).kill()
        else:
            self.control(experiment.department).set_faults(experiment.fault.settings)

    def end(self, experiment: Experiment) -> None:
        """Switch the fault off, or start the killed mock again."""
        if experiment.fault_name == KILL:
            self._restart(self.mocks[experiment.department])
        else:
            self.control(experiment.department).clear_faults()

    def _child(self, department: str) -> ChildProcess:
        name = child_name(department)
        return next(child for child in self._children.children if child.name == name)

    def _restart(self, mock: MockAddress) -> None:
        """Start a mock on its former ports, which the hub still calls."""
        self._children.children.remove(self._child(mock.name))
        ports = {mock.name: _port_of(mock.url)}
        controls = {mock.name: _port_of(mock.control)}
        silent = Console(quiet=True)
        start_mocks(self._children, [mock.name], self._citizens, ports, silent, controls)


def _port_of(url: str) -> int:
    """Return the port of a URL; 0 for a SQLite file."""
    port = url.rpartition(":")[2].partition("/")[0]
    return int(port) if port.isdecimal() else 0


def _copy(stream: IO[str], log: Path) -> None:
    with log.open("w", encoding="utf-8") as file:
        for line in stream:
            file.write(line)
            file.flush()
