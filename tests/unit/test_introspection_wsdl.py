"""WSDLs as departments publish them: odd imports, headers, several services, overloads."""

from pathlib import Path

import pytest

from tests.unit.introspected import APPLICATION, TEXT, Introspected, soap, wsdl

COMMON = """<x:schema xmlns:x="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:common"
  elementFormDefault="qualified"><x:complexType name="Appl"><x:sequence>
  <x:element name="ApplicationNo" type="x:string"/><x:element name="Status" type="x:string"/>
  <x:element name="ApplicantName" type="x:string"/></x:sequence></x:complexType></x:schema>"""


def by_reference(found: Introspected) -> object:
    assert found.loads, found.printed
    return found.calls["applications_by_reference"]


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("http://schemas.example/common.xsd", "common"),
        ("http://schemas.example/service?xsd=xsd0", "xsd0"),
        ("../../shared/schemas/common.xsd", "common"),
        ("http://schemas.example/a%20b/common.xsd?v=1", "common"),
    ],
)
def test_a_file_saved_beside_the_first_is_used(location: str, name: str, tmp_path: Path) -> None:
    text = wsdl(
        namespaces='xmlns:h="urn:common"',
        before=f'<x:import namespace="urn:common" schemaLocation="{location}"/>',
        reply='<x:element name="Application" type="h:Appl"/>',
    )
    missing = soap(tmp_path / "missing", text)
    assert "It does not load yet" in missing.printed
    assert "not declared" in missing.printed
    if location.startswith("http"):
        assert f"save it as {name}.xsd beside min.wsdl" in missing.printed
    saved = soap(tmp_path / "saved", text, **{name: COMMON})
    by_reference(saved)
    assert saved.content["capabilities"]["applications_by_reference"]["rows"] == "Application"


CLIENT = '<x:element name="client" type="x:string"/>'
HEADER = '<s:header message="t:{}" part="{}" use="literal"/>'


@pytest.mark.parametrize(
    ("parts", "headers", "body", "messages"),
    [
        ('<part name="client" element="t:client"/>', HEADER.format("I", "client"), "", ""),
        ('<part name="client" element="t:client"/>', "", ' parts="p"', ""),
        (
            "",
            HEADER.format("H", "c"),
            "",
            '<message name="H"><part name="c" element="t:client"/></message>',
        ),
    ],
    ids=["same-message", "parts", "own-message"],
)
def test_a_header_part_is_no_argument(
    parts: str, headers: str, body: str, messages: str, tmp_path: Path
) -> None:
    text = wsdl(before=CLIENT, parts=parts, headers=headers, body=body, messages=messages)
    found = soap(tmp_path, text)
    assert by_reference(found) == {
        "operation": "GetApplication",
        "arguments": {"ApplicationNo": "{key}"},
    }
    assert list(found.calls) == ["applications_by_reference"]
    assert ("it has the SOAP header" in found.text) == bool(headers)


UNKNOWN_PART = '<part name="client" element="h:client"/>'


@pytest.mark.parametrize("message", ["I", "H"])
def test_an_unreadable_header_is_named_as_the_cause(
    message: str, tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    text = wsdl(
        namespaces='xmlns:h="urn:exchange"',
        before='<x:import namespace="urn:exchange" schemaLocation="http://schemas.example/e.xsd"/>',
        parts=UNKNOWN_PART if message == "I" else "",
        messages=f'<message name="H">{UNKNOWN_PART}</message>' if message == "H" else "",
        headers=HEADER.format(message, "client"),
        body=' parts="p"',
    )
    found = soap(tmp_path, text)
    assert f"part 'client' of the message {message!r} is not declared" in found.printed
    assert list(recwarn) == []


def test_an_imported_wsdl_is_found_under_the_name_in_the_query(tmp_path: Path) -> None:
    whole = wsdl()
    types = whole[: whole.index("<binding")] + "</definitions>"
    imports = '<import namespace="urn:min" location="http://svc.example/a.svc?wsdl=wsdl0"/>'
    first = whole[: whole.index("<types>")] + imports + whole[whole.index("<binding") :]
    missing = soap(tmp_path / "missing", first)
    assert "save it as wsdl0.wsdl beside min.wsdl" in missing.printed
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "wsdl0.wsdl").write_text(types, encoding="utf-8")
    by_reference(soap(tmp_path / "saved", first))


