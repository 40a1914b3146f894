"""Mutations that submit something to a department."""

from typing import Annotated, Any

import strawberry
from strawberry import argument

from schema.batch import Info, reads_whole
from schema.node import local_id_in
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
    check_lengths,
)
from schema.submission_payloads import (
    AttachDocumentPayload,
    DiscardDraftPayload,
    SaveDraftPayload,
    SubmissionPayload,
    SubmitApplicationPayload,
)
from schema.submission_state import SubmissionKind

SUBMITS = "submits"
"""Key in the metadata of a mutation: the kind of submission that it makes."""


def submits(kind: SubmissionKind) -> dict[str, Any]:
    """Return the metadata of a mutation that makes a kind of submission.

    It compares what is submitted with whole records of the citizen.
    """
    return {SUBMITS: kind} | reads_whole(
        "Application", "Certificate", "Grievance", "Citizen", "Family", "PersonName", "Address"
    )


@strawberry.type
class SubmissionMutation:
    """Fields of `Mutation`."""

    @strawberry.mutation(
        description="Apply for a service. The hub has stored the application when it answers. The "
        "answer waits up to two seconds for the department's number. Errors NOT_FOUND, "
        "CONSENT_REQUIRED, FORBIDDEN, STORE_UNAVAILABLE.",
        metadata=submits(SubmissionKind.APPLICATION),
    )
    async def submit_application(
        self,
        info: Info,
        input: Annotated[SubmitApplicationInput, argument(description="The application.")],
    ) -> SubmitApplicationPayload | None:
        check_lengths(input)
        return await info.context.sources.submissions.submit_application(input)

    @strawberry.mutation(
        description="Save a form that is not complete. Its values are not checked. Only the person "
        "who saved a draft sees it. Errors NOT_FOUND, CONSENT_REQUIRED, FORBIDDEN, "
        "STORE_UNAVAILABLE.",
        metadata=submits(SubmissionKind.APPLICATION),
    )
    async def save_draft(
        self,
        info: Info,
        input: Annotated[SaveDraftInput, argument(description="The form so far.")],
    ) -> SaveDraftPayload | None:
        check_lengths(input)
        return await info.context.sources.submissions.save_draft(input)

    @strawberry.mutation(
        description="Delete a draft. The result is the same if it does not exist. Error "
        "STORE_UNAVAILABLE."
    )
    async def discard_draft(
        self,
        info: Info,
        draft: Annotated[strawberry.ID, argument(description="Id of the draft.")],
    ) -> DiscardDraftPayload | None:
        sources = info.context.sources
        await sources.submissions.discard_draft(local_id_in(sources.ids, "Draft", draft))
        return DiscardDraftPayload(draft_id=draft)

    @strawberry.mutation(
        description="Upload a document, for a new submission or for an application that was "
        "submitted before. Errors NOT_FOUND, CONSENT_REQUIRED, FORBIDDEN, STORE_UNAVAILABLE.",
        metadata=submits(SubmissionKind.DOCUMENT),
    )
    async def attach_document(
        self,
        info: Info,
        input: Annotated[AttachDocumentInput, argument(description="The document.")],
    ) -> AttachDocumentPayload | None:
        check_lengths(input)
        return await info.context.sources.submissions.attach_document(input)

    @strawberry.mutation(
        description="Answer a department's query about an application that it sent back. Errors "
        "NOT_FOUND, CONSENT_REQUIRED, FORBIDDEN, STORE_UNAVAILABLE.",
        metadata=submits(SubmissionKind.QUERY_RESPONSE),
    )
    async def respond_to_query(
        self,
        info: Info,
        input: Annotated[RespondToQueryInput, argument(description="The answer.")],
    ) -> SubmissionPayload | None:
        check_lengths(input)
        return await info.context.sources.submissions.respond_to_query(input)

    @strawberry.mutation(
        description="Withdraw an application that the department has not finished. An application "
        "that the hub has not sent yet is cancelled at once: the result is then the application "
        "itself. Errors NOT_FOUND, CONSENT_REQUIRED, FORBIDDEN, STORE_UNAVAILABLE.",
        metadata=submits(SubmissionKind.WITHDRAWAL),
    )
    async def withdraw_application(
        self,
        info: Info,
        input: Annotated[WithdrawApplicationInput, argument(description="The application.")],
    ) -> SubmissionPayload | None:
        check_lengths(input)
        return await info.context.sources.submissions.withdraw_application(input)

    @strawberry.mutation(
        description="Complain about a service or a department. Errors NOT_FOUND, CONSENT_REQUIRED, "
        "FORBIDDEN, STORE_UNAVAILABLE.",
        metadata=submits(SubmissionKind.GRIEVANCE),
    )
    async def file_grievance(
        self,
        info: Info,
        input: Annotated[FileGrievanceInput, argument(description="The complaint.")],
    ) -> SubmissionPayload | None:
        check_lengths(input)
        return await info.context.sources.submissions.file_grievance(input)

    @strawberry.mutation(
        description="Appeal about an application that was decided or is late. Errors NOT_FOUND, "
        "CONSENT_REQUIRED, FORBIDDEN, STORE_UNAVAILABLE.",
        metadata=submits(SubmissionKind.APPEAL),
    )
    async def file_appeal(
        self,
        info: Info,
        input: Annotated[FileAppealInput, argument(description="The appeal.")],
    ) -> SubmissionPayload | None:
        check_lengths(input)
        return await info.context.sources.submissions.file_appeal(input)

    @strawberry.mutation(
        description="Rate an application or grievance that is finished. Errors NOT_FOUND, "
        "CONSENT_REQUIRED, FORBIDDEN, STORE_UNAVAILABLE.",
        metadata=submits(SubmissionKind.FEEDBACK),
    )
    async def give_feedback(
        self,
        info: Info,
        input: Annotated[GiveFeedbackInput, argument(description="The rating.")],
    ) -> SubmissionPayload | None:
        check_lengths(input)
        return await info.context.sources.submissions.give_feedback(input)

    @strawberry.mutation(
        description="Report a mistake in a record. If the department's system takes no "
        "corrections, the hub's staff forward it. Errors NOT_FOUND, CONSENT_REQUIRED, FORBIDDEN, "
        "STORE_UNAVAILABLE.",
        metadata=submits(SubmissionKind.CORRECTION),
    )
    async def request_correction(
        self,
        info: Info,
        input: Annotated[RequestCorrectionInput, argument(description="The mistake.")],
    ) -> SubmissionPayload | None:
        check_lengths(input)
        return await info.context.sources.submissions.request_correction(input)
