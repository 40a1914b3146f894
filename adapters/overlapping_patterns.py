"""Which regular expressions can match one and the same text: `python -m` this, as a child process.

A pattern can stand for a machine of any size, so the comparing is done where it can be ended.
Patterns in, pairs of places out, both as JSON. It imports nothing of the house, to start fast.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from itertools import combinations

import interegular
from interegular.patterns import InvalidSyntax, Unsupported

SECONDS = 15.0


def overlapping(patterns: Sequence[str], seconds: float = SECONDS) -> list[tuple[int, int]] | None:
    """Pairs, by place, of patterns that one text matches whole; None when not told in time.

    Patterns with what regular sets don't have (lookarounds, back references) are left out.
    """
    if len(patterns) < 2:
        return []
    command = [sys.executable, "-m", __name__]
    try:
        done = subprocess.run(  # noqa: S603
            command, input=json.dumps(patterns), capture_output=True, text=True, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        return None
    if done.returncode != 0:
        return None
    return [(one, other) for one, other in json.loads(done.stdout)]


def compare(patterns: Sequence[str]) -> list[tuple[int, int]]:
    """The same, here and now, however long it takes."""
    machines = {}
    for place, pattern in enumerate(patterns):
        try:
            machines[place] = interegular.parse_pattern(pattern).to_fsm()
        except (InvalidSyntax, Unsupported):
            continue
    return [
        (one, other)
        for one, other in combinations(machines, 2)
        if not machines[one].isdisjoint(machines[other])
    ]


if __name__ == "__main__":
    json.dump(compare(json.load(sys.stdin)), sys.stdout)
