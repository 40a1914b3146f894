"""What the hub's process holds: memory, open files, connections, threads."""

import asyncio
from collections.abc import Callable
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
        connections: sockets.
        threads: threads.
    """

    at: float
    rss_mb: float
    files: int
    connections: int
    threads: int


def read_process(process: int, at: float) -> Reading | None:
    """None where the system does not tell (it has no /proc), or when the process has gone."""
    folder = Path(f"/proc/{process}")
    status: dict[str, str] = {}
    files: list[str] = []
    try:
        for line in (folder / "status").read_text().splitlines():
            name, _, value = line.partition(":")
            status[name] = value.strip()
        for entry in (folder / "fd").iterdir():
            with suppress(FileNotFoundError):
                files.append(str(entry.readlink()))
    except OSError:
        return None
    return Reading(
        at=at,
        rss_mb=int(status["VmRSS"].split()[0]) / 1024,
        files=len(files),
        connections=sum(each.startswith("socket:") for each in files),
        threads=int(status["Threads"]),
    )


async def watch(process: int, now: Callable[[], float], readings: list[Reading]) -> None:
    """Adds a reading every half second, until cancelled."""
    while True:
        reading = read_process(process, now())
        if reading is not None:
            readings.append(reading)
        await asyncio.sleep(EVERY)
