"""In-memory sources with invented records, some of which fail. All executors get the same data."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from adapters.contract import DepartmentError, DepartmentTimeoutError
from hub.federation import Directory
from hub.federation.catalogue import Catalogue
from hub.link.status import failed_status
from schema.access_record import AccessRecord, LoggedBasis, LoggedCapability, LoggedRole
from schema.application import Application, Officer, TimelineEvent
from schema.batch import Outcome
from schema.benefit import Benefit, EnrollmentStatus
from schema.benefit_payment import BenefitPayment, PaymentPeriod, PaymentStatus
from schema.certificate import Certificate, CertificateStatus, CertificateType
from schema.certificate_document import CertificateDocument, CertificateFile, StoredDocument
from schema.citizen import Citizen, CitizenSearchInput, IdentityLink
from schema.codes import ErrorCode, WarningCode
from schema.conflict import Conflict, ConflictingValue, ConflictList, PersonDetail
from schema.connections import SortKey
from schema.context import RequestContext
from schema.errors import not_found
from schema.family import Family, FamilyMember, RelationshipType
from schema.grievance import Grievance
from schema.ids import IdCipher
from schema.language import Text
from schema.person import Address, PersonName, Script, Sex
from schema.provenance import Origin, SourceState, SourceStatus, SourceWarning
from schema.return_reason import ReturnReason
from schema.scalars import Paise
from schema.service import Money
from schema.sources import AccessLogPage, Erased, Pause, SourcedRows, Sources
from schema.status import ApplicationStatus, DepartmentStatus, GrievanceStatus
from schema.working_days import WorkingDays
from schema.worklist_source import (
    UnappliedWorklistFilter,
    WorklistPage,
    WorklistPosition,
    WorklistRequest,
)
from tests.execution.fake_submissions import FakeSubmissions
from tests.support.ids import IDS
from tests.support.own_manifests import MANIFESTS

NOW = dt.datetime(2026, 11, 24, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30)))
MEMBERS = [f"7KNL0421{n:02}" for n in range(1, 5)]
REFERENCES = [f"SJE-OAS/2026/{n:06}" for n in range(6)]


def luck(*parts: object) -> int:
    return crc32(repr(parts).encode()) % 100


class NoStatus(Catalogue):
    """A catalogue that has a status for half of its departments only."""

    def source_status(self, department: str) -> SourceStatus | None:
        if luck(department, "status") < 50:
            return SourceStatus(
                department_identifier=department, state=SourceState.STALE, as_of=NOW
            )
        return None


CATALOGUE = NoStatus(Directory(MANIFESTS), {}, WorkingDays(), IDS)


def origin(department: str) -> Origin | None:
    if luck(department) < 20:
        return None
    return Origin(department, "soap", NOW, 12, "test")


def citizen(member: str) -> Citizen:
    return Citizen(
        member_identifier=member,
        family_identifier=member[:8],
        origin=origin("registry"),
        person_name=PersonName(full_name=f"NAME {member}", script=Script.LATIN),
        person_name_local=PersonName(full_name="नाम", script=Script.DEVANAGARI)
        if luck(member) < 60
        else None,
        sex=Sex.FEMALE if luck(member, 2) < 50 else None,
        birth_date=dt.date(1961, 1, 1) if luck(member, 3) < 50 else None,
        home_address=Address(locality="Nissing") if luck(member, 4) < 50 else None,
        updated_datetime=NOW,
        is_disabled=False,
        links=[IdentityLink("PENSION_PPO", f"0613/{member}")],
    )


def application(reference: str) -> Application:
    events = [
        TimelineEvent(
            action=Text(f"Step {n}"),
            performed_by=Officer(designation=Text("Patwari")) if n % 2 else None,
            executed_datetime=NOW + dt.timedelta(days=n),
            application_status=ApplicationStatus.UNDER_PROCESS,
        )
        for n in range(luck(reference) % 4)
    ]
    return Application(
        application_reference_number=reference,
        application_status=ApplicationStatus.DELIVERED,
        department_status=DepartmentStatus(code="06", label=Text("Started")),
        requested_datetime=NOW if luck(reference, 1) < 70 else None,
        timeline=events,
        service_code="SJE-OAS" if luck(reference, 2) < 70 else "NONE",
        applicant_phone="5904210123",
        applicant_name="RAM DEVI",
        department_identifier="pensions",
        origin=origin(reference),
        row_warnings=[SourceWarning(code=WarningCode.UNKNOWN_CODE, field_path="x", raw="97")],
    )


def failure(department: str) -> DepartmentError:
    return DepartmentTimeoutError(department, f"{department} did not answer in time.")


def sourced(rows: Sequence[Any], *parts: object) -> Outcome[SourcedRows[Any]]:
    sources = [SourceStatus(department_identifier="pensions", state=SourceState.LIVE)]
    chance = luck(*parts)
    if chance < 15:
        return failure("pensions")
    if chance < 40:
        sources.append(failed_status(failure("scholarships")))
    return SourcedRows(list(rows), sources)


@dataclass
class FakeCitizens:
    async def by_identifier(self, members: Sequence[str]) -> list[Outcome[Citizen | None]]:
        return [
            citizen(m) if m in MEMBERS else failure("registry") if m > "9" else None
            for m in members
        ]

    async def applicants(
        self, applications: Sequence[Application]
    ) -> list[Outcome[Citizen | None]]:
        def one(found: Application) -> Outcome[Citizen | None]:
            chance = luck(found.application_reference_number, "applicant")
            if chance < 20:
                return failure("registry")
            if chance < 40:
                known = citizen(MEMBERS[0])
                known.registry_status = failed_status(failure("registry"), NOW)
                return known
            return None if chance < 60 else citizen(MEMBERS[chance % 4])

        return [one(each) for each in applications]

    async def search(self, criteria: CitizenSearchInput) -> list[Citizen]:
        if criteria.name == "FAIL":
            raise failure("registry")
        return [citizen(MEMBERS[0])]


@dataclass
class FakeFamilies:
    async def by_identifier(self, identifiers: Sequence[str]) -> list[Outcome[Family | None]]:
        def one(identifier: str) -> Outcome[Family | None]:
            if identifier != "7KNL0421":
                return None
            return Family(
                family_identifier=identifier,
                head_identifier=MEMBERS[0],
                annual_income=Money(amount=Paise(8_400_000)),
                members=[
                    FamilyMember(citizen=citizen(m), relationship=RelationshipType.SELF)
                    for m in MEMBERS
                ],
            )

        return [one(each) for each in identifiers]


@dataclass
class FakeApplications:
    async def by_citizen(
        self,
        citizens: Sequence[Citizen],
        *,
        department: str | None = None,
        wait: float | None = None,
        arguments: Mapping[str, Sequence[str]] | None = None,
    ) -> list[Outcome[SourcedRows[Application]]]:
        return [
            sourced(
                [application(r) for r in REFERENCES[: luck(c.member_identifier) % 5]],
                c.member_identifier,
                "applications",
            )
            for c in citizens
        ]

    async def by_reference(self, references: Sequence[str]) -> list[Outcome[Application | None]]:
        return [application(r) if r in REFERENCES else None for r in references]

    tracked = by_reference

    def number_of(self, written: str) -> str:
        return written

    async def of_certificates(
        self, certificates: Sequence[Certificate]
    ) -> list[Outcome[Application | None]]:
        references = [each.application_reference for each in certificates]
        return [application(each) if each else None for each in references]

    async def worklist(self, request: WorklistRequest) -> WorklistPage:
        names = request.departments if request.departments is not None else ["pensions"]
        if luck(*names) < 15:
            raise failure("pensions")
        rows = [
            row
            for row in map(application, REFERENCES)
            if all(check(row) is not False for check in request.checks.values())
        ]
        return WorklistPage(
            rows=rows[: request.limit],
            sources=[SourceStatus(department_identifier=n, state=SourceState.LIVE) for n in names],
            counts={name: luck(name) if luck(name) < 60 else None for name in names},
            unapplied=[UnappliedWorklistFilter(names[0], each, True) for each in request.checks],
            has_next_page=len(rows) > request.limit,
            positions_after=lambda count: {name: WorklistPosition(count) for name in names},
        )


@dataclass
class FakeRecords:
    kind: str

    async def by_citizen(
        self,
        citizens: Sequence[Citizen],
        *,
        department: str | None = None,
        wait: float | None = None,
        arguments: Mapping[str, Sequence[str]] | None = None,
    ) -> list[Outcome[SourcedRows[Any]]]:
        return [
            sourced([self.record(c.member_identifier)], c.member_identifier, self.kind)
            for c in citizens
        ]

    async def by_local_id(self, local_ids: Sequence[str]) -> list[Outcome[Any]]:
        return [self.record(each) if luck(each) < 70 else None for each in local_ids]

    async def by_number(self, numbers: Sequence[str]) -> list[Outcome[Any]]:
        return [
            failure("certificates") if each == "FAIL" else self.record(each) for each in numbers
        ]

    verified = by_number

    async def by_registration_number(self, numbers: Sequence[str]) -> list[Outcome[Any]]:
        return [self.record(each) if luck(each) < 70 else None for each in numbers]

    def record(self, number: str) -> Any:
        status = DepartmentStatus(code="A")
        common: dict[str, Any] = {"department_identifier": "pensions", "department_status": status}
        if self.kind == "benefits":
            return Benefit(
                benefit_number=number,
                holder_key="1",
                enrollment_status=EnrollmentStatus.ACTIVE,
                benefit_value=Money(amount=Paise(300_000)),
                stored_payments=[returned_payment(9), returned_payment(10)],
                **common,
            )
        if self.kind == "certificates":
            return Certificate(
                certificate_number=number,
                holder_key="1",
                certificate_type=CertificateType.INCOME_CERTIFICATE,
                certificate_status=CertificateStatus.ISSUED,
                issue_date=dt.date(2026, 9, 14),
                holder_name=PersonName(full_name="RAM DEVI", script=Script.LATIN),
                application_reference="SJE-OAS/2026/000001" if luck(number) < 50 else None,
                stored_document=StoredDocument(media_type="application/pdf", size_bytes=873),
                **common,
            )
        return Grievance(
            registration_number=number, grievance_status=GrievanceStatus.RESOLVED, **common
        )


def returned_payment(month: int) -> BenefitPayment:
    return BenefitPayment(
        payment_status=PaymentStatus.RETURNED,
        department_status=DepartmentStatus(code="R"),
        period=PaymentPeriod(to_date=dt.date(2026, month, 28)),
        return_reason=ReturnReason(code="53"),
        account="XXXXXXX4321",
    )


class FakeDocuments:
    def document_of(self, certificate: Certificate) -> CertificateDocument | None:
        return CertificateDocument(
            url="/documents/token",
            expires_datetime=dt.datetime(2026, 11, 24, tzinfo=dt.UTC),
            media_type="application/pdf",
        )

    async def read(self, local_id: str, purpose: str) -> CertificateFile:
        raise not_found(local_id)


@dataclass
class FakeConflicts:
    async def by_citizen(
        self, citizens: Sequence[Citizen], *, departments: Sequence[str]
    ) -> list[Outcome[ConflictList]]:
        def one(member: str) -> Outcome[ConflictList]:
            chance = luck(member, *departments)
            if chance < 20:
                return failure("pensions")
            value = ConflictingValue(
                department_identifier="pensions",
                value="1958-01-01",
                source_field="Benefit.holderBirthDate",
                as_of=NOW,
                score=66,
            )
            conflict = Conflict(detail=PersonDetail.BIRTH_DATE, score=66, values=[value])
            found = [conflict] * (chance % 3)
            sources = [failed_status(failure("power"))] if chance < 50 else []
            return ConflictList(nodes=found, sources=sources, is_complete=not sources)

        return [one(citizen.member_identifier) for citizen in citizens]


@dataclass
class FakeAdministration:
    async def pause(self, department: str, pause: Pause) -> None:
        return

    async def resume(self, department: str) -> None:
        return

    async def erase_copies(self, member_identifier: str) -> Erased:
        if luck(member_identifier) < 30:
            raise failure("registry")
        return Erased(luck(member_identifier), complete=True)


@dataclass
class FakeAccessLog:
    async def page(
        self, member_identifier: str, first: int, after: SortKey | None
    ) -> AccessLogPage:
        if luck(member_identifier) < 20:
            raise ValueError("no log")
        records = [access_record(member_identifier, n) for n in range(min(first, 3))]
        return AccessLogPage(records, has_next_page=False)

    async def record(self, member_identifier: str, sort_key: SortKey) -> AccessRecord | None:
        if luck(member_identifier) < 20:
            raise ValueError("no log")
        number = int(sort_key[0])
        return access_record(member_identifier, number) if number < 3 else None


def access_record(member_identifier: str, number: int) -> AccessRecord:
    succeeded = number % 2 == 0
    return AccessRecord(
        correlation_id=f"m{number}",
        called_datetime=NOW,
        responded_datetime=NOW,
        department_identifier="pensions",
        capability=LoggedCapability.BENEFITS_BY_CITIZEN,
        role=LoggedRole.OFFICER,
        is_own=False,
        portal="saral",
        centre=None if succeeded else "CSC-7",
        office_identifier="pensions",
        consent_identifier=None,
        fields=["Benefit.benefitNumber"],
        purpose="HELPDESK_SUPPORT",
        legal_basis=LoggedBasis.STATE_BENEFIT if succeeded else None,
        succeeded=succeeded,
        error_code=None if succeeded else ErrorCode.DEPARTMENT_TIMEOUT,
        member_identifier=member_identifier,
        sort_key=(float(number), str(number)),
    )


@dataclass(frozen=True)
class FakeSources(Sources):
    catalogue: Catalogue = CATALOGUE
    citizens: FakeCitizens = field(default_factory=FakeCitizens)
    families: FakeFamilies = field(default_factory=FakeFamilies)
    applications: FakeApplications = field(default_factory=FakeApplications)
    benefits: FakeRecords = field(default_factory=lambda: FakeRecords("benefits"))
    certificates: FakeRecords = field(default_factory=lambda: FakeRecords("certificates"))
    documents: FakeDocuments = field(default_factory=FakeDocuments)
    grievances: FakeRecords = field(default_factory=lambda: FakeRecords("grievances"))
    conflicts: FakeConflicts = field(default_factory=FakeConflicts)
    access_log: FakeAccessLog = field(default_factory=FakeAccessLog)
    administration: FakeAdministration = field(default_factory=FakeAdministration)
    consents: Any = None
    submissions: FakeSubmissions = field(default_factory=FakeSubmissions)
    ids: IdCipher = IDS
    sees_internals: bool = True
    own_member_identifier: str | None = MEMBERS[0]


def new_context() -> RequestContext:
    return RequestContext("test", lambda _needed: FakeSources())
