"""Checks whether maintenance windows overlap, or leave no time open."""

import datetime as dt
from collections.abc import Sequence
from itertools import combinations
from zoneinfo import ZoneInfo

from adapters.manifest.limits import WEEKDAYS, MaintenanceWindow
from adapters.workbench.check.findings import Findings, Severity

DAY = 24 * 60
WEEK = 7 * DAY

Span = tuple[float, float]
"""Beginning and end in minutes since Monday 00:00. The end may be in the next week."""


def spans_of(window: MaintenanceWindow) -> list[Span]:
    """Return the spans of a weekly window; empty for a window with dates."""
    if window.closes is None or window.opens is None:
        return []
    begins = window.closes.hour * 60 + window.closes.minute
    ends = window.opens.hour * 60 + window.opens.minute
    length = (ends - begins) % DAY or DAY
    days = sorted({WEEKDAYS.index(day) for day in window.days})
    return [(day * DAY + begins, day * DAY + begins + length) for day in days]


def overlap(one: Sequence[Span], other: Sequence[Span]) -> bool:
    """Return True if the spans have a common time in any week."""
    return any(
        a_begins < b_ends + turn and b_begins + turn < a_ends
        for a_begins, a_ends in one
        for b_begins, b_ends in other
        for turn in (-WEEK, 0, WEEK)
    )


def closed_for(spans: Sequence[Span]) -> float:
    """Return the number of minutes of a week that the spans cover."""
    pieces = sorted(
        piece
        for begins, ends in spans
        for piece in ((begins, min(ends, WEEK)), (0.0, max(ends - WEEK, 0.0)))
    )
    covered, reached = 0.0, 0.0
    for begins, ends in pieces:
        covered += max(0.0, ends - max(begins, reached))
        reached = max(reached, ends)
    return covered


def check_windows(findings: Findings) -> None:
    """Check the maintenance windows of one department."""
    windows = findings.manifest.file.maintenance
    zone = ZoneInfo(findings.manifest.file.timezone)
    for (_first, one), (second, other) in combinations(enumerate(windows), 2):
        if overlap(spans_of(one), spans_of(other)) or _once_overlap(one, other, zone):
            message = "this window overlaps another one of the department"
            remedy = "join them, or correct their times"
            findings.add(Severity.WARNING, "windows", ("maintenance", second), message, remedy)
    if closed_for([span for window in windows for span in spans_of(window)]) >= WEEK:
        message = "the windows close the department for the whole week"
        findings.add(Severity.ERROR, "windows", ("maintenance",), message, "shorten them")


def _once_overlap(one: MaintenanceWindow, other: MaintenanceWindow, zone: ZoneInfo) -> bool:
    if not (one.from_ and one.until and other.from_ and other.until):
        return False
    moments = [_in(zone, each) for each in (one.from_, one.until, other.from_, other.until)]
    return moments[0] < moments[3] and moments[2] < moments[1]


def _in(zone: ZoneInfo, moment: dt.datetime) -> dt.datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
