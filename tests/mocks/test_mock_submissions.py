"""What mocks receive: stored once for each write, found by the hub's number, moved on by days."""

import base64
import json
import socket
import time
from collections.abc import Callable
from hashlib import sha256
from http.client import parse_headers
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import httpx
import pytest

from tests.support.processes import Mock

SURESH = "BOCW/KNL/000021"
RETURNED = "LAB-BOC/2026/000021"
SLIP = b"%PDF-1.4 work slip"
DOCUMENT = {
    "type": "WORK_SLIP",
    "name": "slip.pdf",
    "mediaType": "application/pdf",
    "sha256": sha256(SLIP).hexdigest(),
    "content": base64.b64encode(SLIP).decode(),
}
REGISTRATION = {
    "hubRef": "R1",
    "serviceCd": "BOC",
    "bocwNo": SURESH,
    "form": {
        "workerName": "SURESH KUMAR",
        "dob": "12/05/1980",
        "tradeCd": "01",
        "daysWorked": "120",
        "declared": "Y",
    },
    "documents": [DOCUMENT],
}
BENEFIT = {
    "hubRef": "R1",
    "service": "WEL",
    "memberId": "7KNL042102",
    "scheme": "SEW",
    "employer": "Goel Mills",
    "documents": [DOCUMENT],
}
GRIEVANCE = {
    "external_ref": "R1",
    "service_code": "GRV-PEN",
    "account_id": "AC000123",
    "phone": "9812345678",
    "description": "Pension not credited since two months",
}
CORRECTION = {
    "hubRef": "R1",
    "memberId": "7KNL042101",
    "field": "MOBILE",
    "newValue": "9812345678",
    "reason": "New number",
}
APPLY = (
    "mutation($input: ApplyInput!) { apply(input: $input)"
    " { application { reference hubRef } problems { field message } } }"
)
FIND = "query($w: Where!) { applications(where: $w) { reference hubRef state { code } } }"


class Write(NamedTuple):
    """How a test writes to one mock and looks for what it wrote.

    Attributes:
        send: sends the write R1.
        found: returns the department's numbers of R1.
    """

    send: Callable[[], httpx.Response]
    found: Callable[[], list[str]]


@pytest.fixture
def bearer(labour: Mock) -> dict[str, str]:
    grant = {"grant_type": "client_credentials"}
    client = ("citizen-hub", "demo-labour-secret")
    token = labour.http.post("/oauth/token", data=grant, auth=client).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def rows(data: Any) -> list[dict[str, Any]]:
    """Return the rows in the board's envelope, which has one row as an object, none as ''."""
    return data if isinstance(data, list) else [data] if data else []


@pytest.fixture(params=["labour", "labour-welfare", "helpdesk", "registry"])
def mock(request: pytest.FixtureRequest) -> Mock:
    found: Mock = request.getfixturevalue(request.param.replace("-", "_"))
    return found


@pytest.fixture
def write(mock: Mock, bearer: dict[str, str]) -> Write:
    http = mock.http
    match mock.name:
        case "labour":
            path = "/bocw/v1/registrations"
            return Write(
                lambda: http.post(path, json=REGISTRATION, headers=bearer),
                lambda: [
                    row["regAppNo"]
                    for row in rows(http.get(f"{path}?hubRefs=R1", headers=bearer).json()["data"])
                ],
            )
        case "labour-welfare":
            query = {"query": FIND, "variables": {"w": {"hubRef": {"in": ["R1"]}}}}
            mutation = {"query": APPLY, "variables": {"input": BENEFIT}}
            return Write(
                lambda: http.post("/graphql", json=mutation),
                lambda: [
                    row["reference"]
                    for row in http.post("/graphql", json=query).json()["data"]["applications"]
                ],
            )
        case "helpdesk":
            path = "/open311/v2/requests.json"
            return Write(
                lambda: http.post(path, json=GRIEVANCE),
                lambda: [
                    row["extended_attributes"]["registration_number"]
                    for row in http.get(f"{path}?external_ref=R1").json()
                ],
            )
        case _:
            return Write(
                lambda: http.post("/corrections", json=CORRECTION),
                lambda: [
                    row["correctionNo"]
                    for row in http.get("/corrections?hubRefs=R1").json()["corrections"]
                ],
            )


def test_a_write_is_stored_with_the_departments_number(mock: Mock, write: Write) -> None:
    assert write.found() == []
    reply = write.send()
    (number,) = write.found()
    assert number in reply.text or mock.name == "helpdesk"
    (entry,) = mock.submissions()
    assert (entry["hubReference"], entry["reference"], entry["copies"]) == ("R1", number, 1)


def test_a_write_whose_reply_is_lost_is_found_exactly_once(mock: Mock, write: Write) -> None:
    mock.set_faults(lost_reply=1)
    with pytest.raises(httpx.TransportError):
        write.send()
    # The fault applies to writes only, so the look-up works.
    assert len(write.found()) == 1
    assert [entry["copies"] for entry in mock.submissions()] == [1]


