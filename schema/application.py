"""Applications (Open311 request, DIGIT ProcessInstance, ServicePlus)."""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar

import strawberry
from strawberry import Parent, field

from schema.batch import BatchOf, Info, batch_field
from schema.citizen_request import ATTRIBUTES_OF_REQUESTS, CitizenRequest
from schema.labels import label_field
from schema.language import DepartmentText, Text, department_text_field, optional_text_field
from schema.list_order import RequestConnection
from schema.personal import FieldClass, classes
from schema.provenance import Record
from schema.status import ApplicationStatus

if TYPE_CHECKING:
    from schema.citizen import Citizen


@strawberry.type(description="An officer, identified by office and location, without a name.")
class Officer:
    # Rows of one reply with equal values may share one object.
    SHARED: ClassVar = True
    NOT_PERSONAL: ClassVar = frozenset({"designation", "location_name"})

    designation: strawberry.Private[Text | None] = None
    location_name: strawberry.Private[Text | None] = None
    designation_in: str | None = optional_text_field(
        "designation", name="designation", description="Post, for example Tehsildar."
    )
    location_name_in: str | None = optional_text_field(
        "location_name", name="locationName", description="Where the office is."
    )


@strawberry.type(description="The officer who must act next on an application.")
class PendingWith:
    SHARED: ClassVar = True
    NOT_PERSONAL: ClassVar = frozenset({"designation", "location_name"})

    designation: strawberry.Private[Text | None] = None
    location_name: strawberry.Private[Text | None] = None
    designation_in: str | None = optional_text_field(
        "designation", name="designation", description="Post, for example Tehsildar."
    )
    location_name_in: str | None = optional_text_field(
        "location_name", name="locationName", description="Where the office is."
    )


@strawberry.type(description="One step in the history of an application (ServicePlus task).")
class TimelineEvent:
    RECORD_CLASS: ClassVar = FieldClass.APPLICATION
    CLASSES: ClassVar = classes(
        {
            FieldClass.APPLICATION: [
                "action",
                "action_no",
                "task_name",
                "performed_by",
                "received_datetime",
                "executed_datetime",
                "application_status",
            ],
            FieldClass.REMARKS: ["remarks"],
        }
    )

    action: strawberry.Private[Text | None] = None
    action_no: str | None = field(default=None, description="The department's code for the action.")
    task_name: strawberry.Private[Text | None] = None
    performed_by: Officer | None = field(default=None, description="Officer who acted.")
    received_datetime: dt.datetime | None = field(
        default=None, description="When the task was received."
    )
    executed_datetime: dt.datetime | None = field(
        default=None, description="When the officer acted. Null for an open task."
    )
    remarks: strawberry.Private[str | None] = None
    application_status: ApplicationStatus = field(description="Status after this step.")
    action_in: str | None = optional_text_field(
        "action",
        name="action",
        description="The action that was taken, as the department describes it. Null if the hub "
        "has no text for the department's code.",
    )
    task_name_in: str | None = optional_text_field(
        "task_name", name="taskName", description="The task that the action belongs to."
    )
    remarks_text: DepartmentText | None = department_text_field(
        "remarks", name="remarks", description="The officer's remarks."
    )
    application_status_label: str = label_field(
        "application_status", description="Label of the status after this step."
    )


async def load_applicant(
    parents: Parent[Sequence["Application"]], info: Info
) -> BatchOf["Citizen | None"]:
    return await info.context.sources.citizens.applicants(parents)


@strawberry.type(
    description="A citizen's application for a service, as the department records it. An "
    "application that the department has not confirmed yet is shown as the hub stored it."
)
class Application(CitizenRequest):
    # The access log finds the citizen by this number.
    OWNER: ClassVar = "applicant_key"
    RECORD_CLASS: ClassVar = FieldClass.APPLICATION
    CLASSES: ClassVar = classes(
        {
            FieldClass.APPLICATION: [
                *ATTRIBUTES_OF_REQUESTS,
                "application_reference_number",
                "application_status",
                "pending_with",
                "timeline",
            ],
            FieldClass.REMARKS: ["status_notes"],
            FieldClass.NAME: ["applicant_name", "applicant_guardian_name"],
            FieldClass.IDENTIFIER: ["applicant_key", "applicant_member"],
            FieldClass.CONTACT: ["applicant_phone"],
            FieldClass.BIRTH_DATE: ["applicant_birth_date"],
            FieldClass.DISTRICT: ["applicant_district"],
        }
    )
    NOT_PERSONAL: ClassVar = Record.NOT_PERSONAL | {"department_identifier", "known_applicant"}
    # The hub finds the applicant by one of these numbers.
    KEYS: ClassVar = frozenset({"applicant_key", "applicant_member"})
    OWN_VIEW: ClassVar = frozenset({"known_applicant"})
    # Few departments send these, so `hub check` does not require them.
    RARE: ClassVar = frozenset(
        {
            "applicant_birth_date",
            "applicant_guardian_name",
            "applicant_district",
            "stored_action",
            "receipt_number",
        }
    )
    # Every row of a department has it. Submissions that it has not confirmed lack it.
    REQUIRED: ClassVar = frozenset({"application_reference_number"})

    application_reference_number: str | None = field(
        description="The department's reference number (ServicePlus appl_ref_no). Null until the "
        "department has assigned it: show `receiptNumber`."
    )
    application_status: ApplicationStatus = field(
        description="Status, translated to a common code."
    )
    pending_with: PendingWith | None = field(default=None, description="Officer who must act next.")
    timeline: list[TimelineEvent] = field(default_factory=list, description="Steps, oldest first.")
    applicant_name: str | None = field(
        default=None, description="Applicant's name at this department."
    )
    applicant_key: strawberry.Private[str | None] = None
    applicant_member: strawberry.Private[str | None] = None
    applicant_phone: strawberry.Private[str | None] = None
    applicant_birth_date: strawberry.Private[dt.date | None] = None
    applicant_guardian_name: strawberry.Private[str | None] = None
    applicant_district: strawberry.Private[str | None] = None
    known_applicant: strawberry.Private["Citizen | None"] = None

    application_status_label: str = label_field(
        "application_status", description="Label of the status."
    )

    def local_id(self) -> str:
        number = self.number(self.application_reference_number)
        return f"{self.department_identifier}:{number}"

    def status(self) -> ApplicationStatus:
        return self.application_status

    applicant: Annotated["Citizen", strawberry.lazy("schema.citizen")] | None = batch_field(
        load_applicant,
        description="The applicant. Null if the family registry does not know the number that "
        "the department uses for them.",
        reads=("applicant_key",),
    )


@strawberry.type(description="One page of applications.")
class ApplicationConnection(RequestConnection[Application]):
    pass
