"""The port through which resolvers submit something and read what was submitted."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Protocol

from schema.attachment import Attachment
from schema.batch import BatchOf
from schema.draft import Draft, DraftReview
from schema.submission import Submission, SubmissionEvent
from schema.submission_inputs import (
    AttachDocumentInput,
    FileAppealInput,
    FileGrievanceInput,
    GiveFeedbackInput,
    RequestCorrectionInput,
    RespondToQueryInput,
    SaveDraftInput,
    SubmitApplicationInput,
    WithdrawApplicationInput,
)
from schema.submission_payloads import (
    AttachDocumentPayload,
    SaveDraftPayload,
    SubmissionPayload,
    SubmitApplicationPayload,
)
from schema.submission_state import SubmissionKind

if TYPE_CHECKING:
    from schema.citizen import Citizen


class SubmissionSource(Protocol):
    """Submissions, drafts and uploaded documents.

    Methods that submit something return problems as values. They raise `HubError`: `NOT_FOUND`,
    there is no such citizen, application, draft or receipt, or the principal may not act for the
    citizen; `CONSENT_REQUIRED`; `FORBIDDEN`; `BAD_USER_INPUT`; `STORE_UNAVAILABLE`; or an error of
    a department that had to be called first.
    """

    async def submit_application(
        self, given: SubmitApplicationInput
    ) -> SubmitApplicationPayload: ...
    async def save_draft(self, given: SaveDraftInput) -> SaveDraftPayload: ...
    async def discard_draft(self, draft_id: str) -> None:
        """Delete a draft of the principal. Nothing happens if there is none with this id."""

    async def attach_document(self, given: AttachDocumentInput) -> AttachDocumentPayload: ...
    async def respond_to_query(self, given: RespondToQueryInput) -> SubmissionPayload: ...
    async def withdraw_application(self, given: WithdrawApplicationInput) -> SubmissionPayload: ...
    async def file_grievance(self, given: FileGrievanceInput) -> SubmissionPayload: ...
    async def file_appeal(self, given: FileAppealInput) -> SubmissionPayload: ...
    async def give_feedback(self, given: GiveFeedbackInput) -> SubmissionPayload: ...
    async def request_correction(self, given: RequestCorrectionInput) -> SubmissionPayload: ...

    async def by_receipt(self, receipts: Sequence[str]) -> BatchOf[Submission | None]:
        """Return the submission for each receipt number; None if the principal may not see it."""

    async def by_citizen(
        self, citizens: Sequence["Citizen"], kinds: Collection[SubmissionKind], first: int
    ) -> BatchOf[list[Submission]]:
        """Return the newest submissions of each citizen, newest first.

        Args:
            kinds: the kinds to return.
            first: how many to return at most.
        """

    async def drafts_of(self, citizens: Sequence["Citizen"]) -> BatchOf[list[Draft]]:
        """Return the principal's drafts for each citizen, last saved first."""

    async def drafts(self, draft_ids: Sequence[str]) -> BatchOf[Draft | None]:
        """Return the principal's draft for each id."""

    async def reviews_of(self, drafts: Sequence[Draft]) -> BatchOf[DraftReview | None]:
        """Return what the hub would say about each draft if it were submitted now."""

    async def events_of(
        self, submissions: Sequence[Submission]
    ) -> BatchOf[list[SubmissionEvent] | None]:
        """Return the events of each submission, oldest first."""

    async def documents_of(
        self, submissions: Sequence[Submission]
    ) -> BatchOf[list[Attachment] | None]:
        """Return the documents in each submission."""

    async def documents_of_drafts(
        self, drafts: Sequence[Draft]
    ) -> BatchOf[list[Attachment] | None]:
        """Return the documents of each draft that have not expired."""

    def receipt_url(self, submission: Submission) -> str:
        """Return the address of the submission's receipt."""

    def attachment_url(self, attachment: Attachment) -> str:
        """Return the address of the document's file."""
