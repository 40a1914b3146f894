"""An officer's worklist: the applications at one department, last changed first."""

import datetime as dt

import strawberry
from strawberry import field

from schema.application import ApplicationConnection
from schema.batch import Info, value_of
from schema.connections import Window, check_page_size, connect_window, decode_position
from schema.sources import WorklistRequest
from schema.status import ApplicationStatus


@strawberry.input(description="Which applications of a department to return.")
class ApplicationFilterInput:
    department: strawberry.ID = field(description="Id of the department, or its identifier.")
    status: list[ApplicationStatus] = field(
        default_factory=list,
        description="Return applications with one of these statuses only. If empty, return all.",
    )
    updated_since: dt.date | None = field(
        default=None, description="Return applications changed since this day only."
    )


async def load_worklist(
    info: Info, wanted: ApplicationFilterInput, first: int, after: str | None
) -> ApplicationConnection:
    """Return one page of a department's worklist.

    Raises:
        HubError: `BAD_USER_INPUT` for a wrong page size, cursor or department, `FORBIDDEN`.
    """
    size = check_page_size(first)
    sources = info.context.sources
    offset, page_size = decode_position(sources.ids, after)
    outcome = await sources.applications.worklist(
        WorklistRequest(
            department=sources.catalogue.department_identifier(wanted.department) or "",
            statuses=wanted.status,
            since=wanted.updated_since,
            offset=offset,
            limit=size,
            page_size=page_size,
        )
    )
    found = value_of(outcome)
    return connect_window(
        ApplicationConnection,
        found.rows,
        offset=offset,
        total_count=found.total_count if found.is_complete else None,
        is_complete=found.is_complete,
        window=found.window or Window(len(found.rows), has_more=False),
        sources=list(found.sources),
    )
