"""Child processes: the servers under test, the upstream and the load generator."""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Self

import psutil  # type: ignore[import-untyped]

from tests.benchmarks.machine import ROOT, let_run_anywhere, pin

START_SECONDS = 60.0
STOP_SECONDS = 5.0
MIB = 1 << 20


class BenchmarkError(Exception):
    """A measurement that can't be made; the message says why."""


class Child:
    """A `python -m …` process on one processor, ended with the `with` block.

    Args:
        name: for messages.
        arguments: what follows `python -m`.
        processor: where it runs, once it is ready; until then it may take any.
        folder: its working directory, where the hub finds no `.env`.
        environment: added to this process's environment, from which `HUB_…` is left out.
    """

    def __init__(
        self,
        name: str,
        *arguments: str,
        processor: int | None,
        folder: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("HUB_")}
        self._errors = (folder / f"{name}.log").open("w+b")
        self.process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=folder,
            env={**inherited, "PYTHONPATH": str(ROOT), **(environment or {})},
            start_new_session=True,
        )
        # Two that start together take a processor each, and so half of the time.
        let_run_anywhere(self.process.pid)
        self._processor = processor
        self._watched = psutil.Process(self.process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            with contextlib.suppress(BrokenPipeError):
                stream.close()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._errors.close()

    @property
    def output(self) -> IO[bytes]:
        assert self.process.stdout is not None
        return self.process.stdout

    def first_line(self) -> str:
        """The first line on standard output."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.output, selectors.EVENT_READ)
            ready = selector.select(START_SECONDS)
        line = self.output.readline().decode().strip() if ready else ""
        if not line:
            raise self.failed("did not start")
        pin(self.process.pid, self._processor)
        return line

    def logged(self, text: str) -> str:
        """The first line on standard error that holds `text`."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            for line in self._log().splitlines(keepends=True):
                if text in line and line.endswith("\n"):
                    pin(self.process.pid, self._processor)
                    return line.strip()
            time.sleep(0.02)
        raise self.failed("did not start")

    def failed(self, what: str) -> BenchmarkError:
        return BenchmarkError(f"{self.name} {what}: {self._log().strip()[-2000:] or 'silence'}")

    def _log(self) -> str:
        return Path(self._errors.name).read_text(errors="replace")

    def rss_mb(self) -> float:
        """Memory it holds, in MiB."""
        return float(self._watched.memory_info().rss) / MIB

    def peak_rss_mb(self) -> float:
        """The most it ever held, in MiB; what it holds where the system does not tell."""
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
        return self.rss_mb()

    def processor_seconds(self) -> float:
        """Processor time it has used."""
        times = self._watched.cpu_times()
        return float(times.user + times.system)
