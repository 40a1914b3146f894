"""The published JSON Schemas match the models and accept what people write."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from adapters.connectors.kinds import KINDS
from adapters.manifest import find_departments
from adapters.workbench.json_schema import FILES, schema_of, written
from tests.unit.departments import MANIFEST

DOCS = Path(__file__).parents[2] / "docs"
NAMES = {"department": "manifest"}
OWN = [
    path
    for folder in find_departments()
    for path in sorted(folder.glob("*.yaml"))
    if f"{NAMES.get(path.stem, path.stem)}.schema.json" in FILES
]


def validator(name: str) -> Draft202012Validator:
    schema = json.loads((DOCS / name).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def complaints(content: Any, name: str = "manifest.schema.json") -> list[str]:
    return [error.message for error in validator(name).iter_errors(content)]


@pytest.mark.parametrize("name", FILES)
def test_the_schema_files_match_the_models(name: str) -> None:
    reported = f"{name} has drifted: hub manifest schema --to docs"
    assert (DOCS / name).read_text(encoding="utf-8") == written(name), reported


@pytest.mark.parametrize("path", OWN, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_our_own_files_match_and_name_their_schema(path: Path) -> None:
    """Editors see YAML's own types, such as numbers and truth values."""
    text = path.read_text(encoding="utf-8")
    name = f"{NAMES.get(path.stem, path.stem)}.schema.json"
    assert complaints(yaml.safe_load(text), name) == []
    assert text.startswith(f"# yaml-language-server: $schema=../../../docs/{name}\n")


GOOD = yaml.safe_load(MANIFEST.format(name="forests"))
RECORD = ("records", "application")
CAPABILITY = ("capabilities", "applications_by_reference")


def changed(key_path: tuple[str, ...], value: Any) -> Any:
    content = json.loads(json.dumps(GOOD))
    *around, last = key_path
    target = content
    for step in around:
        target = target[step]
    target[last] = value
    return content


@pytest.mark.parametrize(
    ("key_path", "value"),
    [
        (("manifest",), 1),
        ((*RECORD, "statusNotes"), 122792),
        ((*RECORD, "statusNotes"), ["a/122792", 122866]),
        ((*RECORD, "statusNotes"), {"path": [122792, 122866], "split": {"by": "~", "part": 2}}),
        ((*RECORD, "statusNotes"), {"concat": ["a", "b"]}),
        ((*RECORD, "statusNotes"), {"concat": {"paths": ["a"], "with": "-"}}),
        ((*RECORD, "statusNotes"), {"path": "a", "absent_when": 0, "trim": "*", "script": "nfc"}),
        ((*RECORD, "requestedDatetime"), {"path": "a", "format": ["ddmmyyyy", "iso"]}),
        ((*CAPABILITY, "keys"), {"at_once": "50"}),
        (("limits", "deadline"), "500ms"),
        (("connector", "base_url"), "${env:FORESTS}"),
        (("maintenance",), [{"closes": "22:00", "opens": "06:00", "days": ["Sat"]}]),
    ],
)
def test_the_schema_accepts_what_the_hub_reads(key_path: tuple[str, ...], value: Any) -> None:
    assert complaints(changed(key_path, value)) == []


@pytest.mark.parametrize(
    ("key_path", "value"),
    [
        (("manifest",), 2),
        (("limts",), {}),
        (("connector", "kind"), "soup"),
        (("connector", "base_url"), "ftp://x"),
        (("limits", "deadline"), "3"),
        (("capabilities", "applications_by_refrence"), {}),
        ((*CAPABILITY, "call"), {"pth": "/a"}),
        ((*CAPABILITY, "call"), {"operation": "GetApplications"}),
        ((*RECORD, "statusNotes"), {"pth": "a"}),
        ((*RECORD, "statusNotes"), {"path": "a", "script": "krutidev"}),
        ((*RECORD, "statusNotes"), {"path": "a", "split": {"seperator": "~"}}),
        ((*RECORD, "timeline"), {"path": "a", "fields": {"action": {"pth": "b"}}}),
    ],
)  # fmt: skip
def test_the_schema_refuses_what_the_hub_refuses(key_path: tuple[str, ...], value: Any) -> None:
    assert complaints(changed(key_path, value))


def test_the_schema_contains_every_connector() -> None:
    schema = schema_of("manifest.schema.json")
    assert {kind.call.__name__ for kind in KINDS.values()} <= schema["$defs"].keys()
    assert {settings.__name__ for settings in KINDS} <= schema["$defs"].keys()


def test_the_schema_describes_keys_for_editors() -> None:
    schema = schema_of("manifest.schema.json")
    rule = schema["$defs"]["FieldRule"]["properties"]
    assert rule["path"]["description"].startswith("keys from the row to the value")
    record = schema["$defs"]["RecordModel"]["properties"]
    assert record["statusNotes"]["description"].startswith("The department's note")
