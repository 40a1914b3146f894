"""True data about each citizen; tests compare the hub's responses with it."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

from mocks.population.canonical import (
    canonical_application,
    canonical_benefit,
    canonical_certificate,
    canonical_grievance,
    canonical_person,
)
from mocks.population.clock import TODAY
from mocks.population.demo_family import (
    CERTIFICATE_ISSUED_ON,
    CERTIFICATE_NUMBER,
    CERTIFICATE_REFERENCE,
    GRIEVANCE_NUMBER,
    PENSION_REFERENCE,
)
from mocks.population.families import DEMO_FAMILY_ID
from mocks.population.payments import AWARD_PAYMENT_STATES, PENSION_PAYMENT_STATES
from mocks.population.population import Population
from mocks.population.services import (
    AWARD_STATES,
    CERTIFICATES,
    PENSION_STATES,
    PENSIONS,
    SCHOLARSHIPS,
)
from mocks.population.town_departments import (
    CIVIL_REGISTRATION,
    FOOD,
    POWER,
    TRADE_LICENCES,
    WATER,
)
from mocks.population.work_departments import EMPLOYMENT, LABOUR, LABOUR_WELFARE, POST_MATRIC

FURTHER_DEPARTMENTS = (
    CIVIL_REGISTRATION,
    WATER,
    FOOD,
    POWER,
    LABOUR,
    LABOUR_WELFARE,
    POST_MATRIC,
    EMPLOYMENT,
    TRADE_LICENCES,
)
"""All departments with applications, except the first three."""


class MemberRecord(Protocol):
    """A record that belongs to a person."""

    @property
    def member_id(self) -> str: ...


R = TypeVar("R", bound=MemberRecord)


def _by_member(records: Iterable[R]) -> dict[str, list[R]]:
    found: defaultdict[str, list[R]] = defaultdict(list)
    for record in records:
        found[record.member_id].append(record)
    return dict(found)


class Oracle:
    """The true data of one population, in the form of `canonical`."""

    def __init__(self, population: Population) -> None:
        self.population = population
        self._applications = [
            (PENSIONS, _by_member(population.pension_applications)),
            (SCHOLARSHIPS, _by_member(population.scholarship_applications)),
            (CERTIFICATES, _by_member(population.certificate_applications)),
            *(
                (department, _by_member(population.applications_at(department)))
                for department in FURTHER_DEPARTMENTS
            ),
        ]
        self._pensions = _by_member(population.pensions)
        self._awards = _by_member(population.awards)
        self._certificates = _by_member(population.certificates)
        self._grievances = _by_member(population.grievances)

    def summary(self) -> dict[str, Any]:
        """Return the size of the population, its seed and the date of the mocks."""
        return {
            "citizens": len(self.population.citizens),
            "families": len(self.population.families),
            "seed": self.population.seed,
            "today": TODAY.isoformat(),
        }

    def sample(self, count: int) -> list[str]:
        """Return `count` member ids from the whole population; the demo family comes first."""
        members = [citizen.member_id for citizen in self.population.citizens]
        demo, others = members[:6], members[6:]
        wanted = max(0, min(count - len(demo), len(others)))
        return demo + [others[nth * len(others) // wanted] for nth in range(wanted)]

    def families(self, size: int | None, count: int) -> list[str]:
        """Return the ids of the first families of a size (None: any), the demo family first."""
        fitting = (
            family.family_id
            for family in self.population.families
            if size is None or len(family.members) == size
        )
        return [family_id for family_id, _ in zip(fitting, range(count), strict=False)]

    def demo_family(self) -> dict[str, str]:
        """Return the numbers that the demo uses for Ram Devi and her family."""
        ram_devi = self.population.citizens[0]
        return {
            "familyId": DEMO_FAMILY_ID,
            "memberId": ram_devi.member_id,
            "reference": PENSION_REFERENCE,
            "phoneLast4": (ram_devi.mobile or "")[-4:],
            "certificateReference": CERTIFICATE_REFERENCE,
            "certificateNumber": CERTIFICATE_NUMBER,
            "issueDate": CERTIFICATE_ISSUED_ON.isoformat(),
            "grievance": GRIEVANCE_NUMBER,
        }

    def citizen(self, member_id: str) -> dict[str, Any] | None:
        """Return a person with the records of all departments, or None.

        Returns:
            The fields of `canonical_person`, and the lists `applications`, `benefits`,
            `certificates` and `grievances`.
        """
        person = self.population.by_member_id.get(member_id)
        if person is None:
            return None
        return {
            **canonical_person(person),
            "applications": [
                canonical_application(department, application)
                for department, by_member in self._applications
                for application in by_member.get(member_id, ())
            ],
            "benefits": [
                *(
                    canonical_benefit(
                        PENSIONS,
                        PENSION_STATES,
                        PENSION_PAYMENT_STATES,
                        "MONTHLY",
                        pension,
                        person,
                    )
                    for pension in self._pensions.get(member_id, ())
                ),
                *(
                    canonical_benefit(
                        SCHOLARSHIPS, AWARD_STATES, AWARD_PAYMENT_STATES, "YEARLY", award
                    )
                    for award in self._awards.get(member_id, ())
                ),
            ],
            "certificates": [
                canonical_certificate(certificate, person)
                for certificate in self._certificates.get(member_id, ())
            ],
            "grievances": [
                canonical_grievance(grievance) for grievance in self._grievances.get(member_id, ())
            ],
        }
