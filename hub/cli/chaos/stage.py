"""The mocks and the hub of a run, and how a fault is begun and ended there."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from rich.console import Console

from hub.cli.chaos.cases import KILL, Case
from hub.cli.chaos.watching import ProcessWatch
from hub.cli.child_processes import ChildProcess, ChildProcesses
from hub.cli.faults.control import MockControl
from hub.cli.hub_process import start_hub
from hub.cli.mock_processes import RunningMock, child_name, start_mocks


class Stage:
    """Everything on free ports.

    Args:
        children: keeps what is started.
        departments: whose mocks and adapters take part.
        citizens: how many people the mocks hold.
        log: takes what the hub says on standard error.
        err: is told of the start.
    """

    def __init__(
        self,
        children: ChildProcesses,
        departments: Sequence[str],
        citizens: int,
        log: Path,
        err: Console,
    ) -> None:
        self.departments = departments
        self._children = children
        self._citizens = citizens
        self._silent = Console(quiet=True)
        names = ["population", *departments]
        self.mocks = start_mocks(children, names, citizens, dict.fromkeys(names, 0), err)
        hub = start_hub(children, self.mocks, 0, err)
        self.hub_url = hub.url
        ports = {_port_of(self.mocks[name].url) for name in departments}
        self.hub_watch = ProcessWatch(hub.child.process.pid, _port_of(hub.url), ports)
        self._hub = hub.child
        assert hub.child.process.stderr is not None
        # Unread, the hub's log would fill its pipe, and the hub would stand still.
        threading.Thread(
            target=_copy, args=(hub.child.process.stderr, log), name="hub log", daemon=True
        ).start()

    def control(self, department: str) -> MockControl:
        return MockControl(department, self.mocks[department].control)

    def supported(self) -> dict[str, Mapping[str, object]]:
        """By department, the switches of its mock."""
        return {name: self.control(name).faults()["supported"] for name in self.departments}

    def hub_has_ended(self) -> bool:
        return self._hub.has_ended()

    def begin(self, case: Case) -> None:
        if case.name == KILL:
            self._child(case.department).kill()
        else:
            self.control(case.department).set_faults(case.fault.settings)

    def end(self, case: Case) -> None:
        if case.name == KILL:
            self._revive(self.mocks[case.department])
        else:
            self.control(case.department).clear_faults()

    def _child(self, department: str) -> ChildProcess:
        name = child_name(department)
        return next(child for child in self._children.children if child.name == name)

    def _revive(self, mock: RunningMock) -> None:
        """On the ports that it had, which the hub still asks."""
        dead = self._child(mock.name)
        self._children.children.remove(dead)
        ports = {mock.name: _port_of(mock.url)}
        controls = {mock.name: _port_of(mock.control)}
        start_mocks(self._children, [mock.name], self._citizens, ports, self._silent, controls)


def _port_of(url: str) -> int:
    """0 where there is none: a SQLite file."""
    port = url.rpartition(":")[2].partition("/")[0]
    return int(port) if port.isdecimal() else 0


def _copy(stream: IO[str], log: Path) -> None:
    with log.open("w", encoding="utf-8") as file:
        for line in stream:
            file.write(line)
            file.flush()
