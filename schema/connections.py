"""Relay connections (forward pagination of the Cursor Connections Specification).

A cursor contains the sort key and id of its row, so a page stays correct when rows are added before
it. Only lists that are cut elsewhere (`connect_window`) have cursors that count rows.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import strawberry
from strawberry import field

from schema.errors import QUOTED, bad_input
from schema.node import Node
from schema.provenance import SourceStatus

T = TypeVar("T")
ConnectionT = TypeVar("ConnectionT", bound="Connection[Any]")

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 100
MAX_WINDOW_PAGE = 20_000
"""Maximum number of rows per page in a cursor, so that a forged one can't be larger."""
MAX_OFFSET = 1_000_000
"""Maximum number of rows before a page. A forged cursor with a larger number could make the
department fail, and the hub would mark it as unavailable."""

SortKey = tuple[float, str]


@strawberry.type(description="Position of a page in its list (Relay).")
class PageInfo:
    has_next_page: bool = field(description="True if there are more rows after this page.")
    has_previous_page: bool = field(description="True if there are rows before this page.")
    first_key: strawberry.Private["SortKey | None"]
    last_key: strawberry.Private["SortKey | None"]

    # Cursors are encoded only when selected, because most operations select none.
    @strawberry.field(description="Cursor of the first row. Null on an empty page.")
    def start_cursor(self) -> str | None:
        return encode_cursor(self.first_key) if self.first_key is not None else None

    @strawberry.field(
        description="Cursor of the last row. Pass it as `after` to get the next page. Null on "
        "an empty page."
    )
    def end_cursor(self) -> str | None:
        return encode_cursor(self.last_key) if self.last_key is not None else None


@strawberry.type(description="One row of a page, with its cursor (Relay).")
class Edge(Generic[T]):
    node: T = field(description="The row.")
    cursor: str = field(description="Cursor of the row. Pass it as `after` for the next rows.")


@strawberry.type(description="One page of a list (Relay).")
class Connection(Generic[T]):
    nodes: list[T] = field(description="The rows of this page, without cursors.")
    page_info: PageInfo = field(description="Position of this page in the list.")
    total_count: int | None = field(
        description="Rows in the whole list, at the departments that replied. Null if a department "
        "does not report it, or if rows of its reply are missing (state INCOMPLETE)."
    )
    cursor_of: strawberry.Private[Callable[[T], str]]

    @strawberry.field(description="The rows of this page, each with its cursor.")
    def edges(self) -> list[Edge[T]]:
        return [Edge(node=node, cursor=self.cursor_of(node)) for node in self.nodes]


@strawberry.type(description="One page of a list with rows from several departments.")
class SourcedConnection(Connection[T]):
    sources: list[SourceStatus] = field(
        description="The state of each department that the list depends on."
    )


