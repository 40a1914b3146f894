"""Compiled SOAP readers give what zeep gives, on every sample and on the awkward shapes."""

from pathlib import Path
from typing import Any

import pytest
import zeep
from lxml import etree
from zeep.helpers import serialize_object

from adapters.connectors.soap.reader import NotCoveredError, compile_element
from adapters.manifest import find_departments

SAMPLES = [s for folder in find_departments() for s in (folder / "samples").glob("*.xml")]
BODY = "{http://schemas.xmlsoap.org/soap/envelope/}Body"
FAULT = "{http://schemas.xmlsoap.org/soap/envelope/}Fault"


def by_both(client: zeep.Client, content: etree._Element) -> tuple[Any, Any]:
    element = client.wsdl.types.get_element(content.tag)
    expected = serialize_object(element.parse(content, client.wsdl.types), dict)
    return compile_element(element)(content), expected


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.stem)
def test_a_sample_reads_as_zeep_reads_it(sample: Path) -> None:
    wsdl = next(sample.parent.parent.glob("*.wsdl"))
    content = etree.fromstring(sample.read_bytes()).find(BODY)
    assert content is not None
    if content[0].tag == FAULT:
        pytest.skip("a Fault is read by the envelope")
    read, expected = by_both(zeep.Client(str(wsdl)), content[0])
    assert read == expected


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
    assert read == expected


def test_what_is_not_covered_is_left_to_zeep(client: zeep.Client) -> None:
    with pytest.raises(NotCoveredError):
        compile_element(client.wsdl.types.get_element("{urn:x}Any"))
    reader = compile_element(client.wsdl.types.get_element("{urn:x}Reply"))
    with pytest.raises(NotCoveredError):
        reader(reply_of("<Row xmlns:x='urn:x' xsi:type='x:Row'><Text/><A/></Row>"))
