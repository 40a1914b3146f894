"""Renders the status as a table."""

import datetime as dt

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hub.cli.status.state import DepartmentState, HubState, HubStatus

ABSENT = "–"
STATE_STYLES = {
    "LIVE": "green",
    "CACHED": "green",
    "STALE": "yellow",
    "INCOMPLETE": "yellow",
    "MAINTENANCE": "yellow",
    "UNAVAILABLE": "red",
    "AUTH_FAILED": "red",
    "CIRCUIT_OPEN": "red",
}
BREAKER_STYLES = {"closed": "green", "half-open": "yellow", "open": "red"}
COUNTS = ("latency", "calls", "failures", "in flight", "waiting", "retries")


def render(status: HubStatus) -> RenderableType:
    """Return one line about the hub, and a table of the departments."""
    return Group(_hub_line(status.hub), _departments(status.departments))


def render_problem(sentence: str) -> RenderableType:
    """Return what is shown while the hub does not respond."""
    return Text(sentence, style="red")


def _hub_line(hub: HubState) -> Text:
    parts = [
        f"up {_duration(hub.uptime_seconds)}",
        f"{_number(hub.requests_per_second, '.1f')} requests/s",
        f"p50 {_number(hub.p50_ms, '.1f')} ms",
        f"p95 {_number(hub.p95_ms, '.1f')} ms",
        f"{_number(hub.in_flight)} in flight",
        f"{_number(hub.waiting)} waiting",
        f"{_number(hub.refused)} refused",
        f"{_number(_mebibytes(hub.memory_bytes))} MiB",
    ]
    about = f" (over {_duration(hub.period_seconds)})" if hub.period_seconds else ""
    line = Text.assemble(("Citizen Hub ", "bold"), " · ".join(parts), (about, "dim"))
    if hub.problem:
        line.append(f"\n{hub.problem}", style="red")
    return line


def _departments(departments: list[DepartmentState]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("department", "state", "as of", "breaker"):
        table.add_column(name, no_wrap=True)
    for name in COUNTS:
        table.add_column(name, justify="right")
    table.add_column("message")
    for each in departments:
        table.add_row(
            # The identifier, because `hub department pause` needs it.
            each.identifier,
            _styled(each.state, STATE_STYLES),
            _local_time(each.as_of),
            _styled(each.breaker, BREAKER_STYLES),
            ABSENT if each.latency_ms is None else f"{each.latency_ms:,} ms",
            _number(each.calls),
            _number(each.failures),
            _number(each.in_flight),
            _number(each.waiting),
            _number(each.retries),
            Text(each.message or "", style="dim"),
        )
    return table


def _styled(word: str | None, styles: dict[str, str]) -> Text:
    return Text(word or ABSENT, style=styles.get(word or "", "dim"))


def _number(value: float | None, form: str = "") -> str:
    return ABSENT if value is None else f"{value:,{form}}"


def _mebibytes(size: int | None) -> int | None:
    return None if size is None else size >> 20


def _local_time(moment: str | None) -> str:
    if moment is None:
        return ABSENT
    return dt.datetime.fromisoformat(moment).astimezone().strftime("%d %b %H:%M:%S")


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ABSENT
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = int(seconds) // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min"
    return f"{hours // 24} d {hours % 24} h"
