"""How the lists on a citizen are read: one batch per list, fed by every department that has it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import strawberry
from strawberry import Parent

from schema.application import ApplicationConnection
from schema.batch import BatchOf, Info, Outcome, map_value
from schema.benefit import BenefitConnection, EnrollmentStatus
from schema.certificate import CertificateConnection, CertificateStatus
from schema.citizen_request import DUE, STATUS, CitizenRequest
from schema.connections import (
    DEFAULT_PAGE_SIZE,
    MAX_PAGE_SIZE,
    PageArguments,
    SortKey,
    SourcedConnection,
    page_arguments,
    page_of,
)
from schema.grievance import GrievanceConnection
from schema.list_order import (
    RecordSort,
    RequestSort,
    request_sort_key,
    sort_key,
)
from schema.node import Node
from schema.patience import WaitAtMost, wait_of
from schema.status import ApplicationStatus, GrievanceStatus, StatusGroup

if TYPE_CHECKING:
    from schema.citizen import Citizen
    from schema.sources import SourcedRows

First = Annotated[
    int,
    strawberry.argument(description=f"Largest number of rows, 1 to {MAX_PAGE_SIZE}."),
]
After = Annotated[
    str | None,
    strawberry.argument(
        description="Return the rows after this cursor. If null, start with the first row."
    ),
]
FirstOrNone = Annotated[
    int | None,
    strawberry.argument(
        description=f"Return at most this number of rows, 1 to {MAX_PAGE_SIZE}, from the start of "
        f"the list. {DEFAULT_PAGE_SIZE} if `last` is null too."
    ),
]
Last = Annotated[
    int | None,
    strawberry.argument(
        description=f"Return at most this number of rows, 1 to {MAX_PAGE_SIZE}, from the end of "
        "the list. Not together with `first`."
    ),
]
Before = Annotated[
    str | None,
    strawberry.argument(
        description="Return the rows before this cursor. If null, end with the last row."
    ),
]
DepartmentOfList = Annotated[
    strawberry.ID | None,
    strawberry.argument(
        description="Id of a department, or its identifier: return its rows only, and call no "
        "other. If null, include all departments."
    ),
]
Groups = Annotated[
    list[StatusGroup] | None,
    strawberry.argument(
        description="Return rows whose status belongs to one of these groups only. If null, "
        "return all."
    ),
]
STATUS_ARGUMENT = strawberry.argument(
    description="Return rows with one of these statuses only. If null, return all."
)
REQUEST_SORT = Annotated[RequestSort, strawberry.argument(description="Order of the rows.")]
RECORD_SORT = Annotated[RecordSort, strawberry.argument(description="Order of the rows.")]

REQUEST_ORDERS: Mapping[RequestSort, tuple[str, ...]] = {
    RequestSort.OLDEST_FIRST: ("requested_datetime",),
    RequestSort.UPDATED_FIRST: ("updated_datetime",),
    RequestSort.DUE_FIRST: (*STATUS, *DUE),
}
"""The attributes that each order reads, except the usual one: callers who do not see them get it
by what they see."""

NodeT = TypeVar("NodeT", bound=Node)
Wanted = Callable[[Any], bool]


def connect(
    connection: type[SourcedConnection[NodeT]],
    batch: Sequence[Outcome["SourcedRows[NodeT]"]],
    order: Callable[[NodeT], SortKey],
    page: PageArguments,
    wanted: Sequence[Wanted] = (),
) -> list[Any]:
    """Return one page per parent. `sources` shows the departments that failed.

    Args:
        order: returns the sort key of a row.
        wanted: conditions that a row must meet.
    """

    def connect_one(found: "SourcedRows[NodeT]") -> SourcedConnection[NodeT]:
        rows = found.rows
        for is_wanted in wanted:
            rows = list(filter(is_wanted, rows))
        nodes, page_info = page_of(rows, order, page)
        return connection(
            nodes=nodes,
            page_info=page_info,
            total_count=len(rows) if found.is_complete else None,
            is_complete=found.is_complete,
            key_of=lambda node: page.marked(order(node)),
            sources=list(found.sources),
        )

    return [map_value(found, connect_one) for found in batch]


def _connect_requests(
    connection: type[Any],
    batch: Sequence[Outcome["SourcedRows[Any]"]],
    order: Callable[[Any], SortKey],
    page: PageArguments,
    wanted: Sequence[Wanted],
) -> list[Any]:
    """Return one page per parent, which can count all rows by status group."""

    def with_all_rows(found: Outcome["SourcedRows[Any]"], outcome: Outcome[Any]) -> Outcome[Any]:
        if isinstance(found, Exception) or not found.is_complete:
            return outcome
        return map_value(outcome, lambda list_: replace(list_, counted=found.rows))

    outcomes = connect(connection, batch, order, page, wanted)
    return [with_all_rows(*each) for each in zip(batch, outcomes, strict=True)]


def _read_by(**arguments: Any) -> dict[str, tuple[str, ...]]:
    """Return the attributes that the given arguments read, by the argument's name."""
    return {name: attributes for name, attributes in arguments.items() if attributes}


