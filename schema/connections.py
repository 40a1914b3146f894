"""Relay connections (Cursor Connections Specification).

A cursor is the encrypted sort key and local id of its row, so a page stays correct when rows are
added before it. Only lists that are cut elsewhere (`connect_window`) have cursors that count rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import strawberry
from strawberry import field

from schema.batch import Info, reads_catalogue, reads_of
from schema.errors import bad_input
from schema.ids import IdCipher, Purpose
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
READS = {**reads_catalogue(), **reads_of({"Application": ("updated_datetime",)})}
"""What cursors read: those of the worklist contain when an application last changed."""
LazyKey = SortKey | Callable[[], SortKey]
"""A sort key, or a function that returns it: some are only computed if a cursor is selected."""


@strawberry.type(description="Position of a page in its list (Relay).")
class PageInfo:
    has_next_page: bool = field(description="True if there are more rows after this page.")
    has_previous_page: bool = field(description="True if there are rows before this page.")
    first_key: strawberry.Private["LazyKey | None"]
    last_key: strawberry.Private["LazyKey | None"]

    # Cursors are encoded only when selected, because most operations select none.
    @strawberry.field(description="Cursor of the first row. Null on an empty page.", metadata=READS)
    def start_cursor(self, info: Info) -> str | None:
        return _cursor_of(info, self.first_key)

    @strawberry.field(
        description="Cursor of the last row. Pass it as `after` to get the next page. Null on "
        "an empty page.",
        metadata=READS,
    )
    def end_cursor(self, info: Info) -> str | None:
        return _cursor_of(info, self.last_key)


@strawberry.type(description="One row of a page, with its cursor (Relay).")
class Edge(Generic[T]):
    node: T = field(description="The row.")
    key: strawberry.Private[SortKey]

    @strawberry.field(
        description="Cursor of the row. Pass it as `after` for the next rows.",
        metadata=READS,
    )
    def cursor(self, info: Info) -> str:
        return encode_cursor(info.context.sources.ids, self.key)


@strawberry.type
class Page(Generic[T]):
    """Base of all connections."""

    nodes: list[T] = field(description="The rows of this page, without cursors.")
    page_info: PageInfo = field(description="Position of this page in the list.")
    key_of: strawberry.Private[Callable[[T], SortKey]]

    @strawberry.field(description="The rows of this page, each with its cursor.")
    def edges(self) -> list[Edge[T]]:
        return [Edge(node=node, key=self.key_of(node)) for node in self.nodes]


@strawberry.type(description="One page of a list (Relay).")
class Connection(Page[T]):
    total_count: int | None = field(
        description="Rows in the whole list. Null unless every department that the list depends "
        "on answered whole (`isComplete`) and reports the number."
    )


@strawberry.type(description="One page of a list with rows from several departments.")
class SourcedConnection(Connection[T]):
    is_complete: bool = field(
        description="True if no row is missing: every department in `sources` answered whole, now "
        "or in the copy that is shown (STALE)."
    )
    sources: list[SourceStatus] = field(
        description="The state of each department that the list depends on."
    )


def _cursor_of(info: Info, key: LazyKey | None) -> str | None:
    key = key() if callable(key) else key
    return encode_cursor(info.context.sources.ids, key) if key is not None else None


def encode_cursor(ids: IdCipher, key: SortKey) -> str:
    return ids.encrypt(Purpose.CURSOR, f"{key[0]!r}\n{key[1]}")


def decode_cursor(ids: IdCipher, cursor: str, argument: str = "after") -> SortKey:
    """Return the sort key in a cursor.

    Args:
        argument: name of the argument, for the error.

    Raises:
        HubError: `BAD_USER_INPUT`, `encode_cursor` did not make this cursor.
    """
    decrypted = ids.decrypt(Purpose.CURSOR, cursor)
    if decrypted is None:
        raise bad_input(
            f"`{argument}` is not a cursor of this hub. "
            "Pass the `endCursor` or an edge's `cursor` of an earlier page, unchanged."
        )
    number, _, text = decrypted.partition("\n")
    return float(number), text


def check_page_size(size: int, argument: str = "first", cursor: str = "after") -> int:
    """Return the page size.

    Args:
        argument: name of the argument, for the error.
        cursor: name of the argument for further pages, for the error.

    Raises:
        HubError: `BAD_USER_INPUT`, it is not in 1 to `MAX_PAGE_SIZE`.
    """
    if not 0 < size <= MAX_PAGE_SIZE:
        raise bad_input(
            f"`{argument}` is {size}; it must be 1 to {MAX_PAGE_SIZE}. "
            f"Use `{cursor}` for further pages."
        )
    return size


def _page_size(first: int | None, last: int | None) -> int:
    if first is not None and last is not None:
        raise bad_input("Pass `first` or `last`, not both.")
    if last is not None:
        return check_page_size(last, "last", "before")
    return DEFAULT_PAGE_SIZE if first is None else check_page_size(first)


@dataclass(frozen=True, slots=True)
class PageArguments:
    """Which page of a list to return (Relay).

    Attributes:
        size: maximum number of rows.
        from_end: whether the page is at the end of the rows between the cursors.
        after: sort key of the row before the page.
        before: sort key of the row after the page.
        order: name of the list's order, which its cursors contain.
    """

    size: int
    from_end: bool = False
    after: SortKey | None = None
    before: SortKey | None = None
    order: str = ""

    def marked(self, key: SortKey) -> SortKey:
        """Return a sort key for a cursor, with the name of the order."""
        return (key[0], f"{self.order} {key[1]}")


def page_arguments(
    ids: IdCipher,
    first: int | None,
    last: int | None,
    after: str | None,
    before: str | None,
    *,
    order: str,
) -> PageArguments:
    """Return the page that the arguments of a list select.

    Args:
        order: name of the list's order.

    Raises:
        HubError: `BAD_USER_INPUT`, wrong page size or cursor, or both `first` and `last`.
    """
    size = _page_size(first, last)

    def key_in(cursor: str | None, argument: str) -> SortKey | None:
        if cursor is None:
            return None
        moment, text = decode_cursor(ids, cursor, argument)
        name, _, local_id = text.partition(" ")
        if name != order:
            raise bad_input(f"`{argument}` is a cursor of a list in another order.")
        return moment, local_id

    return PageArguments(
        size, last is not None, key_in(after, "after"), key_in(before, "before"), order
    )


def page_of(
    rows: Sequence[T], sort_key: Callable[[T], SortKey], page: PageArguments
) -> tuple[list[T], PageInfo]:
    """Return one page of `rows` in descending order of `sort_key`, and its `PageInfo`."""
    keys = [sort_key(row) for row in rows]
    order = sorted(range(len(rows)), key=keys.__getitem__, reverse=True)
    start, end = 0, len(order)
    after, before = page.after, page.before
    if after is not None:
        start = next((n for n, index in enumerate(order) if keys[index] < after), end)
    if before is not None:
        end = next((n for n, index in enumerate(order) if keys[index] <= before), end)
    if page.from_end:
        start = max(start, end - page.size)
    else:
        end = min(end, start + page.size)
    shown = order[start:end]
    return [rows[index] for index in shown], PageInfo(
        has_next_page=max(start, end) < len(rows),
        has_previous_page=start > 0,
        first_key=page.marked(keys[shown[0]]) if shown else None,
        last_key=page.marked(keys[shown[-1]]) if shown else None,
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


def decode_position(
    ids: IdCipher, cursor: str | None, argument: str = "after"
) -> tuple[int, int | None]:
    """Return the number of rows before the page, and `page_size` of the `Window` before it.

    Args:
        argument: name of the argument, for the error.

    Raises:
        HubError: `BAD_USER_INPUT`, another kind of cursor, or a number above `MAX_OFFSET`.
    """
    if cursor is None:
        return 0, None
    count, text = decode_cursor(ids, cursor, argument)
    kind, _, written = text.partition("/")
    size = int(written) if written.isdecimal() and len(written) < 9 else None
    is_size = (size is None and not written) or (size or 0) in range(1, MAX_WINDOW_PAGE + 1)
    if kind != "offset" or not (count >= 0 and count.is_integer()) or not is_size:
        raise bad_input(f"`{argument}` is a cursor of a different list.")
    if count > MAX_OFFSET:
        raise bad_input(
            f"`{argument}`: lists end after {MAX_OFFSET:,} rows. Use a narrower filter."
        )
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

    def key_of(node: Node) -> SortKey:
        # Rows are numbered only when edges are selected, because most operations select none.
        if not numbers:
            indexes = range(len(rows)) if window.indexes is None else window.indexes
            numbers.update(zip(map(id, rows), indexes, strict=True))
        return float(offset + numbers[id(node)] + 1), kind

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
        key_of=key_of,
        **more,
    )


def connect_list(
    connection: type[ConnectionT],
    rows: Sequence[Node],
    ids: IdCipher,
    first: int | None = None,
    last: int | None = None,
    after: str | None = None,
    before: str | None = None,
    **more: object,
) -> ConnectionT:
    """Return a connection over a complete list, in the order of the list.

    Args:
        more: further fields of the connection type.

    Raises:
        HubError: `BAD_USER_INPUT`, wrong page size or cursor, or both `first` and `last`.
    """
    size = _page_size(first, last)
    start, end = decode_position(ids, after)[0], len(rows)
    if before is not None:
        end = min(end, max(0, decode_position(ids, before, "before")[0] - 1))
    if last is None:
        end = min(end, start + size)
    else:
        start = max(start, end - size)
    shown = rows[start:end]
    return connect_window(
        connection,
        shown,
        offset=start,
        total_count=len(rows),
        window=Window(len(shown), has_more=max(start, end) < len(rows)),
        **more,
    )
