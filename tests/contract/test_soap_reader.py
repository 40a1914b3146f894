"""Compiled SOAP readers return the same as zeep, for all samples and for unusual types."""

import datetime as dt
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import zeep
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from zeep.helpers import serialize_object

from adapters.connectors.http.transport import HttpReply
from adapters.connectors.soap import SoapCall, SoapSettings
from adapters.connectors.soap.envelope import EnvelopeOpener
from adapters.connectors.soap.outcome import FaultRules
from adapters.connectors.soap.reader import compile_element
from adapters.connectors.soap.results import ResultReader
from adapters.connectors.soap.wsdl import Wsdl
from adapters.contract import Capability
from adapters.manifest import find_departments, load_department

SAMPLES = [
    sample for folder in find_departments() for sample in (folder / "samples").glob("*_by_*.xml")
]


def as_written(value: Any) -> Any:
    """Return zeep's value with numbers, booleans and dates as texts, without absent elements.

    The hub keeps values as the department wrote them (`02`), while zeep converts them.
    """
    if isinstance(value, dict):
        kept = {name: as_written(each) for name, each in value.items()}
        if kept.keys() == {"_value_1"}:
            # zeep's name for the items of an array and for what `xs:any` holds.
            return kept["_value_1"]
        # zeep returns an object without fields for `xsi:nil`.
        return {name: each for name, each in kept.items() if each not in (None, [], {})}
    if isinstance(value, list):
        return [as_written(each) for each in value]
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | Decimal | dt.date):
        return str(value)
    return value


def content_of(sample: Path) -> tuple[ResultReader, Any, Any]:
    """Return the call's reader, the opened reply (None: no rows) and zeep's operation."""
    manifest = load_department(sample.parent.parent)
    settings = manifest.file.connector
    assert isinstance(settings, SoapSettings)
    model = manifest.file.capabilities[Capability(sample.stem.partition("-")[0])]
    call = SoapCall.model_validate(model.call)
    wsdl = Wsdl(manifest.folder, settings.wsdl, version=settings.version)
    operation = wsdl.operation(call.operation, ())
    opener = EnvelopeOpener("d", FaultRules(empty=settings.empty_faults), (), 1 << 20)
    opened = opener.open(HttpReply(200, sample.read_bytes()))
    return ResultReader(call, operation, wsdl), opened, operation.zeep


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: f"{s.parent.parent.name}-{s.stem}")
def test_samples_are_read_as_by_zeep(sample: Path) -> None:
    if sample.stem.endswith(("-fault", "-expired")):
        pytest.skip("faults are read by the envelope")
    reader, opened, operation = content_of(sample)
    read = reader._described(opened, [])
    # zeep resolves references in the Body in place, so it reads a copy.
    body = etree.fromstring(etree.tostring(opened.body))
    expected = serialize_object(operation.output._deserialize_body(body)["body"], dict)
    if reader._call.result == "diffgram":
        pytest.skip("zeep returns xs:any as XML")
    assert as_written(read) == as_written(expected or {})


def by_both(client: zeep.Client, content: etree._Element) -> tuple[Any, Any]:
    element = client.wsdl.types.get_element(content.tag)
    expected = serialize_object(element.parse(content, client.wsdl.types), dict)
    return compile_element(element, client.wsdl.types)(content), expected


