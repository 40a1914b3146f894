"""Reads when a department may be called again (`Retry-After`, RFC 9110, 10.2.3)."""

import datetime as dt
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from adapters.contract import DepartmentError

MOST_RETRY_AFTER = 900.0
"""Maximum pause in seconds that a department can demand. A server with a wrong clock or a limit per
day would otherwise stay closed although it has recovered."""
_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def note_retry_after(error: DepartmentError, headers: Mapping[str, str]) -> None:
    """Set when the department may be called again, if the reply says so in `Retry-After`."""
    seconds = _retry_after(headers)
    if seconds is None:
        return
    back_at = dt.datetime.fromtimestamp(time.time() + seconds, dt.UTC)
    error.retry_after, error.back_at = seconds, back_at
    error.message = f"{error.message} The hub calls it again at {back_at:%H:%M:%S} UTC."
    error.args = (error.message,)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the pause in seconds that the reply demands; None if it demands none."""
    written = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(written):
        seconds = float(written)
    else:
        moment = _http_date(written)
        if moment is None:
            return None
        # The department's clock may be wrong, so its own date is what the moment is compared with.
        now = _http_date(headers.get("Date", "")) or dt.datetime.now(dt.UTC)
        seconds = (moment - now).total_seconds()
    return min(seconds, MOST_RETRY_AFTER) if seconds > 0 else None


def _http_date(text: str) -> dt.datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC)
