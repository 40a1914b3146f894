"""Child processes: the servers under test, the upstream and the load generator."""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from tests.benchmarks.machine import ROOT, let_run_anywhere, pin
from tests.support.processes import ChildProcess

MIB = 1 << 20


class BenchmarkError(Exception):
    """A measurement is impossible or void. The message says why."""


class MeasuredProcess(ChildProcess):
    """A `python -m …` process on one processor.

    Args:
        name: name for error messages.
        arguments: the module to run, and its arguments.
        processor: the processor on which it runs once it is ready. Until then it may use any.
        folder: its working directory, which must not contain a `.env` for the hub.
        environment: variables added to those of this process, without its `HUB_…`.
    """

    def __init__(
        self,
        name: str,
        *arguments: str,
        processor: int | None,
        folder: Path,
        environment: Mapping[str, str],
    ) -> None:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("HUB_")}
        super().__init__(
            name,
            *arguments,
            environment={**inherited, "PYTHONPATH": str(ROOT), **environment},
            folder=folder,
            own_session=True,
        )
        # Two servers that start together need a processor each: it halves the time.
        let_run_anywhere(self.process.pid)
        self._processor = processor
        self._watched = psutil.Process(self.process.pid)

    def first_line(self) -> str:
        line = super().first_line()
        pin(self.process.pid, self._processor)
        return line

    def log_line(self, text: str) -> str:
        line = super().log_line(text)
        pin(self.process.pid, self._processor)
        return line

    def rss_mb(self) -> float:
        """Return the resident memory in MiB."""
        return float(self._watched.memory_info().rss) / MIB

    def peak_rss_mb(self) -> float:
        """Return the most resident memory so far in MiB; the current one where unknown."""
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
        return self.rss_mb()

    def processor_seconds(self) -> float:
        """Return the processor time used so far."""
        times = self._watched.cpu_times()
        return float(times.user + times.system)
