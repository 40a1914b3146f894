"""Texts for citizens: labels of enums, and texts of departments, in English and Hindi."""

import re
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLObjectType

from adapters.manifest import find_departments
from adapters.workbench.check import check
from schema.citizen import Citizen
from schema.contract import build_schema
from schema.labels import LABELS
from schema.language import DepartmentText, Language, Text
from schema.person import PersonName, Script
from schema.status import DepartmentStatus
from tests.unit.departments import write_department

DEVANAGARI = re.compile("[\u0900-\u097f]")
TYPES = build_schema()._schema.type_map
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
