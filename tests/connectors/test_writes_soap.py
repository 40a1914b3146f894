"""Writes to SOAP departments: the order of elements, Faults, sessions, rpc/encoded."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from adapters.contract import (
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    DepartmentRefusedError,
    MalformedReplyError,
)
from adapters.writes import WriteReply
from tests.connectors.soap_department import (
    ReceivedRequest,
    Reply,
    SoapServer,
    envelope,
    running_server,
)
from tests.connectors.soap_wsdls import LOGIN, document_wsdl
from tests.connectors.writing_department import (
    RECEIPT,
    application,
    document,
    submit,
    writing_department,
)

SUBMIT = """
<xs:element name="Submit"><xs:complexType><xs:sequence>
  <xs:element name="Service" type="xs:string"/>
  <xs:element name="ExternalRef" type="xs:string"/>
  <xs:element name="Form"><xs:complexType><xs:sequence>
    <xs:element name="born" type="xs:string" minOccurs="0"/>
    <xs:element name="declared" type="xs:string"/>
    <xs:element name="name" type="xs:string"/>
    <xs:element name="trade" type="xs:string" minOccurs="0"/>
    <xs:element name="note" type="xs:string" minOccurs="0"/>
  </xs:sequence></xs:complexType></xs:element>
  <xs:element name="File" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
    <xs:element name="Kind" type="xs:string"/><xs:element name="Data" type="xs:base64Binary"/>
  </xs:sequence></xs:complexType></xs:element>
  <xs:element name="Session" type="xs:string" minOccurs="0"/>
</xs:sequence></xs:complexType></xs:element>
<xs:element name="SubmitResponse"><xs:complexType><xs:sequence>
  <xs:element name="Code" type="xs:string" minOccurs="0"/>
  <xs:element name="Said" type="xs:string" minOccurs="0"/>
  <xs:element name="Number" type="xs:string" minOccurs="0"/>
