"""The crosswalk stores the numbers of citizens, and erases them on request."""

import asyncio
import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

import pytest

from adapters.contract import Capability, DepartmentError, LookUpReply, Rows
from hub.access import Principal, Role
from hub.federation.administration import Administration, BoundAdministration
from hub.federation.crosswalk import Crosswalk
from hub.federation.gateway import PrincipalRequest
from hub.federation.registry import RegistryReader
from schema.batch import Outcome
from schema.citizen import Citizen, IdentityLink
from schema.codes import ErrorCode
from schema.errors import HubError
from schema.family import Family, FamilyMember
from tests.support.calls import call_context

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


def test_a_stored_citizen_is_found_by_number_and_has_the_numbers() -> None:
    known = crosswalk()
    known.remember(citizen(RAM, "SP-1"))
    assert known.member_with("PENSION_PPO", "SP-1") == RAM
    remembered = known.citizen(RAM, DOWN)
    assert remembered is not None
    assert [link.value for link in remembered.links] == ["SP-1"]
    assert remembered.registry_status is not None


def test_nothing_of_an_erased_citizen_remains() -> None:
    known = crosswalk()
    known.remember_family(
        Family(
            family_identifier="7KNL0421",
            members=[
                FamilyMember(citizen=citizen(RAM, "SP-1")),
                FamilyMember(citizen=citizen(SITA)),
            ],
        )
    )
    assert known.family("7KNL0421", DOWN) is not None
    known.forget(RAM)
    assert known.citizen(RAM, DOWN) is None
    assert known.member_with("PENSION_PPO", "SP-1") is None
    # A family without the member would be wrong.
    assert known.family("7KNL0421", DOWN) is None
    assert known.citizen(SITA, DOWN) is not None


def test_withdrawn_numbers_are_deleted() -> None:
    known = crosswalk()
    known.remember(citizen(RAM, "SP-1", "SP-2"))
    known.remember(citizen(RAM, "SP-2"))
    assert known.member_with("PENSION_PPO", "SP-1") is None
    assert known.member_with("PENSION_PPO", "SP-2") == RAM


def test_a_reassigned_number_stays_with_its_new_citizen() -> None:
    known = crosswalk()
    known.remember(citizen(RAM, "SP-1"))
    known.remember(citizen(SITA, "SP-1"))
    known.forget(RAM)
    assert known.member_with("PENSION_PPO", "SP-1") == SITA


def test_a_family_is_deleted_when_a_member_leaves_it() -> None:
    known = crosswalk()
    known.remember_family(
        Family(family_identifier="7KNL0421", members=[FamilyMember(citizen=citizen(RAM))])
    )
    known.remember(citizen(RAM, family="8ABC0001"))
    assert known.family("7KNL0421", DOWN) is None


def test_the_numbers_of_an_evicted_citizen_are_deleted() -> None:
    known = crosswalk(entries=2)
    for number in range(4):
        known.remember(citizen(f"7KNL04210{number}", f"SP-{number}"))
    found = [known.member_with("PENSION_PPO", f"SP-{number}") for number in range(4)]
    assert found == [None, None, "7KNL042102", "7KNL042103"]


class BlockingGateway:
    """Returns the same citizen for all keys, after `released` is set."""

    def __init__(self, citizen: Citizen) -> None:
        self.citizen = citizen
        self.released = asyncio.Event()
        self.called = asyncio.Event()

    async def look_up(self, _: Any, __: str, ___: Capability, keys: Sequence[str]) -> LookUpReply:
        self.called.set()
        await self.released.wait()
        now = dt.datetime.now(dt.UTC)
        return LookUpReply({key: Rows([self.citizen], (), key) for key in keys}, 1, now)


class OneRegistry:
    """The registry has all capabilities."""

    def registry(self, _: Capability) -> str:
        return "registry"


async def test_a_call_during_an_erasure_does_not_store_the_citizen_again() -> None:
    known = crosswalk()
    gateway: Any = BlockingGateway(citizen(RAM, "SP-1"))
    directory: Any = OneRegistry()
    reader = RegistryReader(directory, gateway, known)
    request: Any = None
    by_identifier = Capability.CITIZENS_BY_IDENTIFIER
    reading = asyncio.ensure_future(reader.citizens(request, by_identifier, [RAM]))
    await gateway.called.wait()
    known.forget(RAM)
    gateway.released.set()
    assert (await reading)[RAM] is gateway.citizen
    assert known.citizen(RAM, DOWN) is None
    await reader.citizens(request, by_identifier, [RAM])
    assert known.citizen(RAM, DOWN) is not None


class FakeHub:
    """A link that records what it must erase or fails, a registry with one citizen, and a policy
    that permits everything."""

    def __init__(self, found: Citizen | None) -> None:
        self.found = found
        self.erased: set[str] = set()
        self.fails = False

    async def erase(self, numbers: Collection[str]) -> int:
        if self.fails:
            raise HubError(ErrorCode.STORE_UNAVAILABLE, "The shared copies can't be erased now.")
        self.erased |= set(numbers)
        return 1

    async def citizens(
        self, _: Any, __: Capability, keys: Sequence[str]
    ) -> dict[str, Outcome[Citizen | None]]:
        return dict.fromkeys(keys, self.found)

    def may(self, _: Any, __: Any) -> bool:
        return True

    async def administrative(self, *_: Any, **__: Any) -> None:
        return


def administration(fake: Any, known: Crosswalk) -> BoundAdministration:
    request = PrincipalRequest(Principal(Role.ADMIN), call_context())
    nobody: Any = None
    shared = Administration({"pensions": fake}, nobody, fake, known, fake, fake)
    return BoundAdministration(shared, request)


@pytest.mark.parametrize("found", [citizen(RAM, "SP-NEW"), None])
async def test_copies_with_withdrawn_numbers_are_erased(found: Citizen | None) -> None:
    known, fake = crosswalk(), FakeHub(found)
    known.remember(citizen(RAM, "SP-OLD"))
    erased = await administration(fake, known).erase_copies(RAM)
    assert erased.complete is (found is not None)
    assert fake.erased == {RAM, "SP-OLD", *(["SP-NEW"] if found else [])}
    assert known.citizen(RAM, DOWN) is None


async def test_numbers_stay_stored_until_their_copies_are_erased() -> None:
    known, fake = crosswalk(), FakeHub(None)
    known.remember(citizen(RAM, "SP-OLD"))
    fake.fails = True
    with pytest.raises(HubError):
        await administration(fake, known).erase_copies(RAM)
    fake.fails = False
    await administration(fake, known).erase_copies(RAM)
    assert "SP-OLD" in fake.erased