@pytest.mark.parametrize("reference", ["&#xD83D;", "&#55357;", "&#0;"])
def test_half_a_character_in_xml_is_no_traceback(reference: str, tmp_path: Path) -> None:
    found = soap(tmp_path, wsdl().replace('name="Min"', f'name="Min{reference}"'))
    by_reference(found)
    assert 'label: {en: "Min\ufffd"' in found.text


def test_an_incomplete_address_is_a_decision(tmp_path: Path) -> None:
    found = soap(tmp_path, wsdl().replace("http://127.0.0.1:1/", "/services/Status"))
    by_reference(found)
    assert found.content["connector"]["endpoint"].endswith(":-http://127.0.0.1:9/services/Status}")
    assert "# DECIDE: the address of the server; '/services/Status' is not complete" in found.text


GROUPED = f"""<x:complexType name="Appl"><x:sequence>{APPLICATION}</x:sequence></x:complexType>"""


@pytest.mark.parametrize(
    "group",
    [
        '<x:choice maxOccurs="unbounded">{}<x:element name="Error" type="x:string"/></x:choice>',
        '<x:sequence maxOccurs="9">{}</x:sequence>',
        '<x:group ref="t:Many" maxOccurs="unbounded"/>',
    ],
)
def test_rows_in_a_repeating_group_are_its_occurrences(group: str, tmp_path: Path) -> None:
    element = '<x:element name="Application" type="t:Appl"/>'
    many = f'<x:group name="Many"><x:sequence>{element}</x:sequence></x:group>'
    found = soap(tmp_path, wsdl(before=GROUPED + many, reply=group.format(element)))
    by_reference(found)
    capability = found.content["capabilities"]["applications_by_reference"]
    assert (capability["rows"], capability["key"]) == ("_value_1", "Application/ApplicationNo")


def test_a_key_in_a_repeating_group_of_the_request_is_one_occurrence(tmp_path: Path) -> None:
    mobile = TEXT.format("Mobile")
    choice = f'<x:choice maxOccurs="9">{TEXT.format("ApplicationNo")}{mobile}</x:choice>'
    found = soap(tmp_path, wsdl(request=choice))
    assert by_reference(found) == {
        "operation": "GetApplication",
        "arguments": {"_value_1": [{"ApplicationNo": "{key}"}]},
    }


def test_the_text_beside_attributes_is_the_key(tmp_path: Path) -> None:
    number = """<x:complexType name="No"><x:simpleContent><x:extension base="x:string">
    <x:attribute name="lang" type="x:string"/></x:extension></x:simpleContent></x:complexType>"""
    reply = '<x:element name="ApplicationNo" type="t:No"/>' + TEXT.format("Status")
    found = soap(tmp_path, wsdl(before=number, reply=reply))
    by_reference(found)
    key = found.content["capabilities"]["applications_by_reference"]["key"]
    assert key == "ApplicationNo/_value_1"


def test_a_required_argument_with_a_fixed_value_has_that_value(tmp_path: Path) -> None:
    fixed = '<x:element name="Channel" type="x:string" fixed="HUB"/>'
    found = soap(tmp_path, wsdl(request=TEXT.format("ApplicationNo") + fixed))
    assert by_reference(found) == {
        "operation": "GetApplication",
        "arguments": {"ApplicationNo": "{key}", "Channel": "HUB"},
    }


def test_required_arguments_beside_the_key_are_named(tmp_path: Path) -> None:
    inner = (
        TEXT.format("StateCode")
        + TEXT.format("ApplicationNo")
        + '<x:element name="Year" type="x:int"/>'
        + '<x:element name="Lang" type="x:string" minOccurs="0"/>'
        + '<x:element name="RequestId" type="x:string"/>'
        + '<x:element name="RequestTime" type="x:dateTime"/>'
    )
    request = (
        f'<x:element name="Request"><x:complexType><x:sequence>{inner}</x:sequence>'
        "</x:complexType></x:element>"
    )
    found = soap(tmp_path, wsdl(request=request))
    assert by_reference(found) == {
        "operation": "GetApplication",
        "arguments": {
            "Request": {
                "StateCode": "DECIDE",
                "ApplicationNo": "{key}",
                "Year": "DECIDE",
                "RequestId": "{request_id}",
                "RequestTime": "{now}",
            }
        },
    }
    assert "it also requires Request/StateCode, Request/Year" in found.text
    assert "it also takes Request/Lang" in found.text


