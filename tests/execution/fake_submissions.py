"""Invented submissions, drafts and problems of all types."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any
from zlib import crc32

from schema.access_record import LoggedRole
from schema.application import Application
from schema.attachment import Attachment
from schema.batch import Outcome
from schema.citizen import Citizen
from schema.codes import ErrorCode
from schema.draft import AttributeValue, Draft, DraftReview, EligibilityHint
from schema.errors import not_found
from schema.language import Text
from schema.problem_codes import ProblemCode
from schema.problem_messages import problem_message
from schema.status import ApplicationStatus, DepartmentStatus
from schema.submission import Submission, SubmissionEvent, SubmissionEventKind
from schema.submission_payloads import (
    SaveDraftPayload,
    SubmissionPayload,
    SubmitApplicationPayload,
)
from schema.submission_problem import (
    DuplicateProblem,
    EvidenceProblem,
    Problem,
    attribute_problem,
    input_problem,
    key_conflict,
    not_offered,
    status_problem,
)
from schema.submission_state import SubmissionKind, SubmissionState

NOW = dt.datetime(2026, 11, 29, tzinfo=dt.UTC)
RECEIPT = "CH7K3M9QXT2VDAB"


def number_of(*parts: object) -> int:
    return crc32(repr(parts).encode())


def submission(receipt: str, kind: SubmissionKind = SubmissionKind.APPLICATION) -> Submission:
    chance = number_of(receipt, kind.name)
    reference = "SJE-OAS/2026/000001" if chance % 2 else None
    is_grievance = kind is SubmissionKind.GRIEVANCE
    return Submission(
        receipt_number=receipt,
        kind=kind,
        state=list(SubmissionState)[chance % len(SubmissionState)],
        submitter_role=LoggedRole.CITIZEN,
        service_code="SJE-OAS" if chance % 3 else None,
        application_reference_number=None if is_grievance else reference,
        registration_number="CMOFF/2026/0001234" if is_grievance else None,
        acknowledgement_number=reference,
        submitted_datetime=NOW,
        next_attempt_datetime=NOW if chance % 5 else None,
        department_identifier="pensions" if chance % 7 else "nowhere",
        member_identifier="7KNL042101",
        request_number=reference,
        is_grievance=is_grievance,
        stored_attempts=chance % 4,
        has_task=chance % 11 == 0,
    )


def attachment(number: int) -> Attachment:
    return Attachment(
        evidence="ID" if number % 2 else None,
        name="id.pdf",
        media_type="application/pdf",
        size_bytes=1000,
        sha256="0" * 64,
        uploaded_datetime=NOW,
        expiry_datetime=None,
        identifier=f"{number:032x}",
    )


def application() -> Application:
    return Application(
        application_reference_number=None,
        application_status=ApplicationStatus.SUBMITTED,
        department_status=DepartmentStatus(code="HUB"),
        department_identifier="pensions",
        receipt_number=RECEIPT,
        submission_state=SubmissionState.NOT_SENT,
    )


def problems() -> list[Problem]:
    """Return one problem of each type."""
    missing, duplicate = ProblemCode.REQUIRED, ProblemCode.LIKELY_DUPLICATE
    return [
        attribute_problem("age", ProblemCode.TOO_SMALL, limit=60),
        EvidenceProblem(code=missing, message_text=problem_message(missing), evidence="ID"),
        DuplicateProblem(
            code=duplicate,
            message_text=problem_message(duplicate),
            applications=[application()],
        ),
        key_conflict(),
        not_offered("pensions"),
        status_problem(ProblemCode.ALREADY_FINISHED, ApplicationStatus.DELIVERED),
        input_problem("rating", ProblemCode.OUT_OF_RANGE, least=1, most=5),
    ]


def hints() -> list[EligibilityHint]:
    return [EligibilityHint(condition_text=Text("Age 60", "आयु 60"), found_text=Text("Age: 59"))]


def draft(draft_id: str) -> Draft:
    return Draft(
        service_code="SJE-OAS",
        attributes=[
            AttributeValue(code="age", value="60", values=None),
            AttributeValue(code="days", value=None, values=["MON"]),
        ],
        saved_datetime=NOW,
        expiry_datetime=NOW,
        identifier=draft_id,
        member_identifier="7KNL042101",
        attachments=["0" * 32],
    )


class FakeSubmissions:
    """`schema.submission_source.SubmissionSource` without a hub."""

    async def submit_application(self, given: Any) -> SubmitApplicationPayload:
        if given.citizen.member_identifier == "9XXX":
            raise not_found("There is no such citizen.")
        if number_of(given.idempotency_key) % 2:
            return SubmitApplicationPayload(problems=problems(), hints=hints())
        return SubmitApplicationPayload(submission=submission(RECEIPT), hints=hints())

    async def save_draft(self, given: Any) -> SaveDraftPayload:
        if number_of(given.idempotency_key) % 3 == 0:
            return SaveDraftPayload(problems=problems()[-2:])
        return SaveDraftPayload(draft=draft("d1"))

    async def discard_draft(self, draft_id: str) -> None:
        return

    async def attach_document(self, given: Any) -> Any:
        raise not_found("There is no such citizen.")

    async def _submit(self, given: Any) -> SubmissionPayload:
        if number_of(given.idempotency_key, type(given).__name__) % 2:
            return SubmissionPayload(problems=problems())
        return SubmissionPayload(submission=submission(RECEIPT, SubmissionKind.GRIEVANCE))

    respond_to_query = _submit
    withdraw_application = _submit
    file_grievance = _submit
    file_appeal = _submit
    give_feedback = _submit
    request_correction = _submit

    async def by_receipt(self, receipts: Sequence[str]) -> list[Outcome[Submission | None]]:
        return [submission(each.upper()) if len(each) == 15 else None for each in receipts]

    async def by_citizen(
        self, citizens: Sequence[Citizen], kinds: Collection[SubmissionKind], first: int
    ) -> list[Outcome[list[Submission]]]:
        return [[submission(RECEIPT, kind) for kind in kinds][:first] for _ in citizens]

    async def drafts_of(self, citizens: Sequence[Citizen]) -> list[Outcome[list[Draft]]]:
        return [[draft("d1"), draft("d2")] for _ in citizens]

    async def drafts(self, draft_ids: Sequence[str]) -> list[Outcome[Draft | None]]:
        return [draft(each) if each == "d1" else None for each in draft_ids]

    async def reviews_of(self, drafts: Sequence[Draft]) -> list[Outcome[DraftReview | None]]:
        return [
            DraftReview(problems=problems(), hints=hints()) if each.identifier == "d1" else None
            for each in drafts
        ]

    async def events_of(
        self, submissions: Sequence[Submission]
    ) -> list[Outcome[list[SubmissionEvent]]]:
        events = [
            SubmissionEvent(
                event_kind=SubmissionEventKind.SENDING,
                event_datetime=NOW,
                attempt=1,
                stored_error_code=ErrorCode.DEPARTMENT_TIMEOUT,
            )
        ]
        return [events if each.stored_attempts else [] for each in submissions]

    async def documents_of(
        self, submissions: Sequence[Submission]
    ) -> list[Outcome[list[Attachment]]]:
        return [[attachment(number) for number in range(2)] for _ in submissions]

    async def documents_of_drafts(self, drafts: Sequence[Draft]) -> list[Outcome[list[Attachment]]]:
        return [[attachment(0)] for _ in drafts]

    def receipt_url(self, submission: Submission) -> str:
        return f"/receipts/{submission.receipt_number}"

    def attachment_url(self, attachment: Attachment) -> str:
        return f"/attachments/{attachment.identifier}"
