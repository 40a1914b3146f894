"""The gateway to departments calls those only that the purpose covers."""

import pytest

from adapters.contract import Capability
from hub.access import Principal, Role
from hub.access.policy import load_policy
from hub.federation import Directory
from hub.federation.attribution import Attribution
from hub.federation.crosswalk import Crosswalk
from hub.federation.gateway import DepartmentGateway, PrincipalRequest
from schema.errors import HubError
from tests.support.calls import call_context


@pytest.mark.parametrize("purpose", ["", "GRIEVANCE_REDRESSAL", "INVENTED"])
async def test_a_department_that_the_purpose_does_not_cover_is_not_called(purpose: str) -> None:
    attribution = Attribution(Directory([]), Crosswalk(1, 1))
    # A call would be a KeyError, because there are no links.
    gateway = DepartmentGateway({}, load_policy(), attribution)
    request = PrincipalRequest(Principal(Role.OFFICER), call_context(1), purpose=purpose)
    with pytest.raises(HubError) as caught:
        await gateway.look_up(request, "pensions", Capability.BENEFITS_BY_CITIZEN, ["1"])
    assert (caught.value.code, caught.value.department) == ("PURPOSE_NOT_COVERED", "pensions")
    with pytest.raises(HubError, match="did not call it"):
        await gateway.search(request, "pensions", Capability.APPLICATIONS_SEARCH, {})
    assert request.accesses == []
