"""Looks at a running hub, once or again and again."""

import json
import time
from dataclasses import asdict

import httpx
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.live import Live

from adapters.manifest.units import Seconds
from hub.cli.asking import ask
from hub.cli.failures import CliError
from hub.cli.status.samples import Samples
from hub.cli.status.state import Look, status_of
from hub.cli.status.table import render, render_problem

LOOK_SECONDS = 10.0
QUERY = """{
  departments {
    identifier
    preferredLabel
    sourceStatus { state asOf latencyMs message }
  }
}"""


def parse_interval(given: str) -> float:
    """Seconds; raises `CliError` when it is no duration."""
    try:
        seconds: float = TypeAdapter(Seconds).validate_python(given)
    except ValidationError:
        raise CliError(f"--every is {given!r}; write it with its unit, as 500ms or 2s.") from None
    return seconds


def show_once(url: str, out: Console, *, as_json: bool) -> None:
    """Prints how the hub does; raises `CliError` when there is none."""
    status = status_of(look(url), None)
    if as_json:
        # Not through rich, which would wrap long lines.
        print(json.dumps(asdict(status), ensure_ascii=False, indent=2))
    else:
        out.print(render(status))


def watch(url: str, every: float, out: Console) -> None:
    """Shows how the hub does until Ctrl+C; raises `CliError` when there is none to begin with."""
    before = look(url)
    with Live(render(status_of(before, None)), console=out, auto_refresh=False) as live:
        while True:
            time.sleep(every)
            try:
                now = look(url)
            except CliError as error:
                live.update(render_problem(str(error)), refresh=True)
            else:
                live.update(render(status_of(now, before)), refresh=True)
                before = now


def look(url: str) -> Look:
    """What the hub tells now; raises `CliError` when there is none."""
    response = ask(url, QUERY, seconds=LOOK_SECONDS)
    return Look(time.time(), response, _samples(url))


def _samples(url: str) -> Samples | None:
    """None where the metrics are not shown to us."""
    try:
        reply = httpx.get(httpx.URL(url).join("metrics"), timeout=LOOK_SECONDS, trust_env=False)
        return Samples(reply.text) if reply.status_code == httpx.codes.OK else None
    except (httpx.HTTPError, ValueError):
        return None
