"""The faults of the mocks, and their control API."""

import gzip
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from mocks.faults import HTTP_FAULTS, WRITE_FAULTS, Switchboard
from tests.support.processes import Mock

REQUESTS = "/open311/v2/requests.json?account_id=AC000123"
PAYLOAD = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    '<GetApplications xmlns="urn:sje:pension:v1"><BeneficiaryNumbers>'
    "<BeneficiaryNo>0613/04/002381</BeneficiaryNo></BeneficiaryNumbers></GetApplications>"
    "</s:Body></s:Envelope>"
)


def soap(mock: Mock) -> httpx.Response:
    return mock.http.post(
        "/PensionService",
        content=PAYLOAD,
        headers={"SOAPAction": "urn:sje:pension:v1/GetApplications"},
    )


def test_switches_are_shown_set_and_cleared(helpdesk: Mock) -> None:
    shown = helpdesk.control.get("faults").json()
    assert (shown["active"], shown["seconds_left"]) == ({}, None)
    assert list(shown["supported"]) == [*HTTP_FAULTS, *WRITE_FAULTS]
    assert shown["supported"]["drip"] == {
        "takes": "bytes per second",
        "does": "sends the reply slowly",
    }
    assert helpdesk.set_faults(error=0.5, latency=0.1).json()["active"] == {
        "error": 0.5,
        "latency": 0.1,
    }
    assert helpdesk.set_faults(garbage=1).json()["active"] == {"garbage": 1.0}
    hyphen = {"redirect-loop": 1}
    assert helpdesk.set_faults(**hyphen).json()["active"] == {"redirect_loop": 1.0}
    assert helpdesk.control.delete("faults").json()["active"] == {}


def test_a_switch_without_effect_is_not_listed(registry: Mock) -> None:
    supported = registry.control.get("faults").json()["supported"]
    assert set(HTTP_FAULTS) - set(supported) == {"unknown_code"}


@pytest.mark.parametrize(
    "faults",
    [{"fire": 1}, {"error": 2}, {"error": "x"}, {"latency": -1}, {"error": 1, "for": 0}, []],
)
def test_invalid_switches_are_refused(helpdesk: Mock, faults: object) -> None:
    response = helpdesk.control.put("faults", json=faults)
    assert response.status_code == 400
    assert helpdesk.control.get("faults").json()["active"] == {}
    if faults == {"fire": 1}:
        assert all(name in response.json()["message"] for name in HTTP_FAULTS)


def test_latency_delays_the_reply(helpdesk: Mock) -> None:
    helpdesk.set_faults(latency=0.2)
    started = time.monotonic()
    assert helpdesk.http.get(REQUESTS).status_code == 200
    assert time.monotonic() - started >= 0.2


def test_error_fails_in_the_departments_format(helpdesk: Mock, pensions: Mock) -> None:
    helpdesk.set_faults(error=1)
    response = helpdesk.http.get(REQUESTS)
    assert (response.status_code, response.content) == (500, b"")
    pensions.set_faults(error=1)
    fault = soap(pensions)
    assert fault.status_code == 500
    assert b"soap:Fault" in fault.content


def test_hang_counts_the_call_and_never_replies(helpdesk: Mock) -> None:
    helpdesk.set_faults(hang=1)
    with pytest.raises(httpx.ReadTimeout):
        helpdesk.http.get(REQUESTS, timeout=0.3)
    assert helpdesk.calls() == {"GET /open311/v2/requests.json": 1}


