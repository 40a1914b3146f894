"""The gateway to departments calls those only that the purpose covers."""

import pytest

from adapters.contract import Capability, DepartmentError
from hub.access import Principal, Role
from hub.access.log.fields import field_set
from hub.access.policy import load_policy
from hub.federation import Directory
from hub.federation.attribution import Attribution
from hub.federation.crosswalk import Crosswalk
from hub.federation.gateway import DepartmentGateway, PrincipalRequest
from schema.errors import HubError
from tests.connectors.writing_department import SUBMIT, application
from tests.link.scripted import Stage, fault
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
    with pytest.raises(HubError, match="did not call it"):
        await gateway.write(request, "pensions", SUBMIT, application(), ["M1"])
    assert request.accesses == []


async def test_each_write_is_in_the_access_log_with_its_outcome() -> None:
    stage = Stage()
    stage.adapter.script = [None, fault()]
    attribution = Attribution(Directory([]), Crosswalk(1, 1))
    gateway = DepartmentGateway({"pensions": stage.link}, load_policy(), attribution)
    purpose = "ASSISTED_APPLICATION"
    request = PrincipalRequest(Principal(Role.OPERATOR), call_context(1), purpose=purpose)
    reply = await gateway.write(request, "pensions", SUBMIT, application(), ["M1"])
    assert reply.reference == "SJE-1"
    with pytest.raises(DepartmentError):
        await gateway.write(request, "pensions", SUBMIT, application(), ["M1"])
    done, failed = request.accesses
    assert (done.capability, done.citizens, done.error_code) == (SUBMIT, ["M1"], None)
    assert failed.error_code == "DEPARTMENT_FAULT"
    assert done.purpose == purpose
    _, fields = field_set(done.capability, done.needed)
    assert fields == b'["Submission.*"]'
