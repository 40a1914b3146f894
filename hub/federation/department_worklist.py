"""One department's part of the officers' worklist.

Departments count rows from the start of their lists, so a position moves when rows are inserted or
deleted before it. The hub therefore remembers the last row before a position, reads it again with
the next page, and looks for it nearby if it is not there.
"""

import hashlib
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from adapters.contract import SearchReply
from schema.application import Application
from schema.connections import MAX_PAGE_SIZE
from schema.provenance import SourceState, SourceWarning
from schema.worklist_source import Check, WorklistFilter, WorklistPosition

MOST_STEPS = 8
"""Maximum number of pages that are read to find a row again, and to fill a page with rows that meet
the filters."""

Fetch = Callable[[int, int, int | None], Awaitable[SearchReply]]
"""Returns the rows from an offset on: takes the offset, the number of rows and the page size."""


@dataclass(slots=True)
class DepartmentWorklist:
    """Rows of one department from a position on.

    Attributes:
        name: identifier of the department.
        start: the position.
        checks: by filter, how the hub checks a row, for filters that the department's system does
            not apply.
        kept: the rows that meet the filters.
        has_more: whether the department's list has rows after those that were read.
        replies: the replies, in the order of arrival.
        unclear: the filters that could not be checked on some row.
    """

    name: str
    start: WorklistPosition
    checks: Mapping[WorklistFilter, Check]
    kept: list[Application] = field(default_factory=list)
    has_more: bool = False
    replies: list[SearchReply] = field(default_factory=list)
    unclear: set[WorklistFilter] = field(default_factory=set)
    _ends: list[int] = field(default_factory=list)
    _pages: list[tuple[int, SearchReply]] = field(default_factory=list)
    _offset: int = 0
    _page_size: int | None = None

    async def read(self, fetch: Fetch, limit: int) -> None:
        """Read until `limit` rows meet the filters, or the list ends, or `MOST_STEPS` pages.

        Without filters that the hub checks, a page that lacks rows is not filled: the department
        may count the rows after them differently.

        Raises:
            DepartmentError: a call failed.
        """
        self._page_size = self.start.page_size
        # Most rows may not meet the filters, so more of them are read at once.
        at_once = max(limit, MAX_PAGE_SIZE) if self.checks else limit
        reply, offset = await self._first_page(fetch, at_once)
        for step in range(MOST_STEPS):
            self._take(reply, offset)
            if len(self.kept) >= limit or not self.has_more or step == MOST_STEPS - 1:
                return
            if not self.checks and reply.rows.state is SourceState.INCOMPLETE:
                return
            offset = self._offset
            reply = await self._fetch(fetch, offset, at_once)

    def position_after(self, count: int) -> WorklistPosition:
        """Return the position after the first `count` rows of `kept`.

        Rows before the next row of `kept` that do not meet the filters are not read again.
        """
        offset = self._ends[count] - 1 if count < len(self.kept) else self._offset
        for begin, reply in reversed(self._pages):
            for at, row in reversed(_rows_with_offsets(reply, begin)):
                if at < offset:
                    return WorklistPosition(offset, digest_of(row), moment_of(row), self._page_size)
        return replace(self.start, offset=offset, page_size=self._page_size)

    async def _first_page(self, fetch: Fetch, limit: int) -> tuple[SearchReply, int]:
        """Return the reply with the first rows, and the offset of its first row."""
        start = self.start
        self._offset = start.offset
        if not start.anchor or not start.offset:
            return await self._fetch(fetch, start.offset, limit), start.offset
        offset, next_offset = -1, start.offset - 1
        for _ in range(MOST_STEPS):
            is_forward = offset >= 0 and next_offset > offset
            offset = next_offset
            reply = await self._fetch(fetch, offset, limit + 1)
            rows = _rows_with_offsets(reply, offset)
            found = next((at for at, row in rows if digest_of(row) == start.anchor), None)
            if found is not None:
                self._offset = found + 1
                return reply, offset
            if start.moment is None:
                # The order of the rows is unknown, so there is no direction to look in.
                return reply, offset
            newer = sum(_is_newer(row, start.moment) for _, row in rows)
            if rows and newer == len(rows):
                # Rows were inserted.
                next_offset = offset + len(rows)
            elif newer or is_forward or not offset:
                break
            else:
                # Rows were deleted.
                next_offset = max(0, offset - limit)
        # The row is no longer there, for example because it changed.
        later = (at for at, row in rows if not _is_newer(row, start.moment))
        self._offset = min(later, default=offset + len(rows))
        return reply, offset

    async def _fetch(self, fetch: Fetch, offset: int, limit: int) -> SearchReply:
        reply = await fetch(offset, limit, self._page_size)
        self.replies.append(reply)
        if reply.window is not None:
            self._page_size = reply.window.page_size or self._page_size or limit
        return reply

    def _take(self, reply: SearchReply, offset: int) -> None:
        """Add the rows of a reply that are at or after the position."""
        begin = self._offset
        self._pages.append((offset, reply))
        window = reply.window
        if begin == offset and not self.checks and (window is None or window.indexes is None):
            rows = cast("Sequence[Application]", reply.rows.records)
            self.kept += rows
            self._ends += range(offset + 1, offset + 1 + len(rows))
        else:
            for at, row in _rows_with_offsets(reply, offset):
                if at >= begin and (not self.checks or self._is_wanted(row)):
                    self.kept.append(row)
                    self._ends.append(at + 1)
        received = len(reply.rows.records) if window is None else window.received
        self._offset = max(begin, offset + received)
        self.has_more = window is not None and window.has_more

    def _is_wanted(self, row: Application) -> bool:
        for name, check in self.checks.items():
            answer = check(row)
            if answer is None:
                self.unclear.add(name)
            elif not answer:
                return False
        return True

    @property
    def state(self) -> SourceState:
        """INCOMPLETE if rows of a reply are missing; otherwise the state of the first reply."""
        states = [reply.rows.state for reply in self.replies]
        return SourceState.INCOMPLETE if SourceState.INCOMPLETE in states else states[0]

    @property
    def warnings(self) -> list[SourceWarning]:
        return [warning for reply in self.replies for warning in reply.rows.warnings]

    @property
    def count(self) -> int | None:
        """Number of applications that meet all filters; None if unknown."""
        if self.state is SourceState.INCOMPLETE:
            return None
        if self.checks:
            is_whole = not self.start.offset and not self.has_more
            return len(self.kept) if is_whole and not self.unclear else None
        return self.replies[-1].total_count


def _rows_with_offsets(reply: SearchReply, offset: int) -> list[tuple[int, Application]]:
    rows = cast("Sequence[Application]", reply.rows.records)
    indexes = reply.window.indexes if reply.window is not None else None
    return [
        (offset + index, row) for index, row in zip(indexes or range(len(rows)), rows, strict=True)
    ]


def digest_of(row: Application) -> str:
    """Return a short digest of the application's number, for cursors."""
    number = (row.application_reference_number or "").encode()
    return hashlib.blake2b(number, digest_size=6).hexdigest()


def moment_of(row: Application) -> float | None:
    """Return when the application last changed, in seconds since 1970."""
    return row.updated_datetime.timestamp() if row.updated_datetime is not None else None


def order_of(row: Application) -> float:
    """Return a sort key: rows without a time are last."""
    moment = moment_of(row)
    return -math.inf if moment is None else moment


def _is_newer(row: Application, moment: float | None) -> bool:
    changed = moment_of(row)
    return changed is not None and moment is not None and changed > moment
