"""The one door: who is not in the table may nothing."""

import asyncio

import pytest

from adapters.contract import CallContext, Capability
from hub.access import DEMO_POLICY, Access, Principal, Role
from hub.federation import Directory
from hub.federation.attribution import Attribution
from hub.federation.crosswalk import Crosswalk
from hub.federation.door import Door, Request
from schema.errors import HubError


@pytest.mark.parametrize("capability", Capability)
def test_the_demo_may_read_everything_and_nobody_else_anything(capability: Capability) -> None:
    DEMO_POLICY.check(Principal(Role.DEMO), capability, "pensions")
    with pytest.raises(HubError) as caught:
        DEMO_POLICY.check(Principal(Role.ANONYMOUS), capability, "pensions")
    assert caught.value.code == "FORBIDDEN"


async def test_the_door_asks_the_policy_before_the_department() -> None:
    recorded: list[Access] = []
    attribution = Attribution(Directory([]), Crosswalk(1, 1))
    door = Door({}, DEMO_POLICY, attribution, recorded.append)
    call = CallContext("test", asyncio.get_running_loop().time() + 1)
    request = Request(Principal(Role.ANONYMOUS), call)
    with pytest.raises(HubError, match="Sign in"):
        await door.look_up(request, "pensions", Capability.BENEFITS_BY_CITIZEN, ["1"])
    with pytest.raises(HubError, match="Sign in"):
        await door.search(request, "pensions", Capability.APPLICATIONS_SEARCH, {})
    assert recorded == []
