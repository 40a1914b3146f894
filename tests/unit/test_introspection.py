"""What `hub introspect` guesses from the names of old systems."""

from pathlib import Path

import pytest

from adapters.introspection import Source, describe, write_folder
from adapters.introspection.vocabulary import phrase_of
from adapters.manifest.document import read_document
from adapters.testing.pointing import load_anywhere

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


def test_words_that_say_the_same_twice_say_it_once() -> None:
    assert phrase_of("PERMIT_APPL_NO") == phrase_of("applicationNumber") == "application number"


def test_what_is_asked_for_is_not_what_comes_back(folder: Path) -> None:
    capabilities = load_anywhere(folder).file.capabilities
    assert [each.value for each in capabilities] == ["applications_by_citizen"]


def test_a_row_is_the_nearest_object_around_its_columns(folder: Path) -> None:
    (capability,) = load_anywhere(folder).file.capabilities.values()
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
def test_old_column_names_are_known(folder: Path, field: str, rule: object) -> None:
    content = read_document(folder / "department.yaml").content
    assert isinstance(content, dict)
    assert content["records"]["application"][field] == rule
