"""The one gateway: who is not in the table may nothing."""

import asyncio

import pytest

from adapters.contract import CallContext, Capability
from hub.access import DEMO_POLICY, AccessEntry, Principal, Role
from hub.federation import Directory
from hub.federation.attribution import Attribution
from hub.federation.crosswalk import Crosswalk
from hub.federation.gateway import DepartmentGateway, PrincipalRequest
from schema.errors import HubError


@pytest.mark.parametrize("capability", Capability)
def test_the_demo_may_read_everything_and_nobody_else_anything(capability: Capability) -> None:
    DEMO_POLICY.check(Principal(Role.DEMO), capability, "pensions")
    with pytest.raises(HubError) as caught:
        DEMO_POLICY.check(Principal(Role.ANONYMOUS), capability, "pensions")
    assert caught.value.code == "FORBIDDEN"


async def test_the_door_asks_the_policy_before_the_department() -> None:
    recorded: list[AccessEntry] = []
    attribution = Attribution(Directory([]), Crosswalk(1, 1))
    gateway = DepartmentGateway({}, DEMO_POLICY, attribution, recorded.append)
    call = CallContext("test", asyncio.get_running_loop().time() + 1)
    request = PrincipalRequest(Principal(Role.ANONYMOUS), call)
    with pytest.raises(HubError, match="Sign in"):
        await gateway.look_up(request, "pensions", Capability.BENEFITS_BY_CITIZEN, ["1"])
    with pytest.raises(HubError, match="Sign in"):
        await gateway.search(request, "pensions", Capability.APPLICATIONS_SEARCH, {})
    assert recorded == []
