"""Closures of a department: windows in its manifest, and pauses that an operator ordered."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from adapters.contract import DepartmentMaintenanceError
from adapters.manifest.limits import WEEKDAYS, MaintenanceWindow

NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Closure:
    """A period in which the department is closed.

    Attributes:
        back_at: when it opens again; None if unknown.
        note: text for clients.
        since: when it began; None if unknown.
    """

    back_at: dt.datetime | None
    note: str | None
    since: dt.datetime | None = None

    def is_over(self, now: dt.datetime) -> bool:
        return self.back_at is not None and self.back_at <= now


def wall_clock() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Maintenance:
    """Determines whether a department is closed.

    Args:
        department: identifier, for errors.
        windows: the windows in the manifest.
        zone: the department's time zone.
        clock: returns the current time with its zone.
    """

    def __init__(
        self,
        department: str,
        windows: Sequence[MaintenanceWindow],
        zone: ZoneInfo,
        clock: Callable[[], dt.datetime] = wall_clock,
    ) -> None:
        self._department = department
        self._windows = windows
        self._zone = zone
        self._clock = clock
        self._pause: Closure | None = None

    def pause(self, closure: Closure) -> None:
        """Close the department until the closure is over, or `resume` is called."""
        self._pause = closure

    def resume(self) -> None:
        self._pause = None

    def closure(self) -> Closure | None:
        """Return the current closure; None if the department is open.

        If several closures overlap, return the one that ends last.
        """
        if self._pause is None and not self._windows:
            return None
        now = self._clock()
        if self._pause is not None and self._pause.is_over(now):
            self._pause = None
        local = now.astimezone(self._zone)
        reasons = [_closure_by(window, local) for window in self._windows]
        closures = [each for each in (self._pause, *reasons) if each is not None]
        return max(closures, key=_end_of) if closures else None

    def check(self) -> None:
        """Raise `DepartmentMaintenanceError` if the department is closed."""
        closure = self.closure()
        if closure is not None:
            raise self.error(closure)

    def error(self, closure: Closure) -> DepartmentMaintenanceError:
        """Return the error that reports a closure to clients."""
        until = ""
        if closure.back_at is not None:
            until = f" until {closure.back_at.astimezone(self._zone):%d %b %Y %H:%M %Z}"
        note = f" ({closure.note})" if closure.note else ""
        error = DepartmentMaintenanceError(
            self._department, f"{self._department} is closed for maintenance{until}{note}."
        )
        error.back_at, error.note = closure.back_at, closure.note
        return error


def _end_of(closure: Closure) -> dt.datetime:
    return closure.back_at or NEVER


def _closure_by(window: MaintenanceWindow, now: dt.datetime) -> Closure | None:
    if window.from_ is not None and window.until is not None:
        zone = now.tzinfo
        begins = window.from_ if window.from_.tzinfo else window.from_.replace(tzinfo=zone)
        ends = window.until if window.until.tzinfo else window.until.replace(tzinfo=zone)
        return Closure(ends, window.note, begins) if begins <= now < ends else None
    assert window.closes is not None
    assert window.opens is not None
    # A window that spans midnight may have begun yesterday.
    for begun in (now.date(), now.date() - dt.timedelta(days=1)):
        if WEEKDAYS[begun.weekday()] not in window.days:
            continue
        begins = dt.datetime.combine(begun, window.closes, now.tzinfo)
        ends = dt.datetime.combine(begun, window.opens, now.tzinfo)
        if ends <= begins:
            ends += dt.timedelta(days=1)
        if begins <= now < ends:
            return Closure(ends, window.note, begins)
    return None
