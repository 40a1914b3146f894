"""Finds regular expressions that can match the same text.

The comparison runs in a child process with a time limit, because the state machine of a pattern can
be of any size. The child reads patterns and writes pairs of indexes, both as JSON. It runs this
file by its path, because importing the package would be slow.
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
    """Return pairs of patterns that can match the same whole text.

    Patterns that are not regular in the strict sense (lookarounds, back references) are left out.

    Returns: pairs of indexes into `patterns`; None if the comparison took longer than `seconds`.
    """
    if len(patterns) < 2:
        return []
    command = [sys.executable, "-P", __file__]
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
    """Return the pairs of `overlapping`, in this process and without a time limit."""
    machines = {}
    for index, pattern in enumerate(patterns):
        try:
            machines[index] = interegular.parse_pattern(pattern).to_fsm()
        except (InvalidSyntax, Unsupported):
            continue
    return [
        (one, other)
        for one, other in combinations(machines, 2)
        if not machines[one].isdisjoint(machines[other])
    ]


if __name__ == "__main__":
    json.dump(compare(json.load(sys.stdin)), sys.stdout)
