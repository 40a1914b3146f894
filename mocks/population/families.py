"""Generates families: gives names, guardians and an address to the roles of a household."""

import random
from collections.abc import Iterator

from mocks.population.citizen import Address, Family, Guardian
from mocks.population.crosswalk import NumberIssuer
from mocks.population.districts import DISTRICTS, District
from mocks.population.household import SIZE_WEIGHTS, SIZES, FamilyRole, household
from mocks.population.names import MEN, NO_SURNAME, SURNAMES, WIVES_SURNAMES, WOMEN, Name
from mocks.population.person import generate_person

DEMO_FAMILY_ID = "7KNL0421"


def generate_families(
    citizens: int, rng: random.Random, further: random.Random
) -> Iterator[Family]:
    """Yield families with `citizens` members in total.

    Args:
        further: random numbers for `FURTHER_SCHEMES`.
    """
    crosswalk = NumberIssuer()
    taken = {DEMO_FAMILY_ID}
    while citizens > 0:
        size = min(citizens, rng.choices(SIZES, SIZE_WEIGHTS)[0])
        citizens -= size
        district = rng.choice(DISTRICTS)
        family_id = _unused_family_id(district, taken, rng)
        yield _family(family_id, district, size, crosswalk, rng, further)


def _unused_family_id(district: District, taken: set[str], rng: random.Random) -> str:
    while True:
        family_id = f"{rng.randint(1, 9)}{district.letters}{rng.randrange(10000):04d}"
        if family_id not in taken:
            taken.add(family_id)
            return family_id


def _family(
    family_id: str,
    district: District,
    size: int,
    crosswalk: NumberIssuer,
    rng: random.Random,
    further: random.Random,
) -> Family:
    surname = rng.choice(SURNAMES)
    address = Address(
        house=f"{rng.randint(1, 900)}{rng.choice(('', '', '/A', '/B'))}",
        village=rng.choice(district.villages),
        district=district,
        pin=f"{district.pin}{rng.randrange(1000):03d}",
    )
    roles = household(size, rng)
    names = [_name(role, surname, rng) for role in roles]
    guardians = _guardians(roles, names, surname, rng)
    return Family(
        family_id=family_id,
        district=district,
        income_annual=rng.randrange(24_000, 600_000, 1_000),
        income_verified=rng.random() < 0.6,
        poverty_score=rng.randint(5, 95) if rng.random() < 0.8 else None,
        members=tuple(
            generate_person(
                family_id=family_id,
                member_no=number,
                role=role,
                name=names[number - 1],
                guardian=guardians[number - 1],
                address=address,
                links=crosswalk.links_of(role, district, rng)
                | crosswalk.further_links_of(role, district, further),
                rng=rng,
            )
            for number, role in enumerate(roles, start=1)
        ),
    )


def _name(role: FamilyRole, surname: Name, rng: random.Random) -> Name:
    if role.gender == "M":
        return rng.choice(MEN).with_surname(surname if rng.random() < 0.9 else NO_SURNAME)
    if role.marital_status in "MW":
        return rng.choice(WOMEN).with_surname(rng.choice((*WIVES_SURNAMES, surname)))
    return rng.choice(WOMEN).with_surname(surname if rng.random() < 0.8 else NO_SURNAME)


HUSBAND_OF = {"SPS": "SELF", "SELF": "SPS", "DAUINLAW": "SON", "MTH": "FTH"}
FATHER_OF = {"SELF": "FTH", "GRNDSON": "SON", "GRNDDAU": "SON", "SON": "SELF", "DAU": "SELF"}


def _guardians(
    roles: list[FamilyRole], names: list[Name], surname: Name, rng: random.Random
) -> list[Guardian | None]:
    """Return each person's husband or father, an invented one if he is not in the family."""
    men: dict[str, Name] = {}
    for role, name in zip(roles, names, strict=True):
        if role.gender == "M":
            men.setdefault(role.relation, name)
    guardians: list[Guardian | None] = []
    for role in roles:
        wife = role.gender == "F" and role.marital_status in {"M", "W"}
        found = men.get((HUSBAND_OF if wife else FATHER_OF).get(role.relation, ""))
        if found is None and rng.random() < 0.06:
            guardians.append(None)
            continue
        stranger = rng.choice(MEN).with_surname(surname)
        relation = "W/O" if wife else "S/O" if role.gender == "M" else "D/O"
        guardians.append(Guardian((found or stranger).latin, relation))
    return guardians
