"""WSDLs that were saved by hand: known schemas, and why others can't be read."""

import warnings
from pathlib import Path

import pytest

from adapters.connectors.setup import SetupError
from adapters.connectors.soap.known_schemas import KNOWN_SCHEMAS, with_known_schemas
from adapters.connectors.soap.wsdl import Wsdl
from tests.unit.introspected import APPLICATION, wsdl

XML = "http://www.w3.org/XML/1998/namespace"
LANG = """<x:complexType name="N"><x:simpleContent><x:extension base="x:string">
<x:attribute ref="xml:lang"/></x:extension></x:simpleContent></x:complexType>"""
NAME = '<x:element name="Name" type="t:N"/>'


def loaded(folder: Path, text: str) -> Wsdl:
    (folder / "min.wsdl").write_text(text, encoding="utf-8")
    return Wsdl(folder, "min.wsdl")


@pytest.mark.parametrize("location", ["", "http://www.w3.org/2001/xml.xsd", "gone.xsd"])
def test_a_saved_wsdl_may_import_known_schemas(location: str, tmp_path: Path) -> None:
    at = f' schemaLocation="{location}"' if location else ""
    before = f'<x:import namespace="{XML}"{at}/>{LANG}'
    found = loaded(tmp_path, wsdl(before=before, reply=APPLICATION + NAME))
    assert set(found.operations) == {"GetApplication"}


def test_a_document_without_known_schemas_stays_as_it_is(tmp_path: Path) -> None:
    text = wsdl().encode()
    assert with_known_schemas(text, tmp_path) is text
    assert with_known_schemas(b"<no", tmp_path) == b"<no"


def test_every_known_schema_has_its_namespace() -> None:
    for uri, path in KNOWN_SCHEMAS.items():
        content = path.read_text(encoding="utf-8")
        assert f'targetNamespace="{uri}"' in content
        assert "written for this project" in content


@pytest.mark.parametrize(
    ("changes", "message", "remedy"),
    [
        (
            {"reply": '<x:element name="Z" type="t:Nope"/>'},
            "the type 'Nope' of urn:min is not declared",
            "save the schema",
        ),
        (
            {"reply": '<x:element ref="t:Gone"/>'},
            "the element 'Gone' of urn:min is not declared",
            "save the schema",
        ),
        (
            {"reply": '<x:element name="Z" type="zz:Nope"/>'},
            "the prefix of zz:Nope is not declared",
            "declare xmlns:zz",
        ),
        ({"before": "<x:include/>"}, "an xs:include has no schemaLocation", "write the name"),
        (
            {"before": '<x:include schemaLocation="gone.xsd"/>'},
            "it imports gone.xsd, which is not beside it",
            "save the file",
        ),
        ({"before": "<x:element"}, "it is not well-formed XML at line", "save the file again"),
    ],
)
def test_the_reason_and_the_remedy_are_in_plain_words(
    changes: dict[str, str], message: str, remedy: str, tmp_path: Path
) -> None:
    with pytest.raises(SetupError) as caught:
        loaded(tmp_path, wsdl(**changes))
    assert message in caught.value.message
    assert remedy in caught.value.remedy
    for word in ("None", "zeep", "lxml", "{", "Error", "schema available"):
        assert word not in caught.value.message + caught.value.remedy


def test_an_operation_with_an_unknown_header_is_explained_without_a_warning(
    tmp_path: Path,
) -> None:
    text = wsdl(namespaces='xmlns:h="urn:h"', parts='<part name="client" element="h:client"/>')
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = loaded(tmp_path, text)
    with pytest.raises(SetupError) as caught:
        found.operation("GetApplication", ("here",))
    assert "part 'client' of the message 'I' is not declared" in caught.value.message


def test_the_other_operations_of_a_wsdl_do_not_hide_the_cause(tmp_path: Path) -> None:
    text = wsdl(namespaces='xmlns:h="urn:h"', parts='<part name="client" element="h:client"/>')
    text = text.replace(
        "</portType>",
        '<operation name="Ping"><input message="t:O"/><output message="t:O"/></operation>'
        "</portType>",
    ).replace(
        "</binding>",
        '<operation name="Ping"><s:operation soapAction="p"/><input><s:body use="literal"/></input>'
        '<output><s:body use="literal"/></output></operation></binding>',
    )
    found = loaded(tmp_path, text)
    with pytest.raises(SetupError) as caught:
        found.operation("GetApplication", ("here",))
    assert "part 'client' of the message 'I' is not declared" in caught.value.message
    with pytest.raises(SetupError, match="has no operation 'Pong'"):
        found.operation("Pong", ("here",))
