"""WS-Security, WS-Addressing and X-Road, checked as the department would check them."""

import base64
import datetime as dt
import hashlib
import subprocess
from pathlib import Path

import pytest
from lxml import etree

from adapters.contract import (
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    DepartmentMaintenanceError,
    DepartmentRefusedError,
    DepartmentUnreachableError,
    MalformedReplyError,
)
from adapters.manifest.problems import ManifestError
from schema.errors import ErrorSource
from tests.connectors.soap_department import (
    BY_CITIZEN,
    ReceivedRequest,
    Reply,
    SoapServer,
    always,
    applications,
    department,
    envelope,
)
from tests.connectors.soap_wsdls import document_wsdl
from tests.support.calls import call_context

FIND = 'operation: Find\narguments: {Owner: "{keys}"}'
ROW = "<Row><Number>N1</Number><Owner>A1</Owner><Status>01</Status></Row>"
FOUND = f'<FindResponse xmlns="urn:forest">{ROW}</FindResponse>'
WSSE = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}"
WSU = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"


@pytest.fixture
def server(server: SoapServer, monkeypatch: pytest.MonkeyPatch) -> SoapServer:
    monkeypatch.setenv("FOREST_PASSWORD", "made-up")
    server.answer = always(envelope(FOUND))
    return server


async def request_with(
    server: SoapServer, folder: Path, connector: str, **more: str
) -> ReceivedRequest:
    adapter = department(
        folder,
        server.url,
        document_wsdl(**more),  # type: ignore[arg-type]
        call=FIND,
        rows="Row",
        connector=connector,
    )
    assert len(await applications(adapter)) == 1
    await adapter.close()
    return server.requests[-1]


def security_in(request: ReceivedRequest) -> etree._Element:
    security = request.part("Header").find(f"{WSSE}Security")
    assert security is not None
    return security


async def test_username_and_password_as_text(server: SoapServer, tmp_path: Path) -> None:
    connector = "security: {username: hub, password: '${env:FOREST_PASSWORD}'}"
    token = security_in(await request_with(server, tmp_path, connector)).find(
        f"{WSSE}UsernameToken"
    )
    assert token is not None
    assert token.findtext(f"{WSSE}Username") == "hub"
    password = token.find(f"{WSSE}Password")
    assert password is not None
    assert password.text == "made-up"
    assert (password.get("Type") or "").endswith("#PasswordText")


@pytest.mark.parametrize("soap", ["soap", "soap12"])
async def test_the_digest_of_a_password_differs_in_every_request(
    soap: str, server: SoapServer, tmp_path: Path
) -> None:
    connector = """security:
  username: hub
  password: ${env:FOREST_PASSWORD}
  digest: true
  timestamp: 5m"""
    seen = set()
    for nth in range(2):
        request = await request_with(server, tmp_path / str(nth), connector, soap=soap)
        security = security_in(request)
        token = security.find(f"{WSSE}UsernameToken")
        assert token is not None
        nonce = base64.b64decode(token.findtext(f"{WSSE}Nonce") or "")
        created = token.findtext(f"{WSU}Created") or ""
        expected = hashlib.sha1(nonce + created.encode() + b"made-up").digest()
        assert base64.b64decode(token.findtext(f"{WSSE}Password") or "") == expected
        seen.add(nonce)
        moments = [
            dt.datetime.fromisoformat(security.findtext(f"{WSU}Timestamp/{WSU}{name}") or "")
            for name in ("Created", "Expires")
        ]
        assert moments[1] - moments[0] == dt.timedelta(minutes=5)
    assert len(seen) == 2
    assert b"made-up" not in etree.tostring(server.requests[-1].envelope)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with new files `hub.crt` and `hub.key`."""
    folder = tmp_path_factory.mktemp("certificate")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=hub -out hub.crt"
    subprocess.run(
        [*command.split(), "-keyout", "hub.key"], cwd=folder, check=True, capture_output=True
    )
    return folder


@pytest.mark.parametrize("soap", ["soap", "soap12"])
@pytest.mark.parametrize("token", ["true", "false"])
async def test_a_signature_that_the_department_can_verify(
    soap: str, token: str, server: SoapServer, tmp_path: Path, certificate: Path
) -> None:
    xmlsec = pytest.importorskip("xmlsec")
    connector = f"""security:
  username: hub
  password: ${{env:FOREST_PASSWORD}}
  timestamp: 5m
  certificate: {certificate}/hub.crt
  key: {certificate}/hub.key
  token: {token}
