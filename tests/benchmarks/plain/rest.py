"""The REST department."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from tests.benchmarks.plain.moments import read_date, read_moment
from tests.benchmarks.plain.types import (
    BENEFIT_STATUSES,
    STATUSES,
    Application,
    ApplicationStatus,
    Benefit,
    DepartmentStatus,
    DepartmentText,
    EnrollmentStatus,
    Money,
    Office,
    TimelineEvent,
)

NAME = "bench-rest"


class RestDepartment:
    """Reads work lists, and citizens' rows in batches."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client = client
        self._url = url

    async def worklist(self, department: str, first: int) -> tuple[list[Application], int]:
        """Return one page of applications and their total number."""
        events = department.removeprefix(NAME).removeprefix("-") or "0"
        reply = await self._get(f"{events}/applications", page="1", pageSize=str(first))
        return [_application(row, department) for row in reply["data"]], reply["total"]

    async def applications(self, numbers: Sequence[str]) -> list[list[Application]]:
        """Return the applications of each citizen, in the same order."""
        rows = await self._rows("0/applications", numbers)
        return [[_application(row, NAME) for row in rows[number]] for number in numbers]

    async def benefits(self, numbers: Sequence[str]) -> list[list[Benefit]]:
        """Return the benefits of each citizen, in the same order."""
        rows = await self._rows("0/benefits", numbers)
        return [[_benefit(row) for row in rows[number]] for number in numbers]

    async def _rows(self, path: str, numbers: Sequence[str]) -> dict[str, list[Any]]:
        reply = await self._get(path, citizens=",".join(numbers))
        rows: dict[str, list[Any]] = {number: [] for number in numbers}
        for row in reply["data"]:
            rows[row["citizenNo"]].append(row)
        return rows

    async def _get(self, path: str, **query: str) -> Any:
        response = await self._client.get(f"{self._url}/{path}", params=query)
        response.raise_for_status()
        return response.json()


def _application(row: Mapping[str, Any], department: str) -> Application:
    pending = row["pendingWith"]
    return Application(
        department_identifier=department,
        applicant_key=f"BENCH_REST_NO:{row['citizenNo']}",
        application_reference_number=row["applNo"],
        application_status=STATUSES.get(row["status"], ApplicationStatus.UNKNOWN),
        department_status=DepartmentStatus(code=row["status"], label=row["statusText"]),
        status_notes=row["remarks"],
        requested_datetime=read_moment(row["appliedOn"]),
        updated_datetime=read_moment(row["statusDate"]),
        due_date=read_moment(row["dueOn"]).date(),
        pending_with=Office(designation=pending["post"], location_name=pending["office"]),
        timeline=[_event(event) for event in row["trail"]],
        service_code=row["serviceCode"],
        applicant_name=row["applicantName"],
    )


def _event(event: Mapping[str, Any]) -> TimelineEvent:
    return TimelineEvent(
        action=event["action"],
        task_name=event["step"],
        performed_by=Office(designation=event["post"], location_name=event["office"]),
        received_datetime=read_moment(event["in"]),
        executed_datetime=read_moment(event["out"]),
        remarks=DepartmentText(text=event["note"]) if event["note"] else None,
        application_status=STATUSES.get(event["status"], ApplicationStatus.UNKNOWN),
    )


def _benefit(row: Mapping[str, Any]) -> Benefit:
    return Benefit(
        department_identifier=NAME,
        holder_key=row["citizenNo"],
        benefit_number=row["awardNo"],
        service_code=row["serviceCode"],
        enrollment_date=read_date(row["sanctionedOn"]),
        enrollment_status=BENEFIT_STATUSES.get(row["state"], EnrollmentStatus.UNKNOWN),
        department_status=DepartmentStatus(code=row["state"], label=row["stateText"]),
        benefit_value=Money(amount=row["amount"] * 100),
        benefit_date=read_date(row["paidOn"]),
    )
