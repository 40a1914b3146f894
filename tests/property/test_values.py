"""Values round-trip: codes, money, packed texts, byte limits, scripts."""

import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.connectors.templates import fill
from adapters.mapping import Code, CodeTable, MappingContext, compile_reader
from adapters.mapping.kruti_dev import from_kruti_dev, to_kruti_dev
from adapters.mapping.letters import cut_to_bytes, looks_like_kruti_dev, script_of
from adapters.mapping.packed_values import entries_reader, joiner, names_reader, part_reader
from adapters.mapping.values import integer_reader, money_reader, number_reader, text_reader
from schema.application import Application
from schema.person import Script
from schema.provenance import SourceWarning
from schema.status import ApplicationStatus
from tests.unit.test_mapping import BASE, IST, ORIGIN, rules_of

TEXT = text_reader(frozenset({""}))
CODES = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=6)

CONSONANTS = st.sampled_from("कखगघचछजझटठडढणतथदधनपफबभमयरलवशषसह")
SIGNS = st.sampled_from(["", *"ािीुूृेैोौ", "ां", "ीं", "ें", "ों", "ं", "ाँ", "ँ"])
VOWELS = st.sampled_from("अआइईउऊएऐओऔ")
# Clusters of Hindi: one or two consonants, with nuktas on those that can have one.
CLUSTERS = st.one_of(
    CONSONANTS,
    st.tuples(CONSONANTS, CONSONANTS).map("्".join),
    st.sampled_from(
        ["ड़", "ढ़", "ज़", "फ़", "क्ष", "त्र", "ज्ञ", "श्र", "क्ष्म", "स्त्र", "ष्ट्र", "न्द्र", "त्त्व"]
    ),
)
SYLLABLES = st.one_of(VOWELS, st.tuples(CLUSTERS, SIGNS).map("".join))
WORDS = st.lists(SYLLABLES, min_size=1, max_size=6).map("".join)
NAMES = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)
ANY_SCRIPT = st.text(
    st.one_of(
        st.characters(min_codepoint=0x900, max_codepoint=0x97F),
        st.sampled_from("aZ é\u200d\u0301😀👩🇮🇳…"),
    ),
    max_size=40,
)


@given(st.dictionaries(CODES, st.sampled_from(list(ApplicationStatus)), min_size=1), CODES)
def test_known_codes_are_translated_and_all_others_are_unknown(
    table: dict[str, ApplicationStatus], other: str
) -> None:
    codes = CodeTable("status", ApplicationStatus, [Code(c, m, None) for c, m in table.items()])
    context = MappingContext("x", frozenset({""}), IST, {"status": codes}, {})
    read = compile_reader(Application, rules_of(BASE_WITHOUT_LABEL), context)
    for code in [*table, other]:
        notes: list[SourceWarning] = []
        record = read({"NO": "1", "ST": code}, ORIGIN, notes, {})
        assert isinstance(record, Application)
        assert record.application_status is table.get(code, ApplicationStatus.UNKNOWN)
        assert record.department_status.code == code
        assert [note.raw for note in notes] == ([] if code in table else [code])


BASE_WITHOUT_LABEL: dict[str, Any] = {**BASE, "departmentStatus": {"fields": {"code": "ST"}}}


def in_indian_groups(paise: int) -> str:
    whole, rest = divmod(abs(paise), 100)
    digits = str(whole)
    groups = [digits[-3:]]
    digits = digits[:-3]
    while digits:
        groups.insert(0, digits[-2:])
        digits = digits[:-2]
    return f"{'-' if paise < 0 else ''}{','.join(groups)}.{rest:02}"


@given(st.integers(-(2**53) + 1, 2**53 - 1))
def test_money_is_read_in_every_form(paise: int) -> None:
    rupees, counted = money_reader("rupees", TEXT), money_reader("paise", TEXT)
    forms = [
        str(Decimal(paise) / 100),
        in_indian_groups(paise),
        f"{Decimal(paise) / 100:,.2f}",
        Decimal(paise) / 100,
    ]
    if paise >= 0:
        forms += [f"Rs. {in_indian_groups(paise)}", f"₹{in_indian_groups(paise)}/-"]
    for form in forms:
        money = rupees(form)
        assert money is not None
        assert money.amount == paise, form
    money = counted(f"{paise:09}")
    assert money is not None
    assert money.amount == paise


BEYOND_ALL = [2**53, -(2**53), 10**40, float("inf"), float("nan")]


@pytest.mark.parametrize(
    ("read", "reported"),
    [(money_reader("paise", TEXT), each) for each in BEYOND_ALL]
    + [(integer_reader(TEXT), each) for each in [*BEYOND_ALL, 2**31, -(2**31) - 1]],
)
def test_a_number_beyond_the_range_of_its_scalar_is_invalid(
    read: Callable[[object], object], reported: float
) -> None:
    for written in (reported, str(reported)):
        with pytest.raises(ValueError, match=r"."):
            read(written)
    if not isinstance(reported, int):
        with pytest.raises(ValueError, match=r"."):
            number_reader(TEXT)(reported)


