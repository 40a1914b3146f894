"""Faults of lists that come in pages and announce how many rows they have."""

from collections.abc import Collection, Sequence
from typing import TypeVar

from starlette.requests import Request

from mocks.faults.middleware import strikes

PAGE_FAULTS = ("short_pages", "lost_rows")
RowT = TypeVar("RowT")


def page_faults(request: Request) -> frozenset[str]:
    """Return the page faults that apply to this request (drawn at random by probability)."""
    return frozenset(name for name in PAGE_FAULTS if strikes(request, name))


def page_size(requested: int, total: int, faults: Collection[str]) -> int:
    """Return the number of rows on a page: with `short_pages`, half of those that it could have."""
    if "short_pages" not in faults:
        return requested
    return max(1, min(requested, total) // 2)


def rows_sent(page: Sequence[RowT], faults: Collection[str]) -> Sequence[RowT]:
    """Return the rows of a page that are sent: with `lost_rows`, all but the last."""
    return page[:-1] if "lost_rows" in faults else page
