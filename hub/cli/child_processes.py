"""Child processes of the demo: started, waited for, stopped again whatever happens."""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import IO

from hub.cli.failures import CliError

STOP_SECONDS = 5.0


class ChildProcess:
    """One child; `name` is for messages, `arguments` follow `python -m`."""

    def __init__(
        self, name: str, arguments: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
            # Ctrl+C reaches this process alone, which then stops its children in order.
            start_new_session=True,
        )

    def first_line(self, stream: IO[str], seconds: float) -> str:
        """The first line it prints on `stream`; raises `CliError` if it ends or stays silent."""
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            ready = selector.select(seconds)
        line = stream.readline().strip() if ready else ""
        if line:
            return line
        if self.process.poll() is None and not ready:
            raise CliError(f"{self.name} was not ready within {seconds:.0f} s.")
        _, said = self.process.communicate(timeout=STOP_SECONDS)
        raise CliError(f"{self.name} did not start: {said.strip() or 'it said nothing'}")

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def ask_to_stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it at once, as a crash would."""
        self.process.kill()
        self.wait(time.monotonic() + STOP_SECONDS)

    def wait(self, until: float) -> None:
        try:
            self.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


class ChildProcesses:
    """Children that end when the `with` block ends, and a folder for their files, as long-lived."""

    def __init__(self) -> None:
        self.children: list[ChildProcess] = []
        self._folder = tempfile.TemporaryDirectory(prefix="citizen-hub-")
        self.folder = self._folder.name

    def start(
        self, name: str, arguments: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> ChildProcess:
        child = ChildProcess(name, arguments, environment)
        self.children.append(child)
        return child

    def __enter__(self) -> "ChildProcesses":
        # Told to end, this process ends its children first.
        signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        for child in self.children:
            child.ask_to_stop()
        until = time.monotonic() + STOP_SECONDS
        for child in self.children:
            child.wait(until)
        self._folder.cleanup()

    def wait_for_stop(self) -> str | None:
        """Returns None on Ctrl+C or SIGTERM, or the name of a child that ended by itself."""
        stopped = False

        def stop(_signal: int, _frame: object) -> None:
            nonlocal stopped
            stopped = True

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        reported: set[str] = set()
        while not stopped:
            ended = {child.name for child in self.children if child.has_ended()} - reported
            if ended:
                return ended.pop()
            time.sleep(0.2)
        return None
