"""Issues the numbers that people have in departments (the identity crosswalk).

About 3 % of all people have two numbers in one scheme, because a clerk registered them twice. The
Family ID register has both.
"""

import random

from mocks.population.citizen import (
    BOCW_NO,
    CONSUMER_NO,
    EMPLOYMENT_REG_NO,
    FURTHER_SCHEMES,
    HELPDESK_ACCOUNT,
    LWB_NO,
    PENSION_PPO,
    RATION_CARD,
    REVENUE_PERSON_NO,
    SCHEMES,
    SERVICEPLUS_ID,
    STUDENT_ID,
    ULB_PERSON_NO,
    WATER_CONSUMER_NO,
    Links,
)
from mocks.population.districts import District
from mocks.population.household import FamilyRole

FURTHER_FORMS = {
    ULB_PERSON_NO: "UP{count:07d}",
    WATER_CONSUMER_NO: "WS-{district.letters}-{count:05d}",
    RATION_CARD: "{district.code}99{count:08d}",
    CONSUMER_NO: "5{district.code}{count:07d}",
    BOCW_NO: "BOCW/{district.letters}/{count:06d}",
    LWB_NO: "LWB{count:06d}",
    EMPLOYMENT_REG_NO: "{district.letters}/2026/{count:05d}",
    SERVICEPLUS_ID: "{count:09d}",
}

REGISTERED_TWICE = 0.036
"""Share of people with two numbers, among those known to a department."""


def chance_to_be_known(scheme: str, role: FamilyRole) -> float:
    """Return the probability that a person has a number in this scheme."""
    age = role.age
    if scheme == PENSION_PPO:
        if age >= 60:
            return 0.93
        return 0.75 if role.marital_status == "W" else 0.13
    if scheme == STUDENT_ID:
        return 0.97 if 8 <= age <= 27 else 0.12
    if scheme == REVENUE_PERSON_NO:
        return 0.71 if age >= 18 else 0.5
    if scheme == HELPDESK_ACCOUNT:
        return 0.245 if age >= 18 else 0.04
    return _chance_at_a_further_department(scheme, role)


def _chance_at_a_further_department(scheme: str, role: FamilyRole) -> float:
    if role.age < 18:
        return 0.1 if scheme == ULB_PERSON_NO else 0.0
    if scheme in (RATION_CARD, CONSUMER_NO, WATER_CONSUMER_NO):
        # One per household.
        return 0.4 if role.relation == "SELF" else 0.0
    if scheme == EMPLOYMENT_REG_NO:
        return 0.25 if role.age <= 40 else 0.02
    return {ULB_PERSON_NO: 0.2, BOCW_NO: 0.15, LWB_NO: 0.08}.get(scheme, 0.06)


class NumberIssuer:
    """Issues department numbers, each only once."""

    def __init__(self) -> None:
        self._issued = dict.fromkeys((*SCHEMES, *FURTHER_SCHEMES), 0)

    def issue(self, scheme: str, district: District, rng: random.Random) -> str:
        """Return the next number of a scheme, in its department's format."""
        self._issued[scheme] += 1
        count = self._issued[scheme]
        if scheme == PENSION_PPO:
            return f"{district.code}{rng.randint(1, 9)}/{rng.randint(1, 9):02d}/{count + 2400:06d}"
        if scheme == STUDENT_ID:
            return f"STU{rng.randint(2020, 2026)}{count + 200:06d}"
        if scheme == REVENUE_PERSON_NO:
            return str(104300 + count)
        if scheme == HELPDESK_ACCOUNT:
            return f"AC{count + 200:06d}"
        return FURTHER_FORMS[scheme].format(district=district, count=count + 200)

    def further_links_of(self, role: FamilyRole, district: District, rng: random.Random) -> Links:
        """Return the numbers in `FURTHER_SCHEMES`, at most one per scheme."""
        return {
            scheme: (self.issue(scheme, district, rng),)
            for scheme in FURTHER_SCHEMES
            if rng.random() < chance_to_be_known(scheme, role)
        }

    def links_of(self, role: FamilyRole, district: District, rng: random.Random) -> Links:
        """Return the numbers in `SCHEMES`; empty if no department knows the person."""
        links: Links = {
            scheme: (self.issue(scheme, district, rng),)
            for scheme in SCHEMES
            if rng.random() < chance_to_be_known(scheme, role)
        }
        if links and rng.random() < REGISTERED_TWICE:
            twice = rng.choice(sorted(links))
            links[twice] += (self.issue(twice, district, rng),)
        return links