@pytest.mark.parametrize("word", ["include", "import", "redefine", "override"])
def test_a_missing_file_does_not_break_the_rest(word: str, tmp_path: Path) -> None:
    namespace = ' namespace="urn:other"' if word == "import" else ""
    found = soap(tmp_path, wsdl(before=f'<x:{word}{namespace} schemaLocation="gone.xsd"/>'))
    by_reference(found)
    assert "gone.xsd is not read: there is no such file" in found.printed


@pytest.mark.parametrize("word", ["include", "redefine"])
def test_an_include_without_a_location_is_left_out(word: str, tmp_path: Path) -> None:
    found = soap(tmp_path, wsdl(before=f"<x:{word}/>"))
    by_reference(found)
    assert f"line 5, {word}: it has no schemaLocation" in found.printed


XML = "http://www.w3.org/XML/1998/namespace"
LANG = """<x:complexType name="N"><x:simpleContent><x:extension base="x:string">
<x:attribute ref="xml:lang"/></x:extension></x:simpleContent></x:complexType>"""


@pytest.mark.parametrize(
    "location", ["", ' schemaLocation="http://www.w3.org/2001/xml.xsd"', ' schemaLocation="x.xsd"']
)
def test_the_schema_of_xml_is_known(location: str, tmp_path: Path) -> None:
    before = f'<x:import namespace="{XML}"{location}/>{LANG}'
    reply = APPLICATION + '<x:element name="Name" type="t:N"/>'
    by_reference(soap(tmp_path, wsdl(before=before, reply=reply)))


def test_the_schema_of_xml_needs_no_import(tmp_path: Path) -> None:
    reply = APPLICATION + '<x:element name="Name" type="t:N"/>'
    by_reference(soap(tmp_path, wsdl(before=LANG, reply=reply)))


@pytest.mark.parametrize(
    ("uri", "part"),
    [
        ("http://www.w3.org/2005/08/addressing", 'type="k:EndpointReferenceType"'),
        ("http://schemas.xmlsoap.org/ws/2004/08/addressing", 'type="k:EndpointReferenceType"'),
        ("http://www.w3.org/2005/05/xmlmime", 'type="k:base64Binary"'),
        ("http://www.w3.org/2004/11/xmlmime", 'type="k:base64Binary"'),
        ("http://schemas.xmlsoap.org/soap/encoding/", 'type="k:string"'),
        ("http://www.w3.org/2003/05/soap-encoding", 'type="k:Array"'),
        ("http://www.w3.org/2004/08/xop/include", 'type="k:Include"'),
        ("http://schemas.xmlsoap.org/soap/envelope/", 'type="k:Fault"'),
    ],
)
@pytest.mark.parametrize("location", ["", "http://schemas.example/known.xsd", "known.xsd"])
def test_known_schemas_are_brought_along(
    uri: str, part: str, location: str, tmp_path: Path
) -> None:
    at = f' schemaLocation="{location}"' if location else ""
    text = wsdl(
        namespaces=f'xmlns:k="{uri}"',
        before=f'<x:import namespace="{uri}"{at}/>',
        reply=f'{APPLICATION}<x:element name="More" {part} minOccurs="0"/>',
    )
    found = soap(tmp_path, text)
    by_reference(found)
    assert "is not read" not in found.printed


def test_a_schema_of_the_department_is_preferred(tmp_path: Path) -> None:
    own = f"""<x:schema xmlns:x="http://www.w3.org/2001/XMLSchema" targetNamespace="{XML}">
    <x:attribute name="lang" type="x:string"/></x:schema>"""
    before = f'<x:import namespace="{XML}" schemaLocation="x.xsd"/>{LANG}'
    reply = APPLICATION + '<x:element name="Name" type="t:N"/>'
    found = soap(tmp_path, wsdl(before=before, reply=reply), x=own)
    by_reference(found)
    assert (found.folder / "x.xsd").is_file()


