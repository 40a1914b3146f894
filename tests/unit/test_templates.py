"""Placeholders in calls."""

import datetime as dt

import pytest

from adapters.connectors.templates import (
    MISSING,
    fill,
    fill_to_text,
    placeholders_in,
    wrong_filters_in,
)

DAY = dt.date(2026, 11, 3)


def test_a_text_that_is_one_placeholder_keeps_the_values_type() -> None:
    assert fill({"ids": "{keys}"}, {"keys": ["1", "2"]}) == {"ids": ["1", "2"]}


def test_a_placeholder_in_a_text_is_written_as_text() -> None:
    assert fill_to_text("a-{keys}-b", {"keys": ["1", "2"]}) == "a-1,2-b"
    assert fill_to_text("{day:dd/mm/yyyy}", {"day": DAY}) == "03/11/2026"
    assert fill_to_text("{day:dd-mon-yyyy}, {day:month}", {"day": DAY}) == "03-Nov-2026, November"
    assert fill_to_text("{day}", {"day": DAY}) == "2026-11-03"


def test_entries_without_a_value_are_left_out() -> None:
    assert fill({"a": "{x}", "b": {"c": "{y}"}, "d": "1"}, {}) == {"d": "1"}
    assert fill({"b": {"c": "{y}"}}, {}) is MISSING
    assert fill_to_text("{x}", {}) is None


def test_placeholders_are_found_in_nested_templates() -> None:
    assert placeholders_in({"a": ["{x}", {"b": "{y:dd}"}]}) == {"x", "y"}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{name|max_bytes 7}", "\u0930\u093e"),
        ("{name|upper}", "\u0930\u093e\u092e"),
        ("{padded|squeeze}", "RAM DEVI"),
        ("{padded|squeeze|lower|max_bytes 4}", "ram"),
        ("{number|zeros 6}", "000042"),
        ("{number|pad 4}|", "42  |"),
        ("{keys|upper}", ["A", "B"]),
        ("{keys|join |}", "a|b"),
        ("[{keys|upper|join ; }]", "[A; B]"),
        ("{since:dd/mm/yyyy|pad 12}", "02/11/2026  "),
        ("{name|kruti_dev}", "jke"),
        ("{nothing|upper}", MISSING),
    ],
)
def test_filters(template: str, expected: object) -> None:
    bindings = {
        "name": "\u0930\u093e\u092e",
        "padded": " RAM\n\x07 DEVI ",
        "number": 42,
        "keys": ["a", "b"],
        "since": dt.date(2026, 11, 2),
    }
    assert fill(template, bindings) == expected


def test_a_day_is_written_as_the_moment_in_which_it_begins_in_utc() -> None:
    found = fill(["{d:epoch}", "{d:epoch-ms}"], {"d": dt.date(1970, 1, 2)})
    assert found == ["86400", "86400000"]


@pytest.mark.parametrize(
    ("template", "value", "sent"),
    [
        ("{n|number}", "5", 5),
        ("{n|number}", "-0.5", -0.5),
        ("{n|number}", 7, 7),
        ("{n|number}", "5 km", "5 km"),
        ("{n|number}", "९", 9),
        ("{n|number}", ["1", "2"], [1, 2]),
        ("{n|boolean}", "Yes", True),
        ("{n|boolean}", "0", False),
        ("{n|boolean}", "perhaps", "perhaps"),
        ("{true}", None, True),
        ("{false}", None, False),
        ("a={true}, {n|boolean}", "N", "a=true, false"),
    ],
)
def test_numbers_and_booleans_are_sent_as_such(template: str, value: object, sent: object) -> None:
    found = fill({"x": template}, {"n": value})["x"]
    assert (found, type(found)) == (sent, type(sent))
    assert wrong_filters_in(template) == set()
    assert placeholders_in(template) <= {"n"}


@pytest.mark.parametrize(
    "wrong", ["{a|shout}", "{a|max_bytes}", "{a|zeros x}", "{a|upper 3}", "{a|join}", "{a|pad 0}"]
)
def test_a_wrong_filter_is_reported(wrong: str) -> None:
    assert len(wrong_filters_in({"a": ["{b}", wrong]})) == 1
    assert placeholders_in(wrong) == {"a"}
