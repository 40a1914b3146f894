"""JSON is read without changing a value, in each character set that departments use."""

import codecs
import json
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mapping.json_values import JsonNumber, NotJsonError, read_json, whole_number

TEXT = '{"name": "रामदेवी", "n": 12345678901234567890123, "x": 1.10}'
TREE = {"name": "रामदेवी", "n": 12345678901234567890123, "x": "1.10"}


@pytest.mark.parametrize(
    ("content", "charset", "codes"),
    [
        (TEXT.encode(), None, []),
        (TEXT.encode(), "iso-8859-1", []),
        (codecs.BOM_UTF8 + TEXT.encode(), None, []),
        (TEXT.encode("utf-16"), None, []),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-8", []),
        (TEXT.encode("utf-32"), None, []),
        (TEXT.encode("utf-16-le"), "utf-16-le", []),
        (TEXT.encode("utf-16-le"), None, ["WRONG_CHARSET"]),
        (TEXT.encode("utf-16-be"), "utf-8", ["WRONG_CHARSET"]),
    ],
)
def test_a_document_in_any_unicode_encoding(
    content: bytes, charset: str | None, codes: list[str]
) -> None:
    tree, warnings = read_json(content, charset)
    assert tree == TREE
    assert isinstance(tree["x"], JsonNumber)
    assert [warning.code for warning in warnings] == codes


@pytest.mark.parametrize(
    ("charset", "codes"),
    [("windows-1252", []), (None, ["WRONG_CHARSET"]), ("x", ["WRONG_CHARSET"])],
)
def test_a_document_in_the_character_set_of_windows(charset: str | None, codes: list[str]) -> None:
    tree, warnings = read_json('{"name": "Zoë – Café"}'.encode("cp1252"), charset)
    assert tree == {"name": "Zoë – Café"}
    assert [warning.code for warning in warnings] == codes


def test_damaged_utf8_affects_only_the_text_with_it() -> None:
    damaged = '{"name": "रामदेवी", "note": "cut: र"}'.encode().replace('र"'.encode(), b'\xe0\xa4"')
    tree, _ = read_json(damaged)
    assert tree["name"] == "रामदेवी"
    with pytest.raises(UnicodeEncodeError):
        tree["note"].encode()


@pytest.mark.parametrize(
    ("content", "tree", "raw"),
    [
        (b'{"a": "one\ttwo\nthree"}', {"a": "one\ttwo\nthree"}, "a line break or tab"),
        (b'{"a": "one\x00two\x1f"}', {"a": "onetwo"}, "U+0000"),
    ],
)
def test_control_characters_in_a_text_cause_a_warning(
    content: bytes, tree: object, raw: str
) -> None:
    found, warnings = read_json(content)
    assert found == tree
    assert [(each.code, each.raw) for each in warnings] == [("FORBIDDEN_CHARACTERS", raw)]


def test_numbers_that_are_none_are_texts() -> None:
    assert read_json(b'{"a": NaN, "b": -Infinity, "c": 1}')[0] == {
        "a": "NaN", "b": "-Infinity", "c": 1,
    }  # fmt: skip


def test_an_integer_of_any_length_is_read() -> None:
    assert read_json(b"[1" + b"0" * 500 + b"]")[0] == [10**500]
    assert read_json(b"[1" + b"0" * 9000 + b"]")[0] == ["1" + "0" * 9000]


@pytest.mark.parametrize(
    "content", [b"", b" ", b"<html></html>", b'{"a": 1', b'{"a": 1} x', b"[" * 100_000, b"\xff\xfe"]
)
def test_what_is_not_json_is_an_error(content: bytes) -> None:
    with pytest.raises(NotJsonError):
        read_json(content)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_number_keeps_all_its_digits(number: Decimal) -> None:
    (found,), _ = read_json(f"[{number}]".encode())
    assert str(found) == str(number)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_any_document_is_read_as_it_was_written(tree: object, charset: str) -> None:
    written = json.dumps(tree, ensure_ascii=False).encode(charset, "surrogatepass")
    assert read_json(written) == (tree, ())


@pytest.mark.parametrize(
    ("value", "number"), [(3, 3), ("120", 120), ("4.0", 4), (" 7 ", 7), (-1, -1)]
)
def test_whole_numbers(value: object, number: int) -> None:
    assert whole_number(value) == number


@pytest.mark.parametrize("value", [None, True, " ", "many", "1.5", "1e9999999", "NaN", [], {}])
def test_what_is_no_whole_number(value: object) -> None:
    with pytest.raises(ValueError, match=re.escape(str(value))):
        whole_number(value)