@pytest.mark.parametrize(
    "text",
    [
        "1_000", "१२", "٤", "0x10", "NaN", "Infinity", "-inf", "½", "1.0.0", "--1", "1e", "e1", ".",
        "1 000", "9" * 5000, "1e99999", "4,0", "٣٫٥",
    ],
)  # fmt: skip
def test_a_text_that_only_python_calls_a_number_is_invalid(text: str) -> None:
    for read in (integer_reader(TEXT), number_reader(TEXT), money_reader("paise", TEXT)):
        with pytest.raises(ValueError, match=r"."):
            read(text)


@pytest.mark.parametrize("written", [4.0, "4.0", "4", "4.", "+4", "004", "0.4e1", Decimal("4.000")])
def test_a_whole_number_is_an_integer_in_every_form(written: object) -> None:
    assert integer_reader(TEXT)(written) == 4
    assert number_reader(TEXT)(written) == 4


@pytest.mark.parametrize("written", [4.5, "4.5", Decimal("4.01"), "1e-1", True, "1e400"])
def test_a_number_with_decimals_is_no_integer(written: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        integer_reader(TEXT)(written)


@given(st.text(max_size=30))
def test_any_text_is_an_amount_in_paise_or_a_value_error(text: str) -> None:
    try:
        money = money_reader("rupees", TEXT)(text)
    except ValueError:
        return
    assert money is None or abs(money.amount) < 10**19


@given(ANY_SCRIPT, st.integers(0, 60))
def test_a_cut_never_splits_a_letter(text: str, most: int) -> None:
    cut = cut_to_bytes(text, most)
    assert len(cut.encode()) <= most or cut == text
    assert text.startswith(cut)
    letters, kept = regex.findall(r"\X", text), regex.findall(r"\X", cut)
    assert letters[: len(kept)] == kept
    if cut != text:
        following = "".join(letters[: len(kept) + 1])
        assert len(following.encode()) > most or not following[len(cut) :].strip()


@given(NAMES, st.integers(1, 40))
def test_a_placeholder_is_never_longer_than_max_bytes(name: str, most: int) -> None:
    sent = fill(f"{{name|squeeze|max_bytes {most}}}", {"name": name})
    assert len(sent.encode()) <= most
    assert name.startswith(sent)


@given(NAMES)
@example("ट्कि")
def test_kruti_dev_round_trip(name: str) -> None:
    name = unicodedata.normalize("NFC", name)
    written = to_kruti_dev(name)
    assert not any("ऀ" <= letter <= "ॿ" for letter in written)
    assert from_kruti_dev(written) == name


@pytest.mark.parametrize("joiner", ["\u200c", "\u200d"])
def test_kruti_dev_has_no_joiners(joiner: str) -> None:
    assert to_kruti_dev(f"क्{joiner}ष राम{joiner} देवी") == 'D"k jke nsoh'


@given(st.text(max_size=60) | st.text(st.characters(max_codepoint=0xFF), max_size=60))
def test_kruti_dev_reads_any_text(text: str) -> None:
    read = from_kruti_dev(text)
    assert read == unicodedata.normalize("NFC", read)
    to_kruti_dev(text)
    script_of(text)
    looks_like_kruti_dev(text)


@given(NAMES)
def test_devanagari_is_detected(name: str) -> None:
    assert script_of(name) is Script.DEVANAGARI


@given(st.lists(st.lists(st.text(st.characters(exclude_characters="~^"), min_size=1), min_size=1,
                         max_size=4), max_size=5))  # fmt: skip
def test_packed_lists_round_trip(entries: list[list[str]]) -> None:
    entries = [entry for entry in entries if "~".join(entry).strip()]
    packed = "^".join("~".join(entry) for entry in entries)
    read = entries_reader("^", "~", ["a", "b", "c", "d"])(packed)
    assert [list(each.values()) for each in read] == entries


@given(st.lists(st.text(st.characters(exclude_characters="~"))), st.integers(-6, 6))
def test_a_part_is_the_text_between_separators(parts: list[str], number: int) -> None:
    read = part_reader("~", number or 1)("~".join(parts))
    parts = parts or [""]
    counted = dict(enumerate(parts, 1))
    counted |= {n - len(parts): part for n, part in enumerate(parts)}
    assert read == counted.get(number or 1)


@given(st.lists(st.text(st.characters(categories=["L"]), max_size=5) | st.none()))
def test_concat_and_split_round_trip(values: list[str | None]) -> None:
    there = [value for value in values if value]
    joined = joiner("|", TEXT)(values)
    assert (joined.split("|") if joined is not None else []) == there


@given(st.text(), st.integers(1, 5))
def test_more_parts_than_names_are_refused(text: str, count: int) -> None:
    names = [str(number) for number in range(count)]
    try:
        read = names_reader("~", names)(text)
    except ValueError:
        assert text.count("~") >= count
        return
    assert read is None or list(read.values()) == text.split("~")


def test_script_detection_takes_linear_time_for_hostile_names() -> None:
    """With backtracking or repeated copying, this test would never end."""
    assert not looks_like_kruti_dev("a" + "." * 10_000 + "1")
    assert script_of("\u212a" + "-" * 10_000 + "1") is Script.LATIN
    assert len(from_kruti_dev("d" + "a" * 200_000)) == 200_001
