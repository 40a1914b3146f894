"""Submissions, drafts and documents as the schema shows them."""

from collections.abc import Iterable, Mapping
from typing import Any

from hub.durable import drafts, model
from hub.durable.attachments.model import Attachment as StoredAttachment
from schema.access_record import LoggedRole
from schema.attachment import Attachment
from schema.codes import ErrorCode
from schema.draft import AttributeValue, Draft
from schema.submission import Submission, SubmissionEvent, SubmissionEventKind
from schema.submission_state import SubmissionKind

REQUEST_KIND = "request_kind"
"""Fact of a rating: the kind of what is rated."""
NEW = frozenset({SubmissionKind.APPLICATION, SubmissionKind.GRIEVANCE})
"""The kinds to which the department assigns the number of a new record."""


def shown_submission(stored: model.Submission) -> Submission:
    """Return a stored submission as the schema shows it."""
    number = stored.reference if stored.kind in NEW else stored.content.reference
    is_grievance = stored.kind is SubmissionKind.GRIEVANCE or (
        stored.kind is SubmissionKind.FEEDBACK
        and stored.content.facts.get(REQUEST_KIND) == SubmissionKind.GRIEVANCE.name
    )
    return Submission(
        receipt_number=stored.receipt,
        kind=stored.kind,
        state=stored.state,
        submitter_role=LoggedRole.__members__.get(
            stored.sender.principal.role.name, LoggedRole.UNKNOWN
        ),
        service_code=stored.service,
        application_reference_number=None if is_grievance else number,
        registration_number=number if is_grievance else None,
        acknowledgement_number=stored.reference,
        submitted_datetime=stored.accepted_at,
        next_attempt_datetime=stored.next_attempt_at,
        department_identifier=stored.department,
        member_identifier=stored.member,
        # The hub knows the citizen of its own receipt numbers, also if the department does not.
        request_number=stored.receipt
        if stored.kind in NEW
        else stored.content.concerns or stored.content.reference,
        is_grievance=is_grievance,
        stored_attempts=stored.attempts,
        has_task=stored.has_task,
    )


def shown_event(stored: model.SubmissionEvent) -> SubmissionEvent:
    """Return a stored event as the schema shows it. Names of operators are not shown."""
    return SubmissionEvent(
        event_kind=SubmissionEventKind.__members__.get(
            stored.event.name, SubmissionEventKind.UNKNOWN
        ),
        event_datetime=stored.at,
        attempt=stored.attempt,
        stored_error_code=ErrorCode.__members__.get(stored.error or ""),
    )


def shown_attachment(stored: StoredAttachment) -> Attachment:
    """Return a stored attachment as the schema shows it."""
    return Attachment(
        evidence=stored.evidence or None,
        name=stored.name,
        media_type=stored.media_type,
        size_bytes=stored.size_bytes,
        sha256=stored.sha256,
        uploaded_datetime=stored.uploaded_at,
        expiry_datetime=stored.expires_at,
        identifier=stored.attachment_id,
    )


def shown_draft(stored: drafts.StoredDraft) -> Draft:
    """Return a stored draft as the schema shows it."""
    content = stored.content
    return Draft(
        service_code=content.service,
        attributes=_values(content.values),
        saved_datetime=stored.saved_at,
        expiry_datetime=stored.expires_at,
        identifier=stored.draft_id,
        member_identifier=content.member,
        attachments=tuple(content.documents),
    )


def _values(stored: Iterable[Mapping[str, Any]]) -> list[AttributeValue]:
    return [
        AttributeValue(code=each["code"], value=each["value"], values=each["values"])
        for each in stored
    ]
