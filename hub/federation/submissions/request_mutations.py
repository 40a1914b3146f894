"""The mutations that concern an application or grievance that exists already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import strawberry

from adapters.contract import DepartmentUnreachableError
from adapters.writes import WRITES
from hub.access.log import Act
from hub.durable.model import Submission as Stored
from hub.federation.submissions.acceptance import Prepared
from hub.federation.submissions.existing import ExistingRequest
from hub.federation.submissions.inputs import Texts
from hub.federation.submissions.mutations import Mutations, Refused, payload_of
from hub.federation.submissions.shown import REQUEST_KIND
from schema.application import Application
from schema.citizen_request import is_overdue
from schema.language import Language
from schema.problem_codes import ProblemCode
from schema.status import FINISHED, ApplicationStatus, CitizenAction, StatusGroup
from schema.submission_inputs import (
    FileAppealInput,
    GiveFeedbackInput,
    RespondToQueryInput,
    WithdrawApplicationInput,
)
from schema.submission_payloads import SubmissionPayload
from schema.submission_problem import (
    StatusProblem,
    input_problem,
    not_offered,
    status_problem,
)
from schema.submission_state import SubmissionKind, SubmissionState
from schema.working_days import today_in_india

RATINGS = (1, 5)
DECIDED = frozenset(
    {
        ApplicationStatus.APPROVED,
        ApplicationStatus.PARTIALLY_DELIVERED,
        ApplicationStatus.DELIVERED,
        ApplicationStatus.REJECTED,
        ApplicationStatus.PARTIALLY_REJECTED,
    }
)
ANSWERABLE = frozenset({CitizenAction.ANSWER_QUERY, CitizenAction.CORRECT_DOCUMENTS})


@dataclass(frozen=True, slots=True)
class RequestMutations:
    """Submits something about an existing request, for the principal of one operation."""

    mutations: Mutations

    async def respond_to_query(self, given: RespondToQueryInput) -> SubmissionPayload:
        async def prepare() -> Prepared | Refused:
            kind = SubmissionKind.QUERY_RESPONSE
            existing = await self.mutations.existing.application(kind, given.application)
            texts = Texts()
            texts.add("answer", given.answer, required=True)
            record = _application(existing)
            is_waiting = (
                record.application_status is ApplicationStatus.SENT_BACK
                or record.action_required() in ANSWERABLE
            )
            wrong = None if is_waiting else ProblemCode.NOT_SENT_BACK
            return await self._about(kind, existing, texts, wrong, given.language, given.documents)

        return payload_of(await self.mutations.once("respondToQuery", given, prepare))

    async def withdraw_application(self, given: WithdrawApplicationInput) -> SubmissionPayload:
        async def prepare() -> Prepared | Stored | Refused:
            kind = SubmissionKind.WITHDRAWAL
            existing = await self.mutations.existing.application(kind, given.application)
            cancelled = await self._cancelled(existing)
            if cancelled is not None:
                return cancelled
            texts = Texts()
            texts.add("reason", given.reason)
            record = _application(existing)
            if record.submission_state is SubmissionState.FAILED:
                return Refused([not_offered(existing.department)])
            is_finished = record.status_group() in FINISHED
            wrong = ProblemCode.ALREADY_FINISHED if is_finished else None
            return await self._about(kind, existing, texts, wrong, given.language)

        outcome = await self.mutations.once(
            "withdrawApplication", given, prepare, prepare_acts=True
        )
        return payload_of(outcome)

    async def file_appeal(self, given: FileAppealInput) -> SubmissionPayload:
        async def prepare() -> Prepared | Refused:
            kind = SubmissionKind.APPEAL
            existing = await self.mutations.existing.application(kind, given.application)
            texts = Texts()
            texts.add("grounds", given.grounds, required=True)
            texts.values["level"] = given.level.name
            record = _application(existing)
            may_appeal = (
                record.application_status in DECIDED
                or record.status_group() is StatusGroup.REFUSED
                or is_overdue(record, self.mutations.services.catalogue, today_in_india())
            )
            wrong = None if may_appeal else ProblemCode.NOT_REFUSED_OR_OVERDUE
            return await self._about(kind, existing, texts, wrong, given.language, given.documents)

        return payload_of(await self.mutations.once("fileAppeal", given, prepare))

    async def give_feedback(self, given: GiveFeedbackInput) -> SubmissionPayload:
        async def prepare() -> Prepared | Refused:
            kind = SubmissionKind.FEEDBACK
            existing = await self.mutations.existing.any_request(kind, given.request)
            texts = Texts()
            texts.add("comments", given.comments)
            least, most = RATINGS
            if not least <= given.rating <= most:
                code = ProblemCode.OUT_OF_RANGE
                texts.problems.append(input_problem("rating", code, least=least, most=most))
            is_finished = existing.record.status_group() in FINISHED
            wrong = None if is_finished else ProblemCode.NOT_FINISHED
            is_application = isinstance(existing.record, Application)
            rated = SubmissionKind.APPLICATION if is_application else SubmissionKind.GRIEVANCE
            more = {"rating": given.rating, REQUEST_KIND: rated.name}
            return await self._about(kind, existing, texts, wrong, given.language, more=more)

        return payload_of(await self.mutations.once("giveFeedback", given, prepare))

    async def _about(
        self,
        kind: SubmissionKind,
        existing: ExistingRequest,
        texts: Texts,
        wrong: ProblemCode | None,
        language: Language,
        documents: Sequence[strawberry.ID] = (),
        more: Mapping[str, object] | None = None,
    ) -> Prepared | Refused:
        """Return something that concerns an existing request, or its problems.

        Args:
            texts: the checked texts of the input.
            wrong: why the status of the request does not allow it; None if it does.
            language: language of messages to the citizen.
            documents: global ids of attachments.
            more: further facts.
        """
        if not self.mutations.services.offers(existing.department, WRITES[kind]):
            return Refused([not_offered(existing.department)])
        if wrong is not None and existing.is_unknown:
            message = (
                f"{existing.department} does not answer, so the status is not known. Retry later."
            )
            raise DepartmentUnreachableError(existing.department, message)
        prepared = Prepared(
            kind,
            existing.department,
            existing.record.service_code,
            existing.applicant,
            facts=more or {},
            reference=existing.number,
            concerns=existing.receipt,
            language=language,
        )
        others = [] if wrong is None else [_status_problem(wrong, existing)]
        return await self.mutations.completed(prepared, texts, documents, others)

    async def _cancelled(self, existing: ExistingRequest) -> Stored | None:
        """Cancel an application that was not sent yet; return None if it may have been sent."""
        submissions, receipt = self.mutations.services.stores.submissions, existing.receipt
        state = _application(existing).submission_state
        if receipt is None or state not in (SubmissionState.NOT_SENT, SubmissionState.CANCELLED):
            return None
        if state is SubmissionState.CANCELLED:
            return await submissions.by_receipt(receipt)
        cancelled = await submissions.cancel(receipt)
        if cancelled is not None:
            member = existing.applicant.member
            await self.mutations.acceptance.note(Act.CANCEL_SUBMISSION, receipt, member)
        return cancelled


def _application(existing: ExistingRequest) -> Application:
    assert isinstance(existing.record, Application)
    return existing.record


def _status_problem(code: ProblemCode, existing: ExistingRequest) -> StatusProblem:
    record = existing.record
    return status_problem(
        code, record.application_status if isinstance(record, Application) else None
    )
