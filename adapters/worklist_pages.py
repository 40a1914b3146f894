"""Reads one page of a worklist, whatever page size the department's server uses.

A server may send fewer rows than requested although there are more, or more than requested. The hub
then reads more, so that the next page begins where this one ends. Rows that the server counts but
does not send are reported as missing.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from adapters.connectors.connector import RowsOfReply
from schema.connections import MAX_PAGE_SIZE, Window
from schema.errors import bad_input
from schema.provenance import SourceWarning

MOST_CALLS = 10
"""Maximum number of calls for one page. After it, the page is shorter than requested."""

Fetch = Callable[[Mapping[str, object]], Awaitable[RowsOfReply]]
"""Makes the call with values of its placeholders `offset`, `limit` and `page`."""


class Paging(Enum):
    """How a call requests a page of a list.

    Attributes:
        BY_OFFSET: it has the placeholder `{offset}`.
        BY_NUMBER: it has the placeholder `{page}`.
        NONE: each reply has the whole list.
    """

    BY_OFFSET = "offset"
    BY_NUMBER = "page"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class PageRequest:
    """The page to read.

    Attributes:
        offset: number of rows before it.
        limit: maximum number of rows in it.
        page_size: rows per page of the department, if the previous page found it.
    """

    offset: int
    limit: int
    page_size: int | None

    @classmethod
    def taken_from(cls, criteria: dict[str, Any]) -> "PageRequest":
        """Return the page that a search requests; remove it from the criteria."""
        page_size = criteria.pop("page_size", None)
        return cls(criteria.pop("offset", 0), criteria.pop("limit"), page_size)


@dataclass(frozen=True, slots=True)
class WorklistPage:
    """The rows of one page as one reply, and where they lie in the list."""

    reply: RowsOfReply
    window: Window


async def read_page(paging: Paging, fetch: Fetch, request: PageRequest) -> WorklistPage:
    """Return one page of a worklist.

    Raises:
        HubError: `BAD_USER_INPUT`, the page does not begin where a page of the department begins.
        DepartmentError: a call failed.
    """
    if paging is Paging.BY_OFFSET:
        return await _by_offset(fetch, request)
    if paging is Paging.BY_NUMBER:
        return await _NumberedPages(fetch, request).read()
    return await _from_whole_list(fetch, request)


class _Page:
    """The page while it is read.

    Attributes:
        rows: its rows.
        total: number of rows in the list; None if it is not known.
    """

    def __init__(self, request: PageRequest, first: RowsOfReply) -> None:
        self.request = request
        self.end = request.offset + request.limit
        self.rows: list[Any] = []
        self.total: int | None = None
        self._first = first
        self._warnings: list[SourceWarning] = []
        self._missing: str | None = None
        self.note(first)

    def note(self, reply: RowsOfReply) -> None:
        """Note the total and the warnings of a reply."""
        self._warnings += reply.warnings
        if reply.total_count is not None and reply.total_count >= 0:
            self.total = reply.total_count
        self._missing = self._missing or reply.missing

    def has_after(self, position: int) -> bool | None:
        """Return whether the list has rows after a position; None if that is not known."""
        return None if self.total is None else position < self.total

    def has_any(self, rows: Sequence[Any]) -> bool:
        """Return whether one of these rows was received before. Rows that are null don't count."""
        return any(row in self.rows for row in rows if row is not None)

    def read_to(
        self, position: int, *, has_more: bool | None = None, page_size: int | None = None
    ) -> WorklistPage:
        """Return the page; its rows before `position` were received."""
        if has_more is None:
            has_more = self.has_after(position) is not False
        window = Window(position - self.request.offset, has_more, page_size=page_size)
        return WorklistPage(self._reply(), window)

    def with_gap(self, *, page_size: int | None = None) -> WorklistPage:
        """Return the page, without rows that the department counts but did not send.

        The next page begins after them.
        """
        self.note_gap()
        return self.read_to(self.end, page_size=page_size)

    def note_gap(self) -> None:
        last = self.end if self.total is None else min(self.end, self.total)
        announced = last - self.request.offset
        self._missing = f"{len(self.rows)} of {announced} rows of this page were received"

    def _reply(self) -> RowsOfReply:
        return replace(
            self._first,
            rows=self.rows,
            total_count=self.total,
            warnings=self._warnings,
            missing=self._missing,
        )


