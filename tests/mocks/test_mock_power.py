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
