"""A recorded sample holds no personal data, and is read like the original."""

import datetime as dt
import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.contract import Capability
from adapters.manifest import find_departments, load_department
from adapters.workbench.recording.columns import columns_of
from adapters.workbench.recording.pseudonyms import Pseudonyms
from adapters.workbench.recording.replacement import Replacer

FOLDERS = {folder.name: folder for folder in find_departments()}
COLUMNS = columns_of(load_department(FOLDERS["scholarships"]), Capability.APPLICATIONS_BY_CITIZEN)

LETTERS = st.text(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), min_size=5, max_size=12)
HINDI = st.text(st.sampled_from("कखगघचछजटडतदनपबमयरलवशसह"), min_size=5, max_size=9)
NAMES = st.lists(st.one_of(LETTERS, HINDI), min_size=1, max_size=3).map(" ".join)
PHONES = st.from_regex(r"[6-9]\d{9}", fullmatch=True)
NUMBERS = st.from_regex(r"STU\d{10}", fullmatch=True)
BIRTHS = st.dates(dt.date(1910, 1, 1), dt.date(2014, 12, 31)).map(lambda d: d.strftime("%d-%m-%Y"))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "studentName": NAMES,
            "mobile": PHONES,
            "studentId": NUMBERS,
            "dob": BIRTHS,
            "status": st.sampled_from(["NEW", "PAID", "QUERY"]),
            "remarks": NAMES,
            "statusText": st.just("Paid"),
            "unlisted": st.one_of(NAMES, PHONES, st.none(), st.booleans()),
        }
    ),
    min_size=1,
    max_size=4,
)
PERSONAL = ("studentName", "mobile", "studentId", "dob", "remarks")
PERSONAL_TEXTS = (*PERSONAL, "unlisted")


def shape_of(text: str) -> str:
    text = re.sub(r"[A-Z]", "A", text)
    text = re.sub(r"[a-z]", "a", text)
    text = re.sub(r"\d", "9", text)
    return re.sub(r"[\u0904-\u0939]", "क", text)


@settings(max_examples=30, deadline=None)
@given(ROWS)
def test_no_personal_value_is_left(rows: list[dict[str, object]]) -> None:
    replaced = Replacer(COLUMNS, Pseudonyms()).replace_json({"status": "true", "data": rows})
    written = json.dumps(replaced, ensure_ascii=False)
    for row in rows:
        for name in PERSONAL_TEXTS:
            if isinstance(row[name], str):
                assert str(row[name]) not in written


@settings(max_examples=30, deadline=None)
@given(ROWS)
def test_no_word_of_a_name_is_left(rows: list[dict[str, object]]) -> None:
    replaced = Replacer(COLUMNS, Pseudonyms()).replace_json(rows)
    written = set(re.findall(r"\w+", json.dumps(replaced, ensure_ascii=False)))
    for row in rows:
        assert written.isdisjoint(str(row["studentName"]).split())


@settings(max_examples=30, deadline=None)
@given(ROWS)
def test_forms_and_codes_are_kept(rows: list[dict[str, object]]) -> None:
    replaced = Replacer(COLUMNS, Pseudonyms()).replace_json(rows)
    for before, after in zip(rows, replaced, strict=True):
        assert after["status"] == before["status"]
        assert after["statusText"] == before["statusText"]
        for name in PERSONAL:
            assert shape_of(after[name]) == shape_of(str(before[name]))


@settings(max_examples=30, deadline=None)
@given(ROWS)
def test_equal_values_get_equal_pseudonyms(rows: list[dict[str, object]]) -> None:
    replacer = Replacer(COLUMNS, Pseudonyms())
    twice = replacer.replace_json({"a": rows, "b": rows})
    assert twice["a"] == twice["b"]
    assert replacer.replace_key(str(rows[0]["studentId"])) == twice["a"][0]["studentId"]


