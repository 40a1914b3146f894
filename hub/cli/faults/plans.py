"""Named plans: which departments misbehave how, on a kind of day that departments do have."""

from collections.abc import Mapping
from dataclasses import dataclass

from hub.cli.failures import CliError

EVERYBODY = "*"


@dataclass(frozen=True, slots=True)
class Plan:
    """A kind of day.

    Attributes:
        about: what it is like.
        settings: by department, or for everybody, the switches as `hub faults set` takes them. A
            department's own come on top; a switch that a mock does not have is left out there.
    """

    about: str
    settings: Mapping[str, str]

    def words_for(self, department: str) -> list[str]:
        """What to switch on at one department; nothing when the plan leaves it alone."""
        both = f"{self.settings.get(EVERYBODY, '')} {self.settings.get(department, '')}"
        return both.split()


PLANS = {
    "monsoon": Plan(
        "everybody slow and shaky: half the replies within 0.4 s, one in twenty above 6 s, "
        "some never, some broken",
        {
            EVERYBODY: "latency=400ms latency-p95=6s hang=1% reset-after-write=2% fault200=1% "
            "truncate=0.5%",
            "certificates": "error=1%",
        },
    ),
    "outage": Plan(
        "two departments are gone, one refusing and one silent; the others are well",
        {"pensions": "refuse=1", "scholarships": "hang=1"},
    ),
    "night": Plan(
        "the maintenance window of 02:00 to 06:00: pages that say so, and sessions that expired",
        {"pensions": "maintenance=1", "certificates": "maintenance=1", "helpdesk": "maintenance=1"}
        | {"scholarships": "expired-session=1"},
    ),
    "month-end": Plan(
        "payments are made: the departments that pay are slow and fail often, the others are busy",
        {
            EVERYBODY: "latency=250ms latency-p95=1s",
            "pensions": "latency=1.5s latency-p95=5s error=20%",
            "scholarships": "latency=1s latency-p95=4s error=10% drip=4KiB/s",
        },
    ),
    "lying": Plan(
        "replies that say 200 and are none: failures, nonsense, halves, foreign codes and charsets",
        {EVERYBODY: "fault200=15% garbage=10% truncate=10% charset=5% unknown-code=10% error=5%"},
    ),
    "hostile": Plan(
        "replies that hurt who reads them: endless, packed, dripping, going round in circles",
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
    if name not in PLANS:
        raise CliError(f"there is no plan {name!r}; there are {', '.join(PLANS)}.")
    return PLANS[name]
