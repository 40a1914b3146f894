"""What the hub remembers of citizens' numbers, and that it can forget all of it."""

from adapters.contract import DepartmentError
from hub.federation.crosswalk import Crosswalk
from schema.citizen import Citizen, IdentityLink
from schema.family import Family, FamilyMember

DOWN = DepartmentError("registry", "registry can't be reached.")
RAM, SITA = "7KNL042101", "7KNL042102"


def citizen(member: str, *numbers: str, family: str = "7KNL0421") -> Citizen:
    return Citizen(
        member_identifier=member,
        family_identifier=family,
        links=[IdentityLink("PENSION_PPO", number) for number in numbers],
    )


def crosswalk(entries: int = 10) -> Crosswalk:
    return Crosswalk(entries, 3600)


def test_numbers_lead_to_the_citizen_and_back() -> None:
    known = crosswalk()
    known.remember(citizen(RAM, "SP-1"))
    assert known.member_with("PENSION_PPO", "SP-1") == RAM
    remembered = known.citizen(RAM, DOWN)
    assert remembered is not None
    assert [link.value for link in remembered.links] == ["SP-1"]
    assert remembered.registry_status is not None


def test_a_citizen_who_is_forgotten_leaves_nothing() -> None:
    known = crosswalk()
    known.remember_family(
        Family(
            group_identifier="7KNL0421",
            member_list=[
                FamilyMember(member=citizen(RAM, "SP-1")),
                FamilyMember(member=citizen(SITA)),
            ],
        )
    )
    assert known.family("7KNL0421", DOWN) is not None
    known.forget(RAM)
    assert known.citizen(RAM, DOWN) is None
    assert known.member_with("PENSION_PPO", "SP-1") is None
    # Not a family without them, which would be wrong.
    assert known.family("7KNL0421", DOWN) is None
    assert known.citizen(SITA, DOWN) is not None


def test_numbers_that_were_taken_back_are_not_remembered_on() -> None:
    known = crosswalk()
    known.remember(citizen(RAM, "SP-1", "SP-2"))
    known.remember(citizen(RAM, "SP-2"))
    assert known.member_with("PENSION_PPO", "SP-1") is None
    assert known.member_with("PENSION_PPO", "SP-2") == RAM


def test_a_number_that_went_to_another_stays_theirs() -> None:
    known = crosswalk()
    known.remember(citizen(RAM, "SP-1"))
    known.remember(citizen(SITA, "SP-1"))
    known.forget(RAM)
    assert known.member_with("PENSION_PPO", "SP-1") == SITA


def test_a_family_that_was_left_is_not_remembered_on() -> None:
    known = crosswalk()
    known.remember_family(
        Family(group_identifier="7KNL0421", member_list=[FamilyMember(member=citizen(RAM))])
    )
    known.remember(citizen(RAM, family="8ABC0001"))
    assert known.family("7KNL0421", DOWN) is None


def test_who_goes_because_there_are_too_many_leaves_no_numbers() -> None:
    known = crosswalk(entries=2)
    for number in range(4):
        known.remember(citizen(f"7KNL04210{number}", f"SP-{number}"))
    found = [known.member_with("PENSION_PPO", f"SP-{number}") for number in range(4)]
    assert found == [None, None, "7KNL042102", "7KNL042103"]
