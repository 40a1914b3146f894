"""Keeps PostgreSQL from outliving the mock that started it.

Runs as a process of its own, from the standard library alone: starts PostgreSQL as its child and
reads standard input, of which the mock holds the other end. When that ends, however the mock
died, it stops PostgreSQL and removes what was temporary.

    guardian.py '{"command": [...], "user": "nobody"|null, "log": "...", "remove": [...]}'
"""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
from typing import Any

PATIENCE = ((signal.SIGINT, 1.2), (signal.SIGQUIT, 1.0), (signal.SIGKILL, 1.0))
"""Fast shutdown, then immediate, then none: each with the seconds that it gets."""


def stop(postgres: "subprocess.Popen[bytes]") -> None:
    """Stops PostgreSQL, first politely."""
    for number, seconds in PATIENCE:
        if postgres.poll() is not None:
            return
        postgres.send_signal(number)
        try:
            postgres.wait(seconds)
        except subprocess.TimeoutExpired:
            continue


def guard(order: dict[str, Any]) -> int:
    """Runs PostgreSQL until it ends by itself or standard input does."""
    with open(order["log"], "ab") as log:
        postgres = subprocess.Popen(
            order["command"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=os.path.dirname(order["log"]),
            **({"user": order["user"], "group": order["group"]} if order["user"] else {}),
        )
    while postgres.poll() is None:
        ended, _, _ = select.select([sys.stdin], [], [], 0.2)
        if ended and not os.read(sys.stdin.fileno(), 1):
            break
    stop(postgres)
    for path in order["remove"]:
        shutil.rmtree(path, ignore_errors=True)
    return 0


if __name__ == "__main__":
    # The terminal's Ctrl-C is for the mock; this process ends when the mock does.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(guard(json.loads(sys.argv[1])))
