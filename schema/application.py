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


@strawberry.type(description="An office-holder, by office and place, never by name.")
class Officer:
    # Many rows of one reply tell the same one: they may be given one object.
    SHARED: ClassVar = True

    designation: str | None = field(default=None, description="The office held.")
    location_name: str | None = field(default=None, description="Where.")


@strawberry.type(description="Who has to act next on an application.")
class PendingWith:
    SHARED: ClassVar = True

    designation: str | None = field(default=None, description="The office that has to act.")
    location_name: str | None = field(default=None, description="Where.")


@strawberry.type(description="One step in an application's life (ServicePlus task_details).")
class TimelineEvent:
    action: str = field(description="What was done, in the department's words.")
    action_no: str | None = field(default=None, description="The department's code of the action.")
    task_name: str | None = field(default=None, description="The task it belongs to.")
    performed_by: Officer | None = field(default=None, description="The office that acted.")
    received_time: dt.datetime | None = field(default=None, description="When it came to them.")
    executed_time: dt.datetime | None = field(
        default=None, description="When they acted; null while they have not."
    )
    remarks: str | None = field(default=None, description="What was noted.")
    current_status: ApplicationStatus = field(description="Where the application stood after it.")


async def load_applicant(
    parents: Parent[Sequence["Application"]], info: Info
) -> BatchOf["Citizen | None"]:
    return await info.context.sources.citizens.applicants(parents)


@strawberry.type(description="A citizen's application for a service, held by a department.")
class Application(Node, Record):
    # What lists are sorted by, and what tells the newer of two rows with one number.
    ALWAYS_READ: ClassVar = frozenset({"requested_datetime", "updated_datetime"})
    # Whose it is, for the access log.
    OWNER: ClassVar = "applicant_key"

    application_reference_number: str = field(
        description="The number on the citizen's receipt (ServicePlus appl_ref_no)."
    )
    application_status: ApplicationStatus = field(description="Where it stands, in common words.")
    department_status: DepartmentStatus = field(description="Where it stands, as told.")
    status_notes: str | None = field(
        default=None, description="The department's note on the status; reasons of a rejection."
    )
    source: SubmissionChannel = field(
        default=SubmissionChannel.UNKNOWN, description="Through which door it came."
    )
    requested_datetime: dt.datetime | None = field(default=None, description="When it was made.")
    updated_datetime: dt.datetime | None = field(default=None, description="When it last changed.")
    expected_datetime: dt.datetime | None = field(
        default=None, description="By when the department must deliver, as the department says."
    )
    pending_with: PendingWith | None = field(default=None, description="Who has to act next.")
    timeline: list[TimelineEvent] = field(
        default_factory=list, description="What happened, oldest first."
    )
    service_code: str | None = field(default=None, description="Code of the service applied for.")
    applicant_name: str | None = field(
        default=None, description="The applicant's name as this department has it."
    )
    department_identifier: strawberry.Private[str]
    applicant_key: strawberry.Private[str | None] = None
    applicant_phone: strawberry.Private[str | None] = None
    known_applicant: strawberry.Private["Citizen | None"] = None

    def local_id(self) -> str:
        return f"{self.department_identifier}:{self.application_reference_number}"

    @strawberry.field(
        description="The service applied for; null if the catalogue has no such code.",
        metadata=reads("service_code"),
    )
    def service(self, info: Info) -> Service | None:
        return info.context.sources.catalogue.service(self.service_code)

    @strawberry.field(
        description="The department that deals with it (Open311 agency_responsible).",
        metadata=reads(),
    )
    def agency_responsible(self, info: Info) -> Department | None:
        return info.context.sources.catalogue.department(self.department_identifier)

    applicant: Annotated["Citizen", strawberry.lazy("schema.citizen")] | None = batch_field(
        load_applicant,
        description="Who applied; null if the registry does not know the department's number.",
        reads=("applicant_key",),
    )


@strawberry.type(description="One page of applications, newest first.")
class ApplicationConnection(SourcedConnection[Application]):
    pass
