"""Reads all pages of a reply, or reports which rows are missing: nothing is cut off silently."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yarl import URL

from adapters.connectors.http.errors import malformed
from adapters.connectors.http.received_pages import ReceivedPages
from adapters.connectors.http.settings import PagesRule
from adapters.contract import DepartmentFaultError, DepartmentRefusedError, MalformedReplyError
from adapters.mapping.json_values import JsonNumber

MOST_BITS = 63
"""Size of the integers that a JSON body of the hub can contain."""
_LINK = re.compile(r"[\s,]*<(?P<target>[^>]*)>")
_PARAMETER = re.compile(
    r"""\s*;\s*(?P<name>[!#$%&'*+\-.^_`|~\w]+)\s*
        (?:=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<token>[^\s",;]+)))?""",
    re.VERBOSE,
)


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
class PageReader:
    """Reads the pages of one call.

    Attributes:
        department: identifier, for errors.
        rule: the manifest's `pages`.
        most_rows: maximum number of rows in all pages.
    """

    department: str
    rule: PagesRule
    most_rows: int

    async def read(self, fetch: FetchPage) -> ReceivedPages:
        """Return all pages.

        Raises:
            DepartmentError: a page failed, repeats, or exceeds a limit.
        """
        pages = ReceivedPages(self.department, self.rule, self.most_rows)
        if self.rule.by == "cursor":
            await self._by_cursor(fetch, pages)
        elif self.rule.by == "link":
            await self._by_link(fetch, pages)
        else:
            await self._by_number(fetch, pages)
        return pages

    async def _by_number(self, fetch: FetchPage, pages: ReceivedPages) -> None:
        first = await fetch(self._numbered(0, 0), None)
        pages.add(first.rows, first.payload)
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
                    for n in range(min(left, self.rule.at_once))
                )
                fetched = await asyncio.gather(
                    *(fetch(window, None) for window in windows), return_exceptions=True
                )
                found = list(map(_page_or_error, fetched))
            offset = self._add_all(found, pages, offset)

    def _add_all(self, found: Sequence[Page], pages: ReceivedPages, offset: int) -> int:
        """Add pages; return where the next page begins.

        A page may be shorter than the others: the next one begins where its rows end. An empty page
        is skipped.
        """
        size, following = pages.longest, None
        for nth, page in enumerate(found):
            pages.add(page.rows, page.payload)
            if following is None and 0 < len(page.rows) < size:
                following = offset + nth * size + len(page.rows)
        return offset + len(found) * max(size, pages.longest) if following is None else following

    def _numbered(self, number: int, offset: int) -> dict[str, object]:
        return {"page": number + self.rule.first, "offset": offset, "limit": self.rule.size}

    async def _page_after_the_last(
        self, fetch: FetchPage, pages: ReceivedPages, offset: int
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
        return None if pages.is_last(page.rows) else page

    async def _check_first_page(self, fetch: FetchPage, pages: ReceivedPages) -> None:
        """Note a gap if the first page of a list of unknown length was not full.

        If it is shorter than `size`, either the server has shorter pages, or rows were added to the
        list after it was read.
        """
        if self.rule.by == "page" and pages.longest != self.rule.size:
            again = await fetch(self._numbered(0, 0), None)
            if len(again.rows) != pages.longest:
                pages.note_gap("the first page has changed meanwhile")

    async def _by_cursor(self, fetch: FetchPage, pages: ReceivedPages) -> None:
        cursor: object = None
        used: set[str] = set()
        while True:
            page = await fetch({"cursor": cursor, "limit": self.rule.size}, None)
            pages.add(page.rows, page.payload)
            has_more = pages.has_more(page.payload)
            cursor = pages.value(page.payload, self.rule.next)
            if has_more is False:
                return
            if cursor in (None, "", False):
                if has_more:
                    pages.note_gap("the department has more, but sent no next cursor")
                return
            if not isinstance(cursor, str | int) or isinstance(cursor, JsonNumber):
                raise malformed(self.department, "its next page")
            if str(cursor) in used:
                # Some servers send the last cursor again with an empty page.
                if page.rows:
                    pages.note_gap("the cursor of the next page is one of an earlier page")
                return
            used.add(str(cursor))
            if isinstance(cursor, int) and cursor.bit_length() > MOST_BITS:
                cursor = str(cursor)

    async def _by_link(self, fetch: FetchPage, pages: ReceivedPages) -> None:
        url: str | None = None
        used: set[str] = set()
        while True:
            page = await fetch({"limit": self.rule.size, "page": self.rule.first}, url)
            pages.add(page.rows, page.payload)
            used.add(page.url)
            link = next_link(page.links)
            if link is None:
                if pages.has_more(page.payload):
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
            raise malformed(self.department, "its next page") from None
        if not same:
            # The hub's credentials must not be sent to another server.
            raise MalformedReplyError(
                self.department,
                f"{self.department} links to a page on another server; the hub does not follow.",
            )
        return str(there.with_fragment(None))


def _page_or_error(fetched: Page | BaseException) -> Page:
    if isinstance(fetched, BaseException):
        raise fetched
    return fetched


def next_link(headers: Iterable[str]) -> str | None:
    """Return the target of the first link with the relation `next` (RFC 8288); None without one."""
    for header in headers:
        position = 0
        while found := _LINK.match(header, position):
            position = found.end()
            relations: list[str] | None = None
            while parameter := _PARAMETER.match(header, position):
                position = parameter.end()
                # Only the first `rel` of a link counts (RFC 8288, 3.3).
                if parameter["name"].lower() == "rel" and relations is None:
                    value = parameter["quoted"] or parameter["token"] or ""
                    relations = value.lower().split()
            if "next" in (relations or ()):
                return found["target"].strip()
    return None
