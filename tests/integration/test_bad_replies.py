"""Departments that send wrong or broken replies: a clear error, and no effect on the others."""

import pytest

from tests.integration.queries import FAMILY_APPLICATIONS, HEAD
from tests.integration.test_dead_departments import FEEDING, members, rows_by_department
from tests.support.processes import Hub, Mock

FAULTS = [
    ("pensions", {"fault200": 1}, "DEPARTMENT_FAULT", "UNAVAILABLE"),
    ("pensions", {"error": 1}, "DEPARTMENT_FAULT", "UNAVAILABLE"),
    ("pensions", {"garbage": 1}, "DEPARTMENT_MALFORMED_REPLY", "UNAVAILABLE"),
    ("pensions", {"truncate": 1}, None, "UNAVAILABLE"),
    ("pensions", {"maintenance": 1}, "DEPARTMENT_MAINTENANCE", "MAINTENANCE"),
    ("pensions", {"expired_session": 1}, "DEPARTMENT_AUTH_FAILED", "AUTH_FAILED"),
    ("pensions", {"redirect_loop": 1}, "DEPARTMENT_MALFORMED_REPLY", "UNAVAILABLE"),
    ("pensions", {"oversize": 1}, None, "UNAVAILABLE"),
    ("pensions", {"hang": 1}, "DEPARTMENT_TIMEOUT", "UNAVAILABLE"),
    ("scholarships", {"fault200": 1}, "DEPARTMENT_FAULT", "UNAVAILABLE"),
    ("scholarships", {"garbage": 1}, "DEPARTMENT_MALFORMED_REPLY", "UNAVAILABLE"),
    ("scholarships", {"truncate": 1}, None, "UNAVAILABLE"),
    ("scholarships", {"maintenance": 1}, "DEPARTMENT_MAINTENANCE", "MAINTENANCE"),
    ("scholarships", {"expired_session": 1}, "DEPARTMENT_AUTH_FAILED", "AUTH_FAILED"),
    ("certificates", {"hang": 1}, "DEPARTMENT_TIMEOUT", "UNAVAILABLE"),
    ("certificates", {"oversize": 1}, "DEPARTMENT_REPLY_TOO_LARGE", "UNAVAILABLE"),
    ("certificates", {"error": 1}, None, "UNAVAILABLE"),
]


@pytest.mark.parametrize(("department", "fault", "code", "state"), FAULTS)
def test_a_bad_reply_affects_only_the_rows_of_its_department(
    department: str,
    fault: dict[str, float],
    code: str | None,
    state: str,
    hub: Hub,
    calm: dict[str, Mock],
) -> None:
    before = rows_by_department(hub.query(FAMILY_APPLICATIONS, id=HEAD))
    calm[department].set_faults(**fault)
    response = hub.query(FAMILY_APPLICATIONS, id=HEAD)
    found = rows_by_department(response)
    assert found == {name: set() if name == department else before[name] for name in FEEDING}
    sources = [s for m in members(response) for s in m["applications"]["sources"]]
    assert {s["state"] for s in sources if s["department"]["identifier"] == department} == {state}
    assert {s["state"] for s in sources if s["department"]["identifier"] != department} == {"LIVE"}
    assert "errors" not in response
    if code is not None:
        codes = {s["errorCode"] for s in sources if s["department"]["identifier"] == department}
        assert codes == {code}
    assert all("Traceback" not in (s["message"] or "") for s in sources)
    calm[department].clear_faults()
    assert rows_by_department(hub.query(FAMILY_APPLICATIONS, id=HEAD)) == before


def test_a_soap_fault_keeps_the_departments_own_code(hub: Hub, calm: dict[str, Mock]) -> None:
    calm["pensions"].set_faults(fault200=1)
    document = '{ application(reference: "SJE-OAS/2026/000123") { id } }'
    response = hub.administrate(document)
    assert response["data"] == {"application": None}
    fault = response["errors"][0]["extensions"]["departmentFault"]
    assert fault["kind"] == "DEPARTMENT"
    assert fault["code"]
    assert fault["string"]


def test_callers_do_not_see_the_text_of_a_fault_which_can_be_about_others(
    hub: Hub, calm: dict[str, Mock]
) -> None:
    calm["pensions"].set_faults(fault200=1)
    document = '{ application(reference: "SJE-OAS/2026/000123") { id } }'
    for token in (None, ""):
        response = hub.query(document, token=token)
        fault = response["errors"][0]["extensions"]["departmentFault"]
        assert fault["code"]
        assert (fault["string"], fault["detail"]) == (None, None)


@pytest.mark.parametrize("department", ["pensions", "scholarships"])
def test_an_unknown_status_code_is_reported_and_kept(
    department: str, hub: Hub, calm: dict[str, Mock]
) -> None:
    calm[department].set_faults(unknown_code=1)
    response = hub.query(FAMILY_APPLICATIONS, id=HEAD)
    assert "errors" not in response
    prefix = {"pensions": "SJE", "scholarships": "WEL"}[department]
    rows = [n for m in members(response) for n in m["applications"]["nodes"]]
    own = [row for row in rows if row["applicationReferenceNumber"].startswith(prefix)]
    assert own
    assert {row["applicationStatus"] for row in own} == {"UNKNOWN"}
    assert {row["departmentStatus"]["code"] for row in own} == {"97"}
    sources = [s for m in members(response) for s in m["applications"]["sources"]]
    warnings = [
        w for s in sources if s["department"]["identifier"] == department for w in s["warnings"]
    ]
    assert {"code": "UNKNOWN_CODE", "field": "applicationStatus", "raw": "97"} in warnings
