"""The numbers under which departments know a person: the identity crosswalk.

About 3 % of people have two numbers of one scheme, because a clerk registered them twice. The
Family ID register holds both.
"""

import random

from mocks.population.citizen import (
    PENSION_PPO,
    REVENUE_PERSON_NO,
    SCHEMES,
    STUDENT_ID,
    Links,
)
from mocks.population.household import Role
from mocks.population.places import District

REGISTERED_TWICE = 0.036
"""Of the people known to some department; about 3 % of all."""


def chance_to_be_known(scheme: str, role: Role) -> float:
    """How probable it is that the department has this person."""
    age = role.age
    if scheme == PENSION_PPO:
        if age >= 60:
            return 0.93
        return 0.75 if role.marital_status == "W" else 0.13
    if scheme == STUDENT_ID:
        return 0.97 if 8 <= age <= 27 else 0.12
    if scheme == REVENUE_PERSON_NO:
        return 0.71 if age >= 18 else 0.5
    return 0.245 if age >= 18 else 0.04


class Crosswalk:
    """Issues department numbers, each once."""

    def __init__(self) -> None:
        self._issued = dict.fromkeys(SCHEMES, 0)

    def issue(self, scheme: str, district: District, dice: random.Random) -> str:
        """The next number of a scheme, in the form that its department prints."""
        self._issued[scheme] += 1
        count = self._issued[scheme]
        if scheme == PENSION_PPO:
            return (
                f"{district.code}{dice.randint(1, 9)}/{dice.randint(1, 9):02d}/{count + 2400:06d}"
            )
        if scheme == STUDENT_ID:
            return f"STU{dice.randint(2020, 2026)}{count + 200:06d}"
        if scheme == REVENUE_PERSON_NO:
            return str(104300 + count)
        return f"AC{count + 200:06d}"

    def links_of(self, role: Role, district: District, dice: random.Random) -> Links:
        """All numbers of one person; empty for the few whom no department knows."""
        links: Links = {
            scheme: (self.issue(scheme, district, dice),)
            for scheme in SCHEMES
            if dice.random() < chance_to_be_known(scheme, role)
        }
        if links and dice.random() < REGISTERED_TWICE:
            twice = dice.choice(sorted(links))
            links[twice] += (self.issue(twice, district, dice),)
        return links
