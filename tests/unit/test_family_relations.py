"""How a citizen is related to the members of the own family."""

import datetime as dt

import pytest

from hub.access.policy import Relation
from hub.federation.family_relations import may_be_minor, relation_in_family
from schema.citizen import Citizen
from schema.family import Family, FamilyMember, RelationshipType
from schema.person import BirthDatePrecision, GuardianRelation, PersonName, Script

TODAY = dt.date(2026, 11, 28)
CHILD, ADULT = dt.date(2015, 3, 1), dt.date(1985, 3, 1)


def member(
    number: str,
    relationship: RelationshipType,
    name: str,
    born: dt.date | None,
    guardian: str | None = None,
    guardian_relation: GuardianRelation | None = None,
    *,
    is_deceased: bool = False,
) -> FamilyMember:
    citizen = Citizen(
        member_identifier=number,
        family_identifier="F",
        person_name=PersonName(full_name=name, script=Script.LATIN),
        birth_date=born,
        guardian_name=guardian,
        guardian_relation=guardian_relation,
        is_deceased=is_deceased,
    )
    return FamilyMember(citizen=citizen, relationship=relationship)


FAMILY = Family(
    family_identifier="F",
    head_identifier="head",
    members=[
        member("head", RelationshipType.SELF, "Ram Singh", dt.date(1950, 1, 1)),
        member(
            "spouse", RelationshipType.SPOUSE, "Sita Devi", dt.date(1952, 1, 1),
            "Ram Singh", GuardianRelation.WIFE_OF,
        ),
        member("young-son", RelationshipType.SON, "Ravi", CHILD, "Ram Singh"),
        member("son", RelationshipType.SON, "Suresh Kumar", ADULT, "Ram Singh"),
        member("other-son", RelationshipType.SON, "Mahesh Kumar", ADULT, "Ram Singh"),
        member(
            "son's wife", RelationshipType.DAUGHTER_IN_LAW, "Sunita", ADULT,
            "SURESH KUMAR", GuardianRelation.WIFE_OF,
        ),
        member(
            "other wife", RelationshipType.DAUGHTER_IN_LAW, "Kavita", ADULT,
            "Mahesh Kumar", GuardianRelation.WIFE_OF,
        ),
        member(
            "grandchild", RelationshipType.GRANDDAUGHTER, "Pooja", CHILD,
            "Suresh Kumar", GuardianRelation.DAUGHTER_OF,
        ),
        member("orphan", RelationshipType.GRANDSON, "Ankit", CHILD),
        member("undated", RelationshipType.SON, "Vijay", None, "Ram Singh"),
        member(
            "late", RelationshipType.SON, "Ajay", ADULT, "Ram Singh", is_deceased=True
        ),
    ],
)  # fmt: skip


def relation(own: str, other: str) -> Relation:
    return relation_in_family(FAMILY, own, other, TODAY)


def test_everybody_is_the_own_person() -> None:
    members = [each.citizen.member_identifier for each in FAMILY.members]
    assert {relation(each, each) for each in members} == {Relation.SELF}


def test_nobody_outside_the_family_is_related() -> None:
    assert relation("stranger", "head") is Relation.UNRELATED
    assert relation("head", "stranger") is Relation.UNRELATED
    assert relation("stranger", "stranger's friend") is Relation.UNRELATED


def test_the_head_is_the_head_of_adults_only() -> None:
    assert relation("head", "son") is Relation.FAMILY_HEAD
    assert relation("head", "spouse") is Relation.FAMILY_HEAD
    assert relation("head", "grandchild") is Relation.FAMILY
    assert relation("head", "orphan") is Relation.FAMILY


def test_other_adults_are_members_of_the_family_to_each_other() -> None:
    assert relation("son", "head") is Relation.FAMILY
    assert relation("spouse", "head") is Relation.FAMILY
    assert relation("son", "son's wife") is Relation.FAMILY


@pytest.mark.parametrize("parent", ["head", "spouse"])
def test_the_head_and_the_spouse_are_the_guardians_of_their_children(parent: str) -> None:
    assert relation(parent, "young-son") is Relation.GUARDIAN


@pytest.mark.parametrize("other", ["son", "son's wife", "grandchild", "orphan"])
def test_brothers_and_others_are_not_the_guardians_of_a_child(other: str) -> None:
    assert relation(other, "young-son") is Relation.FAMILY


def test_the_father_and_his_wife_are_the_guardians_of_a_grandchild() -> None:
    assert relation("son", "grandchild") is Relation.GUARDIAN
    assert relation("son's wife", "grandchild") is Relation.GUARDIAN
    assert relation("other-son", "grandchild") is Relation.FAMILY
    assert relation("other wife", "grandchild") is Relation.FAMILY


def test_nobody_is_the_guardian_of_a_child_without_a_fathers_name() -> None:
    members = [each.citizen.member_identifier for each in FAMILY.members]
    others = {relation(each, "orphan") for each in members if each != "orphan"}
    assert others == {Relation.FAMILY}


def test_a_deceased_person_is_not_the_heads_to_read() -> None:
    assert relation("head", "late") is Relation.FAMILY


def test_a_person_without_a_birth_date_may_be_a_minor() -> None:
    assert relation("head", "undated") is Relation.FAMILY


@pytest.mark.parametrize(
    ("born", "precision", "expected"),
    [
        (dt.date(2008, 11, 29), BirthDatePrecision.DAY, True),
        (dt.date(2008, 11, 28), BirthDatePrecision.DAY, False),
        (dt.date(2008, 1, 1), BirthDatePrecision.YEAR, True),
        (dt.date(2007, 1, 1), BirthDatePrecision.YEAR, False),
        (None, None, None),
    ],
)
def test_a_person_is_a_minor_until_the_eighteenth_birthday(
    born: dt.date | None, precision: BirthDatePrecision | None, expected: bool | None
) -> None:
    citizen = Citizen(
        member_identifier="1",
        family_identifier="F",
        birth_date=born,
        birth_date_precision=precision,
    )
    assert may_be_minor(citizen, TODAY) is expected
