"""People of the mocks' population, with what others may not learn about them."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from mocks.options import DEFAULT_SEED
from mocks.population.population import Population
from tests.support.processes import CITIZENS

FULL_AGE = 19


@dataclass
class Person:
    """A citizen, and the numbers of the citizen's records.

    Attributes:
        member: Family ID member number.
        family: Family ID.
        district: name of the home district.
        relation: relation to the head of the family, an HL7 code.
        is_adult: whether the person is alive and certainly of full age.
        secrets: names, numbers and dates that identify the person.
        references: application reference numbers, by department.
        certificates: local ids of certificates.
        benefits: local ids of benefits, by department.
        grievances: registration numbers.
    """

    member: str
    family: str
    district: str
    relation: str
    is_adult: bool
    secrets: set[str]
    references: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    certificates: list[str] = field(default_factory=list)
    benefits: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    grievances: list[str] = field(default_factory=list)

    def leaks(self, response: Any, *requested: object) -> list[str]:
        """Return the person's secrets in a response that were not in the request."""
        text, known = json.dumps(response, ensure_ascii=False), json.dumps(requested)
        return sorted(each for each in self.secrets if each in text and each not in known)


@cache
def people() -> dict[str, Person]:
    """Return all people of the tests' population, by member number."""
    population = Population(CITIZENS, DEFAULT_SEED)
    found: dict[str, Person] = {}
    for each in population.citizens:
        secrets = {each.name.latin, each.name.devanagari, each.aadhaar_reference, each.member_id}
        secrets |= {number for numbers in each.links.values() for number in numbers}
        # The masked form of a birth date is 1 January.
        if each.birth_precision == "DAY" and (each.born.month, each.born.day) != (1, 1):
            secrets.add(each.born.isoformat())
        secrets |= {text for text in (each.mobile, each.email) if text}
        years = date(2026, 11, 28).year - each.born.year
        found[each.member_id] = Person(
            each.member_id,
            each.family_id,
            each.address.district.name,
            each.relation,
            years >= FULL_AGE and each.life_status == "ALIVE",
            secrets,
        )
    applications = {
        "pensions": population.pension_applications,
        "scholarships": population.scholarship_applications,
        "certificates": population.certificate_applications,
    }
    for department, rows in applications.items():
        for row in rows:
            found[row.member_id].references[department].append(row.reference)
    for department, benefits in (
        ("pensions", population.pensions),
        ("scholarships", population.awards),
    ):
        for benefit in benefits:
            local_id = f"{department}|{benefit.owner}|{benefit.number}"
            found[benefit.member_id].benefits[department].append(local_id)
    for each_certificate in population.certificates:
        found[each_certificate.member_id].certificates.append(
            f"certificates|{each_certificate.owner}|{each_certificate.number}"
        )
    for grievance in population.grievances:
        found[grievance.member_id].grievances.append(grievance.registration_number)
    return found
