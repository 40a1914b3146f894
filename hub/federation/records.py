"""Records about citizens, requested from all departments concurrently and merged per citizen."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from adapters.contract import Capability, DepartmentError, Rows
from hub.federation.directory import Directory
from hub.federation.gateway import DepartmentGateway, PrincipalRequest
from hub.federation.merge import DepartmentReply, merge, note_applicants, single_record
from hub.federation.worklist import BoundWorklist
from schema.application import Application
from schema.batch import Outcome
from schema.certificate import Certificate
from schema.citizen import Citizen
from schema.errors import HubError
from schema.grievance import Grievance
from schema.node import Node
from schema.sources import SourcedRows
from schema.worklist_source import WorklistPage, WorklistRequest

RecordT = TypeVar("RecordT", bound=Node)


@dataclass(frozen=True, slots=True)
class BoundRecords(Generic[RecordT]):
    """`schema.sources.RecordsOfCitizens` for one type of record and one operation."""

    capability: Capability
    directory: Directory
    gateway: DepartmentGateway
    request: PrincipalRequest

    async def by_citizen(
        self,
        citizens: Sequence[Citizen],
        *,
        department: str | None = None,
        wait: float | None = None,
    ) -> list[Outcome[SourcedRows[RecordT]]]:
        return merge(citizens, await self._call_departments(citizens, department, wait))

    async def _call_departments(
        self, citizens: Sequence[Citizen], department: str | None, wait: float | None
    ) -> list[DepartmentReply]:
        """Call each department that knows any of the citizens, concurrently.

        Args:
            wait: seconds after which a department that has not replied is shown as PENDING.
        """
        wait_until = None if wait is None else asyncio.get_running_loop().time() + wait
        calls = [
            (name, numbers, _subjects(citizens, numbers), wait_until)
            for name in self.directory.with_capability(self.capability)
            if department in (None, name)
            and any(numbers := [c.numbers_in(self.directory.scheme_of(name)) for c in citizens])
        ]
        return list(await asyncio.gather(*(self._call(*each) for each in calls)))

    async def _call(
        self,
        department: str,
        numbers: Sequence[Sequence[str]],
        subjects: Sequence[str],
        wait_until: float | None,
    ) -> DepartmentReply:
        keys = list(dict.fromkeys(number for each in numbers for number in each))
        try:
            reply = await self.gateway.look_up(
                self.request, department, self.capability, keys, subjects, wait_until
            )
        except DepartmentError as error:
            return DepartmentReply(department, numbers, error)
        return DepartmentReply(department, numbers, reply)

    async def by_local_id(self, local_ids: Sequence[str]) -> list[Outcome[RecordT | None]]:
        """Return the record for each local id of the form `department|holder|number`.

        Departments have no look-up by number, so the hub requests all records of the holder.
        """
        able = self.directory.with_capability(self.capability)
        keys: dict[str, tuple[str, str]] = {}
        for local_id in local_ids:
            department, *rest = local_id.split("|")
            if department in able and len(rest) == 2:
                keys[local_id] = department, rest[0]
        found = await self._look_up_all(self.capability, keys.values())
        picked = {each: _single(found[key], key[0], each) for each, key in keys.items()}
        return [picked.get(local_id) for local_id in local_ids]

    async def _by_number(
        self, capability: Capability, department_of: Callable[[str], str], numbers: Sequence[str]
    ) -> list[Outcome[RecordT | None]]:
        """Return the record for each number. The form of a number determines the department."""
        outcomes: dict[str, Outcome[RecordT | None]] = {}
        keys: dict[str, tuple[str, str]] = {}
        for number in numbers:
            try:
                keys[number] = department_of(number), number
            except Exception as error:
                outcomes[number] = error
        found = await self._look_up_all(capability, keys.values())
        outcomes |= {each: _single(found[key], key[0]) for each, key in keys.items()}
        return [outcomes[number] for number in numbers]

    async def _look_up_all(
        self, capability: Capability, keys: Iterable[tuple[str, str]]
    ) -> dict[tuple[str, str], Rows | Exception]:
        """Return the outcome for each pair of department and key."""
        by_department: dict[str, dict[str, None]] = defaultdict(dict)
        for department, key in keys:
            by_department[department][key] = None

        async def look_up(department: str, keys: Sequence[str]) -> dict[tuple[str, str], Any]:
            try:
                reply = await self.gateway.look_up(self.request, department, capability, keys)
            except HubError as error:
                # Including `FORBIDDEN`, so that it does not affect the keys of other departments.
                return {(department, key): error for key in keys}
            return {(department, key): reply.results[key] for key in keys}

        replies = await asyncio.gather(
            *(look_up(name, list(each)) for name, each in by_department.items())
        )
        return {key: value for reply in replies for key, value in reply.items()}


def _single(found: Rows | Exception, department: str, local_id: str | None = None) -> Any:
    """Return the record of a look-up by number, None, or the error if it could not be used."""
    if not isinstance(found, Rows):
        return found
    try:
        return single_record(found, department, local_id)
    except HubError as error:
        return error


def _subjects(citizens: Sequence[Citizen], numbers: Sequence[Sequence[str]]) -> Sequence[str]:
    """Return the member numbers of the citizens that the department has a number for."""
    return [
        citizen.member_identifier for citizen, known in zip(citizens, numbers, strict=True) if known
    ]


class BoundApplications(BoundRecords[Application]):
    """`schema.sources.ApplicationSource` for one operation."""

    async def by_citizen(
        self,
        citizens: Sequence[Citizen],
        *,
        department: str | None = None,
        wait: float | None = None,
    ) -> list[Outcome[SourcedRows[Application]]]:
        replies = await self._call_departments(citizens, department, wait)
        note_applicants(citizens, replies)
        return merge(citizens, replies)

    async def by_reference(self, references: Sequence[str]) -> list[Outcome[Application | None]]:
        return await self._by_number(
            Capability.APPLICATIONS_BY_REFERENCE,
            self.directory.department_of_reference,
            references,
        )

    async def of_certificates(
        self, certificates: Sequence[Certificate]
    ) -> list[Outcome[Application | None]]:
        capability = Capability.APPLICATIONS_BY_REFERENCE
        able = self.directory.with_capability(capability)
        keys = [
            (each.department_identifier, each.application_reference)
            if each.application_reference and each.department_identifier in able
            else None
            for each in certificates
        ]
        found = await self._look_up_all(capability, filter(None, keys))
        records = {key: _single(rows, key[0]) for key, rows in found.items()}
        return [None if key is None else records[key] for key in keys]

    async def worklist(self, request: WorklistRequest) -> WorklistPage:
        return await BoundWorklist(self.directory, self.gateway, self.request).page(request)


class BoundCertificates(BoundRecords[Certificate]):
    """`schema.sources.CertificateSource` for one operation."""

    async def by_number(self, numbers: Sequence[str]) -> list[Outcome[Certificate | None]]:
        return await self._by_number(
            Capability.CERTIFICATES_BY_NUMBER, self.directory.department_of_certificate, numbers
        )


class BoundGrievances(BoundRecords[Grievance]):
    """`schema.sources.GrievanceSource` for one operation."""

    async def by_registration_number(
        self, numbers: Sequence[str]
    ) -> list[Outcome[Grievance | None]]:
        return await self._by_number(
            Capability.GRIEVANCES_BY_REGISTRATION_NUMBER,
            self.directory.department_of_registration_number,
            numbers,
        )
