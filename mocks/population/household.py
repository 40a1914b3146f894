"""Generates the members of a family as roles, before they get names."""

import random
from dataclasses import dataclass

SIZES = (1, 2, 3, 4, 5, 6, 7)
SIZE_WEIGHTS = (9, 13, 18, 25, 17, 12, 6)
MARRIAGEABLE_AGE = 22


@dataclass(frozen=True, slots=True)
class FamilyRole:
    """A member of a family.

    Attributes:
        relation: relation to the head, an HL7 code.
        age: age in years on `clock.TODAY`.
    """

    relation: str
    gender: str
    age: int
    marital_status: str


def household(size: int, rng: random.Random) -> list[FamilyRole]:
    """Return the roles of one family, the head first."""
    if size == 1:
        return [_alone(rng)]
    if (size >= 5 and rng.random() < 0.7) or (size >= 3 and rng.random() < 0.25):
        return _three_generations(size, rng)
    return _parents_and_children(size, rng)


def _alone(rng: random.Random) -> FamilyRole:
    age = rng.randint(24, 84)
    gender = rng.choice("MF")
    return FamilyRole("SELF", gender, age, "W" if age > 55 else rng.choice("SSD"))


def _couple(age: int, widowed: bool, rng: random.Random) -> list[FamilyRole]:
    if widowed:
        return [FamilyRole("SELF", rng.choice("FFFM"), age, "W")]
    gender = "M" if rng.random() < 0.88 else "F"
    partner_age = max(MARRIAGEABLE_AGE, age + (-1 if gender == "M" else 1) * rng.randint(0, 6))
    return [
        FamilyRole("SELF", gender, age, "M"),
        FamilyRole("SPS", "F" if gender == "M" else "M", partner_age, "M"),
    ]


def _child(relation_of: tuple[str, str], age: int, rng: random.Random) -> FamilyRole:
    gender = rng.choice("MF")
    return FamilyRole(relation_of[gender == "F"], gender, age, "S")


def _parents_and_children(size: int, rng: random.Random) -> list[FamilyRole]:
    head_age = rng.randint(27, 56)
    roles = _couple(head_age, widowed=rng.random() < 0.08, rng=rng)
    if size - len(roles) >= 2 and rng.random() < 0.4:
        parent = rng.choice(("FTH", "MTH", "MTH"))
        roles.append(
            FamilyRole(parent, "M" if parent == "FTH" else "F", head_age + rng.randint(21, 30), "W")
        )
    eldest = max(0, min(head_age - 21, 26))
    while len(roles) < size:
        roles.append(_child(("SON", "DAU"), rng.randint(0, eldest), rng))
    return roles


def _three_generations(size: int, rng: random.Random) -> list[FamilyRole]:
    head_age = rng.randint(55, 78)
    roles = _couple(head_age, widowed=rng.random() < 0.4, rng=rng)
    son_age = head_age - rng.randint(21, 28)
    if len(roles) < size:
        roles.append(FamilyRole("SON", "M", son_age, "M" if size - len(roles) >= 2 else "S"))
    if roles[-1].marital_status == "M" and len(roles) < size:
        bride_age = max(MARRIAGEABLE_AGE, son_age - rng.randint(0, 5))
        roles.append(FamilyRole("DAUINLAW", "F", bride_age, "M"))
    eldest = max(1, min(son_age - 21, 24))
    while len(roles) < size:
        roles.append(_child(("GRNDSON", "GRNDDAU"), rng.randint(0, eldest), rng))
    return roles
