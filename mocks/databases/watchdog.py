"""Keeps a database server from outliving the mock that started it.

Runs as a process of its own, from the standard library alone: starts the server as its child and
reads standard input, of which the mock holds the other end. When that ends, however the mock
died, it stops the server and removes what was temporary.

    guardian.py '{"command": [...], "user": "nobody"|null, "log": "...", "remove": [...],
                  "patience": [["SIGTERM", 2.0], ...]}'

`patience` says which signals end the server, each with the seconds that it gets.
"""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from typing import Any


def stop(server: "subprocess.Popen[bytes]", patience: Iterable[tuple[str, float]]) -> None:
    """Stops the server, first politely."""
    for name, seconds in patience:
        if server.poll() is not None:
            return
        server.send_signal(signal.Signals[name])
        try:
            server.wait(seconds)
        except subprocess.TimeoutExpired:
            continue


def guard(order: dict[str, Any]) -> int:
    """Runs the server until it ends by itself or standard input does."""
    with open(order["log"], "ab") as log:
        server = subprocess.Popen(
            order["command"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=os.path.dirname(order["log"]),
            **({"user": order["user"], "group": order["group"]} if order["user"] else {}),
        )
    while server.poll() is None:
        ended, _, _ = select.select([sys.stdin], [], [], 0.2)
        if ended and not os.read(sys.stdin.fileno(), 1):
            break
    stop(server, order["patience"])
    for path in order["remove"]:
        shutil.rmtree(path, ignore_errors=True)
    return 0


if __name__ == "__main__":
    # The terminal's Ctrl-C is for the mock; this process ends when the mock does.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(guard(json.loads(sys.argv[1])))
