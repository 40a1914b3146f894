"""The documents that the principal of one operation uploads."""

from dataclasses import dataclass

from adapters.writes import WRITES
from hub.access.log import Act
from hub.durable.attachments.model import Attachment, AttachmentKeyError
from hub.durable.attachments.problems import FileRefusedError
from hub.federation.submissions.acceptance import KeyOf, Prepared
from hub.federation.submissions.applicants import NOT_ALLOWED, Applicant
from hub.federation.submissions.existing import ExistingRequest
from hub.federation.submissions.inputs import digest_of
from hub.federation.submissions.mutations import Mutations
from hub.federation.submissions.reading import Reading
from hub.federation.submissions.shown import shown_attachment, shown_submission
from schema.application import Application
from schema.codes import ErrorCode
from schema.errors import HubError, bad_input
from schema.problem_codes import ProblemCode
from schema.status import FINISHED
from schema.submission_inputs import AttachDocumentInput
from schema.submission_payloads import AttachDocumentPayload
from schema.submission_problem import (
    EvidenceProblem,
    Problem,
    key_conflict,
    not_offered,
    status_problem,
)
from schema.submission_state import SubmissionKind
from schema.upload import FileProblem

KINDS = (SubmissionKind.APPLICATION, SubmissionKind.GRIEVANCE, *SubmissionKind)
"""The kinds that a document can be for, the usual ones first."""


@dataclass(frozen=True, slots=True)
class Uploading:
    """Keeps documents, and sends them to departments that have the application."""

    mutations: Mutations
    reading: Reading

    async def attach(self, given: AttachDocumentInput) -> AttachDocumentPayload:
        if (given.citizen is None) == (given.application is None):
            raise bad_input("Set either `citizen` or `application`.")
        self.mutations.applicants.disclosure.begin()
        if given.application is not None:
            return await self._send(given, given.application)
        assert given.citizen is not None
        member = given.citizen.number(self.mutations.services.ids)
        applicant = await self._applicant(member)
        kept = await self._kept(given, applicant)
        if isinstance(kept, Attachment):
            return AttachDocumentPayload(attachment=shown_attachment(kept))
        return AttachDocumentPayload(problems=[kept])

    async def _applicant(self, member: str) -> Applicant:
        """Return the citizen, if the principal may submit anything for them.

        The department is not known yet. The citizen is checked again with the submission.
        """
        applicants = self.mutations.applicants
        services, request = self.mutations.services, applicants.request
        role, purpose = request.principal.role, request.purpose
        kinds = [each for each in KINDS if services.policy.submits_for(each, role, purpose)]
        if not kinds:
            raise HubError(ErrorCode.FORBIDDEN, NOT_ALLOWED)
        department = request.principal.department
        if department is None:
            covered = applicants.disclosure.covers
            department = next(filter(covered, services.directory.manifests), "")
        refusal: HubError | None = None
        for kind in kinds:
            try:
                return await applicants.find(kind, member, department)
            except HubError as error:
                refusal = refusal or error
        assert refusal is not None
        raise refusal

    async def _send(self, given: AttachDocumentInput, number: str) -> AttachDocumentPayload:
        mutations, kind = self.mutations, SubmissionKind.DOCUMENT
        key = KeyOf(
            given.idempotency_key, digest_of("attachDocument", given, mutations.services.ids)
        )
        before = await mutations.acceptance.known(key)
        if isinstance(before, Problem):
            return AttachDocumentPayload(problems=[before])
        if before is not None:
            submission = shown_submission(before)
            (documents,) = await self.reading.documents_of([submission])
            if isinstance(documents, Exception):
                raise documents
            return AttachDocumentPayload(
                attachment=documents[0] if documents else None, submission=submission
            )
        existing = await mutations.existing.application(kind, number)
        if not mutations.services.offers(existing.department, WRITES[kind]):
            return AttachDocumentPayload(problems=[not_offered(existing.department)])
        record = existing.record
        if isinstance(record, Application) and record.status_group() in FINISHED:
            finished = status_problem(ProblemCode.ALREADY_FINISHED, record.application_status)
            return AttachDocumentPayload(problems=[finished])
        kept = await self._kept(given, existing.applicant)
        if isinstance(kept, Problem):
            return AttachDocumentPayload(problems=[kept])
        prepared = _prepared(given, existing, kept, mutations)
        accepted = await mutations.acceptance.accept(prepared, key)
        if isinstance(accepted, Problem):
            return AttachDocumentPayload(problems=[accepted])
        return AttachDocumentPayload(
            attachment=shown_attachment(kept), submission=shown_submission(accepted)
        )

    async def _kept(self, given: AttachDocumentInput, applicant: Applicant) -> Attachment | Problem:
        """Keep the file; return its attachment, or why it is not accepted."""
        acceptance = self.mutations.acceptance
        try:
            kept = await self.mutations.services.stores.attachments.store(
                given.file,
                member=applicant.member,
                principal=acceptance.request.principal,
                evidence=given.evidence or "",
                key=given.idempotency_key,
            )
        except FileRefusedError as refused:
            return _file_problem(refused.problem, given.evidence)
        except AttachmentKeyError:
            return key_conflict()
        acceptance.relations[applicant.member] = applicant.relation
        await acceptance.note(Act.ATTACH_DOCUMENT, kept.attachment_id, applicant.member)
        return kept


def _prepared(
    given: AttachDocumentInput,
    existing: ExistingRequest,
    kept: Attachment,
    mutations: Mutations,
) -> Prepared:
    return Prepared(
        SubmissionKind.DOCUMENT,
        existing.department,
        existing.record.service_code,
        existing.applicant,
        facts=mutations.applicants.facts_of(existing.applicant),
        reference=existing.number,
        concerns=existing.receipt,
        documents=[kept.attachment_id],
        language=given.language,
    )


def _file_problem(problem: FileProblem, evidence: str | None) -> EvidenceProblem:
    return EvidenceProblem(
        code=ProblemCode[f"FILE_{problem.code}"],
        message_text=problem.message,
        evidence=evidence or None,
    )
