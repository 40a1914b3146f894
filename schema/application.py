"""Applications (Open311 request, DIGIT ProcessInstance, ServicePlus)."""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar

import strawberry
from strawberry import Parent, field

from schema.batch import BatchOf, Info, batch_field, reads
from schema.connections import SourcedConnection
from schema.department import Department
from schema.node import Node
from schema.provenance import Record
from schema.service import Service
from schema.status import ApplicationStatus, DepartmentStatus, SubmissionChannel

if TYPE_CHECKING:
    from schema.citizen import Citizen


@strawberry.type(description="An officer, identified by office and location, without a name.")
class Officer:
    # Rows of one reply with equal values may share one object.
    SHARED: ClassVar = True

    designation: str | None = field(default=None, description="Office, for example Tehsildar.")
    location_name: str | None = field(default=None, description="Where the office is.")


@strawberry.type(description="The officer who must act next on an application.")
class PendingWith:
    SHARED: ClassVar = True

    designation: str | None = field(default=None, description="Office, for example Tehsildar.")
    location_name: str | None = field(default=None, description="Where the office is.")


@strawberry.type(description="One step in the history of an application (ServicePlus task).")
class TimelineEvent:
    action: str = field(description="The action that was taken, as the department describes it.")
    action_no: str | None = field(default=None, description="The department's code for the action.")
    task_name: str | None = field(default=None, description="The task that the action belongs to.")
    performed_by: Officer | None = field(default=None, description="Officer who acted.")
    received_datetime: dt.datetime | None = field(
        default=None, description="When the task was received."
    )
    executed_datetime: dt.datetime | None = field(
        default=None, description="When the officer acted. Null for an open task."
    )
    remarks: str | None = field(default=None, description="The officer's remarks.")
    application_status: ApplicationStatus = field(description="Status after this step.")


async def load_applicant(
    parents: Parent[Sequence["Application"]], info: Info
) -> BatchOf["Citizen | None"]:
    return await info.context.sources.citizens.applicants(parents)


@strawberry.type(description="A citizen's application for a service, as the department records it.")
class Application(Node, Record):
    # These dates sort lists, and decide which of several rows with one number is the newest.
    ALWAYS_READ: ClassVar = frozenset({"requested_datetime", "updated_datetime"})
    # The access log finds the citizen by this number.
    OWNER: ClassVar = "applicant_key"
    # Few departments send these, so `hub check` does not require them.
    RARE: ClassVar = frozenset(
        {"applicant_birth_date", "applicant_guardian_name", "applicant_district"}
    )

    application_reference_number: str = field(
        description="The reference number on the citizen's receipt (ServicePlus appl_ref_no)."
    )
    application_status: ApplicationStatus = field(
        description="Status, translated to a common code."
    )
    department_status: DepartmentStatus = field(description="Status as the department sent it.")
    status_notes: str | None = field(
        default=None,
        description="The department's note on the status, for example the reasons for a rejection.",
    )
    channel: SubmissionChannel = field(
        default=SubmissionChannel.UNKNOWN, description="How it was submitted."
    )
    requested_datetime: dt.datetime | None = field(
        default=None, description="When it was submitted."
    )
    updated_datetime: dt.datetime | None = field(default=None, description="When it last changed.")
    expected_datetime: dt.datetime | None = field(
        default=None, description="When the service is due, according to the department."
    )
    pending_with: PendingWith | None = field(default=None, description="Officer who must act next.")
    timeline: list[TimelineEvent] = field(default_factory=list, description="Steps, oldest first.")
    service_code: str | None = field(default=None, description="Code of the service applied for.")
    applicant_name: str | None = field(
        default=None, description="Applicant's name at this department."
    )
    department_identifier: strawberry.Private[str]
    applicant_key: strawberry.Private[str | None] = None
    applicant_phone: strawberry.Private[str | None] = None
    applicant_birth_date: strawberry.Private[dt.date | None] = None
    applicant_guardian_name: strawberry.Private[str | None] = None
    applicant_district: strawberry.Private[str | None] = None
    known_applicant: strawberry.Private["Citizen | None"] = None

    def local_id(self) -> str:
        return f"{self.department_identifier}:{self.application_reference_number}"

    @strawberry.field(
        description="The service applied for. Null if the catalogue has no service with this code.",
        metadata=reads("service_code"),
    )
    def service(self, info: Info) -> Service | None:
        return info.context.sources.catalogue.service(self.service_code)

    @strawberry.field(
        description="The department that handles it (Open311 agency_responsible).", metadata=reads()
    )
    def department(self, info: Info) -> Department | None:
        return info.context.sources.catalogue.department(self.department_identifier)

    applicant: Annotated["Citizen", strawberry.lazy("schema.citizen")] | None = batch_field(
        load_applicant,
        description="The applicant. Null if the family registry does not know the number that "
        "the department uses for them.",
        reads=("applicant_key",),
    )


@strawberry.type(description="One page of applications, newest first.")
class ApplicationConnection(SourcedConnection[Application]):
    pass
