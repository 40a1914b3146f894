"""Reads all pages of a reply, or reports which rows are missing: nothing is cut off silently."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import Field, model_validator
from yarl import URL

from adapters.connectors.connector import walk
from adapters.connectors.http.errors import malformed
from adapters.connectors.http.link_headers import next_link
from adapters.contract import (
    DepartmentFaultError,
    DepartmentRefusedError,
    MalformedReplyError,
    ReplyTooLargeError,
)
from adapters.mapping.json_values import JsonNumber, whole_number
from adapters.mapping.rules import StrictModel

MOST_BITS = 63
"""Size of the integers that a JSON body of the hub can contain."""


class PagesRule(StrictModel):
    """How to read all pages of a reply.

    Attributes:
        by: how the next page is requested: `page` (`{page}` is its number), `offset` (`{offset}` is
            the number of rows before it), `cursor` (`{cursor}` comes from the previous page) or
            `link` (the Link header, RFC 8288).
        count: path to the number of pages.
        total: path to the number of rows. Without `count` and `total`, `page` and `offset` read
            until a page is empty.
        size: rows per page.
        first: number of the first page.
        next: path to the cursor of the next page; absent or empty after the last page.
        more: path to a truth value: whether there is another page. If it is absent, `next` decides.
        at_once: maximum number of concurrent page requests, if the number of pages is known.
        most: maximum number of pages. A longer reply is an error.
    """

    by: Literal["page", "offset", "cursor", "link"] = "page"
    count: str | None = None
    total: str | None = None
    size: int | None = Field(default=None, gt=0)
    first: int = Field(default=1, ge=0, le=1)
    next: str | None = None
    more: str | None = None
    at_once: int = Field(default=1, gt=0, le=16)
    most: int = Field(default=20, gt=0, le=1000)

    @model_validator(mode="after")
    def _knows_the_end(self) -> Self:
        if self.by == "cursor" and self.next is None:
            raise ValueError("pages by cursor need `next`: the path to the next page's cursor")
        if self.by in ("cursor", "link"):
            return self
        needs_size = self.by == "offset" or self.count is None
        if needs_size and self.size is None:
            raise ValueError("give the number of rows per page (`size`), or the path `count`")
        return self


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Attributes:
        rows: its rows.
        payload: the decoded reply; None if it means "no rows".
        links: values of its Link headers.
        url: URL from which it came.
    """

    rows: Sequence[Any]
    payload: Any
    links: Sequence[str]
    url: str


FetchPage = Callable[[Mapping[str, object], str | None], Awaitable[Page]]
"""Fetches a page: takes values of the call's placeholders, and the URL if a link has one."""


@dataclass(frozen=True, slots=True)
class AllPages:
    """The rows of all pages.

    Attributes:
        rows: the rows; a row that came on two pages is there once.
        missing: which rows are missing, as in `RowsOfReply`.
    """

    rows: list[Any]
    missing: str | None


