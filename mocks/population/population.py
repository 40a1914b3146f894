"""The whole invented population: the same in each process with the same size and seed."""

import random
from collections.abc import Iterator
from functools import cached_property

from mocks.population.applications import generate_applications
from mocks.population.citizen import Citizen, Family
from mocks.population.delivered_services import (
    generate_awards,
    generate_certificates,
    generate_pensions,
)
from mocks.population.demo_family import demo_family
from mocks.population.demo_family_records import demo_records
from mocks.population.families import generate_families
from mocks.population.grievances import generate_grievances
from mocks.population.records import Application, Benefit, Certificate, Grievance
from mocks.population.services import CERTIFICATES, PENSIONS, SCHOLARSHIPS, Department


class Population:
    """Citizens, families, and the records of each department.

    Records are generated at first use, for each department from its own seed, so a mock generates
    only the data that it needs.

    Args:
        citizens: number of citizens; less than six gives the six of the demo family.
    """

    def __init__(self, citizens: int, seed: int) -> None:
        self.seed = seed
        demo = demo_family()
        others = max(0, citizens - len(demo.members))
        self.families: list[Family] = [demo, *self._generated_families(others)]
        self.citizens: list[Citizen] = [m for family in self.families for m in family.members]
        self._generated = self.citizens[len(demo.members) :]

    def _generated_families(self, citizens: int) -> Iterator[Family]:
        return generate_families(citizens, self._dice("families"), self._dice("further numbers"))

    def _dice(self, topic: str) -> random.Random:
        return random.Random(f"{self.seed}/{topic}")

    @cached_property
    def by_member_id(self) -> dict[str, Citizen]:
        """All citizens by member id."""
        return {citizen.member_id: citizen for citizen in self.citizens}

    @cached_property
    def by_family_id(self) -> dict[str, Family]:
        """All families by family id."""
        return {family.family_id: family for family in self.families}

    def _applications(self, department: Department) -> list[Application]:
        rng = self._dice(department.name)
        return [
            *demo_records(self.families[0]).applications.get(department.name, ()),
            *generate_applications(department, self._generated, rng),
        ]

    def applications_at(self, department: Department) -> list[Application]:
        """Return the applications of one of `FURTHER_DEPARTMENTS`."""
        return self._applications(department)

    @cached_property
    def pension_applications(self) -> list[Application]:
        """Applications of the pensions department."""
        return self._applications(PENSIONS)

    @cached_property
    def scholarship_applications(self) -> list[Application]:
        """Applications of the scholarships department."""
        return self._applications(SCHOLARSHIPS)

    @cached_property
    def certificate_applications(self) -> list[Application]:
        """Applications of the revenue department."""
        return self._applications(CERTIFICATES)

    def _without_demo_family(self, applications: list[Application]) -> list[Application]:
        demo_members = {citizen.member_id for citizen in self.families[0].members}
        return [a for a in applications if a.member_id not in demo_members]

    @cached_property
    def pensions(self) -> list[Benefit]:
        """All pensions, current and ended."""
        generated = self._without_demo_family(self.pension_applications)
        rng = self._dice("pensions in payment")
        return [
            *demo_records(self.families[0]).pensions,
            *generate_pensions(generated, self.by_member_id, rng),
        ]

    @cached_property
    def awards(self) -> list[Benefit]:
        """All scholarship awards."""
        generated = self._without_demo_family(self.scholarship_applications)
        return [
            *demo_records(self.families[0]).awards,
            *generate_awards(generated, self._dice("awards")),
        ]

    @cached_property
    def certificates(self) -> list[Certificate]:
        """All certificates."""
        generated = self._without_demo_family(self.certificate_applications)
        rng = self._dice("certificates issued")
        return [
            *demo_records(self.families[0]).certificates,
            *generate_certificates(CERTIFICATES, generated, self.by_member_id, rng),
        ]

    @cached_property
    def grievances(self) -> list[Grievance]:
        """All grievances."""
        return [
            *demo_records(self.families[0]).grievances,
            *generate_grievances(self._generated, self._dice("helpdesk")),
        ]
