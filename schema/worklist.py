"""An officer's worklist: the applications of one department, last changed first."""

import datetime as dt

import strawberry
from strawberry import field

from schema.application import ApplicationConnection
from schema.batch import Info, value_of
from schema.connections import check_page_size, connect_window, decode_offset
from schema.sources import WorklistRequest
from schema.status import ApplicationStatus


@strawberry.input(description="Which applications of a department are wanted.")
class ApplicationFilterInput:
    department: strawberry.ID = field(description="The department; required.")
    status: list[ApplicationStatus] = field(
        default_factory=list, description="Only these statuses; every status when empty."
    )
    updated_since: dt.date | None = field(
        default=None, description="Only those changed on or after this day."
    )


async def load_worklist(
    info: Info, wanted: ApplicationFilterInput, first: int, after: str | None
) -> ApplicationConnection:
    size = check_page_size(first)
    offset = decode_offset(after)
    sources = info.context.sources
    outcome = await sources.applications.worklist(
        WorklistRequest(
            department=sources.catalogue.department_identifier(wanted.department) or "",
            statuses=wanted.status,
            since=wanted.updated_since,
            offset=offset,
            limit=size,
        )
    )
    found = value_of(info, outcome)
    total = found.total_count
    return connect_window(
        ApplicationConnection,
        found.rows,
        offset=offset,
        total_count=total,
        has_next_page=len(found.rows) == size if total is None else offset + size < total,
        sources=list(found.sources),
    )
