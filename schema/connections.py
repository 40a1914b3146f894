"""Relay connections (forward pagination of the Cursor Connections Specification).

A connection keeps all rows it was given and cuts its page when it is asked. Cursors name the row
they stand on (its sort key and id), so a page stays right when rows are added before it.
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
MOST_OFFSET = 1_000_000
"""Rows before a page that a department is asked to pass over: a made-up cursor must not make it
fail, and be taken for one that is down."""

SortKey = tuple[float, str]


@strawberry.type(description="Position of a page in its list (Relay).")
class PageInfo:
    has_next_page: bool = field(description="True if there are more rows after this page.")
    has_previous_page: bool = field(description="True if there are rows before this page.")
    first_place: strawberry.Private["SortKey | None"]
    last_place: strawberry.Private["SortKey | None"]

    # Made when they are asked for: most queries ask for none.
    @strawberry.field(
        description="Cursor of the first row on this page. Null if the page is empty."
    )
    def start_cursor(self) -> str | None:
        return encode_cursor(self.first_place) if self.first_place is not None else None

    @strawberry.field(
        description="Cursor of the last row on this page. Pass it as `after` to get the next "
        "page. Null if the page is empty."
    )
    def end_cursor(self) -> str | None:
        return encode_cursor(self.last_place) if self.last_place is not None else None


@strawberry.type(description="One row of a page, with its cursor (Relay).")
class Edge(Generic[T]):
    node: T = field(description="The row.")
    cursor: str = field(
        description="Cursor of this row. Pass it as `after` to get the rows that follow."
    )


@strawberry.type(description="One page of a list (Relay).")
class Connection(Generic[T]):
    nodes: list[T] = field(description="The rows of this page, without cursors.")
    page_info: PageInfo = field(description="Position of this page in the list.")
    total_count: int | None = field(
        description="Number of rows in the whole list. Null if the department does not report it."
    )
    cursor_of: strawberry.Private[Callable[[T], str]]

    @strawberry.field(description="The rows of this page, each with its cursor.")
    def edges(self) -> list[Edge[T]]:
        return [Edge(node=node, cursor=self.cursor_of(node)) for node in self.nodes]


@strawberry.type(description="One page of a list with rows from several departments.")
class SourcedConnection(Connection[T]):
    sources: list[SourceStatus] = field(
        description="The departments that the list depends on, each with its state."
    )


def encode_cursor(key: SortKey) -> str:
    return base64.urlsafe_b64encode(f"{key[0]!r}\n{key[1]}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> SortKey:
    """The sort key that `encode_cursor` wrote; BAD_USER_INPUT when it did not write this one."""
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
    if not 0 < first <= MAX_PAGE_SIZE:
        raise bad_input(
            f"`first` is {first}; give 1 to {MAX_PAGE_SIZE}, and `after` for the pages that follow."
        )
    return first


def page_of(
    rows: Sequence[T], sort_key: Callable[[T], SortKey], first: int, after: SortKey | None
) -> tuple[list[T], PageInfo]:
    """Cuts one page out of `rows`, in descending order of `sort_key`."""
    places = [sort_key(row) for row in rows]
    order = sorted(range(len(rows)), key=places.__getitem__, reverse=True)
    start = 0
    if after is not None:
        start = next((n for n, place in enumerate(order) if places[place] < after), len(order))
    shown = order[start : start + first]
    return [rows[place] for place in shown], PageInfo(
        has_next_page=start + first < len(rows),
        has_previous_page=start > 0,
        first_place=places[shown[0]] if shown else None,
        last_place=places[shown[-1]] if shown else None,
    )


def decode_offset(after: str | None) -> int:
    """Rows before the page, for lists whose cursors count rows (`encode_offset`)."""
    if after is None:
        return 0
    count, kind = decode_cursor(after)
    if kind != "offset" or not (count >= 0 and count.is_integer()):
        raise bad_input(f"`after`: {after[:QUOTED]!r} is a cursor of another list.")
    if count > MOST_OFFSET:
        raise bad_input(f"`after`: no list has more than {MOST_OFFSET:,} rows; narrow the filter.")
    return int(count)


def _offset_place(rows_before: int) -> SortKey:
    return (float(rows_before), "offset")


def encode_offset(rows_before: int) -> str:
    return encode_cursor(_offset_place(rows_before))


def connect_window(
    connection: type[ConnectionT],
    nodes: Sequence[Node],
    *,
    offset: int,
    total_count: int | None,
    has_next_page: bool,
    **more: object,
) -> ConnectionT:
    """A connection over a window of a list that was cut elsewhere; cursors count rows."""
    rows = list(nodes)
    places: dict[int, int] = {}

    def cursor_of(node: Node) -> str:
        # Made when the first cursor is asked for: most queries ask for none.
        if not places:
            places.update({id(row): n for n, row in enumerate(rows, start=offset + 1)})
        return encode_offset(places[id(node)])

    return connection(
        nodes=rows,
        page_info=PageInfo(
            has_next_page=has_next_page,
            has_previous_page=offset > 0,
            first_place=_offset_place(offset + 1) if nodes else None,
            last_place=_offset_place(offset + len(nodes)) if nodes else None,
        ),
        total_count=total_count,
        cursor_of=cursor_of,
        **more,
    )


def connect_list(
    connection: type[ConnectionT], rows: Sequence[Node], first: int, after: str | None
) -> ConnectionT:
    """A connection over a list that is at hand whole and in its own order."""
    size = check_page_size(first)
    offset = decode_offset(after)
    return connect_window(
        connection,
        rows[offset : offset + size],
        offset=offset,
        total_count=len(rows),
        has_next_page=offset + size < len(rows),
    )
