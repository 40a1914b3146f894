"""What capabilities cost: calls, seconds, rows and bytes for a page of fifty keys."""

import math
from dataclasses import dataclass
from typing import Any

from adapters.connectors.kinds import KINDS
from adapters.manifest.model import Manifest
from adapters.workbench.check.findings import Findings, Severity

KEYS = 50
SECONDS = 10.0
"""The longest a caller usually waits (`HUB_REQUEST_DEADLINE`)."""
BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Cost:
    """A capability's worst case for `KEYS` keys, or for one window of a search.

    Attributes:
        department: identifier.
        capability: its name.
        at_once: most keys in one call; None for a search.
        calls: calls to the department, pages included.
        seconds: until the last of them must have answered.
        rows: most rows of one call.
        bytes: most bytes of all replies.
    """

    department: str
    capability: str
    at_once: int | None
    calls: int
    seconds: float
    rows: int
    bytes: int


def costs_of(manifest: Manifest) -> list[Cost]:
    limits = manifest.file.limits
    costs: list[Cost] = []
    for capability, model in manifest.file.capabilities.items():
        at_once = None if capability.is_search else model.keys.at_once
        groups = 1 if at_once is None else math.ceil(KEYS / at_once)
        calls = groups * _pages(manifest, model.call)
        # Pages of one group follow one another within the deadline of the one call they are.
        seconds = math.ceil(groups / limits.concurrency) * limits.deadline
        size = calls * limits.reply_bytes
        name = manifest.file.department
        costs.append(Cost(name, capability.value, at_once, calls, seconds, limits.rows, size))
    return costs


def _pages(manifest: Manifest, call: dict[str, Any]) -> int:
    """The most pages that a call may have."""
    kind = KINDS[type(manifest.file.connector)]
    pages = getattr(kind.call.model_validate(call), "pages", None)
    most = getattr(pages, "most", 1)
    return most if isinstance(most, int) else 1


def check_costs(findings: Findings) -> list[Cost]:
    """The costs; warns of those that a caller won't wait for, or that fill the memory."""
    costs = costs_of(findings.manifest)
    for cost in costs:
        key_path = ("capabilities", cost.capability)
        if cost.at_once == 1:
            message = (
                f"one call for each key: {KEYS} keys are {cost.calls} calls, "
                f"at worst {cost.seconds:g} s"
            )
            slow = cost.seconds > SECONDS
            severity = Severity.WARNING if slow else Severity.NOTE
            remedy = "ask for keys together (`keys: {at_once: n}`), or allow more at once"
            findings.add(severity, "n+1", key_path, message, remedy if slow else "")
        elif cost.seconds > SECONDS:
            message = f"{KEYS} keys take at worst {cost.seconds:g} s: callers wait {SECONDS:g} s"
            remedy = "lower `limits.deadline`, or put more keys in a call"
            findings.add(Severity.WARNING, "time", key_path, message, remedy)
        if cost.bytes > BYTES:
            message = f"{cost.calls} replies may have {cost.bytes >> 20} MiB together"
            remedy = "lower `limits.reply_bytes`, or `pages.most`"
            findings.add(Severity.WARNING, "bytes", key_path, message, remedy)
    return costs
