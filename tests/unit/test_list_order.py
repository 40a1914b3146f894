"""Orders of lists, and counts by status group."""

import datetime as dt

import pytest

from schema.application import Application
from schema.benefit import Benefit, EnrollmentStatus
from schema.list_order import (
    RecordSort,
    RequestSort,
    counts_of,
    request_sort_key,
    sort_key,
)
from schema.status import ApplicationStatus, DepartmentStatus, StatusGroup
from schema.working_days import IST
from tests.unit.test_deadlines import CATALOGUE

START = dt.datetime(2026, 11, 2, 9, tzinfo=IST)


def application(
    reference: str,
    requested: int | None,
    updated: int,
    due: int | None,
    status: ApplicationStatus = ApplicationStatus.UNDER_PROCESS,
) -> Application:
    """Return an application with these days of November 2026."""
    return Application(
        application_reference_number=reference,
        application_status=status,
        department_status=DepartmentStatus(code="1"),
        department_identifier="pensions",
        requested_datetime=START.replace(day=requested) if requested else None,
        updated_datetime=START.replace(day=updated),
        stored_due_date=dt.date(2026, 11, due) if due else None,
    )


ROWS = [
    application("A", 3, 9, 20),
    application("B", 5, 6, 10),
    application("C", None, 8, None),
    application("D", 4, 10, 5, ApplicationStatus.DELIVERED),
]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (RequestSort.NEWEST_FIRST, "BDAC"),
        (RequestSort.OLDEST_FIRST, "ADBC"),
        (RequestSort.UPDATED_FIRST, "DACB"),
        (RequestSort.DUE_FIRST, "BADC"),
    ],
)
def test_each_order_puts_rows_without_the_date_last(sort: RequestSort, expected: str) -> None:
    key = request_sort_key(sort, CATALOGUE)
    ordered = sorted(ROWS, key=key, reverse=True)
    assert "".join(str(row.application_reference_number) for row in ordered) == expected


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (RecordSort.NEWEST_FIRST, "21"),
        (RecordSort.OLDEST_FIRST, "12"),
        (RecordSort.UPDATED_FIRST, "12"),
    ],
)
def test_benefits_are_ordered_by_their_days(sort: RecordSort, expected: str) -> None:
    rows = [
        Benefit(
            benefit_number=number,
            enrollment_status=EnrollmentStatus.ACTIVE,
            department_status=DepartmentStatus(code="A"),
            department_identifier="pensions",
            holder_key="1",
            enrollment_date=began,
            status_change_date=changed,
        )
        for number, began, changed in (
            ("1", dt.date(2024, 1, 1), dt.date(2026, 1, 1)),
            ("2", dt.date(2025, 1, 1), None),
        )
    ]
    key = sort_key(sort, lambda row: row.enrollment_date, lambda row: row.status_change_date)
    ordered = sorted(rows, key=key, reverse=True)
    assert "".join(row.benefit_number for row in ordered) == expected


def test_every_group_is_counted() -> None:
    counts = {each.status_group: each.count for each in counts_of(ROWS)}
    assert counts == {
        StatusGroup.OPEN: 3,
        StatusGroup.WAITING_FOR_CITIZEN: 0,
        StatusGroup.DONE: 1,
        StatusGroup.REFUSED: 0,
        StatusGroup.UNKNOWN: 0,
    }
