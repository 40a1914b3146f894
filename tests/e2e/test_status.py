"""`hub status` as a user runs it, in a pipe and in a terminal."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys

import pytest

from tests.e2e.conftest import RunInProcess
from tests.support.processes import DEPARTMENTS, Hub

COMMAND = [sys.executable, "-m", "hub", "status"]
WIDE = {**os.environ, "COLUMNS": "200"}
TRACKED = '{ application(reference: "SJE-OAS/2026/000123") { applicationStatus } }'


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=60, env=WIDE
    )


@pytest.mark.parametrize("once", [["--once"], []], ids=["--once", "pipe"])
def test_the_status_is_printed_once(once: list[str], hub: Hub) -> None:
    hub.data(TRACKED)
    done = run("--url", hub.url, *once)
    assert done.returncode == 0
    first, *_ = done.stdout.splitlines()
    assert first.startswith("Citizen Hub up ")
    assert "0 refused" in first
    (pensions,) = [line for line in done.stdout.splitlines() if line.startswith("pensions ")]
    assert "LIVE" in pensions
    assert "closed" in pensions


def test_json_has_the_same_values(hub: Hub) -> None:
    hub.data(TRACKED)
    status = json.loads(run("--url", hub.url, "--json").stdout)
    assert status["hub"]["problem"] is None
    assert (status["hub"]["in_flight"], status["hub"]["refused"]) == (0, 0)
    assert status["hub"]["uptime_seconds"] > 0
    assert status["hub"]["requests_per_second"] > 0
    assert 0 < status["hub"]["p50_ms"] <= status["hub"]["p95_ms"]
    assert status["hub"]["memory_bytes"] > 10 << 20
    departments = {each["identifier"]: each for each in status["departments"]}
    assert departments.keys() == set(DEPARTMENTS)
    pensions = departments["pensions"]
    assert pensions["state"] == "LIVE"
    assert pensions["breaker"] == "closed"
    assert pensions["calls"] > 0
    assert (pensions["in_flight"], pensions["waiting"]) == (0, 0)


def test_the_status_is_updated_in_a_terminal_until_ctrl_c(hub: Hub) -> None:
    ours, theirs = pty.openpty()
    watching = subprocess.Popen(
        [*COMMAND, "--url", hub.url, "--every", "200ms"],
        stdout=theirs,
        stderr=theirs,
        env=WIDE,
        # A background job inherits an ignored Ctrl+C from its shell.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    os.close(theirs)
    shown = b""
    while shown.count(b"Citizen Hub") < 3:
        shown += os.read(ours, 4096)
    watching.send_signal(signal.SIGINT)
    # The command would block on a full terminal.
    shown += rest_of(ours)
    assert watching.wait(10) == 0
    assert b"Traceback" not in shown


def rest_of(terminal: int) -> bytes:
    """Return the output until the command closes the terminal."""
    said = b""
    with open(terminal, "rb", buffering=0) as ours, contextlib.suppress(OSError):
        while part := ours.read(4096):
            said += part
    return said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--url", "http://127.0.0.1:9/graphql"], "no hub answers on http://127.0.0.1:9/graphql"),
        (["--every", "2"], "--every is '2'. Write it with its unit: 500ms, 2s."),
    ],
)
def test_a_mistake_is_reported_in_one_sentence(
    arguments: list[str], sentence: str, run_in_process: RunInProcess
) -> None:
    done = run_in_process("status", *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
