"""What the smaller departments hold about the family of the story.

Ram Devi waits for a power connection beyond its fifteen days; her ration card is printed.
"""

from collections.abc import Callable
from datetime import datetime

from mocks.population.citizen import Citizen
from mocks.population.records import Application
from mocks.population.services import Department
from mocks.population.town_departments import CIVIL_REGISTRATION, FOOD, POWER, WATER
from mocks.population.work_departments import EMPLOYMENT, LABOUR, POST_MATRIC

Tell = Callable[..., Application]


def tell_further_story(
    members: tuple[Citizen, ...], tell: Tell
) -> dict[str, tuple[Application, ...]]:
    """Applications by department; `tell` makes one as `story_records` does."""
    ram_devi, suresh, sunita, ankit = members[:4]

    def one(
        department: Department, reference: str, citizen: Citizen, path: tuple[str, ...], *days: str
    ) -> tuple[Application, ...]:
        owner = citizen.links[department.scheme][0]
        moments = tuple(datetime.fromisoformat(f"{day}T11:05:00") for day in days)
        return (tell(department, reference, citizen.member_id, owner, path, moments, "CSC"),)

    return {
        POWER.name: one(
            POWER, "PWR-NEW/2026/000777", ram_devi, ("AP", "ES"), "2026-10-26"
        ),
        FOOD.name: one(
            FOOD, "FDS-RCN/2025/000042", ram_devi, ("1", "2", "4", "5"),
            "2025-05-02", "2025-05-09", "2025-05-15", "2025-05-16",
        ),
        LABOUR.name: one(
            LABOUR, "LAB-BOC/2026/000021", suresh, ("10", "20", "25"),
            "2026-09-21", "2026-10-01", "2026-10-05",
        ),
        WATER.name: one(
            WATER, "ULB-WSC/2026/00042", suresh, ("P", "V", "S", "C"),
            "2026-02-02", "2026-02-04", "2026-02-06", "2026-02-09",
        ),
        CIVIL_REGISTRATION.name: one(
            CIVIL_REGISTRATION, "ULB-BDC/2026/000042", sunita,
            ("Received", "Under Scrutiny", "aprooved"),
            "2026-11-16", "2026-11-17", "2026-11-20",
        ),
        EMPLOYMENT.name: one(
            EMPLOYMENT, "EMP-REG/2026/000042", ankit, ("N", "V", "R"),
            "2026-06-01", "2026-06-11", "2026-06-20",
        ),
        POST_MATRIC.name: one(
            POST_MATRIC, "WEL-PMS/2026/000042", ankit, ("01", "02", "04"),
            "2026-07-14", "2026-08-14", "2026-10-14",
        ),
    }  # fmt: skip
