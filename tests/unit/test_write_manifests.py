"""`forms` and `writes` of manifests: each mistake has its line and a remedy."""

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.manifest import ManifestError, load_department
from adapters.workbench.json_schema import schema_of
from tests.connectors.writing_department import CODES, FIND, FORM, write_manifest

CONNECTOR = {"kind": "rest", "base_url": "https://forest.example"}
WRITE: Mapping[str, Any] = {
    "call": {"path": "/permits", "body": {"ref": "{receipt}", "form": "{fields}"}},
    "reply": {"reference": "number", "rules": [{"path": "code", "means": "DONE"}]},
}
RULES = "write/reply/rules"
DELETED = object()


def problems_of(
    folder: Path, at: str = "", value: object = None, *, unset: str = "", **more: Any
) -> list[str]:
    """Return the problems of a manifest in which one value is changed.

    Args:
        at: keys of the value from `form` or `write`, joined by `/`.
        unset: keys of another value that is deleted.
    """
    content: dict[str, Any] = {"form": deepcopy(dict(FORM)), "write": deepcopy(dict(WRITE))}
    for keys, new in ((at, value), (unset, DELETED)):
        *steps, last = keys.split("/")
        inner = content
        for step in steps:
            inner = inner[step]
        if new is DELETED and keys:
            del inner[last]
        elif keys:
            inner[last] = new
    writes = {"submit_application": content["write"]}
    forms = {"FOR-1": content["form"]}
    made = write_manifest(folder, CONNECTOR, writes, **{"forms": forms, **more})
    try:
        load_department(made)
    except ManifestError as error:
        found = error.problems
    else:
        return []
    assert all(each.line > 1 and each.remedy for each in found)
    return [f"{each.key}: {each.message}; {each.remedy}" for each in found]


def test_a_manifest_without_mistakes_has_forms_and_writes(tmp_path: Path) -> None:
    assert problems_of(tmp_path, capabilities={"find_submission": FIND}) == []


FIELD, BODY = "form/fields/x", "write/call/body/x"
MISTAKES: list[tuple[str, object, str]] = [
    (FIELD, "{applicant}", "forms.FOR-1.fields.x: unknown placeholder {applicant}; did you mean"),
    (FIELD, "{trade|shout}", "there is no filter `shout`"),
    (FIELD, "{trade:dd/mm}", "{trade} is not a date"),
    (FIELD, "{ trade }", "is not a placeholder"),
    (FIELD, "{trade|code trade}", "there is no code table 'trade'; did you mean 'trades'"),
    (FIELD, "{trade|code status}", "'status' has no code for the option 'MASON'"),
    (
        "form/fields",
        {"x": "Y"},
        "the citizen must fill in 'applicant_name', but no field sends it; add a field",
    ),
    (BODY, "{key}", "unknown placeholder {key}"),
    (BODY, "{channel|code channels}", "there is no code table 'channels'"),
    ("write/call", {}, "writes.submit_application.call.path: the key 'path' is missing"),
    ("write/call/pages", {}, "there is no key 'pages'"),
    ("write/call/headers", {"X-Api-Key": "hunter2"}, "a credential is written in the file"),
    ("write/reply", {}, "forms.FOR-1: the service assigns its number at once (REALTIME); add"),
    (RULES, [{"path": "a", "means": "PERHAPS"}], "use one of: ALREADY_THERE, DONE"),
    (RULES, [{"path": "@code", "means": "DONE"}], "@status"),
    (RULES, [{"path": "a", "matches": "(", "means": "DONE"}], "regular expression"),
    (
        RULES,
        [{"path": "a", "means": "ALREADY_THERE"}],
        "another application of the citizen may be meant; add `reply.receipt`",
    ),
    ("write/documents", {"x": "{fields}"}, "unknown placeholder {fields}"),
    ("write/settles_within", "soon", "write a duration with its unit"),
]


@pytest.mark.parametrize(("at", "value", "words"), MISTAKES)
def test_a_mistake_is_reported_with_its_line_and_a_remedy(
    at: str, value: object, words: str, tmp_path: Path
) -> None:
    problems = problems_of(tmp_path, at, value)
    assert any(words in each for each in problems), problems
    assert len(problems) <= 2


def test_mistakes_between_parts_are_reported(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, forms={"FOR-2": {"fields": {}}, "FOR-1": FORM})
    assert problem == "forms.FOR-2: services.yaml has no service 'FOR-2'; did you mean 'FOR-1'?"
    (problem,) = problems_of(tmp_path, forms={})
    assert "no service has a form" in problem
    (problem,) = problems_of(tmp_path, request_type="BATCH")
    assert "add the capability `find_submission`" in problem
    (problem,) = problems_of(
        tmp_path,
        unset="write/call/body/ref",
        capabilities={"find_submission": FIND},
    )
    assert "`find_submission` asks for the hub's receipt number, which is not sent" in problem


def test_forms_without_a_call_are_reported(tmp_path: Path) -> None:
    made = write_manifest(tmp_path, CONNECTOR, {})
    with pytest.raises(ManifestError, match="no call submits the forms"):
        load_department(made)


def test_only_an_application_sends_a_form(tmp_path: Path) -> None:
    writes = {"give_feedback": WRITE}
    made = write_manifest(tmp_path, CONNECTOR, writes, forms={})
    with pytest.raises(ManifestError, match="only `submit_application` sends a form"):
        load_department(made)


def test_a_look_up_can_not_translate_to_codes(tmp_path: Path) -> None:
    find = {**FIND, "call": {"path": "/a", "query": {"refs": "{keys|code trades}"}}}
    (problem,) = problems_of(tmp_path, capabilities={"find_submission": find})
    assert "only writes translate values to codes" in problem


def test_references_in_a_write_are_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOREST_KEY", "made-up")
    write = {**WRITE, "call": {**WRITE["call"], "headers": {"X-Key": "${env:FOREST_KEY}"}}}
    made = write_manifest(tmp_path, CONNECTOR, {"submit_application": write})
    manifest = load_department(made)
    (loaded,) = manifest.file.writes.values()
    assert loaded.call["headers"] == {"X-Key": "made-up"}


def test_the_json_schema_knows_the_keys_of_writes() -> None:
    schema = schema_of("manifest.schema.json")
    assert "submit_application" in schema["properties"]["writes"]["properties"]
    assert "ALREADY_THERE" in schema["$defs"]["WriteMeaning"]["enum"]


def test_a_correctable_field_has_a_code_in_every_table_of_its_placeholder(tmp_path: Path) -> None:
    tables = {
        "fields": {"texts": {"1": "Citizen.sex", "2": "Citizen.birthDate", "3": "Citizen.sex"}},
        "sections": {"texts": {"P": "Citizen.birthDate", "Q": "Citizen.phoneNumber"}},
    }
    body = {"f": "{record_field|code fields}", "s": "{record_field|code sections}"}
    correct = {"call": {"path": "/corrections", "body": body}}
    codes = yaml.safe_dump({"tables": {**CODES["tables"], **tables}})
    connector = {"kind": "rest", "base_url": "https://forest.example"}
    made = write_manifest(
        tmp_path, connector, {"request_correction": correct}, forms={}, files={"codes.yaml": codes}
    )
    assert load_department(made).department.correctable_fields == ["Citizen.birthDate"]
