"""Generates a citizen from a role and a name."""

import random
import uuid
from datetime import date, datetime, time, timedelta

from mocks.population.aadhaar import impossible_number
from mocks.population.citizen import Address, Citizen, Guardian, Links
from mocks.population.clock import NOW, TODAY
from mocks.population.household import FamilyRole
from mocks.population.names import Name

OCCUPATIONS = ("FARMER", "LABOURER", "SHOPKEEPER", "DRIVER", "TAILOR", "GOVT SERVICE", "MASON")
SCHOOLS = ("PRIMARY", "MATRIC", "SENIOR SECONDARY", "GRADUATE", "ILLITERATE")
REGISTER_OPENED = date(2020, 7, 1)


def generate_person(
    *,
    family_id: str,
    member_no: int,
    role: FamilyRole,
    name: Name,
    guardian: Guardian | None,
    address: Address,
    links: Links,
    rng: random.Random,
) -> Citizen:
    """Return a citizen.

    Each citizen draws the same number of random values, so that one does not change the next.
    """
    born = _birthday(role.age, rng)
    year_only = role.age > 50 and rng.random() < 0.3
    died = _death(role, rng)
    adult = role.age >= 18
    first_day = max(born, REGISTER_OPENED)
    registered_on = first_day + timedelta(days=rng.randrange((TODAY - first_day).days + 1))
    return Citizen(
        member_id=f"{family_id}{member_no:02d}",
        family_id=family_id,
        member_no=member_no,
        relation=role.relation,
        name=name,
        name_local_known=rng.random() > 0.03,
        gender=_gender(role, rng),
        born=date(born.year, 1, 1) if year_only else born,
        birth_precision="YEAR" if year_only else "DAY",
        life_status="DECEASED" if died else "ALIVE",
        died=died,
        marital_status="U" if adult and rng.random() < 0.03 else role.marital_status,
        guardian=guardian,
        mobile=generate_mobile(rng) if rng.random() < (0.95 if adult else 0.1) else None,
        email=_email(name, rng) if adult and rng.random() < 0.2 else None,
        aadhaar_like=impossible_number(rng),
        aadhaar_reference=generate_reference(rng),
        address=address,
        occupation=rng.choice(OCCUPATIONS) if adult and rng.random() < 0.7 else None,
        employment=_employment(role.age, rng),
        disabled=rng.choices(("N", "Y", ""), (93, 4, 3))[0],
        education=rng.choice(SCHOOLS) if rng.random() < 0.8 else None,
        links=links,
        registered_on=registered_on,
        updated_at=_later_than(registered_on, rng),
    )


def generate_mobile(rng: random.Random) -> str:
    """Return ten digits that start with 5; Indian mobile numbers never do."""
    return f"5{rng.randrange(10**9):09d}"


def generate_reference(rng: random.Random) -> str:
    """Return a random UUID as reference key of an Aadhaar number."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _birthday(age: int, rng: random.Random) -> date:
    return TODAY - timedelta(days=age * 365 + age // 4 + rng.randint(1, 360))


def _death(role: FamilyRole, rng: random.Random) -> date | None:
    chance = 0.06 if role.age > 65 else 0.003
    days_ago = rng.randint(20, 900)
    return TODAY - timedelta(days=days_ago) if rng.random() < chance and role.age > 3 else None


def _gender(role: FamilyRole, rng: random.Random) -> str:
    throw = rng.random()
    if throw < 0.01:
        return ""
    return "T" if throw < 0.014 and role.marital_status == "S" else role.gender


def _email(name: Name, rng: random.Random) -> str:
    return f"{name.latin.split()[0].lower()}{rng.randint(1, 999)}@mail.example"


def _employment(age: int, rng: random.Random) -> str:
    if age < 22:
        return "STUDENT" if age >= 5 else "NA"
    if age >= 60:
        return "RETIRED"
    return rng.choices(("EMPLOYED", "UNEMPLOYED", "NA"), (55, 35, 10))[0]


def _later_than(day: date, rng: random.Random) -> datetime:
    start = datetime.combine(day, time(10))
    return start + timedelta(seconds=rng.randrange(max(1, int((NOW - start).total_seconds()))))
