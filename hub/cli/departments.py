"""`hub department`: pauses and resumes a department on a running hub."""

import datetime as dt
import re
from typing import Any

from hub.cli.console import CliError, out
from hub.cli.hub_client import query_hub

PAUSE = """mutation Pause($input: PauseDepartmentInput!) {
  pauseDepartment(input: $input) { department { sourceStatus { message } } }
}"""
RESUME = """mutation Resume($department: ID!) {
  resumeDepartment(department: $department) { department { name } }
}"""
_DURATION = re.compile(r"(\d+)(m|h|d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def read_until(given: str | None) -> str | None:
    """Return the time of `--until` in ISO 8601 with its UTC offset.

    Args:
        given: a duration (`2h`), the next `22:30`, or an ISO 8601 time.

    Raises:
        CliError: if it has another form.
    """
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
        raise CliError(f"--until {given}: write it as 2h, 22:30 or 2026-11-25T06:00.") from None
    return (moment if moment.tzinfo else moment.astimezone()).isoformat()


def pause_department(
    url: str, token: str | None, department: str, until: str | None, note: str | None
) -> None:
    """Pause a department and print the hub's message.

    Raises:
        CliError: if the hub refuses.
    """
    given = {"department": department, "until": read_until(until), "note": note}
    data = _changed(query_hub(url, PAUSE, {"input": given}, token=token))
    out.print(data["pauseDepartment"]["department"]["sourceStatus"]["message"], highlight=False)


def resume_department(url: str, token: str | None, department: str) -> None:
    """Resume a department.

    Raises:
        CliError: if the hub refuses.
    """
    data = _changed(query_hub(url, RESUME, {"department": department}, token=token))
    label = data["resumeDepartment"]["department"]["name"]
    out.print(f"Calls to {label} are resumed.", highlight=False)


def _changed(response: dict[str, Any]) -> dict[str, Any]:
    """Return the data. Raise `CliError` with the hub's message if the mutation failed."""
    for error in response.get("errors", ()):
        raise CliError(error["message"])
    data: dict[str, Any] = response["data"]
    return data
