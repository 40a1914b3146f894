"""The whole made-up population: the same in every process that is given the same two numbers."""

import random
from collections.abc import Iterator
from functools import cached_property

from mocks.population.applications import grow_applications
from mocks.population.citizen import Citizen, Family
from mocks.population.delivered_services import grow_awards, grow_certificates, grow_pensions
from mocks.population.demo_family import demo_family
from mocks.population.demo_family_records import demo_records
from mocks.population.families import grow_families
from mocks.population.grievances import grow_grievances
from mocks.population.records import Application, Benefit, Certificate, Grievance
from mocks.population.services import CERTIFICATES, PENSIONS, SCHOLARSHIPS, Department


class Population:
    """Citizens, families and, grown when first asked for, each department's records.

    Records of a department are grown from a seed of their own, so a mock pays only for what it
    serves. `citizens` below six gives the six of the story.
    """

    def __init__(self, citizens: int, seed: int) -> None:
        self.seed = seed
        story = demo_family()
        others = max(0, citizens - len(story.members))
        self.families: list[Family] = [story, *self._grown_families(others)]
        self.citizens: list[Citizen] = [m for family in self.families for m in family.members]
        self._grown = self.citizens[len(story.members) :]

    def _grown_families(self, citizens: int) -> Iterator[Family]:
        return grow_families(citizens, self._dice("families"), self._dice("further numbers"))

    def _dice(self, topic: str) -> random.Random:
        return random.Random(f"{self.seed}/{topic}")

    @cached_property
    def by_member_id(self) -> dict[str, Citizen]:
        """Every citizen by member id."""
        return {citizen.member_id: citizen for citizen in self.citizens}

    @cached_property
    def by_family_id(self) -> dict[str, Family]:
        """Every family by family id."""
        return {family.family_id: family for family in self.families}

    def _applications(self, department: Department) -> list[Application]:
        dice = self._dice(department.name)
        return [
            *demo_records(self.families[0]).applications.get(department.name, ()),
            *grow_applications(department, self._grown, dice),
        ]

    def applications_at(self, department: Department) -> list[Application]:
        """Applications at one of the further departments."""
        return self._applications(department)

    @cached_property
    def pension_applications(self) -> list[Application]:
        """Applications at the pensions department."""
        return self._applications(PENSIONS)

    @cached_property
    def scholarship_applications(self) -> list[Application]:
        """Applications at the scholarships department."""
        return self._applications(SCHOLARSHIPS)

    @cached_property
    def certificate_applications(self) -> list[Application]:
        """Applications at the revenue department."""
        return self._applications(CERTIFICATES)

    def _of_the_grown(self, applications: list[Application]) -> list[Application]:
        told = len(self.families[0].members)
        story_members = {citizen.member_id for citizen in self.citizens[:told]}
        return [a for a in applications if a.member_id not in story_members]

    @cached_property
    def pensions(self) -> list[Benefit]:
        """Pensions in payment or ended."""
        grown = self._of_the_grown(self.pension_applications)
        dice = self._dice("pensions in payment")
        return [
            *demo_records(self.families[0]).pensions,
            *grow_pensions(grown, self.by_member_id, dice),
        ]

    @cached_property
    def awards(self) -> list[Benefit]:
        """Scholarship awards."""
        grown = self._of_the_grown(self.scholarship_applications)
        return [*demo_records(self.families[0]).awards, *grow_awards(grown, self._dice("awards"))]

    @cached_property
    def certificates(self) -> list[Certificate]:
        """Certificates issued."""
        grown = self._of_the_grown(self.certificate_applications)
        dice = self._dice("certificates issued")
        return [
            *demo_records(self.families[0]).certificates,
            *grow_certificates(CERTIFICATES, grown, self.by_member_id, dice),
        ]

    @cached_property
    def grievances(self) -> list[Grievance]:
        """Complaints at the help desk."""
        return [
            *demo_records(self.families[0]).grievances,
            *grow_grievances(self._grown, self._dice("helpdesk")),
        ]
