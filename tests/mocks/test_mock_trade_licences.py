"""The mock of the licence office: ServicePlus behind X-Road."""

import base64
import json
import re
from urllib.parse import quote

import httpx
import pytest

from tests.support.processes import Mock

SERVICE = "/r1/HR/GOV/ULB/SERVICEPLUS/trade-licences"
SEARCH = f"{SERVICE}/applications/search"
KNOWN = ["000000205", "000000201"]


@pytest.mark.parametrize(
    ("client", "path", "status", "code"),
    [
        ("", SEARCH, 400, "Client.MissingHeader"),
        ("HR", SEARCH, 400, "Client.BadRequest"),
        ("HR/GOV/CRID/OTHER", SEARCH, 500, "Server.ServerProxy.AccessDenied"),
        (
            "HR/GOV/CRID/CITIZEN-HUB",
            "/r1/HR/GOV/ULB/SERVICEPLUS/other/x",
            500,
            "Server.ServerProxy.UnknownService",
        ),
    ],
)
def test_the_security_server_refuses_in_its_own_format(
    trade_licences: Mock, client: str, path: str, status: int, code: str
) -> None:
    headers = {"X-Road-Client": client}
    response = httpx.post(
        f"{trade_licences.url}{path}", json={"applied_by": []}, headers=headers, trust_env=False
    )
    assert response.status_code == status
    assert response.headers["X-Road-Error"] == response.json()["type"] == code
    assert set(response.json()) == {"type", "message", "detail"}


def test_the_reply_has_the_x_road_headers(trade_licences: Mock) -> None:
    headers = {"X-Road-Id": "c-42", "X-Road-Issue": "ULB-TRD/2026/1"}
    response = trade_licences.http.post(SEARCH, json={"applied_by": KNOWN}, headers=headers)
    assert response.status_code == 200
    assert "X-Road-Error" not in response.headers
    assert response.headers["X-Road-Id"] == "c-42"
    assert response.headers["X-Road-Issue"] == "ULB-TRD/2026/1"
    assert response.headers["X-Road-Client"] == "HR/GOV/CRID/CITIZEN-HUB"
    assert response.headers["X-Road-Service"] == SERVICE.removeprefix("/r1/")
    assert len(base64.b64decode(response.headers["X-Road-Request-Hash"])) == 64
    again = trade_licences.http.post(SEARCH, json={"applied_by": ["x"]}, headers=headers)
    assert again.headers["X-Road-Request-Hash"] != response.headers["X-Road-Request-Hash"]


def test_a_request_without_an_id_gets_one(trade_licences: Mock) -> None:
    response = trade_licences.http.post(SEARCH, json={"applied_by": ["none"]})
    assert len(response.headers["X-Road-Id"]) == 36


def test_errors_of_the_service_have_no_x_road_error(trade_licences: Mock) -> None:
    for body in ({}, {"applied_by": list(map(str, range(21)))}, {"applied_by": [7]}):
        response = trade_licences.http.post(SEARCH, json=body)
        assert response.status_code == 400
        assert "X-Road-Error" not in response.headers
        assert "X-Road-Request-Hash" in response.headers


def test_attribute_numbers_differ_by_version_of_the_form(trade_licences: Mock) -> None:
    everybody = [f"{n:09}" for n in range(201, 221)]
    rows = trade_licences.http.post(SEARCH, json={"applied_by": everybody}).json()
    versions = {row["initiated_data"]["service_id"]: row["initiated_data"] for row in rows}
    assert set(versions) == {"1385", "1602"}
    assert {each["base_service_id"] for each in versions.values()} == {"1385"}
    old, new = (versions[v]["attribute_details"] for v in ("1385", "1602"))
    assert set(old) == {"122792", "122801", "122805", "122930"}
    assert set(new) == {"122866", "122875", "122879", "123004"}
    assert re.fullmatch(r"\d~(Female|Male|Transgender)", old["122801"])
    partners = [json.loads(row["initiated_data"]["attribute_details"].get("122930", "{}"))
                for row in rows]  # fmt: skip
    assert {len(each) - 1 for each in partners if each} == {0, 1, 2}
    assert all(len(each) - 1 == int(each["f1"]) for each in partners if each)


def test_an_unknown_reference_is_http_204(trade_licences: Mock) -> None:
    rows = trade_licences.http.post(SEARCH, json={"applied_by": KNOWN}).json()
    number = rows[0]["initiated_data"]["appl_ref_no"]
    encoded = f"{SERVICE}/applications/{quote(number, safe='')}"
    assert trade_licences.http.get(encoded).json() == rows[:1]
    numbers = {"appl_ref_no": [number, "none"]}
    assert trade_licences.http.post(SEARCH, json=numbers).json() == rows[:1]
    nothing = trade_licences.http.get(f"{SERVICE}/applications/none")
    assert (nothing.status_code, nothing.content) == (204, b"")
    assert trade_licences.calls() == {
        "POST /applications/search": 2,
        "GET /applications/{reference}": 2,
    }


def test_status_codes_can_be_replaced(trade_licences: Mock) -> None:
    trade_licences.set_faults(unknown_code=1)
    rows = trade_licences.http.post(SEARCH, json={"applied_by": KNOWN}).json()
    assert {row["initiated_data"]["appl_status"] for row in rows} == {"97"}


ATTRIBUTES = {"123010": "KIRANA", "123011": "Nissing", "123012": "1~Single"}
NEW = {
    "ext_ref_no": "CH7K3M9QXT2VDA",
    "service_id": "1602",
    "applied_by": "000000205",
    "submission_mode": "KIOSK",
    "attribute_details": ATTRIBUTES,
}


def test_an_application_gets_a_number(trade_licences: Mock) -> None:
    response = trade_licences.http.post(f"{SERVICE}/applications", json=NEW)
    number = response.json()["appl_ref_no"]
    assert (response.status_code, number[:8]) == (201, "ULB-TRD/")
    found = trade_licences.http.post(SEARCH, json={"ext_ref_no": [NEW["ext_ref_no"], "none"]})
    (row,) = found.json()
    assert row["initiated_data"]["appl_ref_no"] == number
    assert [each["copies"] for each in trade_licences.submissions()] == [1]


@pytest.mark.parametrize(
    "changed",
    [
        {"ext_ref_no": ""},
        {"service_id": "1385"},
        {"applied_by": "", "family_member": "nobody"},
        {"attribute_details": {"123010": "KIRANA"}},
        {"attribute_details": {**ATTRIBUTES, "123010": "क" * 34}},
        {"attribute_details": {**ATTRIBUTES, "123012": "4~Other"}},
        {"attribute_details": {**ATTRIBUTES, "123013": "1"}},
        {"enclosures": [{"name": "deed.pdf", "content": "JVBERg==", "sha256": "0"}]},
    ],
)
def test_a_wrong_application_is_refused(trade_licences: Mock, changed: dict[str, object]) -> None:
    response = trade_licences.http.post(f"{SERVICE}/applications", json={**NEW, **changed})
    assert response.status_code == 422
    assert response.json()["error"]
    assert trade_licences.submissions() == []
