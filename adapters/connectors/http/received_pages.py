"""The pages of one reply that were received, compared with what the department announced."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.connectors.connector import walk
from adapters.connectors.http.errors import malformed
from adapters.connectors.http.settings import PagesRule
from adapters.contract import MalformedReplyError, ReplyTooLargeError
from adapters.mapping.json_values import whole_number


@dataclass(slots=True, eq=False)
class ReceivedPages:
    """Collects pages, and compares what was announced with what was received.

    Attributes:
        most_rows: maximum number of rows in all pages.
        rows: the rows of all pages, each once.
        count: number of pages.
        longest: number of rows of the longest page: the server's page size.
    """

    department: str
    rule: PagesRule
    most_rows: int
    rows: list[Any] = field(init=False, default_factory=list)
    longest: int = field(init=False, default=0)
    _pages: list[Sequence[Any]] = field(init=False, default_factory=list)
    _seen: dict[Hashable, Any] = field(init=False, default_factory=dict)
    _doubled: int = field(init=False, default=0)
    _total: int | None = field(init=False, default=None)
    _page_count: int | None = field(init=False, default=None)
    _gaps: list[str] = field(init=False, default_factory=list)

    @property
    def count(self) -> int:
        return len(self._pages)

    def add(self, rows: Sequence[Any], payload: Any) -> None:
        """Add a page: its rows, and the decoded reply (None if it means "no rows").

        Raises:
            DepartmentError: the page repeats, or a limit is exceeded.
        """
        self._note_announced(payload)
        # Different lists usually differ in their first row, so this comparison is cheap.
        if rows and any(rows == earlier for earlier in self._pages):
            raise MalformedReplyError(
                self.department, f"{self.department} sent the same page twice."
            )
        self.rows += self._new_rows(rows) if self._pages else rows
        self._pages.append(rows)
        self.longest = max(self.longest, len(rows))
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
        by_number = self.rule.by in ("page", "offset")
        count = sum(map(bool, self._pages)) if by_number else len(self._pages)
        limit = None
        if max(count, self._announced_pages() or 0) > self.rule.most:
            limit = f"{self.rule.most} pages"
        elif len(self.rows) > self.most_rows:
            limit = f"{self.most_rows:,} rows"
        if limit is not None:
            raise ReplyTooLargeError(
                self.department, f"{self.department} exceeds the manifest's limit of {limit}."
            )

    def _note_announced(self, payload: Any) -> None:
        """Note the number of rows and pages that a page announces. The largest one counts."""
        total = self._number(payload, self.rule.total, "its number of rows")
        count = self._number(payload, self.rule.count, "its number of pages")
        for name, before, now in (("rows", self._total, total), ("pages", self._page_count, count)):
            if before is not None and now is not None and now < before:
                self._gaps.append(f"the number of {name} fell from {before} to {now} meanwhile")
        self._total = _largest(self._total, total)
        self._page_count = _largest(self._page_count, count)

    def _number(self, payload: Any, path: str | None, what: str) -> int | None:
        """Return an announced number; None if it is absent, or negative for "unknown"."""
        if path is None or payload is None:
            return None
        value = self.value(payload, path)
        if value is None or value == "":
            return None
        try:
            number = whole_number(value)
        except ValueError:
            raise malformed(self.department, what) from None
        return number if number >= 0 else None

    def value(self, payload: Any, path: str | None) -> Any:
        try:
            return walk(payload, path)
        except TypeError:
            raise malformed(self.department, "its next page") from None

    def has_more(self, payload: Any) -> bool | None:
        """Return whether the page says that there is another page; None if it does not say it."""
        more = None if self.rule.more is None else self.value(payload, self.rule.more)
        if more is None or more == "":
            return None
        return more is True or str(more).lower() in ("true", "1", "y", "yes")

    def _announced_pages(self) -> int | None:
        """Return how many pages there must be; None if the department does not announce it."""
        of_total = None
        if self._total is not None and self.rule.by in ("page", "offset"):
            of_total = -(-self._total // (self.longest or self.rule.size or 1))
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
        return len(self._pages[-1]) < max(self.longest, self.rule.size or 1)

    def is_last(self, rows: Sequence[Any]) -> bool:
        """Return whether a page with these rows repeats the last received one."""
        return rows == self._pages[-1]

    def note_gap(self, reason: str) -> None:
        """Note that rows are missing after those that were received."""
        self._gaps.append(f"{len(self.rows)} rows were received; {reason}")

    @property
    def missing(self) -> str | None:
        """Which rows are missing, as in `RowsOfReply`; None if none are known to be missing."""
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
        return "; ".join(dict.fromkeys(gaps)) or None


def _fingerprint(row: Any) -> Hashable:
    """Return a value that is the same for equal rows, and usually differs for others."""
    try:
        values = tuple(row.values())
        hash(values)
    except (AttributeError, TypeError):
        return repr(row)
    return values


def _largest(one: int | None, other: int | None) -> int | None:
    return max((each for each in (one, other) if each is not None), default=None)
