"""Compares what the hub accepted with what the departments received."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mocks.lab.chaos.crash.load import Accepted

DELIVERED = "ACKNOWLEDGED"
FILED = frozenset({"APPLICATION", "GRIEVANCE"})


@dataclass(frozen=True, slots=True)
class DepartmentResult:
    """What became of the submissions for one department.

    Attributes:
        department: the department.
        accepted: number of submissions that the hub accepted.
        once: how many of them the department received exactly once.
        tasks: how many of them are open tasks of operators.
        lost: receipt numbers that the department did not receive, and that are no task.
        doubled: receipt numbers that the department received more than once.
        unfinished: receipt numbers that arrived, but that the hub does not show as delivered, and
            that are no task.
        unknown: hub references at the department that no client has an answer for.
    """

    department: str
    accepted: int
    once: int
    tasks: int
    lost: Sequence[str]
    doubled: Sequence[str]
    unfinished: Sequence[str]
    unknown: Sequence[str]

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.doubled or self.unfinished or self.unknown)


def evaluate(
    accepted: Iterable[Accepted],
    states: Mapping[str, str],
    tasks: Collection[str],
    arrivals: Mapping[str, Sequence[Mapping[str, Any]]],
) -> list[DepartmentResult]:
    """Return one result for each department.

    Args:
        accepted: the submissions that clients have a receipt for.
        states: state of each submission in the hub, by receipt number.
        tasks: receipt numbers of the submissions with an open task.
        arrivals: by department, what its mock received.
    """
    receipts: dict[str, list[str]] = {department: [] for department in arrivals}
    for each in accepted:
        receipts[each.department].append(each.receipt)
    results: list[DepartmentResult] = []
    for department, rows in arrivals.items():
        copies: Counter[str] = Counter()
        for row in rows:
            if row["kind"] in FILED:
                copies[row["hubReference"] or ""] += row["copies"]
        own = set(receipts[department])
        results.append(
            DepartmentResult(
                department,
                len(own),
                sum(copies[receipt] == 1 for receipt in own),
                len(own & set(tasks)),
                sorted(each for each in own if not copies[each] and each not in tasks),
                sorted(each for each in own if copies[each] > 1),
                sorted(
                    each
                    for each in own
                    if copies[each] == 1 and states.get(each) != DELIVERED and each not in tasks
                ),
                sorted(set(copies) - own),
            )
        )
    return results