class PageReader:
    """Reads the pages of one call.

    Args:
        department: identifier, for errors.
        rule: the manifest's `pages`.
        most_rows: maximum number of rows in all pages.
    """

    def __init__(self, department: str, rule: PagesRule, most_rows: int) -> None:
        self._department = department
        self._rule = rule
        self._most_rows = most_rows

    async def read(self, fetch: FetchPage) -> AllPages:
        """Return the rows of all pages.

        Raises:
            DepartmentError: a page failed, repeats, or exceeds a limit.
        """
        pages = _Pages(self._department, self._rule, self._most_rows)
        if self._rule.by == "cursor":
            await self._by_cursor(fetch, pages)
        elif self._rule.by == "link":
            await self._by_link(fetch, pages)
        else:
            await self._by_number(fetch, pages)
        return AllPages(pages.rows, pages.missing())

    async def _by_number(self, fetch: FetchPage, pages: "_Pages") -> None:
        pages.add(await fetch(self._numbered(0, 0), None))
        # Where the next page begins, in rows. A server may send fewer rows than `size` per page.
        offset = pages.longest
        while (left := pages.left()) != 0:
            if left is None:
                page = await self._page_after_the_last(fetch, pages, offset)
                if page is None:
                    return
                if page.rows and pages.count == 1:
                    await self._check_first_page(fetch, pages)
                found = [page]
            else:
                # Pages can be requested concurrently only if their number is known.
                windows = (
                    self._numbered(pages.count + n, offset + n * pages.longest)
                    for n in range(min(left, self._rule.at_once))
                )
                fetched = await asyncio.gather(
                    *(fetch(window, None) for window in windows), return_exceptions=True
                )
                found = list(map(_page_or_error, fetched))
            offset = self._add_all(found, pages, offset)

    def _add_all(self, found: Sequence[Page], pages: "_Pages", offset: int) -> int:
        """Add pages; return where the next page begins.

        A page may be shorter than the others: the next one begins where its rows end. An empty page
        is skipped.
        """
        size, following = pages.longest, None
        for nth, page in enumerate(found):
            pages.add(page)
            if following is None and 0 < len(page.rows) < size:
                following = offset + nth * size + len(page.rows)
        return offset + len(found) * max(size, pages.longest) if following is None else following

    def _numbered(self, number: int, offset: int) -> dict[str, object]:
        return {"page": number + self._rule.first, "offset": offset, "limit": self._rule.size}

    async def _page_after_the_last(
        self, fetch: FetchPage, pages: "_Pages", offset: int
    ) -> Page | None:
        """Return the next page of a list of unknown length; None if there is none.

        After a short page, some servers refuse the next one, fail, or send the last one again.
        """
        if pages.is_last_empty:
            return None
        window = self._numbered(pages.count, offset)
        if not pages.is_last_short:
            return await fetch(window, None)
        try:
            page = await fetch(window, None)
        except DepartmentRefusedError:
            return None
        except DepartmentFaultError:
            pages.note_gap("the next page failed")
            return None
        return None if pages.is_last(page) else page

    async def _check_first_page(self, fetch: FetchPage, pages: "_Pages") -> None:
        """Note a gap if the first page of a list of unknown length was not full.

        If it is shorter than `size`, either the server has shorter pages, or rows were added to the
        list after it was read.
        """
        if self._rule.by == "page" and pages.longest != self._rule.size:
            again = await fetch(self._numbered(0, 0), None)
            if len(again.rows) != pages.longest:
                pages.note_gap("the first page has changed meanwhile")

    async def _by_cursor(self, fetch: FetchPage, pages: "_Pages") -> None:
        cursor: object = None
        used: set[str] = set()
        while True:
            page = await fetch({"cursor": cursor, "limit": self._rule.size}, None)
            pages.add(page)
            has_more = pages.has_more(page)
            cursor = pages.value(page, self._rule.next)
            if has_more is False:
                return
            if cursor in (None, "", False):
                if has_more:
                    pages.note_gap("the department has more, but sent no next cursor")
                return
            if not isinstance(cursor, str | int) or isinstance(cursor, JsonNumber):
                raise malformed(self._department, "its next page")
            if str(cursor) in used:
                # Some servers send the last cursor again with an empty page.
                if page.rows:
                    pages.note_gap("the cursor of the next page is one of an earlier page")
                return
            used.add(str(cursor))
            if isinstance(cursor, int) and cursor.bit_length() > MOST_BITS:
                cursor = str(cursor)

    async def _by_link(self, fetch: FetchPage, pages: "_Pages") -> None:
        url: str | None = None
        used: set[str] = set()
        while True:
            page = await fetch({"limit": self._rule.size, "page": self._rule.first}, url)
            pages.add(page)
            used.add(page.url)
            link = next_link(page.links)
            if link is None:
                if pages.has_more(page):
                    pages.note_gap("the department has more, but sent no next link")
                return
            url = self._followed(page.url, link)
            if url in used:
                if page.rows:
                    pages.note_gap("the link to the next page leads to an earlier page")
                return

    def _followed(self, base: str, link: str) -> str:
        try:
            here = URL(base, encoded=True)
            there = here.join(URL(link, encoded=True))
            same = there.origin() == here.origin()
        except ValueError:
            raise malformed(self._department, "its next page") from None
        if not same:
            # The hub's credentials must not be sent to another server.
            raise MalformedReplyError(
                self._department,
                f"{self._department} links to a page on another server; the hub does not follow.",
            )
        return str(there.with_fragment(None))


