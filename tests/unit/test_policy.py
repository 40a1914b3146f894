"""The policy, and the gateway that applies it to each call."""

import pytest

from adapters.contract import Capability
from hub.access import Policy, Principal, Role
from hub.federation import Directory
from hub.federation.attribution import Attribution
from hub.federation.crosswalk import Crosswalk
from hub.federation.gateway import DepartmentGateway, PrincipalRequest
from schema.errors import HubError
from tests.support.calls import call_context


async def test_the_gateway_checks_the_policy_before_it_calls_the_department() -> None:
    attribution = Attribution(Directory([]), Crosswalk(1, 1))
    gateway = DepartmentGateway({}, Policy({}), attribution)
    call = call_context(1)
    request = PrincipalRequest(Principal(Role.ANONYMOUS), call)
    with pytest.raises(HubError, match="Sign in"):
        await gateway.look_up(request, "pensions", Capability.BENEFITS_BY_CITIZEN, ["1"])
    with pytest.raises(HubError, match="Sign in"):
        await gateway.search(request, "pensions", Capability.APPLICATIONS_SEARCH, {})
    assert request.accesses == []