@settings(max_examples=30, deadline=None)
@given(NAMES, PHONES)
def test_json_and_xml_inside_a_text_are_replaced(name: str, phone: str) -> None:
    inner = json.dumps({"name": name, "mobile": phone}, ensure_ascii=False)
    packed = f"<row><name>{name}</name><mobile>{phone}</mobile></row>"
    replaced = Replacer(COLUMNS, Pseudonyms()).replace_json({"history": inner, "xml": packed})
    written = json.dumps(replaced, ensure_ascii=False)
    assert name not in written
    assert phone not in written
    assert json.loads(replaced["history"]).keys() == {"name", "mobile"}
    assert etree.fromstring(replaced["xml"].encode()).tag == "row"


@settings(max_examples=30, deadline=None)
@given(NAMES, PHONES)
def test_xml_keeps_its_form(name: str, phone: str) -> None:
    content = f'<r a="{phone}"><Name>{name}</Name><StatusCode>NEW</StatusCode><!--{name}--></r>'
    written = Replacer(COLUMNS, Pseudonyms()).replace_xml(content.encode()).decode()
    assert name not in written
    assert phone not in written
    assert "<StatusCode>NEW</StatusCode>" in written


@settings(max_examples=60, deadline=None)
@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
))  # fmt: skip
def test_any_reply_can_be_replaced(tree: object) -> None:
    replaced = Replacer(COLUMNS, Pseudonyms("seed")).replace_json(tree)
    assert type(replaced) is type(tree)


SHORT_NUMBERS = st.sets(st.integers(1, 999), min_size=1, max_size=300)
WORDS = st.text(
    st.one_of(
        st.sampled_from("abxyzABXYZ0123456789"),
        st.sampled_from("कखगराि०१२३ਪੰਜਾਬੀàéßŻлджΩσς漢字ªº²"),
        st.characters(categories=("L", "Nd")),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=30, deadline=None)
@given(SHORT_NUMBERS)
def test_short_numbers_stay_different(numbers: set[int]) -> None:
    rows = [{"citizenNo": number, "applicationNo": f"A-{number}"} for number in sorted(numbers)]
    replaced = Replacer(COLUMNS, Pseudonyms()).replace_json(rows)
    assert len({each["citizenNo"] for each in replaced}) == len(numbers)
    assert len({each["applicationNo"] for each in replaced}) == len(numbers)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, unique_by=str.lower, min_size=1, max_size=60), st.booleans())
def test_different_words_get_different_pseudonyms(words: list[str], are_learnt: bool) -> None:
    pseudonyms = Pseudonyms()
    if are_learnt:
        pseudonyms.learn(words)
    made_up = [pseudonyms.of_text(word) for word in words]
    assert len(set(made_up)) == len(words)
    assert [len(each) for each in made_up] == [len(word) for word in words]
    assert [pseudonyms.of_text(word) for word in words] == made_up


def test_every_number_of_three_digits_gets_another_number() -> None:
    pseudonyms = Pseudonyms()
    numbers = [f"{number:03}" for number in range(1000)]
    made_up = [pseudonyms.of_text(number) for number in numbers]
    assert sorted(made_up) == numbers
    assert sum(new == old for new, old in zip(made_up, numbers, strict=True)) <= 1


@settings(max_examples=40, deadline=None)
@given(st.sets(st.from_regex(r"[A-Z]{2}/(19|20)?[0-9]{1,4}/[0-9]{1,5}", fullmatch=True)))
def test_application_numbers_stay_different(numbers: set[str]) -> None:
    replacer = Replacer(COLUMNS, Pseudonyms())
    assert len({replacer.replace_key(number) for number in numbers}) == len(numbers)


@settings(max_examples=30, deadline=None)
@given(NAMES)
def test_a_text_that_means_an_error_is_kept(name: str) -> None:
    water = load_department(FOLDERS["water"])
    columns = columns_of(water, Capability.APPLICATIONS_BY_CITIZEN)
    fault = "Session Expired. Please Login Again"
    content = f"<r><faultstring>{fault}</faultstring><note>{name}</note></r>"
    written = Replacer(columns, Pseudonyms()).replace_xml(content.encode()).decode()
    assert f"<faultstring>{fault}</faultstring>" in written
    assert name not in written
