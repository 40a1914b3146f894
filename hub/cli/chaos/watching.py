"""What the hub's process holds: memory, open files, connections to departments, threads."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

EVERY = 0.5


@dataclass(frozen=True, slots=True)
class Reading:
    """What a process held at one moment.

    Attributes:
        at: seconds since the load began.
        rss_mb: memory in MiB.
        files: open file descriptors, connections among them.
        connections: connections to departments.
        threads: threads.
    """

    at: float
    rss_mb: float
    files: int
    connections: int
    threads: int


@dataclass(frozen=True, slots=True)
class ProcessWatch:
    """Reads one process.

    Attributes:
        process: its id.
        ports: where the departments listen.
    """

    process: int
    ports: Collection[int]

    def read(self, at: float) -> Reading | None:
        """None where the system does not tell (it has no /proc), or when the process has gone."""
        folder = Path(f"/proc/{self.process}")
        status: dict[str, str] = {}
        files: list[str] = []
        try:
            for line in (folder / "status").read_text().splitlines():
                name, _, value = line.partition(":")
                status[name] = value.strip()
            for entry in (folder / "fd").iterdir():
                with suppress(FileNotFoundError):
                    files.append(str(entry.readlink()))
            sockets = (folder / "net" / "tcp").read_text().splitlines()[1:]
        except OSError:
            return None
        return Reading(
            at=at,
            rss_mb=int(status["VmRSS"].split()[0]) / 1024,
            files=len(files),
            connections=self._connections(sockets, set(files)),
            threads=int(status["Threads"]),
        )

    def _connections(self, sockets: list[str], files: set[str]) -> int:
        """Lines of /proc/net/tcp: the third word is the other end, the tenth the inode."""
        words = [line.split() for line in sockets]
        return sum(
            int(each[2].partition(":")[2], 16) in self.ports and f"socket:[{each[9]}]" in files
            for each in words
        )

    async def watch(self, now: Callable[[], float], readings: list[Reading]) -> None:
        """Adds a reading every half second, until cancelled."""
        while True:
            reading = self.read(now())
            if reading is not None:
                readings.append(reading)
            await asyncio.sleep(EVERY)
