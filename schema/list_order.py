"""Sort orders of the lists on a citizen, and counts of their rows by status group."""

import datetime as dt
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import strawberry
from strawberry import field

from schema.batch import reads_of
from schema.citizen_request import DUE, STATUS, CitizenRequest, due_date_of
from schema.connections import SortKey, SourcedConnection
from schema.enums import DescribedEnum, described
from schema.node import Node
from schema.status import FINISHED, StatusGroup

if TYPE_CHECKING:
    from schema.sources import CatalogueSource

T = TypeVar("T")
RequestT = TypeVar("RequestT", bound=CitizenRequest)

EPOCH = dt.date(1970, 1, 1).toordinal()
STATUS_OF_REQUESTS = {"Application": STATUS, "Grievance": STATUS}
ORDER_OF_REQUESTS = {"Application": STATUS + DUE, "Grievance": STATUS + DUE}

NEWEST_FIRST = described(
    "By the day on which it began, newest first: when an application or grievance was submitted, a "
    "benefit started, or a certificate was issued. Rows without the day are last."
)
OLDEST_FIRST = described("By the same day, oldest first. Rows without the day are last.")
UPDATED_FIRST = described("By the last change, newest first. Rows without its time are last.")


@strawberry.enum(description="Order of a list of benefits or certificates.")
class RecordSort(DescribedEnum):
    NEWEST_FIRST = NEWEST_FIRST
    OLDEST_FIRST = OLDEST_FIRST
    UPDATED_FIRST = UPDATED_FIRST


@strawberry.enum(description="Order of a list of applications or grievances.")
class RequestSort(DescribedEnum):
    NEWEST_FIRST = NEWEST_FIRST
    OLDEST_FIRST = OLDEST_FIRST
    UPDATED_FIRST = UPDATED_FIRST
    DUE_FIRST = described(
        "By `dueDate`, earliest first. Rows without it, and finished ones, are last."
    )


@strawberry.type(description="Number of rows whose status belongs to one group.")
class StatusGroupCount:
    status_group: StatusGroup = field(description="The group.")
    count: int = field(description="Number of rows in the whole list.")


@strawberry.type
class RequestConnection(SourcedConnection[RequestT]):
    """Base of the lists of applications and of grievances."""

    counted: strawberry.Private[Sequence[CitizenRequest] | None] = None

    @strawberry.field(
        description="Rows of the whole list by status group, before the filters `status` and "
        "`statusGroup`. Every group has an entry. Null unless every department answered whole "
        "(`isComplete`).",
        metadata=reads_of(STATUS_OF_REQUESTS),
    )
    def counts(self) -> list[StatusGroupCount] | None:
        return None if self.counted is None else counts_of(self.counted)


def counts_of(requests: Iterable[CitizenRequest]) -> list[StatusGroupCount]:
    """Return the number of requests in each status group."""
    numbers = Counter(request.status_group() for request in requests)
    return [StatusGroupCount(status_group=group, count=numbers[group]) for group in StatusGroup]


def seconds_of(moment: dt.datetime | dt.date | None) -> float:
    """Return seconds since 1970, and less than any number for None."""
    if moment is None:
        return -math.inf
    if isinstance(moment, dt.datetime):
        return moment.timestamp()
    return (moment.toordinal() - EPOCH) * 86_400.0


def newest_first(moment: dt.datetime | dt.date | None, node: Node) -> SortKey:
    """Return a sort key for descending order: the moment, then the id. None is last."""
    return (seconds_of(moment), node.local_id())


def oldest_first(moment: dt.datetime | dt.date | None, node: Node) -> SortKey:
    """Return a sort key for which descending order has the oldest first, and None last."""
    return (-math.inf if moment is None else -seconds_of(moment), node.local_id())


def sort_key(
    sort: RecordSort | RequestSort, began: Callable[[Any], Any], changed: Callable[[Any], Any]
) -> Callable[[Any], SortKey]:
    """Return the function that gives the sort key of a row, for all orders but `DUE_FIRST`.

    Args:
        sort: the order.
        began: returns the day on which a row began.
        changed: returns when a row last changed.
    """
    if sort.name == "OLDEST_FIRST":
        return lambda row: oldest_first(began(row), row)
    moment = changed if sort.name == "UPDATED_FIRST" else began
    return lambda row: newest_first(moment(row), row)


def request_sort_key(
    sort: RequestSort, catalogue: "CatalogueSource"
) -> Callable[[CitizenRequest], SortKey]:
    """Return the function that gives the sort key of an application or grievance."""
    if sort is not RequestSort.DUE_FIRST:
        return sort_key(sort, lambda row: row.requested_datetime, lambda row: row.updated_datetime)

    def due_first(row: CitizenRequest) -> SortKey:
        is_finished = row.status_group() in FINISHED
        return oldest_first(None if is_finished else due_date_of(row, catalogue)[0], row)

    return due_first
