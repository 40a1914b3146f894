"""Shows the status of a running hub, once or repeatedly."""

import json
import time
from dataclasses import asdict

import httpx
from pydantic import TypeAdapter, ValidationError
from rich.live import Live

from adapters.units import Seconds
from hub.cli.console import CliError, out
from hub.cli.hub_client import query_hub
from hub.cli.status.metrics import MetricsSnapshot
from hub.cli.status.state import StatusSnapshot, status_of
from hub.cli.status.table import render, render_problem

TIMEOUT_SECONDS = 10.0
QUERY = """{
  departments {
    identifier
    name
    sourceStatus { state asOf message }
  }
}"""


def parse_interval(given: str) -> float:
    """Return the seconds of a duration such as `2s`.

    Raises:
        CliError: if `given` is not a duration with a unit.
    """
    try:
        seconds: float = TypeAdapter(Seconds).validate_python(given)
    except ValidationError:
        raise CliError(f"--every is {given!r}. Write it with its unit: 500ms, 2s.") from None
    return seconds


def show_once(url: str, *, as_json: bool) -> None:
    """Print the status of the hub at `url`.

    Raises:
        CliError: if it does not respond.
    """
    status = status_of(_snapshot(url), None)
    if as_json:
        # Not with rich, which wraps long lines.
        print(json.dumps(asdict(status), ensure_ascii=False, indent=2))
    else:
        out.print(render(status))


def watch(url: str, every: float) -> None:
    """Show the status of the hub at `url` until Ctrl+C.

    Args:
        url: GraphQL URL of the hub.
        every: seconds between two updates.

    Raises:
        CliError: if the hub does not respond the first time.
    """
    before = _snapshot(url)
    with Live(render(status_of(before, None)), console=out, auto_refresh=False) as live:
        while True:
            time.sleep(every)
            try:
                now = _snapshot(url)
            except CliError as error:
                live.update(render_problem(str(error)), refresh=True)
            else:
                live.update(render(status_of(now, before)), refresh=True)
                before = now


def _snapshot(url: str) -> StatusSnapshot:
    response = query_hub(url, QUERY, seconds=TIMEOUT_SECONDS)
    return StatusSnapshot(time.time(), response, _metrics(url))


def _metrics(url: str) -> MetricsSnapshot | None:
    """Return the hub's metrics; None if the hub does not expose them to this client."""
    try:
        reply = httpx.get(httpx.URL(url).join("metrics"), timeout=TIMEOUT_SECONDS, trust_env=False)
        return MetricsSnapshot(reply.text) if reply.status_code == httpx.codes.OK else None
    except (httpx.HTTPError, ValueError):
        return None
