"""The security profiles of the mocks."""

import base64
import datetime as dt
import hashlib
import hmac
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

import httpx
import pytest

from mocks.options import parse
from tests.support.processes import Mock

PATH = "/api/v1/applications?pageSize=2"
KEY = {"X-Api-Key": "demo-scholarship-key"}
PENSIONS = "urn:sje:pension:v1"
ACTION = f"{PENSIONS}/GetPensions"
WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity"
WSA = "http://www.w3.org/2005/08/addressing"


@contextmanager
def running(name: str, *profiles: str) -> Iterator[Mock]:
    mock = Mock(name, *(word for profile in profiles for word in ("--security-profile", profile)))
    try:
        yield mock
    finally:
        mock.stop()


def ask_pensions(mock: Mock, header: str) -> httpx.Response:
    body = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/">'
        f"<e:Header>{header}</e:Header><e:Body>"
        f'<GetPensions xmlns="{PENSIONS}"><BeneficiaryNumbers><BeneficiaryNo>0613/04/002381'
        "</BeneficiaryNo></BeneficiaryNumbers></GetPensions></e:Body></e:Envelope>"
    )
    headers = {"Content-Type": "text/xml", "SOAPAction": f'"{ACTION}"'}
    return mock.http.post("/PensionService", content=body, headers=headers)


def fault_code(reply: httpx.Response) -> str | None:
    return ElementTree.fromstring(reply.content).findtext(".//faultcode")


def test_an_unchanged_reply_is_not_sent_again() -> None:
    with running("scholarships", "etag") as mock:
        first = mock.http.get(PATH, headers=KEY)
        again = mock.http.get(PATH, headers={**KEY, "If-None-Match": first.headers["etag"]})
        other = mock.http.get(PATH, headers={**KEY, "If-None-Match": '"other"'})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert other.content == first.content


def test_a_link_leads_to_the_next_page_until_there_is_none() -> None:
    with running("scholarships", "link") as mock:
        reply = mock.http.get(PATH.replace("=2", "=100"), headers=KEY)
        pages = 1
        while "next" in reply.links:
            assert not {"page", "pages"} & reply.json().keys()
            reply = mock.http.get(reply.links["next"]["url"], headers=KEY)
            pages += 1
    assert pages > 2


def signed(stamp: int) -> dict[str, str]:
    text = f"GET\n{PATH}\n{stamp}\n".encode()
    digest = hmac.digest(b"demo-signing-secret", text, "sha256")
    return {
        **KEY,
        "x-timestamp": str(stamp),
        "x-digilocker-hmac": base64.b64encode(digest).decode(),
    }


def test_a_signature_is_valid_for_five_minutes() -> None:
    now = int(time.time())
    with running("scholarships", "hmac") as mock:
        taken = [
            mock.http.get(PATH, headers=headers).status_code
            for headers in (
                signed(now),
                signed(now - 240),
                signed(now - 360),
                {**signed(now), "x-timestamp": str(now + 1)},
                KEY,
            )
        ]
    assert taken == [200, 200, 401, 401, 401]


def test_a_session_requires_a_login() -> None:
    right = {"username": "citizen-hub", "password": "demo-session-password"}
    with running("scholarships", "session") as mock:
        assert mock.http.get(PATH, headers=KEY).status_code == 401
        assert mock.http.post("/login", json={**right, "password": "x"}).status_code == 401
        assert mock.http.post("/login", content=b"\xff").status_code == 401
        token = mock.http.post("/login", json=right).json()["token"]
        assert mock.http.get(PATH, headers={**KEY, "X-Session": token}).status_code == 200


def token_header(nonce: bytes, expires: dt.timedelta) -> str:
    created = "2026-11-25T00:00:00Z"
    digest = base64.b64encode(
        hashlib.sha1(nonce + created.encode() + b"demo-token-password").digest()
    ).decode()
    until = (dt.datetime.now(dt.UTC) + expires).isoformat(timespec="seconds")
    return (
        f'<s:Security xmlns:s="{WSS}-secext-1.0.xsd" xmlns:u="{WSS}-utility-1.0.xsd">'
        f"<u:Timestamp><u:Created>{created}</u:Created><u:Expires>{until}</u:Expires></u:Timestamp>"
        f"<s:UsernameToken><s:Username>citizen-hub</s:Username>"
        f'<s:Password Type="{WSS}#PasswordDigest">{digest}</s:Password>'
        f"<s:Nonce>{base64.b64encode(nonce).decode()}</s:Nonce><u:Created>{created}</u:Created>"
        "</s:UsernameToken></s:Security>"
    )