RPC = """<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"
  xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="http://www.w3.org/2001/XMLSchema"
  xmlns:t="urn:min" targetNamespace="urn:min" name="Min">
<message name="I"><part name="applicationNo" type="x:string"/></message>
<message name="I2"><part name="mobile" type="x:string"/><part name="year" type="x:int"/></message>
<message name="O"><part name="applicationNo" type="x:string"/><part name="status" type="x:string"/>
</message>
<portType name="P">{abstract}</portType>
<binding name="B" type="t:P"><s:binding style="rpc"
  transport="http://schemas.xmlsoap.org/soap/http"/>{bound}</binding>
<service name="S"><port name="Q" binding="t:B"><s:address location="http://127.0.0.1:1/"/></port>
</service></definitions>"""
ABSTRACT = '<operation name="{0}"><input{1} message="t:{2}"/><output message="t:O"/></operation>'
BOUND = (
    '<operation name="{0}"><s:operation soapAction="u"/><input{1}><s:body use="literal" '
    'namespace="{2}"/></input><output><s:body use="literal" namespace="{2}"/></output></operation>'
)


def test_an_empty_namespace_of_the_body_is_read(tmp_path: Path) -> None:
    text = RPC.format(
        abstract=ABSTRACT.format("getStatus", "", "I"), bound=BOUND.format("getStatus", "", "")
    )
    by_reference(soap(tmp_path, text))


@pytest.mark.parametrize("named", [True, False])
def test_overloaded_operations_are_described_each(named: bool, tmp_path: Path) -> None:
    names = (' name="byNo"', ' name="byMobile"') if named else ("", "")
    first, second = (
        [form.format("getStatus", name, more) for name, more in zip(names, mores, strict=True)]
        for form, mores in ((ABSTRACT, ("I", "I2")), (BOUND, ("urn:min", "urn:min")))
    )
    found = soap(tmp_path, RPC.format(abstract="".join(first), bound="".join(second)))
    assert "- getStatus(applicationNo): overloaded" in found.text
    assert "applicationNo" not in str(found.calls)
    assert found.calls["applications_by_citizen"]["arguments"] == {
        "mobile": "{key}",
        "year": "DECIDE",
    }


def test_the_last_overload_is_the_one_that_is_called(tmp_path: Path) -> None:
    names = ((' name="byMobile"', "I2"), (' name="byNo"', "I"))
    found = soap(
        tmp_path,
        RPC.format(
            abstract="".join(ABSTRACT.format("getStatus", *each) for each in names),
            bound="".join(BOUND.format("getStatus", each[0], "urn:min") for each in names),
        ),
    )
    assert by_reference(found) == {
        "operation": "getStatus",
        "arguments": {"applicationNo": "{key}"},
    }


def test_overloads_that_are_bound_in_another_order_are_not_guessed(tmp_path: Path) -> None:
    names = ((' name="byMobile"', "I2"), (' name="byNo"', "I"))
    found = soap(
        tmp_path,
        RPC.format(
            abstract="".join(ABSTRACT.format("getStatus", *each) for each in names),
            bound="".join(BOUND.format("getStatus", each[0], "urn:min") for each in names[::-1]),
        ),
    )
    assert found.calls == {}


def test_all_services_are_listed_and_the_useful_one_is_chosen(tmp_path: Path) -> None:
    first, second = wsdl(operation="Ping", request="", reply=TEXT.format("Pong")), wsdl()
    cut = second.replace('name="S"', 'name="S2"').replace('name="Q"', 'name="Q2"')
    for name in ("I", "O", "P", "B"):
        cut = cut.replace(f'name="{name}"', f'name="{name}2"').replace(
            f'"t:{name}"', f'"t:{name}2"'
        )
    cut = cut.replace("127.0.0.1:1/", "127.0.0.1:2/")
    elements = cut[cut.index("<x:element") : cut.index("</x:schema>")]
    rest = cut[cut.index("</types>") + 8 :].replace("</definitions>", "")
    text = first.replace("</x:schema>", elements + "</x:schema>").replace(
        "</definitions>", rest + "</definitions>"
    )
    found = soap(tmp_path, text)
    by_reference(found)
    assert found.content["connector"] | {"endpoint": ""} == {
        "kind": "soap",
        "wsdl": "min.wsdl",
        "service": "S2",
        "port": "Q2",
        "endpoint": "",
    }
    assert "127.0.0.1:2/" in found.content["connector"]["endpoint"]
    assert "Used: service S2, port Q2 (SOAP 1.1), http://127.0.0.1:2/" in found.text
    assert "Also there: service S, port Q (SOAP 1.1), http://127.0.0.1:1/" in found.text
    assert "- Ping(): it belongs to service S, port Q" in found.text


