"""Compiled SOAP readers give what zeep gives, on every sample and on the awkward shapes."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import zeep
from lxml import etree
from zeep.helpers import serialize_object

from adapters.connectors.http import HttpReply
from adapters.connectors.soap import SoapCall, SoapSettings
from adapters.connectors.soap.envelope import EnvelopeOpener
from adapters.connectors.soap.faults import FaultRules
from adapters.connectors.soap.reader import NotCoveredError, compile_element
from adapters.connectors.soap.results import ResultReader
from adapters.connectors.soap.wsdl import Wsdl
from adapters.contract import Capability
from adapters.manifest import find_departments, load_department

SAMPLES = [
    sample for folder in find_departments() for sample in (folder / "samples").glob("*_by_*.xml")
]


def as_written(value: Any) -> Any:
    """A value with its numbers, truth values and days as texts, and what is absent left out.

    zeep takes them for numbers; the hub keeps what the department wrote, as `02`.
    """
    if isinstance(value, dict):
        kept = {name: as_written(each) for name, each in value.items()}
        if kept.keys() == {"_value_1"}:
            # zeep's name for the items of an array and for what `xs:any` holds.
            return kept["_value_1"]
        return {name: each for name, each in kept.items() if each is not None and each != []}
    if isinstance(value, list):
        return [as_written(each) for each in value]
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | Decimal | dt.date):
        return str(value)
    return value


def content_of(sample: Path) -> tuple[ResultReader, Any, Any]:
    """The call's reader, the opened reply (None for no rows) and zeep's operation."""
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
def test_a_sample_reads_as_zeep_reads_it(sample: Path) -> None:
    if sample.stem.endswith(("-fault", "-expired")):
        pytest.skip("a Fault is read by the envelope")
    reader, opened, operation = content_of(sample)
    read = reader._described(opened)
    # zeep resolves references in the Body in place, so it reads a copy.
    body = etree.fromstring(etree.tostring(opened.body))
    expected = serialize_object(operation.output._deserialize_body(body)["body"], dict)
    if reader._call.result == "diffgram":
        pytest.skip("zeep gives an xs:any as it stands in the XML")
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
def test_awkward_shapes_read_as_zeep_reads_them(inner: str, client: zeep.Client) -> None:
    read, expected = by_both(client, reply_of(inner))
    assert as_written(read) == as_written(expected)


def test_a_code_that_the_wsdl_calls_a_number_stays_as_it_was_written(client: zeep.Client) -> None:
    read, expected = by_both(client, reply_of("<Row><Text/><B>02</B></Row>"))
    assert (read["Row"][0]["B"], expected["Row"][0]["B"]) == ("02", 2)


def test_a_value_of_the_wrong_type_is_kept_for_the_mapping_to_name(client: zeep.Client) -> None:
    read, expected = by_both(client, reply_of("<Row><Text/><Day>31/02/2026</Day><A/></Row>"))
    assert (read["Row"][0]["Day"], expected["Row"][0]["Day"]) == ("31/02/2026", None)


def test_an_element_of_another_namespace_version_is_read_by_its_name(client: zeep.Client) -> None:
    reader = compile_element(client.wsdl.types.get_element("{urn:x}Reply"), client.wsdl.types)
    reply = '<Reply xmlns="urn:x:731"><Row><Text>t</Text><A>x</A></Row><Extra/></Reply>'
    assert reader(etree.fromstring(reply))["Row"][0]["Text"] == "t"


def test_any_is_read_by_its_own_shape(client: zeep.Client) -> None:
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
def test_a_type_that_the_reply_names(row: str, client: zeep.Client) -> None:
    content = etree.fromstring(
        '<Reply xmlns="urn:x" xmlns:x="urn:x" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{row}</Reply>'
    )
    read, expected = by_both(client, content)
    assert as_written(read) == as_written(expected)
    assert read["Row"][0].get("Extra") == ("e" if "BigRow" in row else None)


def test_what_is_not_covered_is_left_to_zeep(client: zeep.Client) -> None:
    with pytest.raises(NotCoveredError):
        compile_element(client.wsdl.types.get_element("{urn:x}Pairs"), client.wsdl.types)
    reader = compile_element(client.wsdl.types.get_element("{urn:x}Reply"), client.wsdl.types)
    for _ in range(2):
        with pytest.raises(NotCoveredError):
            reader(reply_of("<Row xmlns:x='urn:x' xsi:type='x:Nothing'><Text/><A/></Row>"))
