"""SOAP requests: versions, actions, headers, namespaces, rpc and document."""

from pathlib import Path

import pytest
from lxml import etree

from adapters.contract import DepartmentFaultError, DepartmentRefusedError
from adapters.manifest.problems import ManifestError
from tests.connectors.soap_department import (
    SOAP_11,
    SOAP_12,
    SoapServer,
    always,
    applications,
    department,
    envelope,
)
from tests.connectors.soap_wsdls import LOGIN, ROW, WRAPPED, document_wsdl, rpc_wsdl

FIND = 'operation: Find\narguments: {Owner: "{keys}"}'
ONE = "<Row><Number>N1</Number><Owner>A1</Owner><Status>02</Status></Row>"
FOUND = f'<FindResponse xmlns="urn:forest">{ONE}</FindResponse>'


@pytest.fixture
def server(server: SoapServer) -> SoapServer:
    server.answer = always(envelope(FOUND))
    return server


async def test_soap_11_by_the_binding(server: SoapServer, tmp_path: Path) -> None:
    adapter = department(tmp_path, server.url, document_wsdl(), call=FIND, rows="Row")
    (record,) = await applications(adapter)
    await adapter.close()
    assert record.application_reference_number == "N1"
    (request,) = server.requests
    assert etree.QName(request.envelope).namespace == SOAP_11
    assert request.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert request.headers["SOAPAction"] == '"urn:forest/Find"'
    assert request.headers["X-Correlation-Id"] == "test-1"


async def test_soap_12_by_the_binding(server: SoapServer, tmp_path: Path) -> None:
    server.answer = always(
        envelope(FOUND, SOAP_12), content_type="application/soap+xml; charset=utf-8"
    )
    wsdl = document_wsdl(soap="soap12")
    adapter = department(tmp_path, server.url, wsdl, call=FIND, rows="Row")
    assert len(await applications(adapter)) == 1
    await adapter.close()
    (request,) = server.requests
    assert etree.QName(request.envelope).namespace == SOAP_12
    media_type = 'application/soap+xml; charset=utf-8; action="urn:forest/Find"'
    assert request.headers["Content-Type"] == media_type
    assert "SOAPAction" not in request.headers


async def test_soap_12_chosen_in_the_manifest(server: SoapServer, tmp_path: Path) -> None:
    adapter = department(
        tmp_path, server.url, document_wsdl(), call=FIND, rows="Row", connector="version: '1.2'"
    )
    # A reply in the other version of SOAP is accepted too.
    assert len(await applications(adapter)) == 1
    await adapter.close()
    assert etree.QName(server.requests[0].envelope).namespace == SOAP_12
    assert server.requests[0].payload.findtext("{urn:forest}Owner") == "A1"


FAULT_12 = """<s:Fault><s:Code><s:Value>s:{code}</s:Value><s:Subcode><s:Value>f:E-17</s:Value>
  </s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">No such owner</s:Text></s:Reason>
  <s:Detail><x xmlns=""><ErrorCode>17</ErrorCode><Trace>at Forest.Find()</Trace></x></s:Detail>
  </s:Fault>"""


@pytest.mark.parametrize(
    ("code", "error"), [("Sender", DepartmentRefusedError), ("Receiver", DepartmentFaultError)]
)
@pytest.mark.parametrize("status", [200, 500])
async def test_a_soap_12_fault(
    code: str, error: type[Exception], status: int, server: SoapServer, tmp_path: Path
) -> None:
    server.answer = always(envelope(FAULT_12.format(code=code), SOAP_12), status=status)
    wsdl = document_wsdl(soap="soap12")
    adapter = department(tmp_path, server.url, wsdl, call=FIND, rows="Row")
    with pytest.raises(error) as caught:
        await applications(adapter)
    await adapter.close()
    fault = caught.value.fault  # type: ignore[attr-defined]
    assert (fault.code, fault.string) == ("E-17", "No such owner")
    assert fault.detail == {"ErrorCode": "17"}


