"""Placeholders in calls."""

import datetime as dt

from adapters.connectors.templates import MISSING, fill, fill_to_text, placeholders_in

DAY = dt.date(2026, 11, 3)


def test_a_whole_placeholder_keeps_its_kind() -> None:
    assert fill({"ids": "{keys}"}, {"keys": ["1", "2"]}) == {"ids": ["1", "2"]}


def test_within_a_text_it_is_written_out() -> None:
    assert fill_to_text("a-{keys}-b", {"keys": ["1", "2"]}) == "a-1,2-b"
    assert fill_to_text("{day:dd/mm/yyyy}", {"day": DAY}) == "03/11/2026"
    assert fill_to_text("{day}", {"day": DAY}) == "2026-11-03"


def test_what_has_no_value_is_left_out() -> None:
    assert fill({"a": "{x}", "b": {"c": "{y}"}, "d": "1"}, {}) == {"d": "1"}
    assert fill({"b": {"c": "{y}"}}, {}) is MISSING
    assert fill_to_text("{x}", {}) is None


def test_names_are_found_anywhere() -> None:
    assert placeholders_in({"a": ["{x}", {"b": "{y:dd}"}]}) == {"x", "y"}
