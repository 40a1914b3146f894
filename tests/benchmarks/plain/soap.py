"""The SOAP department, through zeep's asynchronous client."""

from collections.abc import Sequence
from typing import Any

import httpx
from zeep import AsyncClient
from zeep.proxy import AsyncServiceProxy
from zeep.transports import AsyncTransport

from tests.benchmarks.manifests import DEPARTMENTS
from tests.benchmarks.plain.moments import read_date, read_moment
from tests.benchmarks.plain.types import (
    BENEFIT_STATUSES,
    STATUSES,
    Application,
    ApplicationStatus,
    Benefit,
    DepartmentStatus,
    EnrollmentStatus,
    Money,
    Office,
)

NAME = "bench-soap"
BINDING = "{urn:bench:v1}BenchBinding"


class SoapDepartment:
    """Reads work lists, and citizens' rows in batches."""

    def __init__(self, url: str, connections: int) -> None:
        # zeep changes the client's headers, so it cannot share the other one.
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._http = httpx.AsyncClient(timeout=30, trust_env=False, limits=limits)
        transport = AsyncTransport(  # type: ignore[no-untyped-call]
            client=self._http, wsdl_client=httpx.Client(trust_env=False)
        )
        client = AsyncClient(  # type: ignore[no-untyped-call]
            str(DEPARTMENTS / NAME / "bench.wsdl"), transport=transport
        )
        # `create_service` returns a proxy that does not await.
        self._service = AsyncServiceProxy(  # type: ignore[no-untyped-call]
            client, client.wsdl.bindings[BINDING], address=url
        )

    async def worklist(self, first: int) -> tuple[list[Application], int]:
        """Return one page of applications and their total number."""
        reply = await self._service.SearchApplications(Offset=0, Limit=first)
        return [_application(row) for row in reply.Application], reply.TotalCount

    async def applications(self, numbers: Sequence[str]) -> list[list[Application]]:
        """Return the applications of each citizen, in the same order."""
        rows = await self._service.GetApplications(_numbers(numbers))
        found = [_application(row) for row in rows or ()]
        return [[each for each in found if each.applicant_key == _key(n)] for n in numbers]

    async def benefits(self, numbers: Sequence[str]) -> list[list[Benefit]]:
        """Return the benefits of each citizen, in the same order."""
        rows = await self._service.GetBenefits(_numbers(numbers))
        found = [_benefit(row) for row in rows or ()]
        return [[each for each in found if each.holder_key == number] for number in numbers]

    async def close(self) -> None:
        await self._http.aclose()


def _numbers(numbers: Sequence[str]) -> dict[str, list[str]]:
    return {"BeneficiaryNo": list(numbers)}


def _key(number: str) -> str:
    return f"BENCH_SOAP_NO:{number}"


def _application(row: Any) -> Application:
    pending = row.PendingWith
    return Application(
        department_identifier=NAME,
        applicant_key=_key(row.BeneficiaryNo),
        application_reference_number=row.ApplicationNo,
        application_status=STATUSES.get(row.StatusCode, ApplicationStatus.UNKNOWN),
        department_status=DepartmentStatus(code=row.StatusCode, label=row.StatusText),
        status_notes=row.Remarks,
        requested_datetime=read_moment(row.AppliedOn),
        updated_datetime=read_moment(row.LastActionOn),
        due_date=read_moment(row.DueOn).date() if row.DueOn else None,
        pending_with=(
            Office(designation=pending.Designation, location_name=pending.Office)
            if pending is not None
            else None
        ),
        timeline=[],
        service_code=row.ServiceCode,
        applicant_name=row.ApplicantName,
    )


def _benefit(row: Any) -> Benefit:
    return Benefit(
        department_identifier=NAME,
        holder_key=row.BeneficiaryNo,
        benefit_number=row.BenefitNo,
        service_code=row.ServiceCode,
        enrollment_date=read_date(row.SanctionedOn),
        enrollment_status=BENEFIT_STATUSES.get(row.StatusCode, EnrollmentStatus.UNKNOWN),
        department_status=DepartmentStatus(code=row.StatusCode, label=row.StatusText),
        benefit_value=Money(amount=int(row.Amount * 100)),
        benefit_date=read_date(row.LastPaidOn),
    )