def encode_cursor(key: SortKey) -> str:
    return base64.urlsafe_b64encode(f"{key[0]!r}\n{key[1]}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> SortKey:
    """Return the sort key in a cursor.

    Raises:
        HubError: `BAD_USER_INPUT`, `encode_cursor` did not make this cursor.
    """
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        number, text = base64.b64decode(padded, altchars=b"-_", validate=True).decode().split("\n")
        return float(number), text
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise bad_input(
            f"`after`: {cursor[:QUOTED]!r} is not a cursor of this hub. "
            "Pass the `endCursor` or an edge's `cursor` of an earlier page, unchanged."
        ) from None


def check_page_size(first: int) -> int:
    """Return `first`.

    Raises:
        HubError: `BAD_USER_INPUT`, it is not in 1 to `MAX_PAGE_SIZE`.
    """
    if not 0 < first <= MAX_PAGE_SIZE:
        raise bad_input(
            f"`first` is {first}; it must be 1 to {MAX_PAGE_SIZE}. Use `after` for further pages."
        )
    return first


def page_of(
    rows: Sequence[T], sort_key: Callable[[T], SortKey], first: int, after: SortKey | None
) -> tuple[list[T], PageInfo]:
    """Return one page of `rows` in descending order of `sort_key`, and its `PageInfo`."""
    keys = [sort_key(row) for row in rows]
    order = sorted(range(len(rows)), key=keys.__getitem__, reverse=True)
    start = 0
    if after is not None:
        start = next((n for n, index in enumerate(order) if keys[index] < after), len(order))
    shown = order[start : start + first]
    return [rows[index] for index in shown], PageInfo(
        has_next_page=start + first < len(rows),
        has_previous_page=start > 0,
        first_key=keys[shown[0]] if shown else None,
        last_key=keys[shown[-1]] if shown else None,
    )


@dataclass(frozen=True, slots=True)
class Window:
    """Position of a page in a list that was cut elsewhere.

    Attributes:
        received: number of rows of the list that the page covers, also those that are not shown.
        has_more: True if the list has rows after the page.
        indexes: for each row that is shown, its index among the rows that the page covers. None:
            all are shown.
        page_size: rows per page where the list is cut, if that differs from what was requested.
    """

    received: int
    has_more: bool
    indexes: Sequence[int] | None = None
    page_size: int | None = None


def decode_position(after: str | None) -> tuple[int, int | None]:
    """Return the number of rows before the page, and `page_size` of the `Window` before it.

    Raises:
        HubError: `BAD_USER_INPUT`, another kind of cursor, or a number above `MAX_OFFSET`.
    """
    if after is None:
        return 0, None
    count, text = decode_cursor(after)
    kind, _, written = text.partition("/")
    size = int(written) if written.isdecimal() and len(written) < 9 else None
    is_size = (size is None and not written) or (size or 0) in range(1, MAX_WINDOW_PAGE + 1)
    if kind != "offset" or not (count >= 0 and count.is_integer()) or not is_size:
        raise bad_input(f"`after`: {after[:QUOTED]!r} is a cursor of a different list.")
    if count > MAX_OFFSET:
        raise bad_input(f"`after`: lists end after {MAX_OFFSET:,} rows. Use a narrower filter.")
    return int(count), size


def connect_window(
    connection: type[ConnectionT],
    nodes: Sequence[Node],
    *,
    offset: int,
    total_count: int | None,
    window: Window,
    **more: object,
) -> ConnectionT:
    """Return a connection over one page of a list that was cut elsewhere. Cursors count rows.

    Args:
        nodes: the rows of the page that are shown.
        offset: number of rows before the page.
        total_count: number of rows in the list; None if unknown.
        window: where the page lies in the list.
        more: further fields of the connection type.
    """
    rows = list(nodes)
    kind = "offset" if window.page_size is None else f"offset/{window.page_size}"
    numbers: dict[int, int] = {}

    def cursor_of(node: Node) -> str:
        # Rows are numbered only when a cursor is selected, because most operations select none.
        if not numbers:
            indexes = range(len(rows)) if window.indexes is None else window.indexes
            numbers.update(zip(map(id, rows), indexes, strict=True))
        return encode_cursor((float(offset + numbers[id(node)] + 1), kind))

    first = window.indexes[0] if window.indexes else 0
    return connection(
        nodes=rows,
        page_info=PageInfo(
            has_next_page=window.has_more,
            has_previous_page=offset > 0,
            first_key=(float(offset + first + 1), kind) if rows else None,
            # Rows that are not shown count too: the next page begins after them.
            last_key=(float(offset + window.received), kind) if window.received else None,
        ),
        total_count=total_count,
        cursor_of=cursor_of,
        **more,
    )


def connect_list(
    connection: type[ConnectionT], rows: Sequence[Node], first: int, after: str | None
) -> ConnectionT:
    """Return a connection over a complete list, in the order of the list.

    Raises:
        HubError: `BAD_USER_INPUT`, wrong page size or cursor.
    """
    size = check_page_size(first)
    offset, _ = decode_position(after)
    shown = rows[offset : offset + size]
    return connect_window(
        connection,
        shown,
        offset=offset,
        total_count=len(rows),
        window=Window(len(shown), has_more=offset + size < len(rows)),
    )
