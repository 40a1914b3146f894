"""`schema.submission_source.SubmissionSource` for one operation."""

from collections.abc import Collection, Sequence
from typing import TypeAlias

from hub.federation.citizens import BoundFamilies
from hub.federation.disclosure import Disclosure
from hub.federation.gateway import PrincipalRequest
from hub.federation.records import BoundApplications, BoundCertificates, BoundGrievances
from hub.federation.submissions.acceptance import Acceptance
from hub.federation.submissions.applicants import Applicants
from hub.federation.submissions.applications import ApplicationChecks
from hub.federation.submissions.drafting import Drafting
from hub.federation.submissions.existing import ExistingRequests
from hub.federation.submissions.mutations import Mutations
from hub.federation.submissions.reading import Reading
from hub.federation.submissions.request_mutations import RequestMutations
from hub.federation.submissions.services import SubmissionServices
from hub.federation.submissions.uploads import Uploading
from schema.attachment import Attachment
from schema.batch import BatchOf, Outcome
from schema.citizen import Citizen
from schema.codes import ErrorCode
from schema.draft import Draft, DraftReview
from schema.errors import HubError
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

Others: TypeAlias = tuple[BoundApplications, BoundCertificates, BoundGrievances, BoundFamilies]


class _Parts:
    """What does the work. Most operations submit and read nothing, so it is made when needed."""

    def __init__(
        self,
        services: SubmissionServices,
        request: PrincipalRequest,
        disclosure: Disclosure,
        applications: BoundApplications,
        certificates: BoundCertificates,
        grievances: BoundGrievances,
        families: BoundFamilies,
    ) -> None:
        acceptance = Acceptance(services, request)
        applicants = Applicants(services, request, disclosure)
        self.mutations = Mutations(
            services,
            applicants,
            ExistingRequests(applicants, applications, grievances),
            ApplicationChecks(applicants, applications, certificates, families),
            acceptance,
        )
        self.about = RequestMutations(self.mutations)
        self.drafting = Drafting(self.mutations)
        self.reading = Reading(services, request, disclosure, acceptance.relations)
        self.uploading = Uploading(self.mutations, self.reading)
        self.files = services.stores.files


class BoundSubmissions:
    """Submits and reads for the principal of one operation.

    Args:
        services: what all operations share; None if the hub stores no submissions.
        request: the operation.
        disclosure: decides what the principal sees.
        others: the ports for applications, certificates, grievances and families.
    """

    __slots__ = ("_given", "_made")

    def __init__(
        self,
        services: SubmissionServices | None,
        request: PrincipalRequest,
        disclosure: Disclosure,
        *others: *Others,
    ) -> None:
        self._given = services, request, disclosure, others
        self._made: _Parts | None = None

    @property
    def _parts(self) -> _Parts:
        if self._made is None:
            services, request, disclosure, others = self._given
            if services is None:
                message = "This hub takes no submissions. Contact the hub's operator."
                raise HubError(ErrorCode.NOT_CONFIGURED, message)
            self._made = _Parts(services, request, disclosure, *others)
        return self._made

    async def submit_application(self, given: SubmitApplicationInput) -> SubmitApplicationPayload:
        return await self._parts.mutations.submit_application(given)

    async def save_draft(self, given: SaveDraftInput) -> SaveDraftPayload:
        return await self._parts.drafting.save(given)

    async def discard_draft(self, draft_id: str) -> None:
        await self._parts.drafting.discard(draft_id)

    async def attach_document(self, given: AttachDocumentInput) -> AttachDocumentPayload:
        return await self._parts.uploading.attach(given)

    async def respond_to_query(self, given: RespondToQueryInput) -> SubmissionPayload:
        return await self._parts.about.respond_to_query(given)

    async def withdraw_application(self, given: WithdrawApplicationInput) -> SubmissionPayload:
        return await self._parts.about.withdraw_application(given)

    async def file_grievance(self, given: FileGrievanceInput) -> SubmissionPayload:
        return await self._parts.mutations.file_grievance(given)

    async def file_appeal(self, given: FileAppealInput) -> SubmissionPayload:
        return await self._parts.about.file_appeal(given)

    async def give_feedback(self, given: GiveFeedbackInput) -> SubmissionPayload:
        return await self._parts.about.give_feedback(given)

    async def request_correction(self, given: RequestCorrectionInput) -> SubmissionPayload:
        return await self._parts.mutations.request_correction(given)

    async def by_receipt(self, receipts: Sequence[str]) -> list[Outcome[Submission | None]]:
        return await self._parts.reading.by_receipt(receipts)

    async def by_citizen(
        self, citizens: Sequence[Citizen], kinds: Collection[SubmissionKind], first: int
    ) -> list[Outcome[list[Submission]]]:
        return await self._parts.reading.by_citizen(citizens, kinds, first)

    async def drafts_of(self, citizens: Sequence[Citizen]) -> list[Outcome[list[Draft]]]:
        return await self._parts.reading.drafts_of(citizens)

    async def drafts(self, draft_ids: Sequence[str]) -> list[Outcome[Draft | None]]:
        return await self._parts.reading.drafts(draft_ids)

    async def reviews_of(self, drafts: Sequence[Draft]) -> list[Outcome[DraftReview | None]]:
        return await self._parts.drafting.reviews_of(drafts)

    async def events_of(
        self, submissions: Sequence[Submission]
    ) -> BatchOf[list[SubmissionEvent] | None]:
        return await self._parts.reading.events_of(submissions)

    async def documents_of(
        self, submissions: Sequence[Submission]
    ) -> BatchOf[list[Attachment] | None]:
        return await self._parts.reading.documents_of(submissions)

    async def documents_of_drafts(
        self, drafts: Sequence[Draft]
    ) -> BatchOf[list[Attachment] | None]:
        return await self._parts.reading.documents_of_drafts(drafts)

    def receipt_url(self, submission: Submission) -> str:
        return self._parts.reading.receipt_url(submission)

    def attachment_url(self, attachment: Attachment) -> str:
        return self._parts.files.address_of(attachment.identifier)[0]