class _Pages:
    """Collects pages, and compares what was announced with what was received.

    Attributes:
        rows: the rows of all pages, each once.
        count: number of pages.
        longest: number of rows of the longest page: the server's page size.
    """

    def __init__(self, department: str, rule: PagesRule, most_rows: int) -> None:
        self._department = department
        self._rule = rule
        self._most_rows = most_rows
        self._pages: list[Sequence[Any]] = []
        self._seen: dict[Hashable, Any] = {}
        self._doubled = 0
        self._total: int | None = None
        self._page_count: int | None = None
        self._gaps: list[str] = []
        self.rows: list[Any] = []
        self.longest = 0

    @property
    def count(self) -> int:
        return len(self._pages)

    def add(self, page: Page) -> None:
        """Add a page.

        Raises:
            DepartmentError: the page repeats, or a limit is exceeded.
        """
        self._note_announced(page)
        # Different lists usually differ in their first row, so this comparison is cheap.
        if page.rows and any(page.rows == earlier for earlier in self._pages):
            raise MalformedReplyError(
                self._department, f"{self._department} sent the same page twice."
            )
        self.rows += self._new_rows(page.rows) if self._pages else page.rows
        self._pages.append(page.rows)
        self.longest = max(self.longest, len(page.rows))
        self._check_limits()

    def _new_rows(self, rows: Sequence[Any]) -> list[Any]:
        """Return the rows that did not come on an earlier page."""
        if len(self._pages) == 1:
            self._seen = {_fingerprint(row): row for row in self._pages[0]}
        prints = list(map(_fingerprint, rows))
        paired = zip(rows, prints, strict=True)
        seen = self._seen
        new = [row for row, each in paired if row is None or seen.get(each) != row]
        seen.update(zip(prints, rows, strict=True))
        self._doubled += len(rows) - len(new)
        return new

    def _check_limits(self) -> None:
        # Reading page by page ends with an empty page, which does not count.
        by_number = self._rule.by in ("page", "offset")
        count = sum(map(bool, self._pages)) if by_number else len(self._pages)
        if max(count, self._announced_pages() or 0) > self._rule.most:
            raise ReplyTooLargeError(
                self._department,
                f"{self._department} exceeds the manifest's limit of {self._rule.most} pages.",
            )
        if len(self.rows) > self._most_rows:
            raise ReplyTooLargeError(
                self._department,
                f"{self._department} exceeds the manifest's limit of {self._most_rows:,} rows.",
            )

    def _note_announced(self, page: Page) -> None:
        """Note the number of rows and pages that a page announces. The largest one counts."""
        total = self._number(page, self._rule.total, "its number of rows")
        count = self._number(page, self._rule.count, "its number of pages")
        for name, before, now in (
            ("rows", self._total, total),
            ("pages", self._page_count, count),
        ):
            if before is not None and now is not None and now < before:
                self._gaps.append(f"the number of {name} fell from {before} to {now} meanwhile")
        self._total = _largest(self._total, total)
        self._page_count = _largest(self._page_count, count)

    def _number(self, page: Page, path: str | None, what: str) -> int | None:
        """Return an announced number; None if it is absent, or negative for "unknown"."""
        if path is None or page.payload is None:
            return None
        value = self.value(page, path)
        if value is None or value == "":
            return None
        try:
            number = whole_number(value)
        except ValueError:
            raise malformed(self._department, what) from None
        return number if number >= 0 else None

    def value(self, page: Page, path: str | None) -> Any:
        try:
            return walk(page.payload, path)
        except TypeError:
            raise malformed(self._department, "its next page") from None

    def has_more(self, page: Page) -> bool | None:
        """Return whether the page says that there is another page; None if it does not say it."""
        more = None if self._rule.more is None else self.value(page, self._rule.more)
        if more is None or more == "":
            return None
        return more is True or str(more).lower() in ("true", "1", "y", "yes")

    def _announced_pages(self) -> int | None:
        """Return how many pages there must be; None if the department does not announce it."""
        of_total = None
        if self._total is not None and self._rule.by in ("page", "offset"):
            of_total = -(-self._total // (self.longest or self._rule.size or 1))
        return _largest(of_total, self._page_count)

    def left(self) -> int | None:
        """Return the minimum number of pages that are left; None if it is not known."""
        announced = self._announced_pages()
        if announced is None:
            return None
        if announced <= self.count and self._total is not None and len(self.rows) < self._total:
            # Rows are missing. They may follow, unless the last page was empty.
            return 0 if self.is_last_empty else 1
        return max(announced - self.count, 0)

    @property
    def is_last_empty(self) -> bool:
        return not self._pages[-1]

    @property
    def is_last_short(self) -> bool:
        return len(self._pages[-1]) < max(self.longest, self._rule.size or 1)

    def is_last(self, page: Page) -> bool:
        """Return whether the page repeats the last received one."""
        return page.rows == self._pages[-1]

    def note_gap(self, reason: str) -> None:
        """Note that rows are missing after those that were received."""
        self._gaps.append(f"{len(self.rows)} rows were received; {reason}")

    def missing(self) -> str | None:
        """Return which rows are missing; None if none are known to be missing."""
        gaps = list(self._gaps)
        if self._total is not None:
            if len(self.rows) < self._total:
                gaps.insert(0, f"{len(self.rows)} of {self._total} rows were received")
        elif self._doubled:
            gaps.append(f"{self._doubled} rows came on two pages, so others may be missing")
        if self._page_count is not None and self._page_count > 1:
            empty = sum(not each for each in self._pages[: self._page_count])
            if empty:
                gaps.append(f"{empty} of {self._page_count} pages are empty")
        return "; ".join(gaps) or None


def _fingerprint(row: Any) -> Hashable:
    """Return a value that is the same for equal rows, and usually differs for others."""
    try:
        values = tuple(row.values())
        hash(values)
    except (AttributeError, TypeError):
        return repr(row)
    return values


def _page_or_error(fetched: Page | BaseException) -> Page:
    if isinstance(fetched, BaseException):
        raise fetched
    return fetched


def _largest(one: int | None, other: int | None) -> int | None:
    return max((each for each in (one, other) if each is not None), default=None)
