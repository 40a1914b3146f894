"""The mock of the power company: Axis with login sessions."""

from typing import Any

import httpx
import pytest
from lxml import etree

from mocks.power.sessions import EXPIRED, IDLE_SECONDS, PASSWORD, USER, LoginSessions
from mocks.soap.calls import RpcFaultError
from tests.support.processes import Mock

PATH = "/axis/services/PowerService"
CONSUMER = "50600000421"


def call(mock: Mock, operation: str, cookie: str | None = None, **arguments: str) -> httpx.Response:
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in arguments.items())
    body = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        f'<p:{operation} xmlns:p="urn:power:connections">{inner}</p:{operation}>'
        "</e:Body></e:Envelope>"
    )
    headers = {"SOAPAction": f'"{operation}"', **({"Cookie": cookie} if cookie else {})}
    # Each test sends its own cookies.
    return httpx.post(f"{mock.url}{PATH}", content=body, headers=headers, trust_env=False)


def log_in(mock: Mock) -> tuple[str, str]:
    """Return the token and the cookie of a new session."""
    response = call(mock, "doLogin", user=USER, pwd=PASSWORD)
    token = etree.fromstring(response.content).findtext(".//token")
    assert token
    return token, f"JSESSIONID={response.cookies['JSESSIONID']}"


def fault_in(response: httpx.Response) -> tuple[int, str | None]:
    return response.status_code, etree.fromstring(response.content).findtext(".//faultstring")


def test_applications_need_token_and_cookie(power: Mock) -> None:
    token, cookie = log_in(power)
    response = call(power, "getApplications", cookie, token=token, consumerNos=CONSUMER)
    tree: Any = etree.fromstring(response.content)
    (item,) = tree.iterfind(".//getApplicationsReturn/getApplicationsReturn")
    referred = item.get("href")
    assert referred is not None
    (application,) = tree.xpath(f"//multiRef[@id='{referred[1:]}']")
    assert application.findtext("applicationNo") == "PWR-NEW/2026/000777"
    for wrong in ((None, token), (cookie, "other")):
        response = call(power, "getApplications", wrong[0], token=wrong[1], consumerNos=CONSUMER)
        assert fault_in(response) == (200, EXPIRED)


def test_a_wrong_password_is_a_fault(power: Mock) -> None:
    assert fault_in(call(power, "doLogin", user=USER, pwd="wrong")) == (500, "Invalid Login")


def test_a_second_login_ends_the_first_session(power: Mock) -> None:
    token, cookie = log_in(power)
    log_in(power)
    response = call(power, "getApplications", cookie, token=token, consumerNos=CONSUMER)
    assert fault_in(response) == (200, EXPIRED)


def test_a_logout_ends_the_session(power: Mock) -> None:
    token, cookie = log_in(power)
    assert call(power, "doLogout", cookie, token=token).status_code == 200
    response = call(power, "getApplications", cookie, token=token, consumerNos=CONSUMER)
    assert fault_in(response) == (200, EXPIRED)


def test_arguments_are_read_by_position(power: Mock) -> None:
    token, cookie = log_in(power)
    response = call(power, "getApplications", cookie, consumerNos=CONSUMER, token=token)
    assert fault_in(response) == (500, "java.lang.IllegalArgumentException")


def test_an_idle_session_ends() -> None:
    now = 0.0
    sessions = LoginSessions(lambda: now)
    live = sessions.log_in(USER, PASSWORD)
    now = IDLE_SECONDS - 1
    sessions.check(live.token, live.cookie)
    now += IDLE_SECONDS
    with pytest.raises(RpcFaultError, match="Session Expired") as caught:
        sessions.check(live.token, live.cookie)
    assert caught.value.status == 200


