"""Calculates what each capability costs for fifty keys: calls, seconds, rows and bytes."""

import math
from dataclasses import dataclass
from typing import Any

from adapters.connectors.kinds import KINDS
from adapters.manifest.limits import share_of
from adapters.manifest.model import Manifest
from adapters.workbench.check.findings import Findings, Severity

KEYS = 50
SECONDS = 10.0
"""The default time limit of an operation (`HUB_REQUEST_DEADLINE`)."""
BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class CapabilityCost:
    """The worst case of a capability for `KEYS` keys, or for one search.

    Attributes:
        department: identifier.
        capability: its name.
        at_once: maximum number of keys in one call; None for a search.
        calls: number of calls to the department, including pages.
        seconds: time until the last call must have ended.
        rows: maximum number of rows in one reply.
        bytes: maximum size of all replies together.
    """

    department: str
    capability: str
    at_once: int | None
    calls: int
    seconds: float
    rows: int
    bytes: int


def costs_of(manifest: Manifest) -> list[CapabilityCost]:
    """Return the cost of each capability."""
    limits = manifest.file.limits
    costs: list[CapabilityCost] = []
    for capability, model in manifest.file.capabilities.items():
        at_once = None if capability.is_search else model.keys.at_once
        groups = 1 if at_once is None else math.ceil(KEYS / at_once)
        calls = groups * _pages(manifest, model.call)
        # All pages of a call share one deadline. One operation uses half of the slots.
        seconds = math.ceil(groups / share_of(limits.concurrency)) * limits.deadline
        size = calls * limits.reply_bytes
        name = manifest.file.department
        costs.append(
            CapabilityCost(name, capability.value, at_once, calls, seconds, limits.rows, size)
        )
    return costs


def _pages(manifest: Manifest, call: dict[str, Any]) -> int:
    """Return the maximum number of pages of one call."""
    kind = KINDS[type(manifest.file.connector)]
    pages = getattr(kind.call.model_validate(call), "pages", None)
    most = getattr(pages, "most", 1)
    return most if isinstance(most, int) else 1


def check_costs(findings: Findings) -> list[CapabilityCost]:
    """Return the costs; warn of calls that take too long or fill the memory."""
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
            remedy = "send several keys in a call (`keys: {at_once: n}`), or raise `concurrency`"
            findings.add(severity, "n+1", key_path, message, remedy if slow else "")
        elif cost.seconds > SECONDS:
            message = (
                f"{KEYS} keys take at worst {cost.seconds:g} s; operations end after {SECONDS:g} s"
            )
            remedy = "lower `limits.deadline`, or send more keys in a call"
            findings.add(Severity.WARNING, "time", key_path, message, remedy)
        if cost.bytes > BYTES:
            message = f"{cost.calls} replies may have {cost.bytes >> 20} MiB together"
            remedy = "lower `limits.reply_bytes`, or `pages.most`"
            findings.add(Severity.WARNING, "bytes", key_path, message, remedy)
    return costs
