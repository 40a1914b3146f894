"""XML as nested mappings, and back."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.connectors.http.xml import NotXmlError, read_xml, write_xml
from schema.codes import WarningCode
from schema.provenance import SourceWarning

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
DOCUMENTS: list[tuple[str, Any]] = [
    ("<a/>", {"a": ""}),
    ("<a>02</a>", {"a": "02"}),
    ("<a> x </a>", {"a": " x "}),
    ("<a><b>1</b><b>2</b></a>", {"a": {"b": ["1", "2"]}}),
    ("<a><b>1</b><c/><b><d/></b></a>", {"a": {"b": ["1", {"d": ""}], "c": ""}}),
    ('<a id="7">x</a>', {"a": {"@id": "7", "#text": "x"}}),
    ('<a id="7"/>', {"a": {"@id": "7"}}),
    (f'<a {XSI}><b xsi:nil="true"/><c xsi:type="x">1</c></a>', {"a": {"b": None, "c": "1"}}),
    ('<p:a xmlns:p="u" p:n="1"><p:b>1</p:b></p:a>', {"a": {"@n": "1", "b": "1"}}),
    ("<a><!-- x --><?y z?><b>1</b></a>", {"a": {"b": "1"}}),
    ("<a><![CDATA[<b>]]></a>", {"a": "<b>"}),
    ("<a>\n  <b>राम</b>\n</a>", {"a": {"b": "राम"}}),
]


@pytest.mark.parametrize(("text", "tree"), DOCUMENTS)
def test_xml_is_read_as_mappings(text: str, tree: Any) -> None:
    assert read_xml(text.encode()) == (tree, ())


@pytest.mark.parametrize(
    ("text", "tree", "raw"),
    [
        ("<a>x&#x0B;y&#31;&#x1f;z&#10;</a>", {"a": "xyz\n"}, "&#x0B;"),
        ("<a>x\x0by</a>", {"a": "xy"}, "U+000B"),
        ("<a>\x00</a>", {"a": ""}, "U+0000"),
    ],
)
def test_forbidden_characters_are_removed_with_a_warning(text: str, tree: Any, raw: str) -> None:
    warning = SourceWarning(code=WarningCode.FORBIDDEN_CHARACTERS, raw=raw)
    assert read_xml(text.encode()) == (tree, (warning,))


def test_prefixes_distinguish_names_of_two_namespaces() -> None:
    text = b'<a xmlns="u1" xmlns:x="u2"><b>1</b><x:b y="1" x:y="2">3</x:b></a>'
    assert read_xml(text)[0] == {"a": {"b": ["1", {"@y": "2", "#text": "3"}]}}
    assert read_xml(text, {"u2": "two"})[0] == {
        "a": {"b": "1", "two:b": {"@y": "1", "@two:y": "2", "#text": "3"}}
    }


BOMB = '<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;">]><a>&c;</a>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
REFUSED = [
    "",
    "x",
    "<a>",
    "<a></b>",
    "<a>&b;</a>",
    BOMB,
    OUTSIDE,
    "<!DOCTYPE a><a/>",
]


@pytest.mark.parametrize("text", REFUSED)
def test_damaged_xml_and_dtds_are_refused(text: str) -> None:
    with pytest.raises(NotXmlError):
        read_xml(text.encode())


def test_a_document_that_is_too_deep_is_refused() -> None:
    with pytest.raises(NotXmlError):
        read_xml(b"<a>" * 5000 + b"</a>" * 5000)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(NotXmlError):
        assert len(read_xml(body)[0]) == 1


NAMES = st.sampled_from(["a", "b", "p:c", "d-e", "नाम"])
TEXTS = st.text(
    st.characters(
        min_codepoint=32, exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"
    ),
    max_size=10,
).filter(lambda text: not text or text.strip() == text)
TREES = st.recursive(
    TEXTS, lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=3), max_leaves=8
)


@given(NAMES, TREES)
def test_written_xml_is_read_back(name: str, tree: Any) -> None:
    written = write_xml({name: tree}, {"p": "urn:p", "": "urn:whole"})
    assert read_xml(written, {"urn:p": "p"}) == ({name: tree}, ())


def test_a_prefix_without_a_namespace_is_an_error() -> None:
    with pytest.raises(ValueError, match="'q'"):
        write_xml({"q:a": ""}, {"p": "urn:p"})
