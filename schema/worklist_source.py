"""The port of the officers' worklist: requests, positions and pages."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import strawberry

from schema.application import Application
from schema.enums import DescribedEnum, described
from schema.provenance import SourceStatus
from schema.status import ApplicationStatus

Check = Callable[[Application], bool | None]
"""Returns whether an application meets a filter; None if the row does not have the value."""


@strawberry.enum(description="A filter of the worklist, named as in `WorklistFilterInput`.")
class WorklistFilter(DescribedEnum):
    STATUS = described("`status`.")
    SERVICE = described("`services`.")
    DESK = described("`desk`.")
    DISTRICT = described("`district`.")
    OVERDUE = described("`overdue`.")
    DUE_BEFORE = described("`dueBefore`.")
    REQUESTED_BETWEEN = described("`requestedFrom` and `requestedTo`.")
    UPDATED_SINCE = described("`updatedSince`.")
    TEXT = described("`text`.")


@dataclass(frozen=True, slots=True)
class WorklistPosition:
    """How far one department's list has been read.

    Attributes:
        offset: number of rows before the position.
        anchor: digest of the number of the last known row before the position; empty if there is
            none. The row is found again if rows were inserted or deleted before it.
        moment: when that row last changed, in seconds since 1970; None if unknown.
        page_size: rows per page of the department's system, if it has pages.
    """

    offset: int = 0
    anchor: str = ""
    moment: float | None = None
    page_size: int | None = None


@dataclass(frozen=True, slots=True)
class WorklistRequest:
    """One page of the worklist, last changed first.

    Attributes:
        departments: identifiers of the departments; None for all that have a worklist and that the
            caller may see.
        statuses: return only applications with these statuses; all if empty.
        since: return only applications that changed on or after this day.
        criteria: values of further placeholders that calls may have, by name.
        checks: by filter, how the hub checks a row.
        reads: attributes of applications that the checks read.
        arguments: by filter, as it is named in the schema, the attributes that it is about.
        limit: maximum number of rows.
        positions: where the page begins, by department.
    """

    departments: Sequence[str] | None
    statuses: Sequence[ApplicationStatus]
    since: dt.date | None
    criteria: Mapping[str, object]
    checks: Mapping[WorklistFilter, Check]
    reads: frozenset[str]
    arguments: Mapping[str, Sequence[str]]
    limit: int
    positions: Mapping[str, WorklistPosition]


@dataclass(frozen=True, slots=True)
class UnappliedWorklistFilter:
    """A filter that a department's system did not apply.

    Attributes:
        department: identifier of the department.
        filter: the filter.
        is_applied_by_hub: whether the hub could check every row that it received.
    """

    department: str
    filter: WorklistFilter
    is_applied_by_hub: bool


@dataclass(frozen=True, slots=True)
class WorklistPage:
    """One page of the worklist.

    Attributes:
        rows: the applications, last changed first.
        sources: one status for each department.
        counts: number of applications that meet all filters, by department; None if unknown.
        unapplied: the filters that a department's system did not apply.
        has_next_page: whether there are, or may be, rows after the page.
        positions_after: returns where the page after the first `n` rows begins, by department.
    """

    rows: Sequence[Application]
    sources: Sequence[SourceStatus]
    counts: Mapping[str, int | None]
    unapplied: Sequence[UnappliedWorklistFilter]
    has_next_page: bool
    positions_after: Callable[[int], Mapping[str, WorklistPosition]]