def test_a_refused_write_is_not_stored(mock: Mock, write: Write) -> None:
    mock.set_faults(refuse_write=1)
    write.send()
    assert (write.found(), mock.submissions()) == ([], [])


def test_a_second_copy_is_counted_unless_the_department_recognizes_it(
    mock: Mock, write: Write
) -> None:
    write.send()
    write.send()
    copies = 1 if mock.name == "registry" else 2
    assert len(write.found()) == copies
    assert [entry["copies"] for entry in mock.submissions()] == [copies]


def test_a_late_reply_comes_after_the_write(helpdesk: Mock) -> None:
    helpdesk.set_faults(late_reply=0.3)
    before = time.monotonic()
    with pytest.raises(httpx.ReadTimeout):
        helpdesk.http.post("/open311/v2/requests.json", json=GRIEVANCE, timeout=0.1)
    assert len(helpdesk.submissions()) == 1
    assert helpdesk.http.post("/open311/v2/requests.json", json=GRIEVANCE).status_code == 201
    assert time.monotonic() - before >= 0.4


def read_reply(replies: BinaryIO) -> tuple[int, bytes]:
    """Read one HTTP reply from a connection and return its status and its body."""
    status = int(replies.readline().split()[1])
    headers = parse_headers(replies)
    return status, replies.read(int(headers["content-length"]))


def test_a_reply_can_come_twice(helpdesk: Mock) -> None:
    helpdesk.set_faults(double_reply=1)
    request = helpdesk.http.build_request("POST", "/open311/v2/requests.json", json=GRIEVANCE)
    lines = [f"POST {request.url.path} HTTP/1.1", *map(": ".join, request.headers.items()), "", ""]
    # A socket: a client of a library may notice the copy and open another connection.
    with (
        socket.create_connection((request.url.host, request.url.port or 80), timeout=5) as opened,
        opened.makefile("rb") as replies,
    ):
        opened.sendall("\r\n".join(lines).encode() + request.content)
        (status, reply), copy = read_reply(replies), read_reply(replies)
    assert status == 201
    assert json.loads(reply)[0]["external_ref"] == "R1"
    assert copy == (status, reply)
    assert [entry["copies"] for entry in helpdesk.submissions()] == [1]


def test_an_application_is_moved_on_by_simulated_days(labour: Mock, bearer: dict[str, str]) -> None:
    path = "/bocw/v1/registrations"
    references = {
        labour.http.post(path, json={**REGISTRATION, "hubRef": f"R{n}"}, headers=bearer).json()[
            "data"
        ]["regAppNo"]
        for n in range(12)
    }
    seen = [{entry["status"] for entry in labour.submissions()}]
    for _ in range(2):
        labour.advance("2d")
        seen.append({entry["status"] for entry in labour.submissions()})
    assert seen == [{"SUBMITTED"}, {"UNDER_PROCESS"}, {"DELIVERED", "SENT_BACK", "REJECTED"}]
    listed = labour.http.get(f"{path}/list?changedFrom=28/11/2026", headers=bearer).json()
    assert {row["regAppNo"] for row in rows(listed["data"])} == references
    own = labour.http.get(path, params={"bocwNos": SURESH}, headers=bearer).json()["data"]
    assert references < {row["regAppNo"] for row in own}
    registered = next(row for row in own if row["statusCd"] == 30)
    assert [event["statusCd"] for event in registered["history"]] == [10, 20, 30]


def test_acts_on_an_application_change_its_state(labour: Mock, bearer: dict[str, str]) -> None:
    path = "/bocw/v1/registrations"

    def act(name: str, **more: Any) -> Any:
        body = {"regAppNo": RETURNED, "hubRef": name, **more}
        return labour.http.post(f"{path}/{name}", json=body, headers=bearer).json()

    assert act("reply")["code"] == "E400"
    assert act("documents", document={**DOCUMENT, "sha256": "0"})["code"] == "E415"
    assert act("documents", document=DOCUMENT)["code"] == "S100"
    assert act("reply", reply="The slip is signed now")["data"]["statusCd"] == 20
    assert act("reply", reply="The slip is signed now")["code"] == "S101"
    assert act("withdraw", reason="Moved")["data"]["statusCd"] == 50
    refused = act("documents", document=DOCUMENT, hubRef="another")
    assert (refused["code"], refused["msg"]) == ("E409", "Registration is already disposed of")
    kinds = [entry["kind"] for entry in labour.submissions()]
    assert kinds == ["DOCUMENT", "QUERY_RESPONSE", "WITHDRAWAL"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"hubRef": ""}, "E400"),
        ({"serviceCd": "XYZ"}, "E421"),
        ({"bocwNo": "BOCW/KNL/999999"}, "E404"),
        ({"form": {**REGISTRATION["form"], "tradeCd": "42"}}, "E421"),  # type: ignore[dict-item]
        ({"form": {**REGISTRATION["form"], "dob": "1980-05-12"}}, "E422"),  # type: ignore[dict-item]
        ({"form": {**REGISTRATION["form"], "workerName": "अ" * 21}}, "E422"),  # type: ignore[dict-item]
        ({"form": {}}, "E400"),
        ({"documents": [{**DOCUMENT, "content": "%"}]}, "E415"),
    ],
)
def test_invalid_registrations_are_refused_with_http_200(
    labour: Mock, bearer: dict[str, str], change: dict[str, Any], code: str
) -> None:
    body = {**REGISTRATION, **change}
    reply = labour.http.post("/bocw/v1/registrations", json=body, headers=bearer)
    assert (reply.status_code, reply.json()["code"]) == (200, code)
    assert labour.submissions() == []


