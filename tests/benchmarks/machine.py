"""The machine: its processors, and its description for the report."""

import contextlib
import datetime as dt
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("strawberry-graphql", "graphql-core", "httpx", "zeep", "lxml", "SQLAlchemy", "asyncpg")

_PROCESSORS = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
SERVER_PROCESSOR = _PROCESSORS[0] if len(_PROCESSORS) > 1 else None
"""Processor of the server under test alone; None if processes cannot be pinned."""
OTHER_PROCESSOR = _PROCESSORS[1] if len(_PROCESSORS) > 1 else None
"""Processor of all other processes: upstream, database, load generator."""


def pin(pid: int, processor: int | None) -> None:
    """Pin a process, its threads and its future children to one processor."""
    if processor is None:
        return
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(int(thread.name), {processor})


def let_run_anywhere(pid: int) -> None:
    """Remove the pinning that a process inherited."""
    if SERVER_PROCESSOR is not None:
        os.sched_setaffinity(pid, _PROCESSORS)


def seconds_worked(processor: int | None) -> float:
    """Return the seconds that a processor has worked for any process or virtual machine."""
    if processor is None:
        return 0.0
    times = psutil.cpu_times(percpu=True)[processor]
    return float(times.user + times.nice + times.system + getattr(times, "steal", 0.0))


def describe(*, quick: bool) -> dict[str, Any]:
    """Return the description of the machine for `build/bench.json`."""
    return {
        "processor": _processor_name(),
        "processors": len(_PROCESSORS) or os.cpu_count(),
        "pinned": SERVER_PROCESSOR is not None,
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "commit": _commit(),
        "measured_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "quick": quick,
    }


def _processor_name() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


def _commit() -> str | None:
    """Return the current commit, with a `+` if the working tree has changes."""
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty=+"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        return described.stdout.strip()
    return None
