"""What the hub holds: memory, open files, connections to departments, threads, tasks."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

EVERY = 0.5
TASKS_EVERY = 10
"""Readings between two looks at the metrics, which cost the hub something."""
OWN_END, OTHER_END, INODE = 1, 2, 9
"""Words of a line of /proc/net/tcp: address and port of both ends in hexadecimal, and the inode."""
TIME_WAIT, STATE = " 06 ", slice(30, 44)
"""The state of an ended connection, and where the line tells it: nobody holds it any more. A spike
leaves thousands of them for a minute."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a process held at one moment.

    Attributes:
        at: seconds since the load began.
        rss_mb: memory in MiB.
        files: open file descriptors without those of its clients' connections, which are as many
            as clients hold.
        connections: connections to departments.
        threads: threads.
        tasks: of its event loop; looked at less often.
    """

    at: float
    rss_mb: float
    files: int
    connections: int
    threads: int
    tasks: int = 0


@dataclass(frozen=True, slots=True)
class ProcessWatch:
    """Reads one process.

    Attributes:
        process: its id.
        port: where it listens.
        department_ports: where the departments listen.
    """

    process: int
    port: int
    department_ports: Collection[int]

    def read(self, at: float) -> Reading | None:
        """None where the system does not tell (it has no /proc), or when the process has gone."""
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
        standing = [line.split() for line in sockets if TIME_WAIT not in line[STATE]]
        own = [words for words in standing if f"socket:[{words[INODE]}]" in held]
        # The socket that it listens on is a file of its own; the others on its port are clients'.
        here = [_port(words[OWN_END]) for words in own].count(self.port)
        there = [_port(words[OTHER_END]) for words in own]
        return Reading(
            at=at,
            rss_mb=int(status["VmRSS"].split()[0]) / 1024,
            files=len(files) - max(0, here - 1),
            connections=sum(port in self.department_ports for port in there),
            threads=int(status["Threads"]),
        )

    async def watch(
        self,
        now: Callable[[], float],
        readings: list[Reading],
        count_tasks: Callable[[], Awaitable[int]],
    ) -> None:
        """Adds a reading every half second, until cancelled."""
        tasks = 0
        for number in count():
            if number % TASKS_EVERY == 0:
                tasks = await count_tasks()
            # The system takes up to 25 ms to tell, which every question in flight would wait for.
            reading = await asyncio.to_thread(self.read, now())
            if reading is not None:
                readings.append(replace(reading, tasks=tasks))
            await asyncio.sleep(EVERY)


def _port(end: str) -> int:
    return int(end.partition(":")[2], 16)