addressing: true"""
    request = await request_with(server, tmp_path, connector, soap=soap)
    security = security_in(request)
    assert (security.find(f"{WSSE}BinarySecurityToken") is not None) == (token == "true")
    signature = security.find(f"{DS}Signature")
    assert signature is not None
    method = signature.find(f"{DS}SignedInfo/{DS}SignatureMethod")
    assert method is not None
    assert (method.get("Algorithm") or "").endswith("rsa-sha256")
    signed = {
        (reference.get("URI") or "").removeprefix("#")
        for reference in signature.iter(f"{DS}Reference")
    }
    timestamp = security.find(f"{WSU}Timestamp")
    assert timestamp is not None
    assert signed == {request.part("Body").get(f"{WSU}Id"), timestamp.get(f"{WSU}Id")}

    def verify() -> None:
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_file(
            str(certificate / "hub.crt"), xmlsec.constants.KeyDataFormatCertPem
        )
        for node in (request.part("Body"), timestamp):
            context.register_id(node, "Id", WSU.strip("{}"))
        context.verify(signature)

    verify()
    request.payload[0].text = "A2"
    with pytest.raises(xmlsec.Error):
        verify()


@pytest.mark.parametrize(
    ("security", "message"),
    [
        ("{username: hub}", "`username` and `password` go together"),
        ("{username: hub, password: plain}", "never as literal text"),
        ("{certificate: hub.crt}", "`certificate` and `key` go together"),
        ("{certificate: hub.crt, key: hub.key}", "there is no file hub.crt"),
        ("{digest: true}", "give `username`"),
    ],
)
def test_inconsistent_security_settings_are_refused(
    security: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(ManifestError, match=message):
        department(
            tmp_path,
            "http://203.0.113.1",
            document_wsdl(),
            call=FIND,
            rows="Row",
            connector=f"security: {security}",
        )


async def test_addressing(server: SoapServer, tmp_path: Path) -> None:
    request = await request_with(server, tmp_path, "addressing: true")
    header = request.part("Header")
    wsa = "{http://www.w3.org/2005/08/addressing}"
    assert header.findtext(f"{wsa}Action") == "urn:forest/Find"
    assert header.findtext(f"{wsa}To") == f"{server.url}/service"
    assert (header.findtext(f"{wsa}MessageID") or "").startswith("urn:uuid:")


XROAD = """xroad:
  client: HR/GOV/1234/hub
  service: HR/GOV/5678/forest
  version: v1
  user_id: HR0001"""
XRO, IDEN = "{http://x-road.eu/xsd/xroad.xsd}", "{http://x-road.eu/xsd/identifiers}"


def with_returned_headers(request: ReceivedRequest, without: str = "", change: str = "") -> Reply:
    """Return the reply with X-Road's headers in another order, as real providers send them."""
    header = request.part("Header")
    names = [etree.QName(node).localname for node in header]
    assert names == ["client", "service", "userId", "id", "issue", "protocolVersion"]
    nodes = [node for node in reversed(header) if etree.QName(node).localname != without]
    written = "".join(etree.tostring(node, encoding="unicode") for node in nodes)
    if change:
        written = written.replace(change, "other")
    extra = '<x:requestHash xmlns:x="http://x-road.eu/xsd/xroad.xsd">aGFzaA==</x:requestHash>'
    return Reply(envelope(FOUND, header=written + extra))


async def ask_through_xroad(server: SoapServer, folder: Path) -> list[str]:
    call = f'{FIND.replace("{keys}", "{key}")}\nissue: "case {{key}}"'
    adapter = department(
        folder,
        server.url,
        document_wsdl(),
        call=call,
        rows="Row",
        connector=XROAD,
        at_once=1,
    )
    try:
        return [str(each.application_reference_number) for each in await applications(adapter)]
    finally:
        await adapter.close()


async def test_xroad_headers(server: SoapServer, tmp_path: Path) -> None:
    server.answer = with_returned_headers
    assert await ask_through_xroad(server, tmp_path) == ["N1"]
    header = server.requests[0].part("Header")
    client, service = header.find(f"{XRO}client"), header.find(f"{XRO}service")
    assert client is not None
    assert service is not None
    assert client.get(f"{IDEN}objectType") == "SUBSYSTEM"
    assert [(each.tag, each.text) for each in client] == [
        (f"{IDEN}xRoadInstance", "HR"),
        (f"{IDEN}memberClass", "GOV"),
        (f"{IDEN}memberCode", "1234"),
        (f"{IDEN}subsystemCode", "hub"),
    ]
    assert service.get(f"{IDEN}objectType") == "SERVICE"
    assert service.findtext(f"{IDEN}serviceCode") == "Find"
    assert service.findtext(f"{IDEN}serviceVersion") == "v1"
    sent = {name: header.findtext(f"{XRO}{name}") for name in ("id", "issue", "protocolVersion")}
    assert sent == {"id": "test-1", "issue": "case A1", "protocolVersion": "4.0"}
    assert header.findtext(f"{XRO}userId") == "HR0001"


