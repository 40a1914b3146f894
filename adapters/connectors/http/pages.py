"""Reads a reply that comes in pages, whole or not at all."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import Field, model_validator
from yarl import URL

from adapters.connectors.connector import walk
from adapters.connectors.http.link_headers import next_link
from adapters.contract import MalformedReplyError, ReplyTooLargeError
from adapters.mapping.rules import StrictModel


class PagesRule(StrictModel):
    """How a reply that comes in pages is read whole.

    Attributes:
        by: how the next page is asked for: `{page}` counts pages, `{offset}` counts rows,
            `{cursor}` is what the last page told, `link` is the Link header (RFC 8288).
        count: path to the number of pages, or
        total: path to the number of rows (`by: page` and `offset`); without either, pages are
            read until one has fewer than `size` rows.
        size: rows in a page.
        first: number of the first page.
        next: path to the cursor of the next page; none, or an empty one, ends.
        more: path to a truth value that says whether there is a next page, where told.
        at_once: pages asked for at once, where their number is told.
        most: pages read at most; a longer reply is an error, never cut in silence.
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
            raise ValueError("say how many rows a page has (`size`), or where `count` is")
        return self


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Attributes:
        rows: its rows.
        payload: the reply that they stand in; None when it says that there are none.
        links: its Link headers.
        url: where it came from.
    """

    rows: Sequence[Any]
    payload: Any
    links: Sequence[str]
    url: str


FetchPage = Callable[[Mapping[str, object], str | None], Awaitable[Page]]
"""Fetches a page by bindings for the call's placeholders, or by its URL where a link gives one."""


class PageReader:
    """Reads the pages of one call.

    Args:
        department: identifier, for errors.
        rule: how there are pages.
        most_rows: most rows of all pages together.
    """

    def __init__(self, department: str, rule: PagesRule, most_rows: int) -> None:
        self._department = department
        self._rule = rule
        self._most_rows = most_rows

    async def read(self, fetch: FetchPage) -> list[Any]:
        """The rows of all pages; raises `DepartmentError`."""
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
        # Only where their number is told does anybody know that there are further pages to ask for.
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
        told = self._told(first, rule.count or rule.total)
        try:
            number = int(told)
        except (TypeError, ValueError):
            raise self._malformed("its number of pages") from None
        return number if rule.count is not None else -(-number // (rule.size or 1))

    async def _by_cursor(self, fetch: FetchPage, pages: "_Pages") -> None:
        cursor: object = None
        used: set[str] = set()
        while True:
            page = await fetch({"cursor": cursor, "limit": self._rule.size}, None)
            pages.add(page)
            cursor = self._told(page, self._rule.next)
            if cursor in (None, "", False) or not self._has_more(page):
                return
            if not isinstance(cursor, str | int):
                raise self._malformed("its next page")
            if str(cursor) in used:
                raise pages.repeated()
            used.add(str(cursor))

    def _has_more(self, page: Page) -> bool:
        if self._rule.more is None:
            return True
        more = self._told(page, self._rule.more)
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
            raise self._malformed("its next page") from None
        if not same:
            # Credentials go to the department's own server only.
            raise MalformedReplyError(
                self._department,
                f"{self._department} links its next page to another server; the hub won't follow.",
            )
        return str(there.with_fragment(None))

    def _told(self, page: Page, path: str | None) -> Any:
        try:
            return walk(page.payload, path)
        except TypeError:
            raise self._malformed("its next page") from None

    def _malformed(self, what: str) -> MalformedReplyError:
        return MalformedReplyError(
            self._department,
            f"{self._department} sent a page of another form: {what} can't be found.",
        )


class _Pages:
    """The pages so far; says no to more than there may be, and to one that comes again."""

    def __init__(self, department: str, most: int, most_rows: int) -> None:
        self._department = department
        self._most = most
        self._most_rows = most_rows
        self._pages: list[Sequence[Any]] = []
        self.rows: list[Any] = []

    def add(self, page: Page) -> None:
        # Lists that differ do so in their first row: this costs next to nothing.
        if page.rows and any(page.rows == earlier for earlier in self._pages):
            raise self.repeated()
        self._pages.append(page.rows)
        self.expect(len(self._pages))
        self.rows += page.rows
        if len(self.rows) > self._most_rows:
            raise ReplyTooLargeError(
                self._department, f"{self._department} sent more than {self._most_rows:,} rows."
            )

    def expect(self, count: int) -> None:
        if count > self._most:
            raise ReplyTooLargeError(
                self._department, f"{self._department} has more than {self._most} pages."
            )

    def repeated(self) -> MalformedReplyError:
        return MalformedReplyError(
            self._department, f"{self._department} sends the same page again and again."
        )
