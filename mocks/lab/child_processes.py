"""Child processes, which are stopped when the command ends."""

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

from mocks.lab.console import LabError

STOP_SECONDS = 5.0


class ChildProcess:
    """A running `python -m ...`.

    Args:
        name: name in messages.
        arguments: module and arguments, after `python -m`.
        environment: variables to add to those of this process.
    """

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
            # Ctrl+C must reach only this process, which then stops its children in order.
            start_new_session=True,
        )

    def first_line(self, stream: IO[str], seconds: float) -> str:
        """Return the first line that the child writes to `stream`.

        Raises:
            LabError: if the child ends first, or writes nothing within `seconds`.
        """
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            ready = selector.select(seconds)
        line = stream.readline().strip() if ready else ""
        if line:
            return line
        if self.process.poll() is None and not ready:
            raise LabError(f"{self.name} was not ready within {seconds:.0f} s.")
        _, errors = self.process.communicate(timeout=STOP_SECONDS)
        raise LabError(f"{self.name} did not start: {errors.strip() or 'no error message'}")

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def terminate(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the child at once, like a crash."""
        self.process.kill()
        self.wait(time.monotonic() + STOP_SECONDS)

    def wait(self, until: float) -> None:
        """Wait for the end of the child. Kill it at `until`, in seconds of the monotonic clock."""
        try:
            self.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


class ChildProcesses:
    """Child processes that are stopped at the end of the `with` block.

    Attributes:
        children: the running children.
        folder: temporary folder for their files, deleted at the end of the block.
    """

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
        # `sys.exit` leaves the `with` block, which stops the children.
        signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        for child in self.children:
            child.terminate()
        until = time.monotonic() + STOP_SECONDS
        for child in self.children:
            child.wait(until)
        self._folder.cleanup()

    def wait_for_stop(self) -> str | None:
        """Wait until Ctrl+C or SIGTERM, or until a child has ended.

        Returns:
            The name of the child that ended; None after Ctrl+C or SIGTERM.
        """
        stopped = False

        def stop(_signal: int, _frame: object) -> None:
            nonlocal stopped
            stopped = True

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        while not stopped:
            for child in self.children:
                if child.has_ended():
                    return child.name
            time.sleep(0.2)
        return None
