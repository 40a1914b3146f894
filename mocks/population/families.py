"""Grows families: roles get names, guardians, an address."""

import random
from collections.abc import Iterator

from mocks.population.citizen import Address, Family, Guardian
from mocks.population.crosswalk import NumberIssuer
from mocks.population.districts import DISTRICTS, District
from mocks.population.household import SIZE_WEIGHTS, SIZES, FamilyRole, household
from mocks.population.names import MEN, NO_SURNAME, SURNAMES, WIVES_SURNAMES, WOMEN, Name
from mocks.population.person import grow_person

DEMO_FAMILY_ID = "7KNL0421"


def grow_families(citizens: int, dice: random.Random, further: random.Random) -> Iterator[Family]:
    """Families until `citizens` people exist; the last family is cut to fit.

    Args:
        further: draws the numbers at the further departments.
    """
    crosswalk = NumberIssuer()
    taken = {DEMO_FAMILY_ID}
    while citizens > 0:
        size = min(citizens, dice.choices(SIZES, SIZE_WEIGHTS)[0])
        citizens -= size
        district = dice.choice(DISTRICTS)
        family_id = _unused_family_id(district, taken, dice)
        yield _family(family_id, district, size, crosswalk, dice, further)


def _unused_family_id(district: District, taken: set[str], dice: random.Random) -> str:
    while True:
        family_id = f"{dice.randint(1, 9)}{district.letters}{dice.randrange(10000):04d}"
        if family_id not in taken:
            taken.add(family_id)
            return family_id


def _family(
    family_id: str,
    district: District,
    size: int,
    crosswalk: NumberIssuer,
    dice: random.Random,
    further: random.Random,
) -> Family:
    surname = dice.choice(SURNAMES)
    address = Address(
        house=f"{dice.randint(1, 900)}{dice.choice(('', '', '/A', '/B'))}",
        village=dice.choice(district.villages),
        district=district,
        pin=f"{district.pin}{dice.randrange(1000):03d}",
    )
    roles = household(size, dice)
    names = [_name(role, surname, dice) for role in roles]
    guardians = _guardians(roles, names, surname, dice)
    return Family(
        family_id=family_id,
        district=district,
        income_annual=dice.randrange(24_000, 600_000, 1_000),
        income_verified=dice.random() < 0.6,
        poverty_score=dice.randint(5, 95) if dice.random() < 0.8 else None,
        members=tuple(
            grow_person(
                family_id=family_id,
                member_no=number,
                role=role,
                name=names[number - 1],
                guardian=guardians[number - 1],
                address=address,
                links=crosswalk.links_of(role, district, dice)
                | crosswalk.further_links_of(role, district, further),
                dice=dice,
            )
            for number, role in enumerate(roles, start=1)
        ),
    )


def _name(role: FamilyRole, surname: Name, dice: random.Random) -> Name:
    if role.gender == "M":
        return dice.choice(MEN).with_surname(surname if dice.random() < 0.9 else NO_SURNAME)
    if role.marital_status in "MW":
        return dice.choice(WOMEN).with_surname(dice.choice((*WIVES_SURNAMES, surname)))
    return dice.choice(WOMEN).with_surname(surname if dice.random() < 0.8 else NO_SURNAME)


HUSBAND_OF = {"SPS": "SELF", "SELF": "SPS", "DAUINLAW": "SON", "MTH": "FTH"}
FATHER_OF = {"SELF": "FTH", "GRNDSON": "SON", "GRNDDAU": "SON", "SON": "SELF", "DAU": "SELF"}


def _guardians(
    roles: list[FamilyRole], names: list[Name], surname: Name, dice: random.Random
) -> list[Guardian | None]:
    """The husband of a married woman or widow, else the father; a stranger if he is not here."""
    men: dict[str, Name] = {}
    for role, name in zip(roles, names, strict=True):
        if role.gender == "M":
            men.setdefault(role.relation, name)
    guardians: list[Guardian | None] = []
    for role in roles:
        wife = role.gender == "F" and role.marital_status in {"M", "W"}
        found = men.get((HUSBAND_OF if wife else FATHER_OF).get(role.relation, ""))
        if found is None and dice.random() < 0.06:
            guardians.append(None)
            continue
        stranger = dice.choice(MEN).with_surname(surname)
        relation = "W/O" if wife else "S/O" if role.gender == "M" else "D/O"
        guardians.append(Guardian((found or stranger).latin, relation))
    return guardians
