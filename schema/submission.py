"""Submissions: what citizens send to departments through the hub."""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar

import strawberry
from strawberry import Parent, field

from schema.access_record import LoggedRole
from schema.application import Application
from schema.attachment import Attachment
from schema.batch import BatchOf, Info, batch_field, reads
from schema.codes import ErrorCode
from schema.department import Department
from schema.enums import DescribedEnum, described
from schema.grievance import Grievance
from schema.labels import label_field, optional_label_field
from schema.language import Language, LanguageArgument, Text
from schema.node import Node
from schema.personal import FieldClass
from schema.service import Service
from schema.submission_note import note_of
from schema.submission_state import SubmissionKind, SubmissionState

if TYPE_CHECKING:
    from schema.citizen import Citizen

CLASS_OF_KIND = {
    SubmissionKind.APPLICATION: FieldClass.APPLICATION,
    SubmissionKind.APPEAL: FieldClass.APPLICATION,
    SubmissionKind.CORRECTION: FieldClass.APPLICATION,
    SubmissionKind.DOCUMENT: FieldClass.APPLICATION,
    SubmissionKind.QUERY_RESPONSE: FieldClass.APPLICATION,
    SubmissionKind.WITHDRAWAL: FieldClass.APPLICATION,
    SubmissionKind.GRIEVANCE: FieldClass.GRIEVANCE,
    SubmissionKind.FEEDBACK: FieldClass.GRIEVANCE,
}
"""The class of personal data that each kind of submission belongs to."""


@strawberry.enum(name="SubmissionEventKind", description="What happened to a submission.")
class SubmissionEventKind(DescribedEnum):
    ACCEPTED = described("The hub stored it.")
    SENDING = described("The hub began to send it.")
    NOT_RECEIVED = described("The department has certainly not received it. The hub tries again.")
    SENT = described("The department received it, but has not assigned a number yet.")
    ACKNOWLEDGED = described("The department confirmed it.")
    MAYBE_SENT = described("The reply was lost: the department may have received it or not.")
    NOT_FOUND = described("The department does not have it, so the hub sends it again.")
    FAILED = described("It could not be delivered.")
    CANCELLED = described("The citizen withdrew it before it was sent.")
    TASK_OPENED = described("An operator of the hub has to decide about it.")
    TASK_RETRIED = described("An operator had it sent again.")
    TASK_RESOLVED = described("An operator has decided about it.")
    NOTIFIED = described("The citizen was informed.")
    UNKNOWN = described("An event that this release of the hub does not have.")


@strawberry.type(description="Something that happened to a submission.")
class SubmissionEvent:
    NOT_PERSONAL: ClassVar = frozenset(
        {"event_kind", "event_datetime", "attempt", "stored_error_code"}
    )

    event_kind: SubmissionEventKind = field(description="What happened.")
    event_kind_label: str = label_field("event_kind", description="Label of what happened.")
    event_datetime: dt.datetime = field(description="When it happened.")
    attempt: int | None = field(
        description="Number of the attempt to send it. Null if the event concerns none."
    )
    stored_error_code: strawberry.Private[ErrorCode | None]

    @strawberry.field(
        description="Why the attempt failed. Null for callers who do not see the hub's internals.",
        metadata=reads("stored_error_code"),
    )
    def error_code(self, info: Info) -> ErrorCode | None:
        return self.stored_error_code if info.context.sources.sees_internals else None


async def load_events(
    parents: Parent[Sequence["Submission"]], info: Info
) -> BatchOf[list[SubmissionEvent] | None]:
    return await info.context.sources.submissions.events_of(parents)


async def load_documents(
    parents: Parent[Sequence["Submission"]], info: Info
) -> BatchOf[list[Attachment] | None]:
    return await info.context.sources.submissions.documents_of(parents)


async def load_application(
    parents: Parent[Sequence["Submission"]], info: Info
) -> BatchOf[Application | None]:
    numbers = [None if each.is_grievance else each.request_number for each in parents]
    wanted = [each for each in numbers if each is not None]
    found = iter(await info.context.sources.applications.by_reference(wanted) if wanted else ())
    return [None if each is None else next(found) for each in numbers]


async def load_grievance(
    parents: Parent[Sequence["Submission"]], info: Info
) -> BatchOf[Grievance | None]:
    numbers = [each.request_number if each.is_grievance else None for each in parents]
    wanted = [each for each in numbers if each is not None]
    grievances = info.context.sources.grievances
    found = iter(await grievances.by_registration_number(wanted) if wanted else ())
    return [None if each is None else next(found) for each in numbers]


async def load_citizen(
    parents: Parent[Sequence["Submission"]], info: Info
) -> BatchOf["Citizen | None"]:
    return await info.context.sources.citizens.by_identifier(
        [each.member_identifier for each in parents]
    )