SCHEMA = """<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:x="urn:x"
  xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:x"><types>
  <xs:schema targetNamespace="urn:x" elementFormDefault="qualified">
    <xs:element name="Reply"><xs:complexType><xs:sequence>
      <xs:element name="Row" minOccurs="0" maxOccurs="unbounded" type="x:Row"/>
      <xs:element name="Count" type="xs:int" minOccurs="0"/>
    </xs:sequence></xs:complexType></xs:element>
    <xs:complexType name="Row"><xs:sequence>
      <xs:element name="Text" type="xs:string" nillable="true"/>
      <xs:element name="Number" type="xs:decimal" minOccurs="0"/>
      <xs:element name="Flag" type="xs:boolean" minOccurs="0"/>
      <xs:element name="Day" type="xs:date" minOccurs="0"/>
      <xs:choice>
        <xs:element name="A" type="xs:string"/><xs:element name="B" type="xs:int"/>
      </xs:choice>
      <xs:element name="Inner" type="x:Row" minOccurs="0" nillable="true"/>
      <xs:element name="Tag" type="xs:string" minOccurs="0" maxOccurs="3"/>
    </xs:sequence><xs:attribute name="n" type="xs:int"/></xs:complexType>
    <xs:complexType name="BigRow"><xs:complexContent><xs:extension base="x:Row"><xs:sequence>
      <xs:element name="Extra" type="xs:string"/>
    </xs:sequence></xs:extension></xs:complexContent></xs:complexType>
    <xs:element name="Pairs"><xs:complexType><xs:sequence maxOccurs="unbounded">
      <xs:element name="Name" type="xs:string"/><xs:element name="Value" type="xs:string"/>
    </xs:sequence></xs:complexType></xs:element>
    <xs:element name="Marked"><xs:complexType><xs:sequence><xs:element name="Head" type="xs:int"/>
      <xs:choice minOccurs="0" maxOccurs="unbounded"><xs:element name="A" type="xs:string"/>
        <xs:element name="B" type="xs:int"/></xs:choice>
      <xs:element name="Tail" type="xs:int" minOccurs="0"/></xs:sequence></xs:complexType>
    </xs:element>
    <xs:group name="Pair"><xs:sequence><xs:element name="Name" type="xs:string"/>
      <xs:element name="Value" type="xs:int"/></xs:sequence></xs:group>
    <xs:element name="Grouped"><xs:complexType><xs:group ref="x:Pair" maxOccurs="9"/>
    </xs:complexType></xs:element>
    <xs:element name="Two"><xs:complexType><xs:sequence>
      <xs:sequence maxOccurs="unbounded"><xs:element name="A" type="xs:int"/></xs:sequence>
      <xs:sequence maxOccurs="unbounded"><xs:element name="B" type="xs:int"/>
        <xs:element name="C" type="xs:int" maxOccurs="unbounded"/></xs:sequence>
    </xs:sequence></xs:complexType></xs:element>
    <xs:element name="Tangled"><xs:complexType><xs:sequence maxOccurs="unbounded">
      <xs:element name="Name" type="xs:string"/>
      <xs:sequence maxOccurs="unbounded"><xs:element name="Value" type="xs:int"/></xs:sequence>
    </xs:sequence></xs:complexType></xs:element>
    <xs:simpleType name="Codes"><xs:list itemType="xs:int"/></xs:simpleType>
    <xs:simpleType name="Either"><xs:union memberTypes="xs:int xs:string"/></xs:simpleType>
    <xs:complexType name="Amount"><xs:simpleContent><xs:extension base="xs:int">
      <xs:attribute name="currency" type="xs:int"/></xs:extension></xs:simpleContent>
    </xs:complexType>
    <xs:element name="Simple"><xs:complexType><xs:sequence>
      <xs:element name="Codes" type="x:Codes"/><xs:element name="Either" type="x:Either"/>
      <xs:element name="Amount" type="x:Amount"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="Open"><xs:complexType><xs:sequence><xs:element name="A" type="xs:int"/>
      </xs:sequence><xs:anyAttribute/></xs:complexType></xs:element>
    <xs:element name="Any"><xs:complexType><xs:sequence><xs:any/></xs:sequence></xs:complexType>
    </xs:element>
  </xs:schema></types></definitions>"""