</xs:sequence></xs:complexType></xs:element>
"""
WSDL = document_wsdl(SUBMIT + LOGIN, operations=("Submit", "Login", "Logoff"))
WRITE: dict[str, Any] = {
    "call": {
        "operation": "Submit",
        "arguments": {
            "ExternalRef": "{receipt}",
            "File": "{documents}",
            "Form": "{fields}",
            "Service": "{service}",
        },
    },
    "documents": {"Data": "{content_bytes}", "Kind": "{document_type}"},
    "reply": {"reference": "Number"},
}
SESSION = {
    "login": {
        "operation": "Login",
        "arguments": {"User": "hub", "Password": "${env:FOREST_PASSWORD}"},
    },
    "token": "Session",
    "argument": "Session",
    "expired": ["Session Expired"],
}


@pytest.fixture
def server() -> Iterator[SoapServer]:
    with running_server() as server:
        yield server


def answered(code: str = "0", said: str = "", number: str = "F/1") -> Reply:
    parts = {"Code": code, "Said": said, "Number": number}
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in parts.items() if text)
    return Reply(envelope(f'<SubmitResponse xmlns="urn:forest">{inner}</SubmitResponse>'))


def fault(string: str, code: str = "s:Server", status: int = 500) -> Reply:
    inner = f"<faultcode>{code}</faultcode><faultstring>{string}</faultstring>"
    return Reply(envelope(f"<s:Fault>{inner}</s:Fault>"), status)


async def outcome(
    folder: Path,
    server: SoapServer,
    rules: list[dict[str, Any]] | None = None,
    *,
    connector: Mapping[str, Any] | None = None,
    wsdl: str = WSDL,
    write: Mapping[str, Any] = WRITE,
    **changes: Any,
) -> WriteReply | DepartmentError:
    """Submit an application; return the reply or the error."""
    settings = {
        "kind": "soap",
        "wsdl": "forest.wsdl",
        "endpoint": f"{server.url}/service",
        **(connector or {}),
    }
    described = {**write, "reply": {**write["reply"], "rules": rules or []}}
    writes = {"submit_application": described}
    files = {"forest.wsdl": wsdl}
    async with writing_department(folder, settings, writes, files=files) as adapter:
        try:
            return await submit(adapter, application(**changes))
        except DepartmentError as error:
            return error


def leaves(node: etree._Element) -> list[tuple[str, str]]:
    return [
        (etree.QName(each).localname, each.text or "")
        for each in node.iter(etree.Element)
        if len(each) == 0
    ]


async def test_elements_are_sent_in_the_order_of_the_wsdl(
    server: SoapServer, tmp_path: Path
) -> None:
    server.answer = lambda _: answered()
    reply = await outcome(tmp_path, server, documents=[document(b"abc"), document(b"xyz")])
    assert isinstance(reply, WriteReply)
    assert reply.reference == "F/1"
    assert leaves(server.requests[0].payload) == [
        ("Service", "TR"),
        ("ExternalRef", RECEIPT),
        ("born", "29/02/1980"),
        ("declared", "Y"),
        ("name", "Asha Devi"),
        ("trade", "12"),
        ("Kind", "PHOTO"),
        ("Data", "YWJj"),
        ("Kind", "PHOTO"),
        ("Data", "eHl6"),
    ]


RULES: list[dict[str, Any]] = [
    {"path": "@fault/string", "matches": "ORA-12899", "means": "REFUSED"},
    {"path": "@fault/code", "one_of": "Locked", "means": "NOT_DONE"},
    {"path": "Said", "matches": "(?i)sms could not be sent", "means": "DONE"},
    {"path": "Code", "matches": "^9", "means": "UNCLEAR"},
]
OUTCOMES: list[tuple[Reply, type[DepartmentError] | None, bool]] = [
    (answered("0", "SMS could not be sent"), None, False),
    (answered("91"), DepartmentFaultError, False),
    (answered("0", number=""), MalformedReplyError, False),
    (fault("ORA-12899: value too large"), DepartmentRefusedError, True),
    (fault("ORA-12899: value too large", status=200), DepartmentRefusedError, True),
    (fault("Try later", "s:Locked"), DepartmentFaultError, True),
    (fault("Deadlock"), DepartmentFaultError, False),
    (fault("No such operation", "s:Client"), DepartmentRefusedError, True),
    (Reply(envelope('<Other xmlns="urn:forest"/>')), MalformedReplyError, False),
    (Reply(b"<html>Hello</html>"), MalformedReplyError, False),
]


@pytest.mark.parametrize(("reply", "kind", "not_done"), OUTCOMES)
async def test_rules_read_results_and_faults(
    reply: Reply,
    kind: type[DepartmentError] | None,
    not_done: bool,
    server: SoapServer,
    tmp_path: Path,
) -> None:
    server.answer = lambda _: reply
    found = await outcome(tmp_path, server, RULES)
    assert len(server.requests) == 1
    if kind is None:
        assert isinstance(found, WriteReply)
    else:
        assert isinstance(found, kind)
        assert found.not_done is not_done


async def test_no_rows_is_no_success_of_a_write(server: SoapServer, tmp_path: Path) -> None:
    server.answer = lambda _: answered("2", "No record", number="")
    connector = {"outcome": {"code": "Code", "message": "Said", "ok": ["0"], "empty": ["2"]}}
    found = await outcome(tmp_path, server, connector=connector)
    assert isinstance(found, DepartmentFaultError)
    server.answer = lambda _: fault("No record")
    found = await outcome(tmp_path, server, connector={"empty_faults": ["No record"]})
    assert isinstance(found, DepartmentFaultError)
    assert not found.not_done


@pytest.mark.parametrize("rules", [[], [{"path": "@fault/string", "matches": "Session",
                                         "means": "NOT_DONE"}]])  # fmt: skip
async def test_a_write_with_an_expired_session_is_sent_once_more_after_a_login(
    rules: list[dict[str, Any]],
    server: SoapServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FOREST_PASSWORD", "made-up")
    expired_sessions = 1

    def answer(request: ReceivedRequest) -> Reply:
        nonlocal expired_sessions
        if request.payload.tag.endswith("Login"):
            inner = "<Session>S1</Session>"
            return Reply(envelope(f'<LoginResponse xmlns="urn:forest">{inner}</LoginResponse>'))
        expired_sessions -= 1
        return fault("Session Expired") if expired_sessions >= 0 else answered()

    server.answer = answer
    found = await outcome(tmp_path, server, rules, connector={"session": SESSION})
    assert isinstance(found, WriteReply)
    names = [etree.QName(each.payload).localname for each in server.requests]
    assert names == ["Login", "Submit", "Login", "Submit"]
    assert ("Session", "S1") in leaves(server.requests[-1].payload)
    server.requests.clear()
    expired_sessions = 2
    found = await outcome(tmp_path, server, rules, connector={"session": SESSION})
    assert isinstance(found, DepartmentAuthError)
    assert found.not_done


async def test_a_session_that_a_rule_calls_unclear_is_not_sent_again(
    server: SoapServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOREST_PASSWORD", "made-up")

    def answer(request: ReceivedRequest) -> Reply:
        if request.payload.tag.endswith("Login"):
            inner = "<Session>S1</Session>"
            return Reply(envelope(f'<LoginResponse xmlns="urn:forest">{inner}</LoginResponse>'))
        return fault("Session Expired while the receipt was printed")

    server.answer = answer
    rules = [{"path": "@fault/string", "matches": "receipt was printed", "means": "UNCLEAR"}]
    found = await outcome(tmp_path, server, rules, connector={"session": SESSION})
    assert isinstance(found, DepartmentFaultError)
    assert not found.not_done
    names = [etree.QName(each.payload).localname for each in server.requests]
    assert names == ["Login", "Submit"]


RPC = """<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="urn:forest"
  xmlns:t="urn:forest" xmlns:xs="http://www.w3.org/2001/XMLSchema"
  xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/">
  <types><xs:schema targetNamespace="urn:forest">
    <xs:complexType name="Form"><xs:all>
      <xs:element name="name" type="xs:string"/><xs:element name="trade" type="xs:int"/>
      <xs:element name="born" type="xs:string"/><xs:element name="declared" type="xs:string"/>
    </xs:all></xs:complexType>
  </xs:schema></types>
  <message name="SubmitIn"><part name="extRef" type="xs:string"/>
    <part name="form" type="t:Form"/></message>
  <message name="SubmitOut"><part name="return" type="xs:string"/></message>
  <portType name="Port"><operation name="Submit"><input message="t:SubmitIn"/>
    <output message="t:SubmitOut"/></operation></portType>
  <binding name="Binding" type="t:Port">
    <soap:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="Submit"><soap:operation soapAction=""/>
      <input><soap:body use="encoded" namespace="urn:forest"
        encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"/></input>
      <output><soap:body use="encoded" namespace="urn:forest"
        encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"/></output></operation>
  </binding>
  <service name="Forest"><port name="Port" binding="t:Binding">
    <soap:address location="http://203.0.113.1/"/></port></service>
