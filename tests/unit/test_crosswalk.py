"""What the hub remembers of citizens' numbers, and that it can forget all of it."""

import asyncio
import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

import pytest

from adapters.contract import Capability, DepartmentError, LookUpReply, Rows
from hub.federation.administration import BoundAdministration
from hub.federation.citizens import RegistryReader
from hub.federation.crosswalk import Crosswalk
from schema.batch import Outcome
from schema.citizen import Citizen, IdentityLink
from schema.errors import HubError
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


class HeldDoor:
    """Tells of one citizen, whoever is asked for, once it is let."""

    def __init__(self, told: Citizen) -> None:
        self.told = told
        self.let = asyncio.Event()
        self.asked = asyncio.Event()

    async def look_up(self, _: Any, __: str, ___: Capability, keys: Sequence[str]) -> LookUpReply:
        self.asked.set()
        await self.let.wait()
        now = dt.datetime.now(dt.UTC)
        return LookUpReply({key: Rows([self.told], (), key) for key in keys}, 1, now)


class OneRegistry:
    """Every capability is the registry's."""

    def registry(self, _: Capability) -> str:
        return "registry"


async def test_a_question_under_way_does_not_bring_the_forgotten_back() -> None:
    known = crosswalk()
    door: Any = HeldDoor(citizen(RAM, "SP-1"))
    directory: Any = OneRegistry()
    reader = RegistryReader(directory, door, known)
    request: Any = None
    by_identifier = Capability.CITIZENS_BY_IDENTIFIER
    asking = asyncio.ensure_future(reader.citizens(request, by_identifier, [RAM]))
    await door.asked.wait()
    known.forget(RAM)
    door.let.set()
    assert (await asking)[RAM] is door.told
    assert known.citizen(RAM, DOWN) is None
    await reader.citizens(request, by_identifier, [RAM])
    assert known.citizen(RAM, DOWN) is not None


class Erasing:
    """A line that notes what it is to erase, or can't; and a registry of one citizen; and who may
    do so."""

    def __init__(self, told: Citizen | None) -> None:
        self.told = told
        self.erased: set[str] = set()
        self.fails = False

    async def erase(self, numbers: Collection[str]) -> int:
        if self.fails:
            raise HubError("STORE_UNAVAILABLE", "The shared copies can't be erased now.")
        self.erased |= set(numbers)
        return 1

    async def citizens(
        self, _: Any, __: Capability, keys: Sequence[str]
    ) -> dict[str, Outcome[Citizen | None]]:
        return dict.fromkeys(keys, self.told)

    def check_administration(self, _: Any) -> None:
        return


def administration(erasing: Any, known: Crosswalk) -> BoundAdministration:
    request: Any = type("Request", (), {"principal": None})
    nobody: Any = None
    return BoundAdministration(nobody, {"pensions": erasing}, erasing, known, erasing, request)


@pytest.mark.parametrize("told", [citizen(RAM, "SP-NEW"), None])
async def test_copies_under_numbers_that_were_taken_back_are_erased(told: Citizen | None) -> None:
    known, erasing = crosswalk(), Erasing(told)
    known.remember(citizen(RAM, "SP-OLD"))
    erased = await administration(erasing, known).erase_copies(RAM)
    assert erased.complete is (told is not None)
    assert erasing.erased == {RAM, "SP-OLD", *(["SP-NEW"] if told else [])}
    assert known.citizen(RAM, DOWN) is None


async def test_numbers_are_kept_until_they_are_erased() -> None:
    known, erasing = crosswalk(), Erasing(None)
    known.remember(citizen(RAM, "SP-OLD"))
    erasing.fails = True
    with pytest.raises(HubError):
        await administration(erasing, known).erase_copies(RAM)
    erasing.fails = False
    await administration(erasing, known).erase_copies(RAM)
    assert "SP-OLD" in erasing.erased
