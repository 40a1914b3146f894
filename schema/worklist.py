"""The officers' worklist: the applications of several departments, last changed first."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import astuple
from functools import cache, partial
from typing import Any

import strawberry
from strawberry import field

from schema.application import Application
from schema.batch import Info, reads_catalogue
from schema.citizen_request import DUE, STATUS, due_date_of, is_overdue
from schema.connections import PageInfo, SourcedConnection, check_page_size, decode_cursor
from schema.department import Department
from schema.errors import bad_input
from schema.provenance import WHOLE
from schema.status import ApplicationStatus
from schema.working_days import day_in_india
from schema.worklist_source import (
    Check,
    WorklistFilter,
    WorklistPosition,
    WorklistRequest,
)

MOST_DEPARTMENTS = 100


@strawberry.input(description="Days from `from` to `to`, both inclusive. A null is no limit.")
class DateRangeInput:
    from_: dt.date | None = field(default=None, name="from", description="First day.")
    to: dt.date | None = field(default=None, description="Last day.")


@strawberry.input(
    description="Which applications to return. They must meet all filters. A filter that a "
    "department's system cannot apply is listed in `unappliedFilters`."
)
class WorklistFilterInput:
    departments: list[strawberry.ID] | None = field(
        default=None,
        description="Ids of departments, or their identifiers. If null, all departments that have "
        "a worklist and that the caller may see.",
    )
    status: list[ApplicationStatus] = field(
        default_factory=list,
        description="Applications with one of these statuses only. If empty, all.",
    )
    services: list[str] = field(
        default_factory=list,
        description="Applications for services with these codes only. If empty, all.",
    )
    desk: str | None = field(
        default=None,
        description="Applications that wait for this office only (`pendingWith.designation`), in "
        "upper or lower case.",
    )
    district: str | None = field(
        default=None, description="Applicants in this district only, in upper or lower case."
    )
    overdue: bool | None = field(
        default=None, description="If true, only overdue applications; if false, only the others."
    )
    due_before: dt.date | None = field(
        default=None, description="Applications with a due date before this day only."
    )
    requested_between: DateRangeInput | None = field(
        default=None, description="Applications that were submitted on these days only."
    )
    updated_since: dt.date | None = field(
        default=None, description="Applications that changed on or after this day only."
    )
    text: str | None = field(
        default=None,
        description="Applications with this text in the reference number or in the applicant's "
        "name only, in upper or lower case.",
    )


@strawberry.type(description="A filter that a department's system did not apply.")
class UnappliedFilter:
    department_identifier: strawberry.Private[str]
    filter: WorklistFilter = field(description="The filter.")
    is_applied_by_hub: bool = field(
        description="True if the hub applied it to all rows that it received. False if rows lack "
        "the value; these rows are shown."
    )

    @strawberry.field(description="The department.", metadata=reads_catalogue())
    def department(self, info: Info) -> Department | None:
        return info.context.sources.catalogue.department(self.department_identifier)


@strawberry.type(description="Number of applications of one department that meet all filters.")
class DepartmentCount:
    department_identifier: strawberry.Private[str]
    count: int | None = field(
        description="The number. Null if the department did not reply, does not report it, or "
        "cannot apply all filters."
    )

    @strawberry.field(description="The department.", metadata=reads_catalogue())
    def department(self, info: Info) -> Department | None:
        return info.context.sources.catalogue.department(self.department_identifier)


@strawberry.type(
    description="One page of the worklist, last changed first. A page can be shorter than "
    "`first` although more pages follow. Its cursors remain valid when applications change."
)
class WorklistConnection(SourcedConnection[Application]):
    counts: list[DepartmentCount] = field(description="Applications by department.")
    unapplied_filters: list[UnappliedFilter] = field(
        description="The filters that a department's system did not apply, by department."
    )


async def load_worklist(
    info: Info, wanted: WorklistFilterInput, first: int, after: str | None
) -> WorklistConnection:
    """Return one page of the worklist.

    Raises:
        HubError: `BAD_USER_INPUT` for a wrong page size, cursor or department, `FORBIDDEN`.
    """
    size = check_page_size(first)
    sources = info.context.sources

    @cache
    def kind() -> str:
        return f"worklist {_digest(wanted)} "

    positions = {} if after is None else _positions_in(decode_cursor(sources.ids, after)[1], kind())
    between = wanted.requested_between
    checks = checks_of(wanted, info)
    page = await sources.applications.worklist(
        WorklistRequest(
            departments=_departments(wanted, sources.catalogue.department_identifier),
            statuses=wanted.status,
            since=wanted.updated_since,
            criteria={
                "requested_from": between.from_ if between else None,
                "requested_to": between.to if between else None,
                "district": wanted.district,
                "text": wanted.text,
            },
            checks=checks,
            reads=frozenset(name for each in checks for name in READS[each]),
            arguments={ARGUMENTS[each]: ABOUT.get(each, READS[each]) for each in checks},
            limit=size,
            positions=positions,
        )
    )
    numbers: dict[int, int] = {}

    def key_after(count: int) -> tuple[float, str]:
        written = {name: astuple(at) for name, at in page.positions_after(count).items()}
        return 0.0, kind() + json.dumps(written, separators=(",", ":"))

    def key_of(row: Application) -> tuple[float, str]:
        # Rows are numbered only when edges are selected, because most operations select none.
        if not numbers:
            numbers.update((id(each), number) for number, each in enumerate(page.rows, start=1))
        return key_after(numbers[id(row)])

    is_complete = all(count is not None for count in page.counts.values())
    return WorklistConnection(
        nodes=list(page.rows),
        page_info=PageInfo(
            has_next_page=page.has_next_page,
            has_previous_page=after is not None,
            # Computed only when a cursor is selected, because most operations select none.
            first_key=partial(key_after, 1) if page.rows else None,
            last_key=partial(key_after, len(page.rows))
            if page.rows or page.has_next_page
            else None,
        ),
        total_count=sum(filter(None, page.counts.values())) if is_complete else None,
        is_complete=all(each.state in WHOLE for each in page.sources),
        key_of=key_of,
        sources=list(page.sources),
        counts=[
            DepartmentCount(department_identifier=name, count=count)
            for name, count in page.counts.items()
        ],
        unapplied_filters=[
            UnappliedFilter(
                department_identifier=each.department,
                filter=each.filter,
                is_applied_by_hub=each.is_applied_by_hub,
            )
            for each in page.unapplied
        ],
    )


READS: Mapping[WorklistFilter, tuple[str, ...]] = {
    WorklistFilter.STATUS: (),
    WorklistFilter.SERVICE: ("service_code",),
    WorklistFilter.DESK: ("pending_with",),
    WorklistFilter.DISTRICT: ("applicant_district",),
    WorklistFilter.OVERDUE: STATUS + DUE,
    WorklistFilter.DUE_BEFORE: DUE,
    WorklistFilter.REQUESTED_BETWEEN: ("requested_datetime",),
    WorklistFilter.UPDATED_SINCE: ("updated_datetime",),
    WorklistFilter.TEXT: ("applicant_name",),
}
"""The attributes of an application that the hub reads to check a filter."""
ABOUT: Mapping[WorklistFilter, tuple[str, ...]] = {
    WorklistFilter.STATUS: ("application_status",),
    WorklistFilter.TEXT: ("application_reference_number", "applicant_name"),
}
"""The attributes that a filter is about, if these are others."""
ARGUMENTS: Mapping[WorklistFilter, str] = {
    WorklistFilter.STATUS: "status",
    WorklistFilter.SERVICE: "services",
    WorklistFilter.DESK: "desk",
    WorklistFilter.DISTRICT: "district",
    WorklistFilter.OVERDUE: "overdue",
    WorklistFilter.DUE_BEFORE: "dueBefore",
    WorklistFilter.REQUESTED_BETWEEN: "requestedBetween",
    WorklistFilter.UPDATED_SINCE: "updatedSince",
    WorklistFilter.TEXT: "text",
}
"""The names of the filters in the schema."""


def checks_of(wanted: WorklistFilterInput, info: Info) -> dict[WorklistFilter, Check]:
    """Return how the hub checks the filters that are given."""
    catalogue, today = info.context.sources.catalogue, info.context.today
    between = wanted.requested_between
    checks: dict[WorklistFilter, Check] = {}
    if wanted.status:
        statuses = {*wanted.status, ApplicationStatus.UNKNOWN}
        checks[WorklistFilter.STATUS] = lambda row: row.application_status in statuses
    if wanted.services:
        services = frozenset(wanted.services)
        checks[WorklistFilter.SERVICE] = _if_known(
            lambda row: row.service_code, lambda code: code in services
        )
    if wanted.desk is not None:
        desk = wanted.desk.casefold()
        checks[WorklistFilter.DESK] = _if_known(
            lambda row: row.pending_with and row.pending_with.designation,
            lambda designation: (
                desk in {designation.en.casefold(), (designation.hi or "").casefold()}
            ),
        )
    if wanted.district is not None:
        district = wanted.district.casefold()
        checks[WorklistFilter.DISTRICT] = _if_known(
            lambda row: row.applicant_district, lambda name: name.casefold() == district
        )
    if wanted.overdue is not None:
        checks[WorklistFilter.OVERDUE] = _if_known(
            lambda row: is_overdue(row, catalogue, today), lambda late: late is wanted.overdue
        )
    if (before := wanted.due_before) is not None:
        checks[WorklistFilter.DUE_BEFORE] = _if_known(
            lambda row: due_date_of(row, catalogue)[0], lambda day: day < before
        )
    if between is not None:
        start, end = between.from_ or dt.date.min, between.to or dt.date.max
        checks[WorklistFilter.REQUESTED_BETWEEN] = _if_known(
            lambda row: row.requested_datetime,
            lambda moment: start <= day_in_india(moment) <= end,
        )
    if (since := wanted.updated_since) is not None:
        checks[WorklistFilter.UPDATED_SINCE] = _if_known(
            lambda row: row.updated_datetime, lambda moment: day_in_india(moment) >= since
        )
    if wanted.text is not None:
        text = wanted.text.casefold()
        checks[WorklistFilter.TEXT] = lambda row: (
            text in f"{row.application_reference_number}\n{row.applicant_name or ''}".casefold()
        )
    return checks


def _if_known(value: Callable[[Application], Any], test: Callable[[Any], bool]) -> Check:
    """Return a check that gives None for a row without the value."""

    def check(row: Application) -> bool | None:
        found = value(row)
        return None if found is None else test(found)

    return check


def _departments(
    wanted: WorklistFilterInput, identifier_of: Callable[[strawberry.ID | None], str | None]
) -> list[str] | None:
    if wanted.departments is None:
        return None
    if len(wanted.departments) > MOST_DEPARTMENTS:
        raise bad_input(f"`departments` may have {MOST_DEPARTMENTS} entries.")
    return [identifier_of(each) or "" for each in wanted.departments]


def _digest(wanted: WorklistFilterInput) -> str:
    return hashlib.blake2b(repr(wanted).encode(), digest_size=6).hexdigest()


def _positions_in(text: str, kind: str) -> dict[str, WorklistPosition]:
    """Return the positions in a cursor.

    Raises:
        HubError: `BAD_USER_INPUT`, it is a cursor of another list.
    """
    if not text.startswith(kind):
        raise bad_input("`after` is a cursor of a list with other filters. Keep the filters.")
    return {
        name: WorklistPosition(*values)
        for name, values in json.loads(text.removeprefix(kind)).items()
    }
