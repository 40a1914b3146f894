"""Cursors and pages, in both directions (Relay Cursor Connections Specification)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.connections import (
    LazyKey,
    PageArguments,
    PageInfo,
    SortKey,
    decode_cursor,
    encode_cursor,
    page_arguments,
    page_of,
)
from schema.errors import HubError
from tests.support.ids import IDS

TEXT = st.text(st.characters(exclude_characters="\n", codec="utf-8"), max_size=30)
NUMBER = st.floats(allow_nan=False)
KEYS = st.lists(st.tuples(NUMBER, TEXT), unique=True, max_size=30)
ORDER = "NEWEST_FIRST"


def page_with(rows: list[SortKey], **arguments: int | str | None) -> tuple[list[SortKey], PageInfo]:
    """Return the page that the arguments of a list select, `first: 10` for instance."""
    given_ = {"first": None, "last": None, "after": None, "before": None, **arguments}
    page = page_arguments(IDS, **given_, order=ORDER)  # type: ignore[arg-type]
    return page_of(rows, lambda key: key, page)


def cursor(key: LazyKey | None) -> str | None:
    if key is None:
        return None
    return encode_cursor(IDS, key() if callable(key) else key)


@given(NUMBER, TEXT)
def test_a_cursor_decodes_to_the_same_key(first: float, second: str) -> None:
    assert decode_cursor(IDS, encode_cursor(IDS, (first, second))) == (first, second)


@given(KEYS, st.integers(min_value=1, max_value=10))
def test_all_pages_together_are_the_list(keys: list[SortKey], size: int) -> None:
    rows = sorted(keys, reverse=True)
    collected: list[SortKey] = []
    after = None
    while True:
        page, info = page_with(rows, first=size, after=after)
        assert info.has_previous_page == bool(collected)
        collected += page
        if not info.has_next_page:
            break
        after = cursor(info.last_key)
    assert collected == rows


@given(KEYS, st.integers(min_value=1, max_value=10))
def test_all_pages_from_the_end_together_are_the_list(keys: list[SortKey], size: int) -> None:
    rows = sorted(keys, reverse=True)
    collected: list[SortKey] = []
    before = None
    while True:
        page, info = page_with(rows, last=size, before=before)
        assert info.has_next_page == bool(collected)
        collected = page + collected
        if not info.has_previous_page:
            break
        before = cursor(info.first_key)
    assert collected == rows


@given(KEYS.filter(lambda keys: len(keys) > 1), st.data())
def test_both_cursors_cut_the_list(keys: list[SortKey], data: st.DataObject) -> None:
    rows = sorted(keys, reverse=True)
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(rows) - 1)] * 2)))
    first, _ = page_with(rows, first=1, after=None)
    assert first == rows[:1]
    between = rows[start + 1 : end]
    marked = PageArguments(1, order=ORDER).marked
    cursors = {"after": cursor(marked(rows[start])), "before": cursor(marked(rows[end]))}
    page, info = page_with(rows, last=5, **cursors)
    assert page == between[-5:]
    assert page_with(rows, first=5, **cursors)[0] == between[:5]
    if between:
        assert (info.has_previous_page, info.has_next_page) == (True, True)


@given(KEYS.filter(lambda keys: len(keys) > 1), st.data())
def test_a_page_is_correct_after_the_row_of_its_cursor_was_deleted(
    keys: list[SortKey], data: st.DataObject
) -> None:
    rows = sorted(keys, reverse=True)
    lost = data.draw(st.sampled_from(rows))
    rest = [row for row in rows if row != lost]
    page, _ = page_of(rest, lambda key: key, PageArguments(len(rows), after=lost))
    assert page == [row for row in rest if row < lost]
    page, _ = page_of(rest, lambda key: key, PageArguments(len(rows), from_end=True, before=lost))
    assert page == [row for row in rest if row > lost]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"first": 1, "last": 1}, "`first` or `last`"),
        ({"last": 0}, "`last` is 0"),
        ({"first": 101}, "`first` is 101"),
        ({"before": "x"}, "`before` is not a cursor"),
        ({"after": encode_cursor(IDS, (1.0, "OLDEST_FIRST a"))}, "another order"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, int | str], message: str) -> None:
    with pytest.raises(HubError, match=message) as caught:
        page_with([], **arguments)
    assert caught.value.code == "BAD_USER_INPUT"
