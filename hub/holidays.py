"""The state's holidays, from a text file."""

import datetime as dt
from pathlib import Path

from schema.working_days import WorkingDays

BUILT_IN = Path(__file__).with_name("holidays.txt")


class HolidaysError(Exception):
    """The file of holidays cannot be used. The message shows the hub's operator what to correct."""


def read_working_days(path: Path = BUILT_IN) -> WorkingDays:
    """Return the working days that a file of holidays leaves.

    Each line of the file is a day in ISO 8601, a blank and the holiday's name. Empty lines and
    lines that begin with `#` are ignored.

    Raises:
        HolidaysError: the file cannot be read, or a line has another form.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise HolidaysError(f"HUB_HOLIDAYS={path}: {error}") from None
    return WorkingDays(
        _day(path, number, line)
        for number, line in enumerate(lines, start=1)
        if line.strip() and not line.startswith("#")
    )


def _day(path: Path, number: int, line: str) -> dt.date:
    try:
        return dt.date.fromisoformat(line.split(maxsplit=1)[0])
    except ValueError:
        raise HolidaysError(
            f"{path}:{number}: begin the line with a day, for example 2026-01-26 Republic Day"
        ) from None
