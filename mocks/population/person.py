"""Grows one person: what the role and the name leave open."""

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


def grow_person(
    *,
    family_id: str,
    member_no: int,
    role: FamilyRole,
    name: Name,
    guardian: Guardian | None,
    address: Address,
    links: Links,
    dice: random.Random,
) -> Citizen:
    """One citizen; every throw of the dice happens for everybody, so that nobody shifts others."""
    born = _birthday(role.age, dice)
    year_only = role.age > 50 and dice.random() < 0.3
    died = _death(role, dice)
    adult = role.age >= 18
    first_day = max(born, REGISTER_OPENED)
    registered_on = first_day + timedelta(days=dice.randrange((TODAY - first_day).days + 1))
    return Citizen(
        member_id=f"{family_id}{member_no:02d}",
        family_id=family_id,
        member_no=member_no,
        relation=role.relation,
        name=name,
        name_local_known=dice.random() > 0.03,
        gender=_gender(role, dice),
        born=date(born.year, 1, 1) if year_only else born,
        birth_precision="YEAR" if year_only else "DAY",
        life_status="DECEASED" if died else "ALIVE",
        died=died,
        marital_status="U" if adult and dice.random() < 0.03 else role.marital_status,
        guardian=guardian,
        mobile=grow_mobile(dice) if dice.random() < (0.95 if adult else 0.1) else None,
        email=_email(name, dice) if adult and dice.random() < 0.2 else None,
        aadhaar_like=impossible_number(dice),
        aadhaar_reference=grow_reference(dice),
        address=address,
        occupation=dice.choice(OCCUPATIONS) if adult and dice.random() < 0.7 else None,
        employment=_employment(role.age, dice),
        disabled=dice.choices(("N", "Y", ""), (93, 4, 3))[0],
        education=dice.choice(SCHOOLS) if dice.random() < 0.8 else None,
        links=links,
        registered_on=registered_on,
        updated_at=_later_than(registered_on, dice),
    )


def grow_mobile(dice: random.Random) -> str:
    """Ten digits beginning with 5, which no Indian mobile number does."""
    return f"5{dice.randrange(10**9):09d}"


def grow_reference(dice: random.Random) -> str:
    """The reference key that stands for an Aadhaar number: a random uuid."""
    return str(uuid.UUID(int=dice.getrandbits(128), version=4))


def _birthday(age: int, dice: random.Random) -> date:
    return TODAY - timedelta(days=age * 365 + age // 4 + dice.randint(1, 360))


def _death(role: FamilyRole, dice: random.Random) -> date | None:
    chance = 0.06 if role.age > 65 else 0.003
    days_ago = dice.randint(20, 900)
    return TODAY - timedelta(days=days_ago) if dice.random() < chance and role.age > 3 else None


def _gender(role: FamilyRole, dice: random.Random) -> str:
    throw = dice.random()
    if throw < 0.01:
        return ""
    return "T" if throw < 0.014 and role.marital_status == "S" else role.gender


def _email(name: Name, dice: random.Random) -> str:
    return f"{name.latin.split()[0].lower()}{dice.randint(1, 999)}@mail.example"


def _employment(age: int, dice: random.Random) -> str:
    if age < 22:
        return "STUDENT" if age >= 5 else "NA"
    if age >= 60:
        return "RETIRED"
    return dice.choices(("EMPLOYED", "UNEMPLOYED", "NA"), (55, 35, 10))[0]


def _later_than(day: date, dice: random.Random) -> datetime:
    start = datetime.combine(day, time(10))
    return start + timedelta(seconds=dice.randrange(max(1, int((NOW - start).total_seconds()))))
