"""A page of a worklist, from servers that have another page size or leave rows out."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.connectors.connector import RowsOfReply
from adapters.worklist_pages import PageRequest, Paging, WorklistPage, read_page
from schema.errors import HubError


class Server:
    """A department's list of numbers.

    Attributes:
        rows: number of rows.
        most: rows per page at most.
        least: rows per page at least: a server that ignores the requested size.
        lost: rows that are counted, but not sent.
        has_total: whether it sends the number of rows.
    """

    def __init__(
        self, rows: int, most: int = 1000, least: int = 0, *, lost: frozenset[int] = frozenset(),
        has_total: bool = True,
    ) -> None:  # fmt: skip
        self.rows, self.most, self.least = rows, most, least
        self.lost, self.has_total = lost, has_total
        self.calls = 0

    async def fetch(self, values: Mapping[str, Any]) -> RowsOfReply:
        self.calls += 1
        size = max(min(values["limit"], self.most), self.least)
        start = values["offset"] if "offset" in values else (values["page"] - 1) * size
        rows = [n for n in range(self.rows)[start : start + size] if n not in self.lost]
        return RowsOfReply(rows, self.rows if self.has_total else None)

    async def pages(self, paging: Paging, first: int) -> list[WorklistPage]:
        """Return all pages, each requested with the cursor of the one before."""
        pages: list[WorklistPage] = []
        offset, page_size = 0, None
        while True:
            request = PageRequest(offset, first, page_size)
            pages.append(await read_page(paging, self.fetch, request))
            window = pages[-1].window
            offset, page_size = offset + window.received, window.page_size
            if not window.has_more:
                return pages
            assert window.received, "the next page would be the same"


PAGING = st.sampled_from([Paging.BY_OFFSET, Paging.BY_NUMBER])


@example(Paging.BY_NUMBER, 14, 13, 3, False)
@given(PAGING, st.integers(0, 60), st.integers(1, 30), st.integers(1, 40), st.booleans())
async def test_every_row_is_on_one_page(
    paging: Paging, rows: int, first: int, most: int, has_total: bool
) -> None:
    pages = await Server(rows, most, has_total=has_total).pages(paging, first)
    assert [row for page in pages for row in page.reply.rows] == list(range(rows))
    assert all(page.reply.missing is None and len(page.reply.rows) <= first for page in pages)


@given(PAGING, st.integers(1, 60), st.integers(1, 30), st.integers(1, 50))
async def test_a_server_that_ignores_the_page_size(
    paging: Paging, rows: int, first: int, size: int
) -> None:
    pages = await Server(rows, size, size).pages(paging, first)
    assert [row for page in pages for row in page.reply.rows] == list(range(rows))


@given(
    PAGING, st.integers(1, 40), st.integers(1, 12), st.integers(1, 12), st.sets(st.integers(0, 39))
)
async def test_a_lost_row_is_reported_and_no_row_is_doubled(
    paging: Paging, rows: int, first: int, most: int, lost: set[int]
) -> None:
    pages = await Server(rows, most, lost=frozenset(lost)).pages(paging, first)
    received = [row for page in pages for row in page.reply.rows]
    assert len(set(received)) == len(received)
    if len(received) < rows:
        assert any(page.reply.missing for page in pages)


async def test_a_full_page_takes_one_call() -> None:
    for paging in Paging:
        server = Server(120, 100)
        if paging is not Paging.NONE:
            page = await read_page(paging, server.fetch, PageRequest(0, 100, None))
            assert (server.calls, page.window.has_more) == (1, True)


@pytest.mark.parametrize(("offset", "expected"), [(0, [0, 1]), (2, [2, 3]), (4, [4])])
async def test_a_call_without_a_page_returns_the_whole_list(
    offset: int, expected: list[int]
) -> None:
    async def fetch(_: Mapping[str, Any]) -> RowsOfReply:
        return RowsOfReply(list(range(5)))

    page = await read_page(Paging.NONE, fetch, PageRequest(offset, 2, None))
    assert page.reply.rows == expected
    assert page.window.has_more == (offset < 4)


async def test_another_page_size_needs_the_cursor_of_the_page_before() -> None:
    with pytest.raises(HubError, match="Keep `first` the same"):
        await read_page(Paging.BY_NUMBER, Server(9).fetch, PageRequest(4, 3, None))
