"""Cursors and pages."""

from hypothesis import given
from hypothesis import strategies as st

from schema.connections import decode_cursor, encode_cursor, page_of
from tests.support.ids import IDS

TEXT = st.text(st.characters(exclude_characters="\n", codec="utf-8"), max_size=30)
NUMBER = st.floats(allow_nan=False)
KEYS = st.lists(st.tuples(NUMBER, TEXT), unique=True, max_size=30)


@given(NUMBER, TEXT)
def test_a_cursor_decodes_to_the_same_key(first: float, second: str) -> None:
    assert decode_cursor(IDS, encode_cursor(IDS, (first, second))) == (first, second)


@given(KEYS, st.integers(min_value=1, max_value=10))
def test_all_pages_together_are_the_list(keys: list[tuple[float, str]], size: int) -> None:
    rows = sorted(keys, reverse=True)
    collected: list[tuple[float, str]] = []
    after = None
    while True:
        page, info = page_of(rows, lambda key: key, size, after)
        collected += page
        if not info.has_next_page:
            break
        after = info.last_key
    assert collected == rows


@given(KEYS.filter(lambda keys: len(keys) > 1), st.data())
def test_a_page_is_correct_after_the_row_of_its_cursor_was_deleted(
    keys: list[tuple[float, str]], data: st.DataObject
) -> None:
    rows = sorted(keys, reverse=True)
    lost = data.draw(st.sampled_from(rows))
    rest = [row for row in rows if row != lost]
    page, _ = page_of(rest, lambda key: key, len(rows), lost)
    assert page == [row for row in rest if row < lost]