async def _from_whole_list(fetch: Fetch, request: PageRequest) -> WorklistPage:
    reply = await fetch({"limit": request.limit})
    page = _Page(request, reply)
    page.rows += reply.rows[request.offset : page.end]
    received = len(reply.rows)
    if page.total is None:
        page.total = received
    if received < min(page.total, page.end):
        return page.with_gap()
    return page.read_to(max(min(page.end, received), request.offset))


async def _by_offset(fetch: Fetch, request: PageRequest) -> WorklistPage:
    position = request.offset
    reply = await fetch({"offset": position, "limit": request.limit})
    page = _Page(request, reply)
    for _ in range(MOST_CALLS):
        rows = reply.rows[: page.end - position]
        if not rows and not page.has_after(position):
            return page.read_to(position, has_more=False)
        if not rows or page.has_any(rows):
            # The previous reply was short because rows were left out.
            return page.with_gap()
        page.rows += rows
        position += len(rows)
        if position >= page.end or page.has_after(position) is False:
            break
        reply = await fetch({"offset": position, "limit": page.end - position})
        page.note(reply)
    return page.read_to(position)


class _NumberedPages:
    """Reads a page from the department's pages. Their size is known after the first of them."""

    def __init__(self, fetch: Fetch, request: PageRequest) -> None:
        if request.page_size is None and request.offset % request.limit:
            raise bad_input("Keep `first` the same on every page of a worklist.")
        self._fetch = fetch
        self._request = request
        self._size = request.page_size or request.limit
        self._index = request.offset // self._size

    async def read(self) -> WorklistPage:
        request = self._request
        reply = await self._reply()
        page = _Page(request, reply)
        is_guess = self._learn_size(page, len(reply.rows))
        if self._index != request.offset // self._size:
            self._index = request.offset // self._size
            reply = await self._reply()
            page.note(reply)
        page.rows += self._rows_within(reply)
        first_rows = list(page.rows)
        for _ in range(MOST_CALLS):
            position = (self._index + 1) * self._size
            last_row = position - self._size + len(reply.rows)
            is_short = len(reply.rows) < self._size
            if is_short and page.has_after(last_row):
                page.note_gap()
            if page.has_after(position) is False:
                break
            if position >= page.end and not (is_short and page.total is None):
                break
            self._index += 1
            reply = await self._reply()
            page.note(reply)
            is_contradiction = len(reply.rows) > self._size or page.has_any(reply.rows)
            if is_guess and (is_contradiction or (not reply.rows and page.has_after(position))):
                # The first page was short because rows were left out.
                page.rows = first_rows
                return page.with_gap()
            if not reply.rows and not page.has_after(position):
                # The list ends here, but its last rows may be after this page.
                reached, has_more = min(position, page.end), last_row > page.end
                return page.read_to(reached, has_more=has_more, page_size=self._found)
            if not reply.rows:
                return page.with_gap(page_size=self._found)
            if is_short and page.total is None:
                page.note_gap()
            page.rows += self._rows_within(reply)
        reached = min((self._index + 1) * self._size, page.end)
        return page.read_to(reached, page_size=self._found)

    def _learn_size(self, page: _Page, count: int) -> bool:
        """Take the page size from the first page; return True if rows of it may be left out."""
        if count > self._size:
            self._size = count
            return False
        if self._index or not count or count == self._size or page.has_after(count) is False:
            return False
        self._size = count
        return True

    def _rows_within(self, reply: RowsOfReply) -> Sequence[Any]:
        """Return the rows of a reply that lie in the requested page."""
        before = self._index * self._size
        start = max(self._request.offset - before, 0)
        return reply.rows[start : self._request.offset + self._request.limit - before]

    @property
    def _found(self) -> int | None:
        """The department's page size, for the next page; None if it is the requested one."""
        return None if self._size == self._request.limit else self._size

    async def _reply(self) -> RowsOfReply:
        limit = min(self._size, max(self._request.limit, MAX_PAGE_SIZE))
        return await self._fetch({"page": self._index + 1, "limit": limit})
