"""How the lists on a citizen are read: one batch per list, fed by every department that has it."""

import datetime as dt
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import strawberry
from strawberry import Parent

from schema.application import ApplicationConnection
from schema.batch import BatchOf, Info, Outcome, map_value
from schema.benefit import BenefitConnection
from schema.certificate import CertificateConnection
from schema.connections import (
    DEFAULT_PAGE_SIZE,
    MAX_PAGE_SIZE,
    SortKey,
    SourcedConnection,
    check_page_size,
    decode_cursor,
    page_of,
)
from schema.grievance import GrievanceConnection
from schema.ids import IdCipher
from schema.node import Node
from schema.status import ApplicationStatus

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

EPOCH = dt.date(1970, 1, 1).toordinal()

NodeT = TypeVar("NodeT", bound=Node)


def newest_first(moment: dt.datetime | dt.date | None, node: Node) -> SortKey:
    """Return a sort key: seconds since 1970, then the id. Rows without a time sort last."""
    if moment is None:
        return (-math.inf, node.local_id())
    if isinstance(moment, dt.datetime):
        return (moment.timestamp(), node.local_id())
    return ((moment.toordinal() - EPOCH) * 86_400.0, node.local_id())


def connect(
    connection: type[SourcedConnection[NodeT]],
    batch: Sequence[Outcome["SourcedRows[NodeT]"]],
    sort_key: Callable[[NodeT], SortKey],
    first: int,
    after: str | None,
    ids: IdCipher,
) -> list[Any]:
    """Return one page per parent. `sources` shows the departments that failed.

    Raises:
        HubError: `BAD_USER_INPUT`, wrong page size or cursor.
    """
    size = check_page_size(first)
    start = decode_cursor(ids, after) if after is not None else None

    def page(found: "SourcedRows[NodeT]") -> SourcedConnection[NodeT]:
        nodes, page_info = page_of(found.rows, sort_key, size, start)
        return connection(
            nodes=nodes,
            page_info=page_info,
            total_count=len(found.rows) if found.is_complete else None,
            is_complete=found.is_complete,
            key_of=sort_key,
            sources=list(found.sources),
        )

    return [map_value(found, page) for found in batch]


async def load_applications(
    parents: Parent[Sequence["Citizen"]],
    info: Info,
    first: First = DEFAULT_PAGE_SIZE,
    after: After = None,
    status: Annotated[
        list[ApplicationStatus] | None,
        strawberry.argument(
            description="Return applications with one of these statuses only. If null, return all."
        ),
    ] = None,
    department: Annotated[
        strawberry.ID | None,
        strawberry.argument(
            description="Return applications at this department only. If null, include all "
            "departments."
        ),
    ] = None,
) -> BatchOf[ApplicationConnection]:
    check_page_size(first)
    batch = await info.context.sources.applications.by_citizen(
        parents, department=info.context.sources.catalogue.department_identifier(department)
    )
    if status is not None:
        wanted = frozenset(status)
        batch = [
            map_value(found, lambda rows: rows.filtered(lambda r: r.application_status in wanted))
            for found in batch
        ]
    return connect(
        ApplicationConnection,
        batch,
        lambda row: newest_first(row.requested_datetime, row),
        first,
        after,
        info.context.sources.ids,
    )


async def load_benefits(
    parents: Parent[Sequence["Citizen"]],
    info: Info,
    first: First = DEFAULT_PAGE_SIZE,
    after: After = None,
) -> BatchOf[BenefitConnection]:
    check_page_size(first)
    batch = await info.context.sources.benefits.by_citizen(parents)
    return connect(
        BenefitConnection,
        batch,
        lambda row: newest_first(row.enrollment_date, row),
        first,
        after,
        info.context.sources.ids,
    )


async def load_certificates(
    parents: Parent[Sequence["Citizen"]],
    info: Info,
    first: First = DEFAULT_PAGE_SIZE,
    after: After = None,
) -> BatchOf[CertificateConnection]:
    check_page_size(first)
    batch = await info.context.sources.certificates.by_citizen(parents)
    return connect(
        CertificateConnection,
        batch,
        lambda row: newest_first(row.issue_date, row),
        first,
        after,
        info.context.sources.ids,
    )


async def load_grievances(
    parents: Parent[Sequence["Citizen"]],
    info: Info,
    first: First = DEFAULT_PAGE_SIZE,
    after: After = None,
) -> BatchOf[GrievanceConnection]:
    check_page_size(first)
    batch = await info.context.sources.grievances.by_citizen(parents)
    return connect(
        GrievanceConnection,
        batch,
        lambda row: newest_first(row.requested_datetime, row),
        first,
        after,
        info.context.sources.ids,
    )
