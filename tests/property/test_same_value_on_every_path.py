"""A department's value has the same result and the same warnings on every path."""

import datetime as dt
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from schema.provenance import SourceState
from tests.property.value_paths import (
    COLUMNS,
    KEY,
    OVER_HTTP,
    Laboratory,
    Number,
    Reply,
    Row,
    Value,
    laboratory,
)

IST = ZoneInfo("Asia/Kolkata")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    with laboratory(tmp_path_factory.mktemp("same")) as opened:
        yield opened


ABSENT = st.sampled_from([None, "", " ", "-", "NA", "null", "not available"])
DAYS = st.dates(dt.date(2, 1, 1), dt.date(9999, 12, 30)).map(lambda day: day.isoformat())
CLOCKS = st.sampled_from(
    [
        "", "T10:42:07", " 10:42:07", "T10:42", "T00:00:00", "T24:00:00", "T24:00", "T24:00:01",
        "T23:59:60", "T10:42:07.1", "T10:42:07.123", "T10:42:07.123456", "T10:42:07.123456789",
        "T10:42:07,5", "T10.5", "T1042", "t10:42:07", "+10:42",
    ]
)  # fmt: skip
ZONES = st.sampled_from(["", "Z", "z", "+05:30", "-08:00", "+0530", "+05", "-00:00", "+25:00"])
ODD_DAYS = st.sampled_from(
    [
        "0000-00-00", "0000-00-00 00:00:00", "0001-01-01", "0001-01-01T00:00:00", "00000000",
        "0001-01-01T00:00:00Z", "20206-01-01", "-0044-03-15", "0044-03-15 BC", "infinity",
        "-infinity", "2026-02-31", "2026-11-3", "03/11/2026", "20261103", "२०२६-११-०३",
        "2026-11-03+05:30", "2026-11-03-08:00", "2026-11-03Z", "1793680207", "now", "9999-12-31",
        "9999-12-31T24:00:00", "1753-01-01", "2026-W45-2", "2026-307",
    ]
)  # fmt: skip
MOMENTS = st.builds("{}{}{}".format, DAYS, CLOCKS, ZONES) | ODD_DAYS | ABSENT
CALENDAR_DAYS = DAYS | ODD_DAYS | ABSENT


