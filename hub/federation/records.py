"""Applications, certificates and grievances: the records of citizens with look-ups of their own."""

from collections.abc import Sequence

from adapters.contract import Capability
from hub.durable.receipts import parse_receipt
from hub.federation.bound_records import BoundRecords, single_of
from hub.federation.merge import DepartmentReply, merge, note_applicants
from hub.federation.owner_access import OwnerAccess
from hub.federation.worklist import BoundWorklist
from schema.application import Application
from schema.batch import Outcome
from schema.certificate import Certificate
from schema.citizen import Citizen
from schema.grievance import Grievance
from schema.sources import SourcedRows
from schema.worklist_source import WorklistPage, WorklistRequest


class BoundApplications(BoundRecords[Application]):
    """`schema.sources.ApplicationSource` for one operation."""

    def _merged(
        self, citizens: Sequence[Citizen], replies: Sequence[DepartmentReply]
    ) -> list[Outcome[SourcedRows[Application]]]:
        note_applicants(citizens, replies)
        return merge(citizens, replies)

    async def by_reference(self, references: Sequence[str]) -> list[Outcome[Application | None]]:
        return await self._by_number(
            Capability.APPLICATIONS_BY_REFERENCE,
            self.directory.department_of_reference,
            references,
        )

    def number_of(self, written: str) -> str:
        return parse_receipt(written) or written

    async def tracked(self, references: Sequence[str]) -> list[Outcome[Application | None]]:
        return await self._public(
            "trackApplication",
            Capability.APPLICATIONS_BY_REFERENCE,
            self.directory.department_of_reference,
            references,
        )

    async def of_certificates(
        self, certificates: Sequence[Certificate]
    ) -> list[Outcome[Application | None]]:
        disclosure = self.disclosure
        disclosure.begin()
        access = OwnerAccess(disclosure, Application)
        capability = Capability.APPLICATIONS_BY_REFERENCE
        able = self.directory.with_capability(capability)
        originals = disclosure.originals(certificates)
        departments = await access.callable(
            each.department_identifier for each in originals if each.department_identifier in able
        )
        keys = [
            (each.department_identifier, each.application_reference)
            if each.application_reference and each.department_identifier in departments
            else None
            for each in originals
        ]
        found = await self._look_up_all(self.request, capability, filter(None, keys))
        shown = await access.all_shown(
            {key: single_of(rows, key[0]) for key, rows in found.items()}
        )
        return [None if key is None else shown[key] for key in keys]

    async def worklist(self, request: WorklistRequest) -> WorklistPage:
        return await BoundWorklist(
            self.directory, self.gateway, self.request, self.disclosure
        ).page(request)


class BoundCertificates(BoundRecords[Certificate]):
    """`schema.sources.CertificateSource` for one operation."""

    async def by_number(self, numbers: Sequence[str]) -> list[Outcome[Certificate | None]]:
        return await self._by_number(
            Capability.CERTIFICATES_BY_NUMBER, self.directory.department_of_certificate, numbers
        )

    async def verified(self, numbers: Sequence[str]) -> list[Outcome[Certificate | None]]:
        return await self._public(
            "verifyCertificate",
            Capability.CERTIFICATES_BY_NUMBER,
            self.directory.department_of_certificate,
            numbers,
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