@strawberry.type(
    description="What a citizen sent to a department through the hub. The hub has stored it, and "
    "delivers it even if the department is closed at the moment."
)
class Submission(Node):
    # The class of the whole submission is that of its kind.
    CLASS_BY: ClassVar = ("kind", CLASS_OF_KIND)
    NOT_PERSONAL: ClassVar = frozenset(
        {
            "receipt_number",
            "kind",
            "state",
            "service_code",
            "submitter_role",
            "application_reference_number",
            "registration_number",
            "acknowledgement_number",
            "submitted_datetime",
            "next_attempt_datetime",
            "department_identifier",
            "member_identifier",
            "request_number",
            "is_grievance",
            "stored_attempts",
            "has_task",
        }
    )

    # These have the types that other nodes' fields with these names have, so that one operation can
    # select them all. They are never null here.
    receipt_number: str = field(
        graphql_type=str | None,
        description="The hub's receipt number. Nobody can guess it.",
    )
    kind: SubmissionKind = field(description="What was submitted.")
    kind_label: str = label_field("kind", description="Label of what was submitted.")
    state: SubmissionState = field(
        name="submissionState",
        graphql_type=SubmissionState | None,
        description="How far it has got.",
    )
    submission_state_label: str | None = optional_label_field(
        "state", description="Label of the state."
    )
    submitter_role: LoggedRole = field(
        description="Role of the person who submitted it: the citizen, or an operator who helped."
    )
    submitter_role_label: str = label_field(
        "submitter_role", description="Label of the submitter's role."
    )
    service_code: str | None = field(
        description="Code of the service in the catalogue. Null if it concerns none."
    )
    application_reference_number: str | None = field(
        description="The department's number of the application that it is or concerns. Null until "
        "it is known, and for grievances."
    )
    registration_number: str | None = field(
        description="The helpdesk's number of the grievance that it is or concerns. Null until it "
        "is known, and for applications."
    )
    acknowledgement_number: str | None = field(
        description="The department's own number of the submission, for example of an appeal. Null "
        "until it is known, and if the department assigns none."
    )
    submitted_datetime: dt.datetime = field(description="When the hub stored it.")
    next_attempt_datetime: dt.datetime | None = field(
        description="When the hub tries again. Null if nothing is planned."
    )
    department_identifier: strawberry.Private[str]
    member_identifier: strawberry.Private[str]
    request_number: strawberry.Private[str | None]
    is_grievance: strawberry.Private[bool]
    stored_attempts: strawberry.Private[int]
    has_task: strawberry.Private[bool]

    def local_id(self) -> str:
        return self.receipt_number

    @strawberry.field(
        description="What happens next and when, for the citizen.",
        metadata=reads("state", "has_task", "next_attempt_datetime", "department_identifier"),
    )
    def state_note(self, info: Info, lang: LanguageArgument = Language.EN) -> str:
        department = info.context.sources.catalogue.department(self.department_identifier)
        name = Text(self.department_identifier) if department is None else department.name_text
        note = note_of(self.state, name, self.next_attempt_datetime, has_task=self.has_task)
        return note.in_language(lang)

    @strawberry.field(
        description="The service. Null if it concerns none, or if the catalogue no longer has it.",
        metadata=reads("service_code"),
    )
    def service(self, info: Info) -> Service | None:
        return info.context.sources.catalogue.service(self.service_code)

    @strawberry.field(
        description="The department that receives it. Null if it is no longer connected.",
        metadata=reads("department_identifier"),
    )
    def department(self, info: Info) -> Department | None:
        return info.context.sources.catalogue.department(self.department_identifier)

    @strawberry.field(
        description="How often the hub has sent it. Null for callers who do not see the hub's "
        "internals.",
        metadata=reads("stored_attempts"),
    )
    def attempts(self, info: Info) -> int | None:
        return self.stored_attempts if info.context.sources.sees_internals else None

    @strawberry.field(
        description="Address of the receipt, a page to print. Whoever has the address can read "
        "the receipt until the address expires.",
        metadata=reads("receipt_number"),
    )
    def receipt_url(self, info: Info) -> str:
        return info.context.sources.submissions.receipt_url(self)

    citizen: Annotated["Citizen", strawberry.lazy("schema.citizen")] | None = batch_field(
        load_citizen,
        description="The citizen for whom it was submitted.",
        reads=("member_identifier",),
    )
    application: Application | None = batch_field(
        load_application,
        description="The application that it is or concerns. Null for complaints.",
        reads=("request_number", "is_grievance"),
    )
    grievance: Grievance | None = batch_field(
        load_grievance,
        description="The grievance that it is or concerns. Null for other submissions.",
        reads=("request_number", "is_grievance"),
    )
    events: list[SubmissionEvent] | None = batch_field(
        load_events, description="What happened to it, oldest first.", reads=("receipt_number",)
    )
    documents: list[Attachment] | None = batch_field(
        load_documents, description="The documents in it.", reads=("receipt_number",)
    )
