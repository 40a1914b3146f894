"""Sentences for citizens about errors, in the language that the client prefers."""

import re
from pathlib import Path
from typing import Any

import pytest

from hub.http.localization import localize, preferred_language
from schema.codes import ErrorCode
from schema.error_messages import ERROR_MESSAGES
from schema.language import Language

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
DEVANAGARI = re.compile("[\u0900-\u097f]")


@pytest.mark.parametrize("code", ErrorCode)
def test_every_error_code_has_a_sentence_in_both_languages(code: ErrorCode) -> None:
    text = ERROR_MESSAGES[code]
    assert not DEVANAGARI.search(text.en)
    assert DEVANAGARI.search(text.hi or "")
    assert f"| `{code}` | {text.en} | {text.hi} |" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (b"", Language.EN),
        (b"hi", Language.HI),
        (b"hi-IN,hi;q=0.9,en-IN;q=0.8", Language.HI),
        (b"en-IN, hi;q=0.9", Language.EN),
        (b"en;q=0.5, HI;q=0.7", Language.HI),
        (b"pa-IN, hi;q=0.8", Language.HI),
        (b"pa-IN", Language.EN),
        (b"hi;q=0", Language.EN),
        (b"hi;q=x", Language.EN),
        (b"hi," * 100, Language.EN),
    ],
)
def test_hindi_is_used_if_the_client_prefers_it_to_english(
    header: bytes, language: Language
) -> None:
    assert preferred_language(header) is language


def test_error_entries_get_a_sentence_in_the_language() -> None:
    entries: list[dict[str, Any]] = [
        {"message": "x", "extensions": {"code": ErrorCode.NOT_FOUND}},
        {"message": "x", "extensions": {"code": "OF_AN_EXTENSION"}},
        {"message": "x"},
    ]
    localize(entries, Language.HI)
    assert entries[0]["extensions"]["localizedMessage"] == ERROR_MESSAGES[ErrorCode.NOT_FOUND].hi
    assert entries[1:] == [
        {"message": "x", "extensions": {"code": "OF_AN_EXTENSION"}},
        {"message": "x"},
    ]