@pytest.mark.parametrize(
    ("form", "written"),
    [("quoted", '"urn:forest/Find"'), ("unquoted", "urn:forest/Find"), ("empty", '""')],
)
async def test_the_action_is_written_as_the_manifest_says(
    form: str, written: str, server: SoapServer, tmp_path: Path
) -> None:
    connector = f"soap_action: {form}"
    adapter = department(
        tmp_path, server.url, document_wsdl(), call=FIND, rows="Row", connector=connector
    )
    await applications(adapter)
    await adapter.close()
    assert server.requests[0].headers["SOAPAction"] == written


async def test_no_action_and_another_action(server: SoapServer, tmp_path: Path) -> None:
    adapter = department(
        tmp_path / "none",
        server.url,
        document_wsdl(),
        call=FIND,
        rows="Row",
        connector="soap_action: none",
    )
    await applications(adapter)
    await adapter.close()
    call = f"{FIND}\naction: urn:forest:731/Find"
    adapter = department(tmp_path / "other", server.url, document_wsdl(), call=call, rows="Row")
    await applications(adapter)
    await adapter.close()
    assert "SOAPAction" not in server.requests[0].headers
    assert server.requests[1].headers["SOAPAction"] == '"urn:forest:731/Find"'


async def test_a_wsdl_with_a_wrong_namespace(server: SoapServer, tmp_path: Path) -> None:
    server.answer = always(envelope(FOUND.replace("urn:forest", "urn:forest:731")))
    adapter = department(
        tmp_path,
        server.url,
        document_wsdl(),
        call=FIND,
        rows="Row",
        connector="namespaces: {urn:forest: urn:forest:731}",
    )
    assert len(await applications(adapter)) == 1
    await adapter.close()
    assert server.requests[0].payload.tag == "{urn:forest:731}Find"
    assert server.requests[0].payload.findtext("{urn:forest:731}Owner") == "A1"


async def test_header_parts_of_the_wsdl_and_others(server: SoapServer, tmp_path: Path) -> None:
    wsdl = document_wsdl(WRAPPED + LOGIN, header="Ticket")
    connector = """headers:
  ticket: T-1
  "{urn:other}Caller": {System: hub, Desk: "7"}"""
    adapter = department(tmp_path, server.url, wsdl, call=FIND, rows="Row", connector=connector)
    await applications(adapter)
    await adapter.close()
    header = server.requests[0].part("Header")
    assert header.findtext("{urn:forest}Ticket") == "T-1"
    assert header.findtext("{urn:other}Caller/{urn:other}System") == "hub"


async def test_a_header_part_that_the_wsdl_does_not_have(
    server: SoapServer, tmp_path: Path
) -> None:
    adapter = department(
        tmp_path, server.url, document_wsdl(), call=FIND, rows="Row", connector="headers: {x: y}"
    )
    with pytest.raises(DepartmentRefusedError, match="do not fit the WSDL"):
        await applications(adapter)
    await adapter.close()
    assert server.requests == []


async def test_document_bare(server: SoapServer, tmp_path: Path) -> None:
    elements = """<xs:element name="Find" type="xs:string"/>
      <xs:element name="FindResponse" type="t:Rows"/>
      <xs:complexType name="Rows"><xs:sequence>
        <xs:element name="Row" type="t:Row" minOccurs="0" maxOccurs="unbounded"/>
      </xs:sequence></xs:complexType>"""
    call = 'operation: Find\narguments: {owner: "{key}"}'
    adapter = department(
        tmp_path, server.url, document_wsdl(elements), call=call, rows="Row", at_once=1
    )
    assert len(await applications(adapter)) == 1
    await adapter.close()
    assert server.requests[0].payload.text == "A1"


async def test_rpc_literal(server: SoapServer, tmp_path: Path) -> None:
    body = f'<f:FindResponse xmlns:f="urn:forest"><rows>{ONE.replace("Row>", "item>")}</rows>'
    server.answer = always(envelope(f"{body}</f:FindResponse>"))
    call = 'operation: Find\narguments: {criteria: {Owner: "{key}", Limit: "5"}}'
    adapter = department(tmp_path, server.url, rpc_wsdl(), call=call, rows="rows/item", at_once=1)
    assert len(await applications(adapter)) == 1
    await adapter.close()
    payload = server.requests[0].payload
    assert payload.tag == "{urn:forest}Find"
    assert payload.findtext("criteria/Owner") == "A1"


