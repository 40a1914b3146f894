"""Due dates, working days, and what the citizen has to do."""

import datetime as dt
from enum import Enum
from pathlib import Path

import pytest

from hub.federation import Directory
from hub.federation.catalogue import Catalogue
from hub.holidays import HolidaysError, read_working_days
from schema.application import Application
from schema.citizen_request import days_left, due_date_of, is_overdue
from schema.grievance import Grievance
from schema.status import (
    GROUPS,
    ApplicationStatus,
    CitizenAction,
    DepartmentStatus,
    DueDateSource,
    GrievanceStatus,
    StatusGroup,
    action_required,
    group_of,
)
from schema.working_days import IST, WorkingDays
from tests.support.ids import IDS
from tests.support.own_manifests import MANIFESTS

FRIDAY, SATURDAY, MONDAY = dt.date(2026, 11, 20), dt.date(2026, 11, 21), dt.date(2026, 11, 23)
HOLIDAY = dt.date(2026, 11, 24)
DAYS = WorkingDays([HOLIDAY, dt.date(2026, 11, 22)])
CATALOGUE = Catalogue(Directory(MANIFESTS), {}, DAYS, IDS)


def application(**values: object) -> Application:
    return Application(
        application_reference_number="SJE-OAS/2026/000001",
        department_identifier="pensions",
        department_status=DepartmentStatus(code="02"),
        **{"application_status": ApplicationStatus.UNDER_PROCESS, **values},  # type: ignore[arg-type]
    )


def is_working(day: dt.date) -> bool:
    return day.weekday() < 5 and day != HOLIDAY


@pytest.mark.parametrize("first", range(9))
@pytest.mark.parametrize("length", range(25))
def test_working_days_are_counted_as_one_by_one(first: int, length: int) -> None:
    start = dt.date(2026, 11, 14) + dt.timedelta(days=first)
    end = start + dt.timedelta(days=length)
    counted = sum(is_working(start + dt.timedelta(days=n)) for n in range(1, length + 1))
    assert (DAYS.between(start, end), DAYS.between(end, start)) == (counted, -counted)
    if is_working(end) and counted:
        assert DAYS.after(start, counted) == end


def test_the_built_in_file_lists_holidays_of_this_and_the_next_year() -> None:
    days = read_working_days()
    for year in (2026, 2027):
        assert days.between(dt.date(year, 1, 25), dt.date(year, 1, 26)) == 0
    assert days.between(dt.date(2026, 11, 23), dt.date(2026, 11, 25)) == 1


@pytest.mark.parametrize("line", ["26-01-2026 Republic Day", "2026-02-30 No day", "Republic Day"])
def test_a_wrong_line_of_the_file_of_holidays_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "holidays.txt"
    file.write_text(f"# Holidays\n\n2026-01-26 Republic Day\n{line}\n", encoding="utf-8")
    with pytest.raises(HolidaysError, match=r"holidays\.txt:4"):
        read_working_days(file)


def test_a_missing_file_of_holidays_is_named(tmp_path: Path) -> None:
    with pytest.raises(HolidaysError, match="HUB_HOLIDAYS"):
        read_working_days(tmp_path / "none.txt")


def test_the_date_of_the_department_goes_before_the_catalogue() -> None:
    found = due_date_of(application(stored_due_date=FRIDAY, service_code="SJE-OAS"), CATALOGUE)
    assert found == (FRIDAY, DueDateSource.DEPARTMENT)


@pytest.mark.parametrize(
    ("service", "due"),
    [
        # Seven working days; the 22nd is a Sunday, the 24th a holiday.
        ("REV-SCC", dt.date(2026, 12, 2)),
        # Thirty days of the calendar.
        ("EMP-REG", dt.date(2026, 12, 20)),
    ],
)
def test_the_catalogue_gives_the_date_that_the_department_does_not_send(
    service: str, due: dt.date
) -> None:
    # 23:30 of the day before in UTC.
    requested = dt.datetime.combine(FRIDAY, dt.time(5), IST).astimezone(dt.UTC)
    found = due_date_of(application(requested_datetime=requested, service_code=service), CATALOGUE)
    assert found == (due, DueDateSource.CATALOGUE)


