"""Notes which requests wrote something, because some faults apply to writes only."""

from contextvars import ContextVar

_written: ContextVar[list[bool]] = ContextVar("written")


def watch_for_writes() -> list[bool]:
    """Return a list that is not empty once this task has called `note_write`."""
    noted: list[bool] = []
    _written.set(noted)
    return noted


def note_write() -> None:
    """Note that the current request has written something."""
    noted = _written.get(None)
    if noted is not None:
        noted.append(True)
