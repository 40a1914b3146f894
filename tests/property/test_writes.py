"""Property tests: no value breaks a form, and no reply is taken for a success by accident."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.connectors.filters import compile_filters
from adapters.connectors.templates import fill
from adapters.connectors.write_replies import WriteMeaning, WriteReplyRule, WriteResponse
from adapters.mapping import Code, CodeTable
from adapters.write_filling import Form, WriteFilling
from schema.form import AttributeType
from schema.language import Text
from tests.connectors.writing_department import application

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
MOST = 30
FIELDS = {
    "name": f"{{name|squeeze|max_bytes {MOST}}}",
    "born": "{born:dd/mm/yyyy}",
    "r": "{receipt}",
}
FILLING = WriteFilling(
    "forest",
    ZoneInfo("Asia/Kolkata"),
    {},
    {"FOR-1": Form("TR", FIELDS, "", {"name": AttributeType.STRING, "born": AttributeType.DATE})},
)


@given(name=TEXTS, born=st.one_of(TEXTS, st.dates()))
async def test_any_value_fills_a_form_within_its_limits(name: str, born: Any) -> None:
    values = {"name": name, "born": born}
    request = application(values=values)
    fields = (await FILLING.bindings(request, {"fields"}, {}))["fields"]
    assert isinstance(fields, dict)
    assert list(fields) == list(FIELDS)
    assert len(fields["name"].encode()) <= MOST
    misfits = FILLING.misfits("FOR-1", values, {}, None)
    (squeeze,) = compile_filters("|squeeze")
    whole = squeeze(name)  # type: ignore[operator]
    assert (fields["name"] == whole) is not bool(misfits)


@given(names=st.lists(TEXTS, min_size=1, max_size=8), separator=st.sampled_from("|~;^"))
def test_a_packed_form_always_has_the_same_number_of_parts(
    names: list[str], separator: str
) -> None:
    bindings = {"fields": {str(nth): name for nth, name in enumerate(names)}}
    packed = fill(f"{{fields|join {separator}}}", bindings)
    assert len(packed.split(separator)) == len(names)


@given(
    words=st.lists(
        TEXTS.filter(lambda each: each != "-"),
        min_size=1,
        max_size=10,
        unique_by=lambda each: each.casefold(),
    )
)
def test_a_code_is_that_of_its_text(words: list[str]) -> None:
    table = CodeTable(
        "t", None, [Code(str(nth), None, Text(word or "-")) for nth, word in enumerate(words)]
    )
    for word in words:
        code = table.code_of(word)
        if code is not None:
            plain = " ".join(words[int(code)].replace("_", " ").split()).casefold()
            assert plain == " ".join(word.replace("_", " ").split()).casefold() or not word


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["code", "data", "msg", "0", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)
RULE = WriteReplyRule.model_validate(
    {
        "reference": {"path": "data/0/msg", "matches": r"(\d+)"},
        "token": "data/x",
        "receipt": "msg",
        "rules": [
            {"path": "code", "one_of": ["0"], "means": "DONE"},
            {"path": "data/code", "matches": "^E", "means": "REFUSED"},
            {"path": "@text", "matches": "(?i)thank you", "means": "DONE"},
        ],
    }
)


@given(content=JSON, text=TEXTS, status=st.none() | st.integers(100, 599))
def test_rules_read_any_reply(content: Any, text: str, status: int | None) -> None:
    response = WriteResponse(content=content, text=text, status=status)
    meaning = RULE.meaning_of(response)
    code = content.get("code") if isinstance(content, dict) else None
    if meaning is WriteMeaning.DONE:
        assert "thank you" in text.lower() or response.text_at("code") == "0"
    if code in ("0", 0) and code is not False:
        assert meaning is WriteMeaning.DONE
    for rule in (RULE.reference, RULE.token, RULE.receipt):
        assert rule is not None
        number = rule.number_in(response)
        assert number is None or number.strip() == number != ""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("data/number", "1"),
        ("data/0/number", "1"),
        ("data/1/number", "2"),
        ("data/9/number", None),
        ("data", None),
        ("flag", "true"),
        ("none", None),
        ("blank", None),
        ("one", "x"),
    ],
)
def test_a_path_leads_through_lists(path: str, expected: str | None) -> None:
    content = {
        "data": [{"number": 1}, {"number": 2}],
        "flag": True,
        "none": None,
        "blank": "  ",
        "one": ["x"],
    }
    assert WriteResponse(content=content).text_at(path) == expected
