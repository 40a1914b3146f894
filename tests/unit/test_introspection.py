"""The guesses of `hub introspect` from the names in old systems."""

from pathlib import Path

import pytest

from adapters.contract import Capability
from adapters.manifest import find_departments
from adapters.manifest.document import read_document
from adapters.workbench.introspection import Source, describe, write_folder
from adapters.workbench.introspection.vocabulary import phrase_of
from adapters.workbench.replay.addresses import load_with_placeholders

OPENAPI = """
openapi: 3.0.3
info: {title: Permits, version: "1"}
servers: [{url: "http://127.0.0.1:9/api"}]
paths:
  /permits:
    get:
      operationId: GetPermitsByLandholder
      parameters: [{name: landholderId, in: query, schema: {type: string}}]
      responses:
        "200":
          description: found
          content:
            application/json:
              schema:
                type: object
                properties:
                  head: {type: object, properties: {code: {type: string}}}
                  permits:
                    type: object
                    properties:
                      PERMIT_APPL_NO: {type: string}
                      LANDHOLDER_ID: {type: string}
                      MOB_NO: {type: string}
                      APPL_STATUS: {type: string, enum: [RCVD, REFUSED]}
                      STATUS_DESC: {type: string}
                      APPL_DT: {type: string, description: as dd-mm-yyyy}
                      LAST_UPD_DT: {type: string}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = tmp_path / "permits.yaml"
    source.write_text(OPENAPI)
    to = tmp_path / "permits"
    write_folder(describe("openapi", Source(str(source))), "permits", to, "permits.yaml")
    return to


def test_repeated_synonyms_count_once() -> None:
    assert phrase_of("PERMIT_APPL_NO") == phrase_of("applicationNumber") == "application number"


def test_the_argument_in_a_name_is_not_the_subject_of_the_reply(folder: Path) -> None:
    capabilities = load_with_placeholders(folder).file.capabilities
    assert [each.value for each in capabilities] == ["applications_by_citizen"]


def test_the_innermost_object_around_the_columns_is_the_row(folder: Path) -> None:
    (capability,) = load_with_placeholders(folder).file.capabilities.values()
    assert (capability.rows, capability.key) == ("permits", "LANDHOLDER_ID")


@pytest.mark.parametrize(
    ("field", "rule"),
    [
        ("applicationReferenceNumber", "PERMIT_APPL_NO"),
        ("applicantPhone", "MOB_NO"),
        ("departmentStatus", {"fields": {"code": "APPL_STATUS", "label": "STATUS_DESC"}}),
        ("requestedDatetime", {"path": "APPL_DT", "format": "dd-mm-yyyy"}),
    ],
)
def test_old_column_names_are_recognised(folder: Path, field: str, rule: object) -> None:
    content = read_document(folder / "department.yaml").content
    assert isinstance(content, dict)
    assert content["records"]["application"][field] == rule


@pytest.mark.parametrize("name", ["water", "power"])
def test_the_guess_for_an_encoded_service_equals_the_lookups_written_by_hand(
    name: str, tmp_path: Path
) -> None:
    (ours,) = find_departments(only=[name])
    found = describe("wsdl", Source(str(ours / f"{name}.wsdl")))
    write_folder(found, name, tmp_path / name, f"{name}.wsdl")
    guess, by_hand = load_with_placeholders(tmp_path / name).file, load_with_placeholders(ours).file
    # A WSDL does not say in which form a worklist takes dates, or which number is the hub's, so
    # worklists and look-ups of submissions are not guessed.
    guessed, written = guess.capabilities, dict(by_hand.capabilities)
    del written[Capability.APPLICATIONS_SEARCH]
    written.pop(Capability.FIND_SUBMISSION, None)
    assert guessed.keys() == written.keys()
    for capability, model in written.items():
        assert guessed[capability].call == model.call
        assert guessed[capability].rows == model.rows
        assert guessed[capability].key == model.key
        assert guessed[capability].keys.at_once > 1
    rules, ours_rules = (each.records["application"].rules for each in (guess, by_hand))
    for field in ("applicationReferenceNumber", "requestedDatetime", "updatedDatetime"):
        assert rules[field].path == ours_rules[field].path
    # The tables that translate labels are written by hand, so only the paths are compared.
    statuses = rules["departmentStatus"].fields, ours_rules["departmentStatus"].fields
    code_and_label, ours_code_and_label = (
        {name: rule.path for name, rule in (each or {}).items()} for each in statuses
    )
    assert code_and_label == ours_code_and_label
    assert code_and_label.keys() == {"code", "label"}


ENCODED = """<definitions name="Permits" targetNamespace="urn:p" xmlns:t="urn:p"
  xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:w="http://schemas.xmlsoap.org/wsdl/"
  xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="http://www.w3.org/2001/XMLSchema"
  xmlns:e="http://schemas.xmlsoap.org/soap/encoding/">
  <types><x:schema targetNamespace="urn:p">
    <x:complexType name="Numbers"><x:complexContent><x:restriction base="e:Array">{array}
    </x:restriction></x:complexContent></x:complexType></x:schema></types>
  <message name="in"><part name="permit_nos" type="t:Numbers"/></message>
  <message name="out"><part name="return" type="t:Numbers"/></message>
  <portType name="P"><operation name="getPermits">
    <input message="t:in"/><output message="t:out"/></operation></portType>
  <binding name="B" type="t:P"><s:binding style="rpc"/><operation name="getPermits">
    <input><s:body use="{use}"/></input><output><s:body use="{use}"/></output>
  </operation></binding>
  <service name="S"><port name="P" binding="t:B"><s:address location="http://127.0.0.1:9"/></port>
  </service></definitions>"""
BY_ATTRIBUTE = '<x:attribute ref="e:arrayType" w:arrayType="x:int[]"/>'
BY_SEQUENCE = '<x:sequence><x:element name="any" type="x:int" maxOccurs="unbounded"/></x:sequence>'


@pytest.mark.parametrize("array", [BY_ATTRIBUTE, BY_SEQUENCE])
def test_an_encoded_array_is_read_as_its_items(array: str, tmp_path: Path) -> None:
    path = tmp_path / "permits.wsdl"
    path.write_text(ENCODED.format(array=array, use="encoded"))
    (operation,) = describe("wsdl", Source(str(path))).operations
    (argument,) = operation.arguments
    assert (argument.name, argument.kind, argument.many) == ("permit_nos", "integer", True)
    assert argument.children == []


def test_an_array_that_is_not_encoded_keeps_its_items(tmp_path: Path) -> None:
    path = tmp_path / "permits.wsdl"
    path.write_text(ENCODED.format(array=BY_SEQUENCE, use="literal"))
    (operation,) = describe("wsdl", Source(str(path))).operations
    assert [child.name for child in operation.arguments[0].children] == ["any"]


def test_an_array_without_an_item_type_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "permits.wsdl"
    path.write_text(ENCODED.format(array="", use="encoded"))
    notes = describe("wsdl", Source(str(path))).notes
    assert any("array without an item type" in note.message for note in notes)