def test_a_digest_is_accepted_once_and_in_time() -> None:
    minute = dt.timedelta(minutes=1)
    with running("pensions", "username-token") as mock:
        first = ask_pensions(mock, token_header(b"one", minute))
        assert "GetPensionsResult" in first.text
        again = ask_pensions(mock, token_header(b"one", minute))
        assert fault_code(again) == "wsse:FailedAuthentication"
        late = ask_pensions(mock, token_header(b"two", -minute))
        assert fault_code(late) == "wsu:MessageExpired"
        assert fault_code(ask_pensions(mock, "")) == "wsse:InvalidSecurity"


def test_a_reply_names_the_message_that_it_belongs_to() -> None:
    header = "".join(
        f'<a:{name} xmlns:a="{WSA}">{text}</a:{name}>'
        for name, text in (("Action", ACTION), ("To", "urn:pensions"), ("MessageID", "urn:uuid:1"))
    )
    with running("pensions", "addressing") as mock:
        reply = ElementTree.fromstring(ask_pensions(mock, header).content)
        refused = ask_pensions(mock, header.replace(ACTION, "urn:other"))
    assert reply.findtext(f".//{{{WSA}}}RelatesTo") == "urn:uuid:1"
    assert fault_code(refused) == "wsa:ActionMismatch"


def test_x_road_accepts_known_clients_only() -> None:
    def header(client: str) -> str:
        def steps(text: str) -> str:
            names = ("xRoadInstance", "memberClass", "memberCode", "subsystemCode")
            pairs = zip(names, text.split("/"), strict=True)
            return "".join(f"<i:{name}>{each}</i:{name}>" for name, each in pairs)

        return (
            '<x:client xmlns:x="http://x-road.eu/xsd/xroad.xsd"'
            f' xmlns:i="http://x-road.eu/xsd/identifiers">{steps(client)}</x:client>'
            '<x:service xmlns:x="http://x-road.eu/xsd/xroad.xsd"'
            f' xmlns:i="http://x-road.eu/xsd/identifiers">{steps("HR/GOV/SJE/PENSIONS")}'
            "<i:serviceCode>GetPensions</i:serviceCode></x:service>"
            '<x:id xmlns:x="http://x-road.eu/xsd/xroad.xsd">7</x:id>'
            '<x:protocolVersion xmlns:x="http://x-road.eu/xsd/xroad.xsd">4.0</x:protocolVersion>'
        )

    with running("pensions", "xroad") as mock:
        known = ElementTree.fromstring(
            ask_pensions(mock, header("HR/GOV/CRID/CITIZEN-HUB")).content
        )
        stranger = ask_pensions(mock, header("HR/GOV/CRID/OTHER"))
        silent = ask_pensions(mock, "")
    assert known.findtext(".//{http://x-road.eu/xsd/xroad.xsd}id") == "7"
    assert fault_code(stranger) == "Server.ServerProxy.AccessDenied"
    assert fault_code(silent) == "Client.MissingHeader"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["scholarships", "--security-profile", "xroad"], "requests are signed"),
        (["certificates", "--security-profile", "mtls"], "Available: none"),
        (["pensions", "--security-profile", "signature"], "needs --data-dir"),
    ],
)
def test_an_impossible_security_profile_is_reported(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(arguments)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_a_mock_with_tls_has_its_control_api_on_another_port(tmp_path: Path) -> None:
    mock = Mock("scholarships", "--security-profile", "mtls", "--data-dir", str(tmp_path))
    try:
        assert mock.url.startswith("https://")
        assert mock.control.get("calls").json()["total"] == 0
        with pytest.raises(httpx.HTTPError):
            mock.http.get(PATH, headers=KEY)
    finally:
        mock.stop()