def _unusual(sort: RecordSort, attributes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the attributes that an order reads; none for the usual one."""
    return () if sort is RecordSort.NEWEST_FIRST else attributes


def _in_statuses(attribute: str, statuses: Sequence[Enum] | None) -> list[Wanted]:
    if statuses is None:
        return []
    wanted = frozenset(statuses)
    return [lambda row: getattr(row, attribute) in wanted]


def _in_groups(groups: Sequence[StatusGroup] | None) -> list[Wanted]:
    if groups is None:
        return []
    wanted = frozenset(groups)

    def is_in_groups(row: CitizenRequest) -> bool:
        return row.status_group() in wanted

    return [is_in_groups]


async def load_applications(
    parents: Parent[Sequence["Citizen"]],
    info: Info,
    first: FirstOrNone = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
    sort: REQUEST_SORT = RequestSort.NEWEST_FIRST,
    status: Annotated[list[ApplicationStatus] | None, STATUS_ARGUMENT] = None,
    status_group: Groups = None,
    department: DepartmentOfList = None,
    wait_at_most_ms: WaitAtMost = None,
) -> BatchOf[ApplicationConnection]:
    sources = info.context.sources
    page = page_arguments(sources.ids, first, last, after, before, order=sort.name)
    batch = await sources.applications.by_citizen(
        parents,
        department=sources.catalogue.department_identifier(department),
        wait=wait_of(wait_at_most_ms),
        arguments=_read_by(
            sort=REQUEST_ORDERS.get(sort),
            status=status and ("application_status",),
            statusGroup=status_group and ("application_status", *STATUS),
        ),
    )
    wanted = _in_statuses("application_status", status) + _in_groups(status_group)
    order = request_sort_key(sort, sources.catalogue)
    return _connect_requests(ApplicationConnection, batch, order, page, wanted)


async def load_benefits(
    parents: Parent[Sequence["Citizen"]],
    info: Info,
    first: FirstOrNone = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
    sort: RECORD_SORT = RecordSort.NEWEST_FIRST,
    status: Annotated[list[EnrollmentStatus] | None, STATUS_ARGUMENT] = None,
    department: DepartmentOfList = None,
    wait_at_most_ms: WaitAtMost = None,
) -> BatchOf[BenefitConnection]:
    sources = info.context.sources
    page = page_arguments(sources.ids, first, last, after, before, order=sort.name)
    batch = await sources.benefits.by_citizen(
        parents,
        department=sources.catalogue.department_identifier(department),
        wait=wait_of(wait_at_most_ms),
        arguments=_read_by(
            sort=_unusual(sort, ("enrollment_date", "status_change_date")),
            status=status and ("enrollment_status",),
        ),
    )
    order = sort_key(sort, lambda row: row.enrollment_date, lambda row: row.status_change_date)
    wanted = _in_statuses("enrollment_status", status)
    return connect(BenefitConnection, batch, order, page, wanted)


async def load_certificates(
    parents: Parent[Sequence["Citizen"]],
    info: Info,
    first: FirstOrNone = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
    sort: RECORD_SORT = RecordSort.NEWEST_FIRST,
    status: Annotated[list[CertificateStatus] | None, STATUS_ARGUMENT] = None,
    department: DepartmentOfList = None,
    wait_at_most_ms: WaitAtMost = None,
) -> BatchOf[CertificateConnection]:
    sources = info.context.sources
    page = page_arguments(sources.ids, first, last, after, before, order=sort.name)
    batch = await sources.certificates.by_citizen(
        parents,
        department=sources.catalogue.department_identifier(department),
        wait=wait_of(wait_at_most_ms),
        arguments=_read_by(
            sort=_unusual(sort, ("issue_date", "updated_datetime")),
            status=status and ("certificate_status",),
        ),
    )
    order = sort_key(sort, lambda row: row.issue_date, lambda row: row.updated_datetime)
    wanted = _in_statuses("certificate_status", status)
    return connect(CertificateConnection, batch, order, page, wanted)


async def load_grievances(
    parents: Parent[Sequence["Citizen"]],
    info: Info,
    first: FirstOrNone = None,
    after: After = None,
    last: Last = None,
    before: Before = None,
    sort: REQUEST_SORT = RequestSort.NEWEST_FIRST,
    status: Annotated[list[GrievanceStatus] | None, STATUS_ARGUMENT] = None,
    status_group: Groups = None,
    department: DepartmentOfList = None,
    wait_at_most_ms: WaitAtMost = None,
) -> BatchOf[GrievanceConnection]:
    sources = info.context.sources
    page = page_arguments(sources.ids, first, last, after, before, order=sort.name)
    batch = await sources.grievances.by_citizen(
        parents,
        department=sources.catalogue.department_identifier(department),
        wait=wait_of(wait_at_most_ms),
        arguments=_read_by(
            sort=REQUEST_ORDERS.get(sort),
            status=status and ("grievance_status",),
            statusGroup=status_group and ("grievance_status", *STATUS),
        ),
    )
    wanted = _in_statuses("grievance_status", status) + _in_groups(status_group)
    order = request_sort_key(sort, sources.catalogue)
    return _connect_requests(GrievanceConnection, batch, order, page, wanted)