def test_a_benefit_is_refused_with_problems_by_field(labour_welfare: Mock) -> None:
    form = {**BENEFIT, "scheme": "KND", "employer": " ", "memberId": "none"}
    body = {"query": APPLY, "variables": {"input": form}}
    result = labour_welfare.http.post("/graphql", json=body).json()["data"]["apply"]
    assert result["application"] is None
    fields = [problem["field"] for problem in result["problems"]]
    assert fields == ["employer", "weddingDate", "lwbNo"]


def test_only_the_text_tells_whether_feedback_was_stored(helpdesk: Mock) -> None:
    number = helpdesk.http.post("/open311/v2/requests.json", json=GRIEVANCE).json()[0][
        "registration_number"
    ]

    def rate(**change: Any) -> str:
        body = {"registration_number": number, "rating": 4, "external_ref": "F1", **change}
        reply = helpdesk.http.post("/open311/v2/feedback.json", json=body)
        assert reply.status_code == 200
        text: str = reply.json()["message"]
        return text

    assert rate() == "Sorry, the grievance is still pending"
    helpdesk.advance("4d")
    assert rate(rating=6) == "Sorry, choose one to five stars"
    assert rate(registration_number="CMOFF/2026/1") == "Sorry, this grievance does not exist"
    assert rate() == "Thank you for your feedback"
    assert rate() == "You have already given this feedback"
    query = {"registration_number": number}
    (shown,) = helpdesk.http.get("/open311/v2/requests.json", params=query).json()
    assert shown["status"] == "closed"
    assert shown["extended_attributes"]["rating"] == 4
    same = helpdesk.http.get(f"/open311/v2/requests/{shown['service_request_id']}.json").json()
    assert same == [shown]


def test_an_approved_correction_changes_the_record(registry: Mock) -> None:
    def shown() -> dict[str, Any]:
        found = registry.http.get("/citizens/PPP_MEMBER:7KNL042101").json()["citizen"]
        family = registry.http.get("/families/7KNL0421").json()["family"]
        assert found in family["members"]
        return dict(found)

    before = shown()
    for number in range(6):
        mobile = {"newValue": f"981234567{number}", "hubRef": f"R{number}"}
        registry.http.post("/corrections", json={**CORRECTION, **mobile})
    name = {**CORRECTION, "field": "NAME", "newValue": "KAMLA RANI", "hubRef": "N"}
    registry.http.post("/corrections", json=name)
    registry.advance("3d")
    assert {each["status"] for each in registry.submissions()} == {"IN_VERIFICATION"}
    assert shown() == before
    registry.advance("1d")
    states = {each["hubReference"]: each["status"] for each in registry.submissions()}
    approved = [key for key, state in states.items() if state == "APPROVED" and key != "N"]
    assert shown()["mobile"] == f"981234567{approved[-1][1:]}"


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"memberId": "none"}, 404, "NOT_FOUND"),
        ({"field": "CASTE"}, 422, "BAD_FIELD"),
        ({"newValue": "98"}, 422, "BAD_VALUE"),
        ({"newValue": ""}, 400, "BAD_REQUEST"),
        ({"field": "DECEASED", "newValue": "true"}, 422, "BAD_VALUE"),
        ({"documents": [{"name": "x"}]}, 422, "BAD_VALUE"),
    ],
)
def test_invalid_corrections_are_refused(
    registry: Mock, change: dict[str, Any], status: int, error: str
) -> None:
    reply = registry.http.post("/corrections", json={**CORRECTION, **change})
    assert (reply.status_code, reply.json()["error"]) == (status, error)
    assert registry.submissions() == []


@pytest.mark.parametrize("advance", ["3 days", "", None, 3, "-1d"])
def test_an_invalid_advance_of_the_clock_is_refused(helpdesk: Mock, advance: object) -> None:
    reply = helpdesk.control.post("clock", json={"advance": advance})
    assert reply.status_code == 400
    assert "3d" in reply.json()["message"]


def test_a_restarted_mock_keeps_what_it_received(tmp_path: Path) -> None:
    mock = Mock("helpdesk", "--submissions", str(tmp_path / "received.sqlite"))
    try:
        mock.http.post("/open311/v2/requests.json", json=GRIEVANCE)
        mock.advance("2d")
        before = mock.submissions()
        mock.kill()
        mock.revive()
        assert mock.submissions() == before
        assert before[0]["status"] == "PENDING_AT_LME"
    finally:
        mock.stop()
