"""Relay connections (forward pagination of the Cursor Connections Specification).

A cursor contains the sort key and id of its row, so a page stays correct when rows are added before
it. Only lists that are cut elsewhere (`connect_window`) have cursors that count rows.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
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


def decode_offset(after: str | None) -> int:
    """Return the number of rows before the page, for cursors made by `encode_offset`.

    Raises:
        HubError: `BAD_USER_INPUT`, another kind of cursor, or a number above `MAX_OFFSET`.
    """
    if after is None:
        return 0
    count, kind = decode_cursor(after)
    if kind != "offset" or not (count >= 0 and count.is_integer()):
        raise bad_input(f"`after`: {after[:QUOTED]!r} is a cursor of a different list.")
    if count > MAX_OFFSET:
        raise bad_input(f"`after`: lists end after {MAX_OFFSET:,} rows. Use a narrower filter.")
    return int(count)


def _offset_key(rows_before: int) -> SortKey:
    return (float(rows_before), "offset")


def encode_offset(rows_before: int) -> str:
    return encode_cursor(_offset_key(rows_before))


def connect_window(
    connection: type[ConnectionT],
    nodes: Sequence[Node],
    *,
    offset: int,
    total_count: int | None,
    has_next_page: bool,
    **more: object,
) -> ConnectionT:
    """Return a connection over one page of a list that was cut elsewhere. Cursors count rows.

    Args:
        nodes: the rows of the page.
        offset: number of rows before the page.
        total_count: number of rows in the list; None if unknown.
        more: further fields of the connection type.
    """
    rows = list(nodes)
    numbers: dict[int, int] = {}

    def cursor_of(node: Node) -> str:
        # Rows are numbered only when a cursor is selected, because most operations select none.
        if not numbers:
            numbers.update({id(row): n for n, row in enumerate(rows, start=offset + 1)})
        return encode_offset(numbers[id(node)])

    return connection(
        nodes=rows,
        page_info=PageInfo(
            has_next_page=has_next_page,
            has_previous_page=offset > 0,
            first_key=_offset_key(offset + 1) if nodes else None,
            last_key=_offset_key(offset + len(nodes)) if nodes else None,
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
    offset = decode_offset(after)
    return connect_window(
        connection,
        rows[offset : offset + size],
        offset=offset,
        total_count=len(rows),
        has_next_page=offset + size < len(rows),
    )