def either(numbers: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """As a number of JSON, and as a text."""
    return numbers | numbers.map(Number)


INTEGERS = st.integers(-(2**33), 2**44) | st.integers(-(10**40), 10**40)
DECIMALS = st.decimals(-(10**9), 10**9, places=2).map(lambda number: repr(float(number)))
WHOLE = st.integers(-9, 9).map(lambda number: f"{number}.0")
JSON_NUMBERS = INTEGERS.map(str) | DECIMALS | WHOLE | st.sampled_from(["0", "4.5", "1793680207"])
OTHER_NUMBERS = st.sampled_from(
    [
        "1_000", "१२", "٤", "0x10", "1e3", "NaN", "Infinity", "-Infinity", "inf", "1,000", "1 000",
        "+7", "007", ".5", "5.", "--1", "½", "1.0.0", "3,00,000.00", "Rs. 300/-", "₹300",
    ]
)  # fmt: skip
NUMBERS = either(JSON_NUMBERS) | OTHER_NUMBERS | ABSENT
TEXTS = ABSENT | st.text(
    st.sampled_from("aZ09 .,;:'\"<>&|~^/\\#%@é…राम देवी\u00a0\u200d😀"), max_size=16
)
CODES = st.sampled_from(["02", "2", "4", Number("4"), "??", "04", None, "-"])
VALUES: dict[str, st.SearchStrategy[Value]] = {
    "status": CODES,
    "name": TEXTS,
    "made": MOMENTS,
    "secs": NUMBERS,
    "millis": NUMBERS,
    "day": CALENDAR_DAYS,
    "rating": NUMBERS,
    "amount": NUMBERS,
}
ROWS = st.fixed_dictionaries(
    {"owner": st.just(KEY), "number": st.sampled_from(["N-1", "N-2", "N-3"]), **VALUES}
)
REPLIES = st.builds(
    Reply,
    st.lists(ROWS, max_size=6),
    st.sampled_from(["utf-8", "utf-16"]),
    st.booleans(),
)


def row(**values: Value) -> Row:
    return {"owner": KEY, "number": "N-1", **dict.fromkeys(COLUMNS[2:]), "status": "02", **values}


def same(lab: Laboratory, reply: Reply) -> list[tuple[dict[str, Any], list[Any]]]:
    """Return the answer of every path, after a check that they are equal."""
    answers = lab.answers(reply)
    expected = answers.pop("rest-json-mappings")
    assert not isinstance(expected, str), expected
    for path, answer in answers.items():
        assert not isinstance(answer, str), (path, answer)
        found, wanted = list(map(str, answer)), list(map(str, expected))
        if path in STORED:
            found, wanted = sorted(set(found)), sorted(set(wanted))
        assert found == wanted, path
    return expected


STORED = frozenset({"csv", "fixed"})
"""Paths of stored rows, which have no order. Equal rows of a delivery are one."""


EXAMPLES = settings(
    max_examples=50,
    deadline=None,
    # One reply takes a tenth of a second on all paths, so a failure could not be shrunk in time.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@EXAMPLES
@given(REPLIES)
@example(Reply([]))
@example(Reply([row(), row()]))
@example(Reply([row(name="x", number=f"N-{n}") for n in range(300)]))
def test_a_value_has_the_same_result_and_warnings_on_every_path(
    lab: Laboratory, reply: Reply
) -> None:
    assert len(same(lab, reply)) == 2 * len(reply.rows)


@EXAMPLES
@given(
    st.builds(
        Reply,
        st.lists(ROWS.map(lambda values: {**values, "status": "02"}), min_size=1, max_size=4),
        st.sampled_from(["utf-8", "utf-16"]),
        nulls=st.frozensets(st.integers(0, 6), min_size=1, max_size=3),
    )
)
@example(Reply([row()], nulls=frozenset({0})))
@example(Reply([], nulls=frozenset({0, 1})))
def test_a_null_in_place_of_a_row_is_reported_on_every_path(lab: Laboratory, reply: Reply) -> None:
    nulls, entries = len(reply.nulls), len(reply.entries)
    text = f"{nulls} of {entries} rows {'is' if nulls == 1 else 'are'} null"
    expected = (SourceState.INCOMPLETE, [text], len(reply.rows))
    gaps = lab.gaps(reply)
    assert gaps == dict.fromkeys(OVER_HTTP, expected)


@pytest.mark.parametrize(
    ("column", "value", "field", "expected"),
    [
        ("made", "2026-11-03+05:30", "requested_datetime", "2026-11-03T00:00:00+05:30"),
        ("made", "2026-11-03T24:00:00Z", "requested_datetime", "2026-11-04T00:00:00+00:00"),
        ("made", "2026-11-03 10:42:07.1234567", "requested_datetime",
         "2026-11-03T10:42:07.123456+05:30"),
        ("made", "0001-01-01T00:00:00", "requested_datetime", None),
        ("secs", Number("1793680207"), "updated_datetime", "2026-11-03T10:00:07+05:30"),
        ("secs", "1793680207.5", "updated_datetime", "2026-11-03T10:00:07.500000+05:30"),
        ("millis", Number("1793680207123"), "stored_due_date", dt.date(2026, 11, 3)),
        ("day", "2026-11-02T18:30:00Z", "benefit_date", dt.date(2026, 11, 3)),
        ("day", "2026-11-03T24:00:00", "benefit_date", dt.date(2026, 11, 4)),
        ("day", "0000-00-00", "benefit_date", None),
        ("rating", Number("4.0"), "rating", 4),
        ("rating", "4.0", "rating", 4),
        ("name", "\u00a0राम\u2003देवी ", "status_notes", "राम देवी"),
    ],
)  # fmt: skip
def test_a_value_is_read_on_every_path(
    lab: Laboratory, column: str, value: Value, field: str, expected: object
) -> None:
    answer = same(lab, Reply([row(**{column: value})], bom=True))
    assert [values[field] for values, _ in answer if field in values] == [expected]
    assert all(warnings == [] for _, warnings in answer)


@pytest.mark.parametrize(
    ("column", "value", "field"),
    [
        ("made", "2026-11-03T10.5", "requestedDatetime"),
        ("made", "20206-01-01", "requestedDatetime"),
        ("made", "infinity", "requestedDatetime"),
        ("secs", "2026-11-03", "updatedDatetime"),
        ("secs", Number("1793680207123"), "updatedDatetime"),
        ("millis", "1_793_680_207_123", "dueDate"),
        ("day", "03/11/2026", "benefitDate"),
        ("rating", Number("4.50"), "rating"),
        ("rating", Number("123456789012345678901234567890"), "rating"),
        ("rating", "१२", "rating"),
        ("amount", Number("1e400"), "benefitValue"),
        ("amount", "Infinity", "benefitValue"),
    ],
)
def test_an_invalid_value_is_reported_as_it_is_on_every_path(
    lab: Laboratory, column: str, value: str, field: str
) -> None:
    answer = same(lab, Reply([row(**{column: value})], charset="utf-16"))
    warnings = [warning for _, found in answer for warning in found]
    assert warnings == [("INVALID_VALUE", field, value)]