def test_the_idle_time_can_be_switched(power: Mock) -> None:
    token, cookie = log_in(power)
    power.set_faults(session_idle=0.001)
    call(power, "getApplications", cookie, token=token, consumerNos=CONSUMER)
    response = call(power, "getApplications", cookie, token=token, consumerNos=CONSUMER)
    assert fault_in(response) == (200, EXPIRED)


NEW = {
    "refNo": "CH7K3M9QXT2VDA",
    "category": "LT",
    "consumerNo": CONSUMER,
    "familyMember": "",
    "applicantName": "RAM DEVI",
    "address": "112, Nissing",
    "loadKw": "2",
    "area": "R",
    "purpose": "D",
    "channel": "2",
}


def acknowledged(response: httpx.Response) -> tuple[str | None, str | None]:
    """Return status and number of an acknowledgement."""
    assert response.status_code == 200
    (ack,) = etree.fromstring(response.content).iter("multiRef")
    return ack.findtext("status"), ack.findtext("number") or None


def test_an_application_is_stored_and_cannot_be_found_by_the_senders_reference(
    power: Mock,
) -> None:
    token, cookie = log_in(power)
    status, number = acknowledged(call(power, "submitApplication", cookie, token=token, **NEW))
    assert (status, str(number)[:13]) == ("0", "PWR-NEW/2026/")
    row = call(power, "getApplicationsByNo", cookie, token=token, applicationNos=str(number))
    assert b"CH7K3M9QXT2VDA" not in row.content
    assert f">{number}</applicationNo>" in row.text
    listed = call(power, "getApplications", cookie, token=token, consumerNos=CONSUMER)
    assert f">{number}</applicationNo>" in listed.text
    assert [(each["reference"], each["copies"]) for each in power.submissions()] == [(number, 1)]


@pytest.mark.parametrize(
    "changed",
    [
        {"loadKw": "51"},
        {"loadKw": "much"},
        {"category": "HT"},
        {"area": "X"},
        {"address": ""},
        {"consumerNo": "", "familyMember": "nobody"},
    ],
)
def test_a_wrong_application_is_refused(power: Mock, changed: dict[str, str]) -> None:
    token, cookie = log_in(power)
    response = call(power, "submitApplication", cookie, token=token, **{**NEW, **changed})
    assert acknowledged(response) == ("1", None)
    assert power.submissions() == []


def test_a_text_that_is_too_long_is_an_error_of_the_database(power: Mock) -> None:
    token, cookie = log_in(power)
    new = {**NEW, "applicantName": "N" * 61}
    status, text = fault_in(call(power, "submitApplication", cookie, token=token, **new))
    assert status == 500
    assert "ORA-12899" in str(text)


def test_a_write_after_the_end_of_the_session_stores_nothing(power: Mock) -> None:
    token, cookie = log_in(power)
    log_in(power)
    response = call(power, "submitApplication", cookie, token=token, **NEW)
    assert fault_in(response) == (200, EXPIRED)
    assert power.submissions() == []


def test_an_appeal_gets_a_number(power: Mock) -> None:
    token, cookie = log_in(power)
    appeal = {
        "refNo": "CHA",
        "applicationNo": "PWR-NEW/2026/000777",
        "level": "F",
        "grounds": "Wrong estimate",
    }
    status, number = acknowledged(call(power, "fileAppeal", cookie, token=token, **appeal))
    assert (status, str(number)[:9]) == ("0", "APL/2026/")
    for wrong in ({"applicationNo": "none"}, {"level": "X"}, {"grounds": ""}):
        response = call(power, "fileAppeal", cookie, token=token, **{**appeal, **wrong})
        assert acknowledged(response) == ("1", None)
    assert [each["kind"] for each in power.submissions()] == ["APPEAL"]


def test_a_write_can_be_refused(power: Mock) -> None:
    token, cookie = log_in(power)
    power.set_faults(refuse_write=1)
    response = call(power, "submitApplication", cookie, token=token, **NEW)
    assert acknowledged(response) == ("1", None)
    assert power.submissions() == []
