"""Stops a database server when the mock that started it ends, even if the mock was killed.

It runs as a process of its own and uses the standard library only. It starts the server as its
child and reads standard input, which the mock holds open. At the end of the input it stops the
server and removes temporary folders.

    watchdog.py '{"command": [...], "user": "nobody"|null, "log": "...", "remove": [...],
                  "patience": [["SIGTERM", 2.0], ...]}'

`patience` lists the signals that stop the server, each with the seconds to wait after it.
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
    """Send the signals one after another until the server has ended."""
    for name, seconds in patience:
        if server.poll() is not None:
            return
        server.send_signal(signal.Signals[name])
        try:
            server.wait(seconds)
        except subprocess.TimeoutExpired:
            continue


def watch(order: dict[str, Any]) -> int:
    """Run the server until it ends or standard input ends. Return 0."""
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
    # Ctrl+C reaches this process too, but it must outlive the mock.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(watch(json.loads(sys.argv[1])))