async def test_rpc_encoded_values_have_types(server: SoapServer, tmp_path: Path) -> None:
    items = ONE.replace("Row>", "item>")
    body = f"""<f:FindResponse xmlns:f="urn:forest">
      <rows enc:arrayType="f:Row[1]">{items}</rows></f:FindResponse>"""
    server.answer = always(envelope(body))
    call = 'operation: Find\narguments: {criteria: {Owner: "{key}", Limit: "5"}}'
    adapter = department(
        tmp_path, server.url, rpc_wsdl("encoded"), call=call, rows="rows", at_once=1
    )
    assert len(await applications(adapter)) == 1
    await adapter.close()
    payload = server.requests[0].payload
    xsi = "{http://www.w3.org/2001/XMLSchema-instance}type"
    assert payload.get(f"{{{SOAP_11}}}encodingStyle") == "http://schemas.xmlsoap.org/soap/encoding/"
    assert [(each.tag, each.text, each.get(xsi)) for each in payload.iter()][1:] == [
        ("criteria", None, "tns:Criteria"),
        ("Owner", "A1", "xsd:string"),
        ("Limit", "5", "xsd:int"),
    ]


async def test_schemas_are_imported_from_files_beside_the_wsdl(
    server: SoapServer, tmp_path: Path
) -> None:
    schema = (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:rows" '
        f'targetNamespace="urn:rows" elementFormDefault="qualified">{ROW}</xs:schema>'
    )
    imports = '<xs:import namespace="urn:rows" schemaLocation="rows.xsd"/>'
    elements = WRAPPED.replace('type="t:Row"', 'type="r:Row" xmlns:r="urn:rows"')
    wsdl = document_wsdl(elements, imports=imports)
    one = ONE.replace("<Number>", '<Number xmlns="urn:rows">').replace("<Owner>", "<r:Owner>")
    one = one.replace("</Owner>", "</r:Owner>").replace("<Row>", '<Row xmlns:r="urn:rows">')
    server.answer = always(envelope(f'<FindResponse xmlns="urn:forest">{one}</FindResponse>'))
    adapter = department(
        tmp_path, server.url, wsdl, call=FIND, rows="Row", files={"rows.xsd": schema}
    )
    (record,) = await applications(adapter)
    await adapter.close()
    assert record.application_reference_number == "N1"


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("http://203.0.113.1/rows.xsd", "save that file and import it by name"),
        ("../rows.xsd", "from another folder"),
        ("rows.xsd", "which is not beside it"),
    ],
)
def test_imports_from_other_folders_and_the_network_are_refused(
    location: str, message: str, tmp_path: Path
) -> None:
    imports = f'<xs:import namespace="urn:rows" schemaLocation="{location}"/>'
    wsdl = document_wsdl(imports=imports)
    with pytest.raises(ManifestError, match=message):
        department(tmp_path, "http://203.0.113.1", wsdl, call=FIND, rows="Row")


