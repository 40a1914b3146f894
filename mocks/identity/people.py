"""The people who can sign in: every citizen of the population, and one person per role."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mocks.population import Population
from mocks.population.citizen import Citizen
from mocks.population.districts import DISTRICTS

LISTED_CITIZENS = 14
"""Citizens on the sign-in page; the first six are the demo's family."""
CENTRES = ("karnal-saral", "nissing-atal")
DEPARTMENTS = (
    "certificates",
    "civil-registration",
    "employment",
    "food",
    "helpdesk",
    "labour",
    "labour-welfare",
    "pensions",
    "post-matric",
    "power",
    "registry",
    "scholarships",
    "trade-licences",
    "water",
)
STAFF = {
    "helpdesk": "Kavita Sharma",
    "auditor": "Rajesh Mehta",
    "integrator": "Imran Khan",
    "admin": "Anita Rao",
}
ROLES = ("citizen", "operator", "officer", *STAFF, "application")
"""Values of the claim `hub_role`."""
NAMESPACE = uuid.UUID("5f0e3d1c-7a44-4f55-9e0b-0c1d5a1e2f33")
ASSURANCE = "aal2"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in.

    Attributes:
        login: name for the sign-in page and for `hub token --as`, such as `officer:pensions`.
        name: the person's name.
        about: the person's role, in words.
        claims: claims of the person's access tokens.
    """

    login: str
    name: str
    about: str
    claims: Mapping[str, Any]

    @property
    def subject(self) -> str:
        """The claim `sub`. It does not contain a citizen's number."""
        return uuid.uuid5(NAMESPACE, self.login).hex


class People:
    """The people of one population."""

    def __init__(self, population: Population) -> None:
        self._population = population

    def listed(self) -> list[Person]:
        """Return the people on the sign-in page, the demo's citizen first."""
        citizens = [_citizen(each) for each in self._population.citizens[:LISTED_CITIZENS]]
        logins = (
            *(f"operator:{centre}" for centre in CENTRES),
            "officer:certificates:Karnal",
            "officer:certificates:Panipat",
            "officer:pensions:Karnal",
            "officer:scholarships:Panipat",
            *STAFF,
        )
        return [*citizens, *(each for login in logins if (each := self.named(login)))]

    def first(self) -> Person:
        """Return the demo's citizen."""
        return _citizen(self._population.citizens[0])

    def named(self, login: str) -> Person | None:
        """Return the person with this login; None if there is none.

        Args:
            login: `citizen:MEMBER`, `operator:CENTRE`, `officer:DEPARTMENT:DISTRICT`, or a role
                alone. A missing part has a default: the demo's citizen, the first centre, the
                first department, Karnal.
        """
        role, *parts = login.strip().split(":")
        if role == "citizen" and len(parts) <= 1:
            if not parts:
                return self.first()
            found = self._population.by_member_id.get(parts[0].upper())
            return _citizen(found) if found is not None else None
        if role == "operator" and len(parts) <= 1:
            return _operator(*parts)
        if role == "officer" and len(parts) <= 2:
            return _officer(*parts)
        return _staff(role) if role in STAFF and not parts else None


def _citizen(citizen: Citizen) -> Person:
    about = f"citizen {citizen.member_id}, {citizen.address.village}"
    return Person(
        f"citizen:{citizen.member_id}",
        citizen.name.latin.title(),
        f"{about}, {citizen.address.district.name}",
        {"hub_role": "citizen", "member_id": citizen.member_id, "acr": ASSURANCE},
    )


def _operator(centre: str = CENTRES[0]) -> Person:
    return Person(
        f"operator:{centre}",
        "Sunita Verma" if centre == CENTRES[0] else "Deepak Malik",
        f"operator at the service centre {centre}",
        {"hub_role": "operator", "centre": centre, "acr": ASSURANCE},
    )


def _officer(department: str = DEPARTMENTS[0], district: str = DISTRICTS[0].name) -> Person | None:
    known = {each.name.casefold(): each.name for each in DISTRICTS}
    place = known.get(district.casefold())
    if department not in DEPARTMENTS or place is None:
        return None
    return Person(
        f"officer:{department}:{place}",
        f"Officer of {department}",
        f"officer of the department {department}, district {place}",
        {
            "hub_role": "officer",
            "department": department,
            "districts": [place],
            "acr": ASSURANCE,
        },
    )


def _staff(role: str) -> Person:
    return Person(role, STAFF[role], role, {"hub_role": role, "acr": ASSURANCE})
