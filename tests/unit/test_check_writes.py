"""`hub check` of writes: forms that lose values, requests that do not fit, lost replies."""

import re
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from adapters.workbench.check import CheckFinding, Severity, check
from tests.connectors.test_writes_graphql import SDL
from tests.connectors.test_writes_graphql import WRITE as GRAPHQL_WRITE
from tests.connectors.test_writes_soap import WRITE as SOAP_WRITE
from tests.connectors.test_writes_soap import WSDL
from tests.connectors.writing_department import CODES, FIND, FORM, write_manifest

REST = {"kind": "rest", "base_url": "https://forest.example"}
WRITE: Mapping[str, Any] = {
    "call": {
        "path": "/permits",
        "body": {"ref": "{receipt}", "form": "{fields}", "files": "{documents}"},
    },
    "reply": {"reference": "number"},
}


def found(
    folder: Path, connector: Mapping[str, Any], write: Mapping[str, Any], **more: Any
) -> list[CheckFinding]:
    """Return the findings about writes and forms."""
    writes = {"submit_application": write}
    made = write_manifest(folder, connector, writes, **more)
    findings = check([made]).findings
    return [each for each in findings if each.key.startswith(("writes", "forms"))]


def texts(findings: list[CheckFinding], severity: Severity) -> list[tuple[str, str]]:
    return [(each.key, each.message) for each in findings if each.severity is severity]


def test_an_attribute_that_the_department_does_not_receive_is_reported(tmp_path: Path) -> None:
    form = deepcopy(dict(FORM))
    del form["fields"]["note"]
    findings = found(tmp_path, REST, WRITE, forms={"FOR-1": form})
    assert texts(findings, Severity.WARNING) == [
        ("forms.FOR-1", "the department does not receive remarks")
    ]


def test_documents_that_the_department_does_not_receive_are_reported(tmp_path: Path) -> None:
    write = {**WRITE, "call": {"path": "/permits", "body": {"r": "{receipt}", "f": "{fields}"}}}
    notes = [message for _, message in texts(found(tmp_path, REST, write), Severity.NOTE)]
    assert "the department does not receive the citizen's documents" in notes


def test_a_write_that_nobody_can_find_is_noted(tmp_path: Path) -> None:
    note = "after a lost reply, an operator must ask the department"
    assert texts(found(tmp_path, REST, WRITE), Severity.NOTE) == [
        ("writes.submit_application", note)
    ]
    for more, write in (
        ({"capabilities": {"find_submission": FIND}}, WRITE),
        ({}, {**WRITE, "repeatable": "true"}),
    ):
        assert texts(found(tmp_path, REST, write, **more), Severity.NOTE) == []


def test_a_channel_without_a_code_is_reported(tmp_path: Path) -> None:
    body = {**WRITE["call"]["body"], "via": "{channel|code trades}"}
    write = {**WRITE, "call": {**WRITE["call"], "body": body}}
    ((_, message),) = texts(found(tmp_path, REST, write), Severity.WARNING)
    assert message == "the code table 'trades' has no code for PORTAL, KIOSK, CSC"


def test_a_correctable_field_that_the_schema_lacks_is_reported(tmp_path: Path) -> None:
    call = {
        "path": "/corrections",
        "body": {"f": "{record_field|code corrections}", "r": "{receipt}"},
    }
    fields = ["birthDate", "personName(lang: HI)", "personName(lang: X)", "familyIdentifier"]
    corrections = {"texts": {str(n): f"Citizen.{each}" for n, each in enumerate(fields)}}
    codes = {"tables": {**CODES["tables"], "corrections": corrections}}
    writes = {"submit_application": WRITE, "request_correction": {"call": call}}
    files = {"codes.yaml": yaml.safe_dump(codes)}
    made = write_manifest(tmp_path, REST, writes, files=files)
    found = [
        each for each in check([made]).findings if each.key == "writes.request_correction.call"
    ]
    assert {name for each in found for name in re.findall("'(.*?)'", each.message)} == {
        "Citizen.personName(lang: X)",
        "Citizen.familyIdentifier",
    }
    assert {each.severity for each in found} == {Severity.WARNING}


def test_a_form_that_does_not_fit_the_wsdl_is_an_error(tmp_path: Path) -> None:
    connector = {"kind": "soap", "wsdl": "forest.wsdl", "endpoint": "https://forest.example/s"}
    files = {"forest.wsdl": WSDL}
    assert texts(found(tmp_path, connector, SOAP_WRITE, files=files), Severity.ERROR) == []
    form = {**FORM, "fields": {**FORM["fields"], "extra": "Y"}}
    findings = found(tmp_path, connector, SOAP_WRITE, files=files, forms={"FOR-1": form})
    ((key, message),) = texts(findings, Severity.ERROR)
    assert key == "forms.FOR-1"
    assert "do not fit the WSDL" in message


def test_variables_that_do_not_fit_the_schema_are_an_error(tmp_path: Path) -> None:
    connector = {"kind": "graphql", "url": "https://forest.example/graphql", "sdl": "f.graphql"}
    files = {"f.graphql": SDL}
    assert texts(found(tmp_path, connector, GRAPHQL_WRITE, files=files), Severity.ERROR) == []
    form = {**FORM, "fields": {**FORM["fields"], "extra": "Y"}}
    findings = found(tmp_path, connector, GRAPHQL_WRITE, files=files, forms={"FOR-1": form})
    ((key, message),) = texts(findings, Severity.ERROR)
    assert key == "forms.FOR-1"
    assert "'extra'" in message
