"""Cursors of lists that are cut elsewhere count all rows of the department."""

import pytest

from schema.connections import Connection, Window, connect_window, decode_position, encode_cursor
from schema.errors import HubError
from schema.service import Service
from tests.support.ids import IDS


def connection(window: Window, shown: int, offset: int = 20) -> Connection[Service]:
    rows = [object.__new__(Service) for _ in range(shown)]
    return connect_window(Connection[Service], rows, offset=offset, total_count=120, window=window)


def positions(page: Connection[Service]) -> list[tuple[int, int | None]]:
    return [decode_position(IDS, encode_cursor(IDS, page.key_of(node))) for node in page.nodes]


def test_rows_that_are_not_shown_count() -> None:
    page = connection(Window(4, has_more=True, indexes=[0, 3]), 2)
    assert positions(page) == [(21, None), (24, None)]
    assert page.page_info.last_key == (24.0, "offset")


def test_the_next_page_can_be_reached_if_no_row_is_shown() -> None:
    page = connection(Window(20, has_more=True, indexes=[]), 0)
    assert page.page_info.last_key == (40.0, "offset")
    assert page.page_info.first_key is None


def test_the_departments_page_size_is_in_the_cursor() -> None:
    page = connection(Window(2, has_more=True, page_size=50), 2, offset=48)
    assert positions(page) == [(49, 50), (50, 50)]


@pytest.mark.parametrize("kind", ["offset/0", "offset/x", "offset/-1", "offset/99999999", "other"])
def test_a_forged_page_size_is_rejected(kind: str) -> None:
    with pytest.raises(HubError, match="cursor of a different list"):
        decode_position(IDS, encode_cursor(IDS, (20.0, kind)))
