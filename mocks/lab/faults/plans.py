"""Named plans: sets of faults at several departments, for situations that occur in practice."""

from collections.abc import Mapping
from dataclasses import dataclass

from mocks.lab.console import LabError

ALL = "*"


@dataclass(frozen=True, slots=True)
class Plan:
    """A set of faults.

    Attributes:
        about: description of the situation.
        settings: faults of each department, in the form that `hub faults set` reads. The key "*"
            means every department; the settings of the department itself are added. Faults
            that a mock does not support are ignored.
    """

    about: str
    settings: Mapping[str, str]

    def words_for(self, department: str) -> list[str]:
        """Return the settings for one department; empty if the plan does not affect it."""
        both = f"{self.settings.get(ALL, '')} {self.settings.get(department, '')}"
        return both.split()


PLANS = {
    "monsoon": Plan(
        "all departments are slow and unstable: half of the replies take over 0.4 s, one in twenty "
        "over 6 s; some never arrive, some are broken",
        {
            ALL: "latency=400ms latency-p95=6s hang=1% reset-after-write=2% fault200=1% "
            "truncate=0.5%",
            "certificates": "error=1%",
        },
    ),
    "outage": Plan(
        "two departments are down: one refuses connections, one never replies",
        {"pensions": "refuse=1", "scholarships": "hang=1"},
    ),
    "night": Plan(
        "the maintenance window from 02:00 to 06:00: maintenance pages and expired sessions",
        {"pensions": "maintenance=1", "certificates": "maintenance=1", "helpdesk": "maintenance=1"}
        | {"scholarships": "expired-session=1"},
    ),
    "month-end": Plan(
        "payment days: the departments that pay are slow and fail often, the others are busy",
        {
            ALL: "latency=250ms latency-p95=1s",
            "pensions": "latency=1.5s latency-p95=5s error=20%",
            "scholarships": "latency=1s latency-p95=4s error=10% drip=4KiB/s",
        },
    ),
    "lost-replies": Plan(
        "departments store what they receive, but their replies are lost, doubled or late; some "
        "refuse",
        {ALL: "lost-reply=20% double-reply=10% refuse-write=5%", "helpdesk": "late-reply=5s"},
    ),
    "lying": Plan(
        "HTTP 200 with unusable content: errors, garbage, half replies, missing rows, unknown "
        "codes and charsets",
        {
            ALL: "fault200=15% garbage=10% truncate=10% charset=5% unknown-code=10% error=5% "
            "short-pages=10% lost-rows=10% empty-file=10%"
        },
    ),
    "hostile": Plan(
        "replies that harm a naive client: oversize, compression bombs, slow drips, redirect loops",
        {
            "registry": "gzip-bomb=20%",
            "pensions": "oversize=20% redirect-loop=20%",
            "scholarships": "gzip-bomb=20% drip=2KiB/s",
            "certificates": "oversize=5% stall=10%",
            "helpdesk": "redirect-loop=30% stall=10%",
        },
    ),
}


def plan_named(name: str) -> Plan:
    """Return the plan of this name.

    Raises:
        LabError: if there is none.
    """
    if name not in PLANS:
        raise LabError(f"unknown plan {name!r}. Plans: {', '.join(PLANS)}.")
    return PLANS[name]
