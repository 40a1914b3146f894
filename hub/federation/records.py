"""Records that departments hold about citizens: asked of all at once, merged per citizen."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, cast

from adapters.contract import Capability, DepartmentError, Rows
from hub.federation.directory import Directory
from hub.federation.gateway import DepartmentGateway, PrincipalRequest
from hub.federation.merge import DepartmentAnswer, merge, note_applicants
from hub.link.errors import failed_status
from schema.application import Application
from schema.batch import Outcome, Partial
from schema.citizen import Citizen
from schema.errors import bad_input
from schema.grievance import Grievance
from schema.node import Node
from schema.provenance import SourceState, SourceStatus
from schema.sources import SourcedRows, WorklistRequest

RecordT = TypeVar("RecordT", bound=Node)


class BoundRecords(Generic[RecordT]):
    """`schema.sources.RecordsOfCitizens` for one kind of record and one request."""

    def __init__(
        self,
        capability: Capability,
        directory: Directory,
        gateway: DepartmentGateway,
        request: PrincipalRequest,
    ) -> None:
        self._capability = capability
        self._directory = directory
        self._gateway = gateway
        self._request = request

    async def by_citizen(
        self, citizens: Sequence[Citizen], *, department: str | None = None
    ) -> list[Outcome[SourcedRows[RecordT]]]:
        return merge(citizens, await self._ask_departments(citizens, department))

    async def _ask_departments(
        self, citizens: Sequence[Citizen], department: str | None
    ) -> list[DepartmentAnswer]:
        """One call per department, concurrently; only of those that know any of the citizens."""
        asked = [
            (name, numbers, _subjects(citizens, numbers))
            for name in self._directory.with_capability(self._capability)
            if department in (None, name)
            and any(numbers := [c.numbers_in(self._directory.scheme_of(name)) for c in citizens])
        ]
        return list(await asyncio.gather(*(self._ask(*each) for each in asked)))

    async def _ask(
        self, department: str, numbers: Sequence[Sequence[str]], subjects: Sequence[str]
    ) -> DepartmentAnswer:
        keys = list(dict.fromkeys(number for each in numbers for number in each))
        try:
            reply = await self._gateway.look_up(
                self._request, department, self._capability, keys, subjects
            )
        except DepartmentError as error:
            return DepartmentAnswer(department, numbers, error)
        return DepartmentAnswer(department, numbers, reply)

    async def by_local_id(self, local_ids: Sequence[str]) -> list[Outcome[RecordT | None]]:
        """Records by `department|holder|number`: asks for the holder's and picks."""
        holders = [tuple(local_id.split("|")) for local_id in local_ids]
        by_department: dict[str, list[str]] = defaultdict(list)
        for parts in holders:
            if len(parts) == 3 and parts[0] in self._directory.with_capability(self._capability):
                by_department[parts[0]].append(parts[1])
        found = await self._look_up_all(self._capability, by_department)

        def pick(parts: tuple[str, ...], local_id: str) -> Outcome[RecordT | None]:
            rows = found.get((parts[0], parts[1])) if len(parts) == 3 else None
            if not isinstance(rows, Rows):
                return rows
            records = cast("Sequence[RecordT]", rows.records)
            return next((each for each in records if each.local_id() == local_id), None)

        return [pick(parts, each) for parts, each in zip(holders, local_ids, strict=True)]

    async def _by_number(
        self,
        capability: Capability,
        department_of: Callable[[str], str],
        numbers: Sequence[str],
    ) -> list[Outcome[RecordT | None]]:
        """Records by a number that tells its department by its form."""
        departments: dict[str, str] = {}
        wrong: dict[str, Exception] = {}
        by_department: dict[str, list[str]] = defaultdict(list)
        for number in dict.fromkeys(numbers):
            try:
                departments[number] = department_of(number)
            except Exception as error:
                wrong[number] = error
                continue
            by_department[departments[number]].append(number)
        found = await self._look_up_all(capability, by_department)

        def pick(number: str) -> Outcome[RecordT | None]:
            if number in wrong:
                return wrong[number]
            rows = found[departments[number], number]
            if not isinstance(rows, Rows):
                return rows
            return cast("RecordT", rows.records[0]) if rows.records else None

        return [pick(number) for number in numbers]

    async def _look_up_all(
        self, capability: Capability, by_department: dict[str, list[str]]
    ) -> dict[tuple[str, str], Rows | Exception]:
        async def look_up(department: str, keys: list[str]) -> dict[tuple[str, str], Any]:
            try:
                reply = await self._gateway.look_up(self._request, department, capability, keys)
            except DepartmentError as error:
                return {(department, key): error for key in keys}
            return {(department, key): reply.results[key] for key in keys}

        answers = await asyncio.gather(
            *(look_up(name, list(dict.fromkeys(keys))) for name, keys in by_department.items())
        )
        return {key: value for answer in answers for key, value in answer.items()}


def _subjects(citizens: Sequence[Citizen], numbers: Sequence[Sequence[str]]) -> Sequence[str]:
    """The citizens that the department is asked about."""
    return [
        citizen.member_identifier for citizen, known in zip(citizens, numbers, strict=True) if known
    ]


class BoundApplications(BoundRecords[Application]):
    """`schema.sources.ApplicationSource` for one request."""

    async def by_citizen(
        self, citizens: Sequence[Citizen], *, department: str | None = None
    ) -> list[Outcome[SourcedRows[Application]]]:
        answers = await self._ask_departments(citizens, department)
        note_applicants(citizens, answers)
        return merge(citizens, answers)

    async def by_reference(self, references: Sequence[str]) -> list[Outcome[Application | None]]:
        return await self._by_number(
            Capability.APPLICATIONS_BY_REFERENCE,
            self._directory.department_of_reference,
            references,
        )

    async def worklist(self, request: WorklistRequest) -> Outcome[SourcedRows[Application]]:
        department = request.department
        capability = Capability.APPLICATIONS_SEARCH
        if department not in self._directory.with_capability(capability):
            able = ", ".join(self._directory.with_capability(capability))
            raise bad_input(f"{department!r} has no worklist; these have: {able}.")
        criteria = {
            "statuses": list(request.statuses),
            "since": request.since,
            "offset": request.offset,
            "limit": request.limit,
        }
        try:
            reply = await self._gateway.search(self._request, department, capability, criteria)
        except DepartmentError as error:
            return Partial(SourcedRows([], [failed_status(error)]), (error,))
        status = SourceStatus(
            department=department,
            state=SourceState.LIVE,
            as_of=reply.retrieved_at,
            latency_ms=reply.latency_ms,
            warnings=list(reply.rows.warnings),
        )
        rows = cast("Sequence[Application]", reply.rows.records)
        return SourcedRows(rows, [status], reply.total_count)


class BoundGrievances(BoundRecords[Grievance]):
    """`schema.sources.GrievanceSource` for one request."""

    async def by_registration_number(
        self, numbers: Sequence[str]
    ) -> list[Outcome[Grievance | None]]:
        return await self._by_number(
            Capability.GRIEVANCES_BY_REGISTRATION_NUMBER,
            self._directory.department_of_registration_number,
            numbers,
        )