@pytest.mark.parametrize(
    ("connector", "message"),
    [
        ("service: Wood", "no service 'Wood'; use one of: Forest"),
        ("port: Pord", "no SOAP port 'Pord'; did you mean 'Port'"),
        ("version: '1.3'", "version"),
        ("soap_action: loud", "soap_action"),
    ],
)
def test_a_name_that_the_wsdl_lacks_is_reported(
    connector: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(ManifestError, match=message):
        department(
            tmp_path,
            "http://203.0.113.1",
            document_wsdl(),
            call=FIND,
            rows="Row",
            connector=connector,
        )


async def test_arguments_that_do_not_fit_are_not_sent(server: SoapServer, tmp_path: Path) -> None:
    call = 'operation: Find\narguments: {Possessor: "{keys}"}'
    adapter = department(tmp_path, server.url, document_wsdl(), call=call, rows="Row")
    with pytest.raises(DepartmentRefusedError, match="do not fit the WSDL"):
        await applications(adapter)
    await adapter.close()
    assert server.requests == []


async def test_arguments_are_sent_in_the_order_of_the_wsdl(
    server: SoapServer, tmp_path: Path
) -> None:
    """Servers that read arguments by position get them in the order of the WSDL."""
    literal = 'operation: Find\narguments: {Session: s, Owner: "{keys}"}'
    adapter = department(tmp_path / "1", server.url, document_wsdl(), call=literal, rows="Row")
    await applications(adapter)
    await adapter.close()
    assert [etree.QName(each).localname for each in server.requests[-1].payload] == [
        "Owner",
        "Session",
    ]
    encoded = 'operation: Find\narguments: {criteria: {Limit: "5", Owner: "{key}"}}'
    wsdl = rpc_wsdl("encoded")
    adapter = department(tmp_path / "2", server.url, wsdl, call=encoded, rows="rows", at_once=1)
    await applications(adapter)
    await adapter.close()
    assert [each.tag for each in server.requests[-1].payload[0]] == ["Owner", "Limit"]


def with_three_ports() -> str:
    """Return a WSDL like those of .NET: HTTP GET first, then SOAP 1.1 and 1.2."""
    second = document_wsdl(soap="soap12")
    start, end = second.index("<binding"), second.index("</binding>") + len("</binding>")
    binding = second[start:end].replace('name="Binding"', 'name="Binding12"')
    get = """<binding name="Get" type="t:Port"><http:binding verb="GET"/></binding>"""
    ports = """<service name="Forest">
      <port name="PortGet" binding="t:Get"><http:address location="http://203.0.113.1/"/></port>"""
    port_12 = """<port name="Port12" binding="t:Binding12">
      <soap12:address location="http://203.0.113.1/"/></port></service>"""
    return (
        document_wsdl()
        .replace("<binding", f"{get}{binding}<binding", 1)
        .replace('<service name="Forest">', ports)
        .replace("</service>", port_12)
        .replace(
            "<definitions ",
            '<definitions xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/" '
            'xmlns:http="http://schemas.xmlsoap.org/wsdl/http/" ',
            1,
        )
    )


@pytest.mark.parametrize(
    ("connector", "namespace"),
    [
        ("", SOAP_11),
        ("version: '1.2'", SOAP_12),
        ("version: '1.1'", SOAP_11),
        ("{service: Forest, port: Port12}", SOAP_12),
    ],
)
async def test_the_port_is_chosen(
    connector: str, namespace: str, server: SoapServer, tmp_path: Path
) -> None:
    written = connector.strip("{}").replace(", ", "\n")
    adapter = department(
        tmp_path, server.url, with_three_ports(), call=FIND, rows="Row", connector=written
    )
    assert len(await applications(adapter)) == 1
    await adapter.close()
    assert etree.QName(server.requests[-1].envelope).namespace == namespace


async def test_a_repeating_group_is_a_list_of_rows(server: SoapServer, tmp_path: Path) -> None:
    columns = "".join(
        f'<xs:element name="{name}" type="xs:string"/>' for name in ("Number", "Owner", "Status")
    )
    elements = WRAPPED.replace(
        '<xs:element name="Row" type="t:Row" minOccurs="0" maxOccurs="unbounded"/>',
        f'<xs:sequence minOccurs="0" maxOccurs="unbounded">{columns}</xs:sequence>',
    )
    rows = ONE.replace("<Row>", "").replace("</Row>", "")
    found = f"{rows}{rows.replace('N1', 'N2')}"
    server.answer = always(envelope(f'<FindResponse xmlns="urn:forest">{found}</FindResponse>'))
    wsdl = document_wsdl(elements)
    adapter = department(tmp_path, server.url, wsdl, call=FIND, rows="_value_1")
    found_rows = await applications(adapter)
    await adapter.close()
    assert [each.application_reference_number for each in found_rows] == ["N1", "N2"]
    assert {each.department_status.code for each in found_rows if each.department_status} == {"02"}


@pytest.mark.parametrize(
    ("header", "is_secret"),
    [("TypeMapping: new", False), ("UserPIN: '1234'", True), ('UserPIN: "${env:PIN}"', False)],
)
def test_a_header_is_a_secret_by_whole_words_of_its_name(
    header: str, is_secret: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIN", "1234")

    def load() -> None:
        connector = f'headers: {{"{{urn:other}}Caller": {{{header}}}}}'
        url, wsdl = "http://203.0.113.1", document_wsdl()
        department(tmp_path, url, wsdl, call=FIND, rows="Row", connector=connector)

    if is_secret:
        with pytest.raises(ManifestError, match="a credential is written in the file"):
            load()
    else:
        load()
