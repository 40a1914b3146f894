"""The fault switchboard over HTTP."""

import time

import httpx
import pytest

from mocks.faults import HTTP_FAULTS, Switchboard
from tests.mocks.running import RunningMock

REQUESTS = "/open311/v2/requests.json?account_id=AC000123"
PAYLOAD = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    '<GetApplications xmlns="urn:sje:pension:v1"><BeneficiaryNumbers>'
    "<BeneficiaryNo>0613/04/002381</BeneficiaryNo></BeneficiaryNumbers></GetApplications>"
    "</s:Body></s:Envelope>"
)


def soap(mock: RunningMock) -> httpx.Response:
    return mock.http.post(
        "/PensionService",
        content=PAYLOAD,
        headers={"SOAPAction": "urn:sje:pension:v1/GetApplications"},
    )


def test_switches_are_shown_set_and_cleared(helpdesk: RunningMock) -> None:
    assert helpdesk.control.get("faults").json() == {
        "active": {},
        "supported": list(HTTP_FAULTS),
    }
    assert helpdesk.set_faults(error=0.5, latency=0.1).json()["active"] == {
        "error": 0.5,
        "latency": 0.1,
    }
    assert helpdesk.set_faults(garbage=1).json()["active"] == {"garbage": 1.0}
    assert helpdesk.control.delete("faults").json()["active"] == {}


@pytest.mark.parametrize("faults", [{"fire": 1}, {"error": 2}, {"error": "x"}, {"latency": -1}, []])
def test_wrong_switches_are_refused(helpdesk: RunningMock, faults: object) -> None:
    answer = helpdesk.control.put("faults", json=faults)
    assert answer.status_code == 400
    assert helpdesk.control.get("faults").json()["active"] == {}
    if faults == {"fire": 1}:
        assert all(name in answer.json()["message"] for name in HTTP_FAULTS)


def test_latency(helpdesk: RunningMock) -> None:
    helpdesk.set_faults(latency=0.2)
    started = time.monotonic()
    assert helpdesk.http.get(REQUESTS).status_code == 200
    assert time.monotonic() - started >= 0.2


def test_error(helpdesk: RunningMock, pensions: RunningMock) -> None:
    helpdesk.set_faults(error=1)
    answer = helpdesk.http.get(REQUESTS)
    assert (answer.status_code, answer.content) == (500, b"")
    pensions.set_faults(error=1)
    fault = soap(pensions)
    assert fault.status_code == 500
    assert b"soap:Fault" in fault.content


def test_hang_counts_the_call_and_never_answers(helpdesk: RunningMock) -> None:
    helpdesk.set_faults(hang=1)
    with pytest.raises(httpx.ReadTimeout):
        helpdesk.http.get(REQUESTS, timeout=0.3)
    assert helpdesk.calls() == {"GET /open311/v2/requests.json": 1}


def test_truncate_cuts_or_hangs_up(helpdesk: RunningMock) -> None:
    whole = helpdesk.http.get(REQUESTS).content
    helpdesk.set_faults(truncate=1)
    ways = set()
    for _ in range(24):
        try:
            answer = helpdesk.http.get(REQUESTS)
        except httpx.RemoteProtocolError:
            ways.add("hung up")
        else:
            assert answer.content == whole[: len(whole) // 2]
            ways.add("cut")
    assert ways == {"cut", "hung up"}


def test_garbage_and_maintenance_say_200(helpdesk: RunningMock) -> None:
    helpdesk.set_faults(garbage=1)
    garbage = helpdesk.http.get(REQUESTS)
    assert garbage.status_code == 200
    assert garbage.headers["content-type"] == "application/json"
    with pytest.raises(ValueError, match=r"\w"):
        garbage.json()
    helpdesk.set_faults(maintenance=1)
    page = helpdesk.http.get(REQUESTS)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "maintenance" in page.text


def test_fault200_in_each_dialect(
    helpdesk: RunningMock, scholarships: RunningMock, pensions: RunningMock
) -> None:
    for mock in (helpdesk, scholarships, pensions):
        mock.set_faults(fault200=1)
    assert helpdesk.http.get(REQUESTS).json()[0]["code"] == 500
    assert scholarships.http.get("/api/v1/awards").json() == {
        "status": "false",
        "code": "E500",
        "msg": "Internal error",
        "data": "",
    }
    fault = soap(pensions)
    assert fault.status_code == 200
    assert b"soap:Fault" in fault.content


def test_expired_session(helpdesk: RunningMock, pensions: RunningMock) -> None:
    helpdesk.set_faults(expired_session=1)
    assert helpdesk.http.get(REQUESTS).status_code == 401
    pensions.set_faults(expired_session=1)
    fault = soap(pensions)
    assert fault.status_code == 200
    assert "Session Expired. Please Login Again" in fault.text


def test_drip(helpdesk: RunningMock) -> None:
    size = len(helpdesk.http.get(REQUESTS).content)
    helpdesk.set_faults(drip=size * 4)
    started = time.monotonic()
    assert len(helpdesk.http.get(REQUESTS).content) == size
    assert 0.2 <= time.monotonic() - started < 2


def test_oversize_streams_beyond_64_mib(helpdesk: RunningMock) -> None:
    helpdesk.set_faults(oversize=1)
    size = 0
    with helpdesk.http.stream("GET", REQUESTS) as answer:
        assert "content-length" not in answer.headers
        for chunk in answer.iter_raw():
            size += len(chunk)
    assert size > 64 * 1024 * 1024


def test_redirect_loop(helpdesk: RunningMock) -> None:
    helpdesk.set_faults(redirect_loop=1)
    answer = helpdesk.http.get(REQUESTS)
    assert (answer.status_code, answer.headers["location"]) == (302, REQUESTS)
    with pytest.raises(httpx.TooManyRedirects):
        helpdesk.http.get(REQUESTS, follow_redirects=True)


def test_reset_after_write(helpdesk: RunningMock) -> None:
    helpdesk.set_faults(reset_after_write=1)
    with pytest.raises(httpx.ReadError):
        helpdesk.http.get(REQUESTS)
    assert helpdesk.calls() == {"GET /open311/v2/requests.json": 1}


def test_unknown_code(
    helpdesk: RunningMock, scholarships: RunningMock, pensions: RunningMock
) -> None:
    for mock in (helpdesk, scholarships, pensions):
        mock.set_faults(unknown_code=1)
    (request,) = helpdesk.http.get(REQUESTS).json()
    assert request["extended_attributes"]["pgr_status"] == "97"
    assert request["status"] == "open"
    query = {"studentIds": "STU2024000123"}
    application = scholarships.http.get("/api/v1/applications", params=query).json()
    assert (application["status"], application["data"]["status"]) == ("true", "97")
    assert b"<StatusCode>97</StatusCode>" in soap(pensions).content
    assert b"<StatusCode>06</StatusCode>" not in soap(pensions).content


def test_half_a_probability_strikes_about_half_the_time() -> None:
    switchboard = Switchboard(HTTP_FAULTS, seed=1)
    switchboard.replace({"error": 0.5})
    struck = sum(switchboard.strikes("error") for _ in range(1000))
    assert 430 < struck < 570