def test_truncate_cuts_the_reply_or_closes_the_connection(helpdesk: Mock) -> None:
    whole = helpdesk.http.get(REQUESTS).content
    helpdesk.set_faults(truncate=1)
    ways = set()
    for _ in range(24):
        try:
            response = helpdesk.http.get(REQUESTS)
        except httpx.RemoteProtocolError:
            ways.add("hung up")
        else:
            assert response.content == whole[: len(whole) // 2]
            ways.add("cut")
    assert ways == {"cut", "hung up"}


def test_garbage_and_maintenance_have_status_200(helpdesk: Mock) -> None:
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


def test_fault200_in_each_departments_format(
    helpdesk: Mock, scholarships: Mock, pensions: Mock
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


def test_expired_session_is_reported(helpdesk: Mock, pensions: Mock) -> None:
    helpdesk.set_faults(expired_session=1)
    assert helpdesk.http.get(REQUESTS).status_code == 401
    pensions.set_faults(expired_session=1)
    fault = soap(pensions)
    assert fault.status_code == 200
    assert "Session Expired. Please Login Again" in fault.text


def test_drip_slows_a_reply_down(helpdesk: Mock) -> None:
    size = len(helpdesk.http.get(REQUESTS).content)
    helpdesk.set_faults(drip=size * 4)
    started = time.monotonic()
    assert len(helpdesk.http.get(REQUESTS).content) == size
    assert time.monotonic() - started >= 0.2


def test_oversize_sends_more_than_64_mib(helpdesk: Mock) -> None:
    helpdesk.set_faults(oversize=1)
    size = 0
    with helpdesk.http.stream("GET", REQUESTS) as response:
        assert "content-length" not in response.headers
        for chunk in response.iter_raw():
            size += len(chunk)
    assert size > 64 * 1024 * 1024


def test_redirect_loop_redirects_to_the_same_address(helpdesk: Mock) -> None:
    helpdesk.set_faults(redirect_loop=1)
    response = helpdesk.http.get(REQUESTS)
    assert (response.status_code, response.headers["location"]) == (302, REQUESTS)
    with pytest.raises(httpx.TooManyRedirects):
        helpdesk.http.get(REQUESTS, follow_redirects=True)


@pytest.mark.parametrize("fault", ["reset_after_write", "refuse"])
def test_a_reset_is_counted_as_a_call(helpdesk: Mock, fault: str) -> None:
    helpdesk.set_faults(**{fault: 1})
    with pytest.raises(httpx.ReadError):
        helpdesk.http.get(REQUESTS)
    assert helpdesk.calls() == {"GET /open311/v2/requests.json": 1}


def test_stall_sends_half_and_then_nothing(helpdesk: Mock) -> None:
    size = len(helpdesk.http.get(REQUESTS).content)
    helpdesk.set_faults(stall=1)
    with helpdesk.http.stream("GET", REQUESTS, timeout=0.3) as response:
        assert int(response.headers["content-length"]) == size
        chunks = response.iter_raw()
        assert len(next(chunks)) == size // 2
        with pytest.raises(httpx.ReadTimeout):
            next(chunks)


def test_gzip_bomb_is_small_until_it_is_unpacked(helpdesk: Mock) -> None:
    whole = helpdesk.http.get(REQUESTS).content
    helpdesk.set_faults(gzip_bomb=1)
    with helpdesk.http.stream("GET", REQUESTS) as response:
        assert response.headers["content-encoding"] == "gzip"
        packed = b"".join(response.iter_raw())
    assert len(packed) < 100_000
    unpacked = gzip.decompress(packed)
    assert len(unpacked) > 64 << 20
    assert unpacked.startswith(whole)
    assert not unpacked[len(whole) :].strip()


def test_charset_declares_utf8_and_sends_utf16(pensions: Mock) -> None:
    whole = soap(pensions).text
    pensions.set_faults(charset=1)
    response = soap(pensions)
    assert "utf-8" in response.headers["content-type"]
    assert response.content.decode("utf-16-le") == whole


def test_faults_combine(helpdesk: Mock) -> None:
    whole = helpdesk.http.get(REQUESTS).content
    helpdesk.set_faults(latency=0.2, unknown_code=1, drip=len(whole) * 5)
    started = time.monotonic()
    (request,) = helpdesk.http.get(REQUESTS).json()
    assert request["extended_attributes"]["pgr_status"] == "97"
    assert time.monotonic() - started >= 0.35


def test_faults_end_after_the_given_time() -> None:
    now = 100.0
    switchboard = Switchboard(HTTP_FAULTS, seed=1, clock=lambda: now)
    switchboard.replace({"error": 1, "for": 10})
    assert switchboard.summary()["seconds_left"] == 10
    now = 109.9
    assert switchboard.strikes("error")
    now = 110.0
    assert not switchboard.strikes("error")
    assert switchboard.summary()["active"] == {}


def test_latency_varies_around_its_median() -> None:
    switchboard = Switchboard(HTTP_FAULTS, seed=1)
    switchboard.replace({"latency": 0.4, "latency_p95": 6})
    waits = sorted(switchboard.wait() for _ in range(4000))
    assert 0.35 < waits[2000] < 0.45
    assert 5 < waits[3800] < 7.2


@pytest.mark.parametrize("fault", [{"latency": 30}, {"drip": 1}, {"hang": 1}, {"stall": 1}])
def test_a_call_ends_when_its_caller_disconnects(helpdesk: Mock, fault: dict[str, float]) -> None:
    helpdesk.set_faults(**fault)
    with pytest.raises(httpx.ReadTimeout):
        helpdesk.http.get(REQUESTS, timeout=0.2)
    until = time.monotonic() + 5
    while helpdesk.control.get("calls").json()["in_flight"]:
        assert time.monotonic() < until


def test_running_calls_are_counted(helpdesk: Mock) -> None:
    helpdesk.set_faults(hang=1)
    with ThreadPoolExecutor(3) as pool:
        hanging = [pool.submit(helpdesk.http.get, REQUESTS, timeout=0.5) for _ in range(3)]
        assert all(isinstance(each.exception(), httpx.ReadTimeout) for each in hanging)
    assert helpdesk.control.get("calls").json()["most_in_flight"] == 3


def test_unknown_code_replaces_status_codes(
    helpdesk: Mock, scholarships: Mock, pensions: Mock
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


def test_a_probability_of_one_half_affects_about_half_of_the_calls() -> None:
    switchboard = Switchboard(HTTP_FAULTS, seed=1)
    switchboard.replace({"error": 0.5})
    struck = sum(switchboard.strikes("error") for _ in range(1000))
    assert 430 < struck < 570