APPL = f'<x:complexType name="Appl"><x:sequence>{APPLICATION}</x:sequence></x:complexType>'
BASE = """<x:schema xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:min"
  targetNamespace="urn:min" elementFormDefault="qualified">{}</x:schema>"""


def test_a_redefined_type_has_old_and_new_parts(tmp_path: Path) -> None:
    before = """<x:redefine schemaLocation="base.xsd"><x:complexType name="Appl"><x:complexContent>
      <x:extension base="t:Appl"><x:sequence><x:element name="AppliedOn" type="x:date"/>
      </x:sequence></x:extension></x:complexContent></x:complexType></x:redefine>"""
    found = soap(
        tmp_path,
        wsdl(before=before, reply='<x:element name="Application" type="t:Appl"/>'),
        base=BASE.format(APPL),
    )
    by_reference(found)
    assert found.record["requestedDatetime"] == "AppliedOn"
    assert found.record["applicantName"] == "ApplicantName"


def test_an_overriding_type_replaces_the_other(tmp_path: Path) -> None:
    before = f"""<x:override schemaLocation="base.xsd"><x:complexType name="Appl"><x:sequence>
      {APPLICATION}<x:element name="AppliedOn" type="x:date"/></x:sequence></x:complexType>
      </x:override>"""
    found = soap(
        tmp_path,
        wsdl(before=before, reply='<x:element name="Application" type="t:Appl"/>'),
        base=BASE.format(APPL),
    )
    by_reference(found)
    assert found.record["requestedDatetime"] == "AppliedOn"


@pytest.mark.parametrize("is_abstract", ["true", "false"])
def test_the_parts_of_substitutes_are_found(is_abstract: str, tmp_path: Path) -> None:
    before = f"""{APPL}<x:complexType name="Retail"><x:complexContent><x:extension base="t:Appl">
      <x:sequence><x:element name="AppliedOn" type="x:date"/></x:sequence></x:extension>
      </x:complexContent></x:complexType>
      <x:element name="Application" type="t:Appl" abstract="{is_abstract}"/>
      <x:element name="RetailLicence" type="t:Retail" substitutionGroup="t:Application"/>"""
    reply = '<x:element ref="t:Application" minOccurs="0" maxOccurs="unbounded"/>'
    found = soap(tmp_path, wsdl(before=before, reply=reply))
    by_reference(found)
    assert found.record["requestedDatetime"] == "AppliedOn"


def test_messages_have_no_text_of_a_parser(tmp_path: Path) -> None:
    text = wsdl().replace("</types>", "</type>")
    found = soap(tmp_path, text)
    assert "not well-formed XML at line" in found.printed
    for words in ("tag mismatch", "XMLSyntaxError", "Opening and ending"):
        assert words not in found.printed


def test_the_argument_that_a_login_fills_is_left_out(tmp_path: Path) -> None:
    text = RPC.replace('name="applicationNo" type="x:string"/></message>', (
        'name="sessionId" type="x:string"/><part name="applicationNo" type="x:string"/></message>'
        '<message name="L"><part name="user" type="x:string"/></message>'
    ), 1)  # fmt: skip
    names = (("getStatus", "I"), ("login", "L"))
    found = soap(
        tmp_path,
        text.format(
            abstract="".join(ABSTRACT.format(name, "", message) for name, message in names),
            bound="".join(BOUND.format(name, "", "urn:min") for name, _ in names),
        ),
    )
    assert found.calls["applications_by_reference"]["arguments"] == {"applicationNo": "{key}"}
    assert "login seems to log in: write `session` with `argument: sessionId`" in found.text
