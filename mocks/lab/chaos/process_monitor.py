"""Reads the resources of a process: memory, open files, connections, threads and tasks."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

INTERVAL_SECONDS = 0.5
TASKS_EVERY = 10
"""Readings between two reads of the task count, because the hub's metrics are expensive."""
LOCAL_ADDRESS, REMOTE_ADDRESS, INODE = 1, 2, 9
"""Columns of /proc/net/tcp. Addresses are hexadecimal `IP:PORT`."""
TIME_WAIT, STATE = " 06 ", slice(30, 44)
"""State of a closed connection, and its position in the line. No process holds such a connection,
and a spike leaves thousands of them for a minute."""


@dataclass(frozen=True, slots=True)
class ResourceReading:
    """The resources of a process at one moment.

    Attributes:
        at: seconds since the load began.
        rss_mb: resident memory in MiB.
        files: open file descriptors, without the connections of clients.
        connections: connections to departments.
        threads: threads.
        tasks: asyncio tasks; read less often than the others.
    """

    at: float
    rss_mb: float
    files: int
    connections: int
    threads: int
    tasks: int = 0


@dataclass(frozen=True, slots=True)
class ProcessMonitor:
    """Reads the resources of one process from /proc.

    Attributes:
        process: process id.
        port: port on which the process listens.
        department_ports: ports of the departments.
    """

    process: int
    port: int
    department_ports: Collection[int]

    def read(self, at: float) -> ResourceReading | None:
        """Return a reading; None without /proc, or if the process has ended.

        Args:
            at: seconds since the load began.
        """
        folder = Path(f"/proc/{self.process}")
        status: dict[str, str] = {}
        files: list[str] = []
        try:
            for line in (folder / "status").read_text().splitlines():
                name, _, value = line.partition(":")
                status[name] = value.strip()
            descriptors = folder / "fd"
            for descriptor in os.listdir(descriptors):
                with suppress(FileNotFoundError):
                    files.append(os.readlink(f"{descriptors}/{descriptor}"))
            sockets = (folder / "net" / "tcp").read_text().splitlines()[1:]
        except OSError:
            return None
        held = set(files)
        open_sockets = [line.split() for line in sockets if TIME_WAIT not in line[STATE]]
        own = [columns for columns in open_sockets if f"socket:[{columns[INODE]}]" in held]
        # One of the sockets on the own port is the listener; the others belong to clients.
        on_own_port = [_port(columns[LOCAL_ADDRESS]) for columns in own].count(self.port)
        remote_ports = [_port(columns[REMOTE_ADDRESS]) for columns in own]
        return ResourceReading(
            at=at,
            rss_mb=int(status["VmRSS"].split()[0]) / 1024,
            files=len(files) - max(0, on_own_port - 1),
            connections=sum(port in self.department_ports for port in remote_ports),
            threads=int(status["Threads"]),
        )

    async def watch(
        self,
        now: Callable[[], float],
        readings: list[ResourceReading],
        count_tasks: Callable[[], Awaitable[int]],
    ) -> None:
        """Append a reading every half second until cancelled.

        Args:
            now: returns the seconds since the load began.
            readings: receives the readings.
            count_tasks: returns the number of asyncio tasks of the process.
        """
        tasks = 0
        for number in count():
            if number % TASKS_EVERY == 0:
                tasks = await count_tasks()
            # In a thread: reading /proc takes up to 25 ms, which would delay the load.
            reading = await asyncio.to_thread(self.read, now())
            if reading is not None:
                readings.append(replace(reading, tasks=tasks))
            await asyncio.sleep(INTERVAL_SECONDS)


def _port(address: str) -> int:
    return int(address.partition(":")[2], 16)
