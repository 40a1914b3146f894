"""Texts for citizens: labels of enums, and texts of departments, in English and Hindi."""

import re
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLObjectType

from adapters.manifest import find_departments
from adapters.workbench.check import check
from schema.citizen import Citizen
from schema.labels import LABELS
from schema.language import DepartmentText, Language, Text
from schema.person import PersonName, Script
from schema.status import DepartmentStatus
from tests.support.graphql_schema import SCHEMA
from tests.unit.departments import write_department

DEVANAGARI = re.compile("[\u0900-\u097f]")
TYPES = SCHEMA._schema.type_map
LATIN = PersonName(full_name="RAM DEVI", script=Script.LATIN)
LOCAL = PersonName(full_name="राम देवी", script=Script.DEVANAGARI)


@pytest.mark.parametrize("name", LABELS)
def test_every_value_of_an_enum_has_a_label_in_both_languages(name: str) -> None:
    enum = TYPES[name]
    assert isinstance(enum, GraphQLEnumType)
    assert LABELS[name].keys() == enum.values.keys()
    for text in LABELS[name].values():
        assert text.en
        assert not DEVANAGARI.search(text.en)
        assert DEVANAGARI.search(text.hi or "")


def test_every_label_stands_beside_its_enum_and_has_a_language() -> None:
    for type_ in TYPES.values():
        if not isinstance(type_, GraphQLObjectType):
            continue
        for name, field in type_.fields.items():
            if name.endswith("Label"):
                assert name.removesuffix("Label") in type_.fields, (type_.name, name)
                assert "lang" in field.args, (type_.name, name)


def test_a_code_is_never_the_label_of_a_status() -> None:
    assert DepartmentStatus(code="97", label=Text("97")).label_in() is None
    assert DepartmentStatus(code="97").label_in() is None
    both = DepartmentStatus(code="Approved", label=Text("Approved", "स्वीकृत"))
    assert [both.label_in(lang) for lang in Language] == ["Approved", "स्वीकृत"]
    english = DepartmentStatus(code="02", label=Text("Special Case"))
    assert [english.label_in(lang) for lang in Language] == ["Special Case", "Special Case"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Document is blurred", Language.EN),
        ("दस्तावेज़ साफ़ नहीं", Language.HI),
        ("OTP नहीं आया", Language.HI),
        ("", Language.EN),
    ],
)
def test_a_departments_text_says_its_language(text: str, language: Language) -> None:
    assert DepartmentText(text=text).language() is language


@pytest.mark.parametrize(
    ("latin", "local", "english", "hindi"),
    [
        (LATIN, LOCAL, LATIN, LOCAL),
        (LATIN, None, LATIN, LATIN),
        (None, LOCAL, LOCAL, LOCAL),
        (None, None, None, None),
    ],
)
def test_a_name_is_in_the_script_of_the_language_or_in_the_other(
    latin: PersonName | None,
    local: PersonName | None,
    english: PersonName | None,
    hindi: PersonName | None,
) -> None:
    citizen: Any = Citizen(
        member_identifier="1", family_identifier="1", person_name=latin, person_name_local=local
    )
    assert citizen.name_in_script(Language.EN) is english
    assert citizen.name_in_script(Language.HI) is hindi


def test_a_table_without_hindi_is_a_warning_with_file_line_and_table(tmp_path: Path) -> None:
    codes = """tables:
  status:
    enum: ApplicationStatus
    codes:
      1: {meaning: SUBMITTED, label: {en: New, hi: नया}}
      2: {meaning: DELIVERED, label: Done}
      3: {meaning: REJECTED, label: {en: Refused, hi: Asvikrit}}
      4: WITHDRAWN
"""
    folder = write_department(tmp_path, codes_yaml=codes)
    (warning,) = [each for each in check([folder]).findings if each.rule == "languages"]
    assert (warning.path.name, warning.line, warning.key) == ("codes.yaml", 6, "tables.status")
    assert warning.message == (
        "status has no text in Hindi for codes.2.label, codes.3.label, codes.4"
    )


def test_tables_that_citizens_do_not_see_need_no_hindi(tmp_path: Path) -> None:
    rule = "serviceCode: {path: s, label_of: scheme}"
    change = ("statusNotes: note", f"statusNotes: note\n    {rule}")
    folder = write_department(tmp_path, change=change)
    codes = folder / "codes.yaml"
    codes.write_text(codes.read_text() + "  scheme:\n    texts: {7: FOR-ONE}\n")
    assert [each for each in check([folder]).findings if each.rule == "languages"] == []


@pytest.mark.parametrize("folder", find_departments(None), ids=lambda folder: folder.name)
def test_every_department_has_its_texts_in_both_languages(folder: Path) -> None:
    assert [each for each in check([folder]).findings if each.rule == "languages"] == []
