"""Reads all pages of a reply, or raises an error: a reply is never cut off silently."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import Field, model_validator
from yarl import URL

from adapters.connectors.connector import walk
from adapters.connectors.http.errors import malformed
from adapters.connectors.http.link_headers import next_link
from adapters.contract import MalformedReplyError, ReplyTooLargeError
from adapters.mapping.rules import StrictModel


class PagesRule(StrictModel):
    """How to read all pages of a reply.

    Attributes:
        by: how the next page is requested: `page` (`{page}` is its number), `offset` (`{offset}` is
            the number of rows before it), `cursor` (`{cursor}` comes from the previous page) or
            `link` (the Link header, RFC 8288).
        count: path to the number of pages.
        total: path to the number of rows, for `page` and `offset`. Without `count` and `total`, a
            page with fewer than `size` rows is the last.
        size: rows per page.
        first: number of the first page.
        next: path to the cursor of the next page; absent or empty after the last page.
        more: path to a truth value: whether there is another page.
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

    async def read(self, fetch: FetchPage) -> list[Any]:
        """Return the rows of all pages.

        Raises:
            DepartmentError: a page failed, repeats, or exceeds a limit.
        """
        pages = _Pages(self._department, self._rule.most, self._most_rows)
        if self._rule.by == "cursor":
            await self._by_cursor(fetch, pages)
        elif self._rule.by == "link":
            await self._by_link(fetch, pages)
        else:
            await self._by_number(fetch, pages)
        return pages.rows

    async def _by_number(self, fetch: FetchPage, pages: "_Pages") -> None:
        rule = self._rule
        numbers = self._numbers()
        first = await fetch(next(numbers), None)
        pages.add(first)
        if rule.count is None and rule.total is None:
            page = first
            while len(page.rows) >= (rule.size or 1):
                page = await fetch(next(numbers), None)
                pages.add(page)
            return
        # Pages can be requested concurrently only if their number is known.
        left = self._count(first) - 1
        pages.expect(left + 1)
        while left > 0:
            now = min(left, rule.at_once)
            found = await asyncio.gather(
                *(fetch(next(numbers), None) for _ in range(now)), return_exceptions=True
            )
            for each in found:
                if isinstance(each, BaseException):
                    raise each
                pages.add(each)
            left -= now

    def _numbers(self) -> Iterator[dict[str, object]]:
        number = 0
        while True:
            yield {
                "page": number + self._rule.first,
                "offset": number * (self._rule.size or 0),
                "limit": self._rule.size,
            }
            number += 1

    def _count(self, first: Page) -> int:
        rule = self._rule
        if first.payload is None:
            return 0
        value = self._value(first, rule.count or rule.total)
        try:
            number = int(value)
        except (TypeError, ValueError):
            raise malformed(self._department, "its number of pages") from None
        return number if rule.count is not None else -(-number // (rule.size or 1))

    async def _by_cursor(self, fetch: FetchPage, pages: "_Pages") -> None:
        cursor: object = None
        used: set[str] = set()
        while True:
            page = await fetch({"cursor": cursor, "limit": self._rule.size}, None)
            pages.add(page)
            cursor = self._value(page, self._rule.next)
            if cursor in (None, "", False) or not self._has_more(page):
                return
            if not isinstance(cursor, str | int):
                raise malformed(self._department, "its next page")
            if str(cursor) in used:
                raise pages.repeated()
            used.add(str(cursor))

    def _has_more(self, page: Page) -> bool:
        if self._rule.more is None:
            return True
        more = self._value(page, self._rule.more)
        return more is True or str(more).lower() in ("true", "1", "y", "yes")

    async def _by_link(self, fetch: FetchPage, pages: "_Pages") -> None:
        url: str | None = None
        used: set[str] = set()
        while True:
            page = await fetch({"limit": self._rule.size, "page": self._rule.first}, url)
            pages.add(page)
            used.add(page.url)
            link = next_link(page.links)
            if link is None:
                return
            url = self._followed(page.url, link)
            if url in used:
                raise pages.repeated()

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

    def _value(self, page: Page, path: str | None) -> Any:
        try:
            return walk(page.payload, path)
        except TypeError:
            raise malformed(self._department, "its next page") from None


class _Pages:
    """Collects pages; raises an error for too many pages or rows, and for a page that repeats."""

    def __init__(self, department: str, most: int, most_rows: int) -> None:
        self._department = department
        self._most = most
        self._most_rows = most_rows
        self._pages: list[Sequence[Any]] = []
        self.rows: list[Any] = []

    def add(self, page: Page) -> None:
        # Different lists usually differ in their first row, so this comparison is cheap.
        if page.rows and any(page.rows == earlier for earlier in self._pages):
            raise self.repeated()
        self._pages.append(page.rows)
        self.expect(len(self._pages))
        self.rows += page.rows
        if len(self.rows) > self._most_rows:
            raise ReplyTooLargeError(
                self._department,
                f"{self._department} exceeds the manifest's limit of {self._most_rows:,} rows.",
            )

    def expect(self, count: int) -> None:
        if count > self._most:
            raise ReplyTooLargeError(
                self._department,
                f"{self._department} exceeds the manifest's limit of {self._most} pages.",
            )

    def repeated(self) -> MalformedReplyError:
        return MalformedReplyError(
            self._department, f"{self._department} sent the same page twice."
        )
