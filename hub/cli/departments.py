"""`hub department`: closes and opens a department on a running hub."""

import datetime as dt
import re
from typing import Any

from rich.console import Console

from hub.cli.asking import ask
from hub.cli.failures import CliError

PAUSE = """mutation Pause($input: PauseDepartmentInput!) {
  pauseDepartment(input: $input) { department { sourceStatus { message } } }
}"""
RESUME = """mutation Resume($department: ID!) {
  resumeDepartment(department: $department) { department { preferredLabel } }
}"""
_DURATION = re.compile(r"(\d+)(m|h|d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def read_until(given: str | None) -> str | None:
    """`2h`, `22:30` (today or tomorrow) or an ISO 8601 moment, as a moment with its zone."""
    if given is None:
        return None
    now = dt.datetime.now().astimezone()
    try:
        if duration := _DURATION.fullmatch(given):
            return (now + dt.timedelta(**{_UNITS[duration[2]]: int(duration[1])})).isoformat()
        if re.fullmatch(r"\d\d:\d\d", given):
            moment = dt.datetime.combine(now, dt.time.fromisoformat(given), now.tzinfo)
            return (moment if moment > now else moment + dt.timedelta(days=1)).isoformat()
        moment = dt.datetime.fromisoformat(given)
    except (ValueError, OverflowError):
        raise CliError(
            f"--until {given}: write it as 2h, as 22:30, or as 2026-11-25T06:00."
        ) from None
    return (moment if moment.tzinfo else moment.astimezone()).isoformat()


def pause_department(
    url: str, token: str | None, department: str, until: str | None, note: str | None, out: Console
) -> None:
    given = {"department": department, "until": read_until(until), "note": note}
    data = _changed(ask(url, PAUSE, {"input": given}, token=token))
    out.print(data["pauseDepartment"]["department"]["sourceStatus"]["message"], highlight=False)


def resume_department(url: str, token: str | None, department: str, out: Console) -> None:
    data = _changed(ask(url, RESUME, {"department": department}, token=token))
    label = data["resumeDepartment"]["department"]["preferredLabel"]
    out.print(f"{label} is asked again.", highlight=False)


def _changed(response: dict[str, Any]) -> dict[str, Any]:
    """The data; `CliError` with the hub's own sentence when nothing was changed."""
    for error in response.get("errors", ()):
        raise CliError(error["message"])
    data: dict[str, Any] = response["data"]
    return data
