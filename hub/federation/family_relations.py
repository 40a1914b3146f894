"""How a citizen is related to a member of the own family: head, guardian or other member.

The family registry records how each member is related to the head, and the name of each member's
father or husband. It does not name a child's parents, so the hub concludes them:

- The parents of the head's son or daughter are the head and the head's spouse.
- The parents of a grandchild are the son, daughter, son-in-law or daughter-in-law of the head who
  has the name that the child has as the father's name, and that person's wife.
- The parents of a head are the members whom the registry records as father and mother.

If the registry's record does not allow a conclusion, nobody is the guardian.
"""

import datetime as dt
from collections.abc import Mapping

from hub.access.policy import Relation
from hub.federation.names import AGREEMENT, name_keys, score_of_keys
from schema.citizen import Citizen
from schema.family import Family, FamilyMember, RelationshipType
from schema.person import Address, BirthDatePrecision, GuardianRelation, PersonName

FULL_AGE = 18
"""Age in years from which a person is not a child (Digital Personal Data Protection Act, 2(f))."""
INPUTS: Mapping[type, frozenset[str]] = {
    Citizen: frozenset(
        {
            "person_name",
            "birth_date",
            "birth_date_precision",
            "is_deceased",
            "guardian_name",
            "guardian_relation",
            "home_address",
        }
    ),
    PersonName: frozenset({"full_name", "script"}),
    Address: frozenset({"sub_region_name"}),
}
"""The attributes of records from the registry that decisions read, in addition to those that are
always read."""

_CHILDREN = frozenset({RelationshipType.SON, RelationshipType.DAUGHTER})
_GRANDCHILDREN = frozenset({RelationshipType.GRANDSON, RelationshipType.GRANDDAUGHTER})
_NEXT_GENERATION = _CHILDREN | {RelationshipType.SON_IN_LAW, RelationshipType.DAUGHTER_IN_LAW}
_COUPLE = frozenset({RelationshipType.SELF, RelationshipType.SPOUSE})
_PARENTS = frozenset({RelationshipType.FATHER, RelationshipType.MOTHER})


def may_be_minor(citizen: Citizen, today: dt.date) -> bool | None:
    """Return whether a person is under 18, or may be; None if the birth date is not known."""
    born = citizen.birth_date
    if born is None:
        return None
    years = today.year - born.year
    if citizen.birth_date_precision is BirthDatePrecision.YEAR:
        return years <= FULL_AGE
    return years - ((today.month, today.day) < (born.month, born.day)) < FULL_AGE


def relation_in_family(family: Family, own: str, other: str, today: dt.date) -> Relation:
    """Return the relation of one member of a family to another.

    The data of a minor is for guardians, and that of a deceased person for nominees, who need not
    be of the family. To all others, also to the head, they are members of the family. So is a
    person without a birth date.

    Args:
        family: the family, from the registry or from the crosswalk.
        own: member number of the person who reads.
        other: member number of the person who is read about.
        today: the day in India.

    Returns:
        SELF, FAMILY_HEAD, GUARDIAN or FAMILY; UNRELATED if one of them is not in the family.
    """
    members = {entry.citizen.member_identifier: entry for entry in family.members}
    mine, theirs = members.get(own), members.get(other)
    if own == other:
        return Relation.SELF
    if mine is None or theirs is None:
        return Relation.UNRELATED
    citizen = theirs.citizen
    is_minor = may_be_minor(citizen, today)
    if is_minor is None or citizen.is_deceased:
        return Relation.FAMILY
    if is_minor:
        is_guardian = may_be_minor(mine.citizen, today) is False and _is_parent(
            family, mine, theirs
        )
        return Relation.GUARDIAN if is_guardian else Relation.FAMILY
    return Relation.FAMILY_HEAD if family.head_identifier == own else Relation.FAMILY


def _is_parent(family: Family, one: FamilyMember, child: FamilyMember) -> bool:
    """Return whether the registry's record shows that a member is the parent of a child."""
    if child.citizen.guardian_relation is GuardianRelation.WIFE_OF:
        return False
    if child.relationship in _CHILDREN:
        return one.relationship in _COUPLE
    if child.relationship is RelationshipType.SELF:
        return one.relationship in _PARENTS
    if child.relationship in _GRANDCHILDREN and one.relationship in _NEXT_GENERATION:
        father = child.citizen.guardian_name
        is_wife = one.citizen.guardian_relation is GuardianRelation.WIFE_OF
        husband = one.citizen.guardian_name if is_wife else None
        return _is_same(_name_of(one.citizen), father) or _is_same(husband, father)
    return False


def _name_of(citizen: Citizen) -> str | None:
    return citizen.person_name.full_name if citizen.person_name is not None else None


def _is_same(one: str | None, other: str | None) -> bool:
    if not one or not other:
        return False
    mine, theirs = name_keys(one), name_keys(other)
    return bool(mine and theirs) and score_of_keys(mine, theirs) >= AGREEMENT