@pytest.mark.parametrize("values", [{"service_code": "SJE-OAS"}, {"service_code": "NONE"}, {}])
def test_there_is_no_date_without_service_or_day_of_submission(values: dict[str, str]) -> None:
    found = application(**values)
    assert due_date_of(found, CATALOGUE) == (None, None)
    assert is_overdue(found, CATALOGUE, MONDAY) is None
    assert days_left(found, CATALOGUE, MONDAY) is None


@pytest.mark.parametrize(
    ("due", "today", "left", "late"),
    [
        (FRIDAY, FRIDAY, 0, False),
        (FRIDAY, SATURDAY, 0, True),
        (FRIDAY, MONDAY, -1, True),
        (HOLIDAY, FRIDAY, 1, False),
        (dt.date(2026, 11, 26), FRIDAY, 3, False),
    ],
)
def test_days_left_are_working_days(due: dt.date, today: dt.date, left: int, late: bool) -> None:
    found = application(stored_due_date=due)
    assert (days_left(found, CATALOGUE, today), is_overdue(found, CATALOGUE, today)) == (left, late)


@pytest.mark.parametrize(
    ("status", "late"),
    [
        (ApplicationStatus.DELIVERED, False),
        (ApplicationStatus.REJECTED, False),
        (ApplicationStatus.UNKNOWN, None),
    ],
)
def test_no_days_are_left_when_the_department_has_finished(
    status: ApplicationStatus, late: bool | None
) -> None:
    found = application(stored_due_date=FRIDAY, application_status=status)
    assert (days_left(found, CATALOGUE, MONDAY), is_overdue(found, CATALOGUE, MONDAY)) == (
        None,
        late,
    )


@pytest.mark.parametrize("status", [*ApplicationStatus, *GrievanceStatus], ids=str)
def test_every_status_has_a_group(status: Enum) -> None:
    assert status in GROUPS


@pytest.mark.parametrize(
    ("status", "said", "action", "group"),
    [
        ("SENT_BACK", None, "CORRECT_DOCUMENTS", "WAITING_FOR_CITIZEN"),
        ("SENT_BACK", "ANSWER_QUERY", "ANSWER_QUERY", "WAITING_FOR_CITIZEN"),
        ("SENT_BACK", "NONE", "NONE", "WAITING_FOR_CITIZEN"),
        ("APPROVED", "COLLECT", "COLLECT", "WAITING_FOR_CITIZEN"),
        ("APPROVED", None, "NONE", "OPEN"),
        ("PAYMENT_PENDING", None, "PAY", "WAITING_FOR_CITIZEN"),
        ("DELIVERED", "COLLECT", "COLLECT", "DONE"),
        ("REJECTED", None, "NONE", "REFUSED"),
        ("UNKNOWN", "PAY", "PAY", "WAITING_FOR_CITIZEN"),
        ("UNKNOWN", None, None, "UNKNOWN"),
    ],
)
def test_the_departments_code_can_say_more_than_the_status(
    status: str, said: str | None, action: str | None, group: str
) -> None:
    code = CitizenAction[said] if said else None
    found = action_required(ApplicationStatus[status], code)
    assert (found.name if found else None) == action
    assert group_of(ApplicationStatus[status], code) is StatusGroup[group]


def test_grievances_have_the_groups_of_applications() -> None:
    grievance = Grievance(
        registration_number="CMOFF/2026/0001234",
        grievance_status=GrievanceStatus.PENDING_AT_LME,
        department_status=DepartmentStatus(code="PENDINGATLME"),
        department_identifier="helpdesk",
        service_code="HLP-GRV",
        requested_datetime=dt.datetime(2026, 11, 1, 9, tzinfo=IST),
    )
    assert due_date_of(grievance, CATALOGUE) == (dt.date(2026, 12, 1), DueDateSource.CATALOGUE)
    assert grievance.status_group() is StatusGroup.OPEN