</definitions>"""


async def test_rpc_encoded_requests_and_packed_replies(server: SoapServer, tmp_path: Path) -> None:
    packed = '<t:SubmitResponse xmlns:t="urn:forest"><return>1|Stored|F/7</return>'
    server.answer = lambda _: Reply(envelope(f"{packed}</t:SubmitResponse>"))
    write = {
        "call": {
            "operation": "Submit",
            "arguments": {"form": "{fields}", "extRef": "{receipt}"},
            "result": "packed",
            "text": "return",
            "packed": {"separator": "|", "fields": ["code", "said", "number"]},
        },
        "reply": {"reference": "number"},
    }
    rules = [{"path": "code", "one_of": ["1"], "means": "DONE"}]
    found = await outcome(tmp_path, server, rules, wsdl=RPC, write=write)
    assert isinstance(found, WriteReply)
    assert found.reference == "F/7"
    payload = server.requests[0].payload
    assert [each.tag for each in payload] == ["extRef", "form"]
    assert leaves(payload)[0] == ("extRef", RECEIPT)
    types = [each.get("{http://www.w3.org/2001/XMLSchema-instance}type") for each in payload[1]]
    assert types == ["xsd:string", "xsd:int", "xsd:string", "xsd:string"]


async def test_a_form_that_does_not_fit_the_wsdl_is_refused_before_the_call(
    server: SoapServer, tmp_path: Path
) -> None:
    found = await outcome(tmp_path, server, values={"trade": "MASON"})
    assert isinstance(found, DepartmentRefusedError)
    assert found.not_done
    assert not server.requests
