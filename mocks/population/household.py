"""Who lives together: the roles of a family of a given size, before they get names."""

import random
from dataclasses import dataclass

SIZES = (1, 2, 3, 4, 5, 6, 7)
SIZE_WEIGHTS = (9, 13, 18, 25, 17, 12, 6)
MARRIAGEABLE_AGE = 22


@dataclass(frozen=True, slots=True)
class FamilyRole:
    """A place in a family; `relation` to the head (HL7), age in years on the fixed today."""

    relation: str
    gender: str
    age: int
    marital_status: str


def household(size: int, dice: random.Random) -> list[FamilyRole]:
    """The roles of one family, the head first."""
    if size == 1:
        return [_alone(dice)]
    if (size >= 5 and dice.random() < 0.7) or (size >= 3 and dice.random() < 0.25):
        return _three_generations(size, dice)
    return _parents_and_children(size, dice)


def _alone(dice: random.Random) -> FamilyRole:
    age = dice.randint(24, 84)
    gender = dice.choice("MF")
    return FamilyRole("SELF", gender, age, "W" if age > 55 else dice.choice("SSD"))


def _couple(age: int, widowed: bool, dice: random.Random) -> list[FamilyRole]:
    if widowed:
        return [FamilyRole("SELF", dice.choice("FFFM"), age, "W")]
    gender = "M" if dice.random() < 0.88 else "F"
    partner_age = max(MARRIAGEABLE_AGE, age + (-1 if gender == "M" else 1) * dice.randint(0, 6))
    return [
        FamilyRole("SELF", gender, age, "M"),
        FamilyRole("SPS", "F" if gender == "M" else "M", partner_age, "M"),
    ]


def _child(relation_of: tuple[str, str], age: int, dice: random.Random) -> FamilyRole:
    gender = dice.choice("MF")
    return FamilyRole(relation_of[gender == "F"], gender, age, "S")


def _parents_and_children(size: int, dice: random.Random) -> list[FamilyRole]:
    head_age = dice.randint(27, 56)
    roles = _couple(head_age, widowed=dice.random() < 0.08, dice=dice)
    if size - len(roles) >= 2 and dice.random() < 0.4:
        parent = dice.choice(("FTH", "MTH", "MTH"))
        roles.append(
            FamilyRole(
                parent, "M" if parent == "FTH" else "F", head_age + dice.randint(21, 30), "W"
            )
        )
    eldest = max(0, min(head_age - 21, 26))
    while len(roles) < size:
        roles.append(_child(("SON", "DAU"), dice.randint(0, eldest), dice))
    return roles


def _three_generations(size: int, dice: random.Random) -> list[FamilyRole]:
    head_age = dice.randint(55, 78)
    roles = _couple(head_age, widowed=dice.random() < 0.4, dice=dice)
    son_age = head_age - dice.randint(21, 28)
    if len(roles) < size:
        roles.append(FamilyRole("SON", "M", son_age, "M" if size - len(roles) >= 2 else "S"))
    if roles[-1].marital_status == "M" and len(roles) < size:
        bride_age = max(MARRIAGEABLE_AGE, son_age - dice.randint(0, 5))
        roles.append(FamilyRole("DAUINLAW", "F", bride_age, "M"))
    eldest = max(1, min(son_age - 21, 24))
    while len(roles) < size:
        roles.append(_child(("GRNDSON", "GRNDDAU"), dice.randint(0, eldest), dice))
    return roles