REPLIES = [
    "<Count>3</Count>",
    "<Row n='1'><Text>क</Text><A>a</A></Row>",
    "<Row><Text xsi:nil='true'/><B>7</B></Row><Row><Text/><A/></Row>",
    "<Row><Text>t</Text><Number>3.50</Number><Flag>true</Flag><Day>2026-11-03</Day><A>x</A></Row>",
    "<Row><Text>t</Text><A>x</A><Inner><Text>u</Text><B>1</B></Inner><Tag>1</Tag></Row>",
    "<Row><Text>t</Text><A>x</A><Tag>1</Tag><Tag>2</Tag></Row>",
    "<Row><Text>t</Text><A>x</A><Inner xsi:nil='true'/></Row>",
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> zeep.Client:
    path = tmp_path_factory.mktemp("wsdl") / "x.wsdl"
    path.write_text(SCHEMA, encoding="utf-8")
    return zeep.Client(str(path))


def reply_of(inner: str) -> etree._Element:
    return etree.fromstring(
        f'<Reply xmlns="urn:x" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{inner}</Reply>'
    )


@pytest.mark.parametrize("inner", REPLIES)
def test_unusual_types_are_read_as_by_zeep(inner: str, client: zeep.Client) -> None:
    read, expected = by_both(client, reply_of(inner))
    assert as_written(read) == as_written(expected)


def test_a_code_declared_as_number_stays_a_text(client: zeep.Client) -> None:
    read, expected = by_both(client, reply_of("<Row><Text/><B>02</B></Row>"))
    assert (read["Row"][0]["B"], expected["Row"][0]["B"]) == ("02", 2)


def test_a_value_of_the_wrong_type_is_kept_for_the_mapping(client: zeep.Client) -> None:
    read, expected = by_both(client, reply_of("<Row><Text/><Day>31/02/2026</Day><A/></Row>"))
    assert (read["Row"][0]["Day"], expected["Row"][0]["Day"]) == ("31/02/2026", None)


def test_an_element_in_another_namespace_is_read_by_its_name(client: zeep.Client) -> None:
    reader = compile_element(client.wsdl.types.get_element("{urn:x}Reply"), client.wsdl.types)
    reply = '<Reply xmlns="urn:x:731"><Row><Text>t</Text><A>x</A></Row><Extra/></Reply>'
    assert reader(etree.fromstring(reply))["Row"][0]["Text"] == "t"


def test_xs_any_is_read_by_its_content(client: zeep.Client) -> None:
    reader = compile_element(client.wsdl.types.get_element("{urn:x}Any"), client.wsdl.types)
    reply = '<Any xmlns="urn:x"><y:List xmlns:y="urn:y"><y:A>1</y:A><y:A/></y:List></Any>'
    assert reader(etree.fromstring(reply)) == {"List": {"A": ["1", None]}}


@pytest.mark.parametrize(
    "row",
    [
        "<Row xsi:type='x:Row'><Text>t</Text><A>x</A></Row>",
        "<Row xsi:type='x:BigRow'><Text>t</Text><A>x</A><Extra>e</Extra></Row>",
    ],
)
def test_a_type_named_in_the_reply_is_used(row: str, client: zeep.Client) -> None:
    content = etree.fromstring(
        '<Reply xmlns="urn:x" xmlns:x="urn:x" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{row}</Reply>'
    )
    read, expected = by_both(client, content)
    assert as_written(read) == as_written(expected)
    assert read["Row"][0].get("Extra") == ("e" if "BigRow" in row else None)


def read_alone(client: zeep.Client, inner: str, name: str) -> Any:
    element = client.wsdl.types.get_element(f"{{urn:x}}{name}")
    content = etree.fromstring(f'<{name} xmlns="urn:x">{inner}</{name}>')
    return compile_element(element, client.wsdl.types)(content)


@pytest.mark.parametrize(
    ("name", "inner"),
    [
        ("Pairs", "<Name>a</Name><Value>02</Value><Name>b</Name><Value>3</Value>"),
        ("Marked", "<Head>1</Head><A>a</A><B>02</B><A>c</A><Tail>9</Tail>"),
        ("Grouped", "<Name>a</Name><Value>1</Value><Name>b</Name><Value>2</Value>"),
        ("Simple", "<Codes>01 02</Codes><Either>02</Either><Amount currency='01'>03</Amount>"),
        ("Open", "<A>02</A>"),
    ],
)
def test_groups_lists_and_attributes_are_read_as_by_zeep(
    name: str, inner: str, client: zeep.Client
) -> None:
    element = client.wsdl.types.get_element(f"{{urn:x}}{name}")
    content = etree.fromstring(f'<{name} xmlns="urn:x">{inner}</{name}>')
    expected = serialize_object(element.parse(content, client.wsdl.types), dict)

    def without_numbers(value: Any) -> Any:
        return json.loads(re.sub(r'"0(\d)"', r'"\1"', json.dumps(as_written(value))))

    assert without_numbers(read_alone(client, inner, name)) == without_numbers(expected)


def test_codes_in_groups_lists_and_unions_stay_texts(client: zeep.Client) -> None:
    marked = read_alone(client, "<Head>1</Head><A>a</A><B>02</B>", "Marked")
    assert marked["_value_1"] == [{"A": "a"}, {"B": "02"}]
    inner = "<Codes>01 02</Codes><Either>02</Either><Amount currency='01'>03</Amount>"
    assert read_alone(client, inner, "Simple") == {
        "Codes": ["01", "02"],
        "Either": "02",
        "Amount": {"_value_1": "03", "currency": "01"},
    }


def test_two_groups_in_sequence_which_zeep_cannot_read(client: zeep.Client) -> None:
    inner = "<A>1</A><A>2</A><B>1</B><C>1</C><C>2</C><B>2</B><C>3</C>"
    assert read_alone(client, inner, "Two") == {
        "_value_1": [{"A": "1"}, {"A": "2"}],
        "_value_2": [{"B": "1", "C": ["1", "2"]}, {"B": "2", "C": ["3"]}],
    }


def test_a_group_without_an_element_or_absent(client: zeep.Client) -> None:
    pairs = read_alone(client, "<Name>a</Name><Name>b</Name><Value>3</Value>", "Pairs")
    assert pairs == {"_value_1": [{"Name": "a"}, {"Name": "b", "Value": "3"}]}
    assert read_alone(client, "<Head>1</Head>", "Marked")["_value_1"] == []


@given(st.lists(st.tuples(st.integers(0, 99), st.none() | st.integers(0, 99))))
def test_each_occurrence_of_a_group_is_read(
    client: zeep.Client, occurrences: list[tuple[int, int | None]]
) -> None:
    expected = [
        {"Name": f"{name:02}"} | ({} if value is None else {"Value": f"{value:02}"})
        for name, value in occurrences
    ]
    written = "".join(
        f"<{tag}>{text}</{tag}>" for occurrence in expected for tag, text in occurrence.items()
    )
    assert (read_alone(client, written, "Pairs") or {"_value_1": []}) == {"_value_1": expected}


def test_a_group_in_another_namespace_is_read(client: zeep.Client) -> None:
    element = client.wsdl.types.get_element("{urn:x}Pairs")
    content = etree.fromstring(
        '<Pairs xmlns="urn:x:731"><Name>a</Name><Value>02</Value><More/></Pairs>'
    )
    read = compile_element(element, client.wsdl.types)(content)
    assert read == {"_value_1": [{"Name": "a", "Value": "02"}]}


def test_nested_groups_are_read_by_their_content(client: zeep.Client) -> None:
    inner = "<Name>a</Name><Value>02</Value><Value>03</Value><Name>b</Name>"
    assert read_alone(client, inner, "Tangled") == {"Name": ["a", "b"], "Value": ["02", "03"]}


def test_a_type_missing_in_the_wsdl_is_read_by_its_elements(client: zeep.Client) -> None:
    row = "<Row xmlns:x='urn:x' xsi:type='x:Nothing'><Text>t</Text><A>a</A><New/></Row>"
    reader = compile_element(client.wsdl.types.get_element("{urn:x}Reply"), client.wsdl.types)
    (read,) = reader(reply_of(row))["Row"]
    assert (read["Text"], read["A"]) == ("t", "a")