@pytest.mark.parametrize(("caller", "sent"), [("M-77", "HR-M-77"), ("", None)])
async def test_the_caller_is_sent_to_xroad(
    caller: str, sent: str | None, server: SoapServer, tmp_path: Path
) -> None:
    server.answer = lambda request: Reply(
        envelope(
            FOUND,
            header="".join(etree.tostring(n, encoding="unicode") for n in request.part("Header")),
        )
    )
    adapter = department(
        tmp_path,
        server.url,
        document_wsdl(),
        call=FIND,
        rows="Row",
        connector=XROAD.replace("HR0001", '"HR-{caller}"'),
    )
    await adapter.look_up(BY_CITIZEN, ["A1"], call_context(caller=caller))
    await adapter.close()
    assert server.requests[-1].part("Header").findtext(f"{XRO}userId") == sent


def test_the_caller_is_the_only_placeholder(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="user_id"):
        department(
            tmp_path,
            "http://x",
            document_wsdl(),
            call=FIND,
            rows="Row",
            connector=XROAD.replace("HR0001", '"{key}"'),
        )


@pytest.mark.parametrize("without", ["client", "service", "userId", "id", "issue"])
async def test_a_header_that_the_reply_does_not_return(
    without: str, server: SoapServer, tmp_path: Path
) -> None:
    server.answer = lambda request: with_returned_headers(request, without=without)
    with pytest.raises(MalformedReplyError, match=f"`{without}`") as caught:
        await ask_through_xroad(server, tmp_path)
    assert caught.value.source is ErrorSource.EXCHANGE


@pytest.mark.parametrize(("change", "name"), [("test-1", "id"), (">5678<", "service")])
async def test_a_header_that_the_reply_changes(
    change: str, name: str, server: SoapServer, tmp_path: Path
) -> None:
    replaced = change if not change.startswith(">") else ">5678<"
    server.answer = lambda request: with_returned_headers(request, change=replaced.strip("<>"))
    with pytest.raises(MalformedReplyError, match=f"`{name}`"):
        await ask_through_xroad(server, tmp_path)


@pytest.mark.parametrize(
    ("code", "error", "source"),
    [
        ("Server.ServerProxy.NetworkError", DepartmentUnreachableError, ErrorSource.EXCHANGE),
        ("server.server_proxy.network_error", DepartmentUnreachableError, ErrorSource.EXCHANGE),
        ("network_error", DepartmentUnreachableError, ErrorSource.EXCHANGE),
        ("Server.ServerProxy.AccessDenied", DepartmentAuthError, ErrorSource.EXCHANGE),
        ("access_denied", DepartmentAuthError, ErrorSource.EXCHANGE),
        ("maintenance_mode", DepartmentMaintenanceError, ErrorSource.EXCHANGE),
        ("Server.ServerProxy.ServiceDisabled", DepartmentMaintenanceError, ErrorSource.EXCHANGE),
        ("Server.ServerProxy.ServiceFailed.InvalidSoap", MalformedReplyError, ErrorSource.EXCHANGE),
        ("service_failed", DepartmentFaultError, ErrorSource.EXCHANGE),
        ("Server.ClientProxy.SslAuthenticationFailed", DepartmentAuthError, ErrorSource.EXCHANGE),
        ("Client.InvalidProtocolVersion", DepartmentRefusedError, ErrorSource.EXCHANGE),
        ("Server.ServerProxy.SomethingNew", DepartmentFaultError, ErrorSource.EXCHANGE),
        ("soap:Server", DepartmentFaultError, ErrorSource.DEPARTMENT),
        ("soap:Client", DepartmentRefusedError, ErrorSource.ADAPTER),
    ],
)
@pytest.mark.parametrize("status", [200, 500])
async def test_faults_of_xroad_and_of_the_department(
    code: str,
    error: type[DepartmentError],
    source: ErrorSource,
    status: int,
    server: SoapServer,
    tmp_path: Path,
) -> None:
    fault = (
        f"<s:Fault><faultcode>{code}</faultcode><faultstring>Said so</faultstring>"
        '<detail><xroad:faultDetail xmlns:xroad="http://x-road.eu/xsd/xroad.xsd">1a2b'
        "</xroad:faultDetail></detail></s:Fault>"
    )
    server.answer = always(envelope(fault), status=status)
    with pytest.raises(error) as caught:
        await ask_through_xroad(server, tmp_path)
    assert type(caught.value) is error
    assert caught.value.source is source
    assert caught.value.fault is not None
    assert caught.value.fault.code == code.removeprefix("soap:")
