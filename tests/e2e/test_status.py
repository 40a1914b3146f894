"""`hub status` as a person types it, in a pipe and in a terminal."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys

import pytest

from tests.e2e.here import Here
from tests.running import DEPARTMENTS, Hub

COMMAND = [sys.executable, "-m", "hub", "status"]
WIDE = {**os.environ, "COLUMNS": "200"}
TRACKED = '{ application(reference: "SJE-OAS/2026/000123") { applicationStatus } }'


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=60, env=WIDE
    )


@pytest.mark.parametrize("once", [["--once"], []], ids=["asked for", "in a pipe"])
def test_it_is_printed_once(once: list[str], hub: Hub) -> None:
    hub.data(TRACKED)
    done = run("--url", hub.url, *once)
    assert done.returncode == 0
    first, *_ = done.stdout.splitlines()
    assert first.startswith("Citizen Hub up ")
    assert "0 refused" in first
    (pensions,) = [line for line in done.stdout.splitlines() if line.startswith("pensions ")]
    assert "LIVE" in pensions
    assert "closed" in pensions


def test_json_has_the_same(hub: Hub) -> None:
    hub.data(TRACKED)
    told = json.loads(run("--url", hub.url, "--json").stdout)
    assert told["hub"]["problem"] is None
    assert (told["hub"]["in_flight"], told["hub"]["refused"]) == (0, 0)
    assert told["hub"]["uptime_seconds"] > 0
    assert told["hub"]["requests_per_second"] > 0
    assert 0 < told["hub"]["p50_ms"] <= told["hub"]["p95_ms"]
    assert told["hub"]["memory_bytes"] > 10 << 20
    departments = {each["identifier"]: each for each in told["departments"]}
    assert departments.keys() == set(DEPARTMENTS)
    pensions = departments["pensions"]
    assert pensions["state"] == "LIVE"
    assert pensions["breaker"] == "closed"
    assert pensions["calls"] > 0
    assert (pensions["in_flight"], pensions["waiting"]) == (0, 0)


def test_in_a_terminal_it_goes_on_until_ctrl_c(hub: Hub) -> None:
    ours, theirs = pty.openpty()
    watching = subprocess.Popen(
        [*COMMAND, "--url", hub.url, "--every", "200ms"],
        stdout=theirs,
        stderr=theirs,
        env=WIDE,
        # Tests that a shell has put into the background would pass on that Ctrl+C is ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    os.close(theirs)
    shown = b""
    while shown.count(b"Citizen Hub") < 3:
        shown += os.read(ours, 4096)
    watching.send_signal(signal.SIGINT)
    # A terminal that nobody reads is full in a moment, and who writes to it waits.
    shown += rest_of(ours)
    assert watching.wait(10) == 0
    assert b"Traceback" not in shown


def rest_of(terminal: int) -> bytes:
    """What is still said, until the other end is closed."""
    said = b""
    with open(terminal, "rb", buffering=0) as ours, contextlib.suppress(OSError):
        while part := ours.read(4096):
            said += part
    return said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--url", "http://127.0.0.1:9/graphql"], "no hub answers on http://127.0.0.1:9/graphql"),
        (["--every", "2"], "--every is '2'; write it with its unit, as 500ms or 2s."),
    ],
)
def test_a_mistake_is_one_clear_sentence(
    arguments: list[str], sentence: str, run_here: Here
) -> None:
    done = run_here("status", *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
