"""The mutations that submit something, for the principal of one operation."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapters.contract import Capability
from adapters.writes import WriteCapability
from hub.durable.model import Submission as Stored
from hub.federation.submissions.acceptance import Acceptance, KeyOf, Prepared
from hub.federation.submissions.applicants import Applicants
from hub.federation.submissions.applications import ApplicationChecks
from hub.federation.submissions.existing import ExistingRequests
from hub.federation.submissions.inputs import Texts, digest_of
from hub.federation.submissions.services import SubmissionServices
from hub.federation.submissions.shown import shown_submission
from schema.codes import ErrorCode
from schema.errors import HubError, bad_input, not_found
from schema.node import local_id_in
from schema.problem_codes import ProblemCode
from schema.service import Service
from schema.submission_inputs import (
    FileGrievanceInput,
    RequestCorrectionInput,
    SubmitApplicationInput,
)
from schema.submission_payloads import SubmissionPayload, SubmitApplicationPayload
from schema.submission_problem import (
    Problem,
    input_problem,
    not_offered,
)
from schema.submission_state import SubmissionKind

NO_DRAFT = "There is no such draft. It may have expired."


@dataclass(frozen=True, slots=True)
class Refused:
    """Something is not accepted because of problems."""

    problems: list[Problem]


Outcome = Stored | Refused
Prepare = Callable[[], Awaitable[Prepared | Stored | Refused]]


@dataclass(frozen=True, slots=True)
class Mutations:
    """Submits something for the principal of one operation."""

    services: SubmissionServices
    applicants: Applicants
    existing: ExistingRequests
    checks: ApplicationChecks
    acceptance: Acceptance

    async def once(
        self, name: str, given: Any, prepare: Prepare, *, prepare_acts: bool = False
    ) -> Outcome:
        """Return what was submitted with the input's key before; otherwise submit it.

        Nearly all keys are new. So a key is looked up only if it meets a stored one, or if the
        input is not accepted: the same request may have been accepted before.

        Args:
            name: name of the mutation.
            prepare: checks the input.
            prepare_acts: whether `prepare` can do more than check. Then the key is looked up first.
        """
        self.applicants.disclosure.begin()
        key = KeyOf(given.idempotency_key, digest_of(name, given, self.services.ids))
        if prepare_acts and (before := await self.acceptance.known(key)) is not None:
            return _outcome(before)
        try:
            prepared = await prepare()
        except HubError:
            if (before := await self.acceptance.known(key)) is not None:
                return _outcome(before)
            raise
        if isinstance(prepared, Prepared):
            return _outcome(await self.acceptance.accept(prepared, key))
        if isinstance(prepared, Refused):
            before = await self.acceptance.known(key)
            return prepared if before is None else _outcome(before)
        return prepared

    async def submit_application(self, given: SubmitApplicationInput) -> SubmitApplicationPayload:
        hints = []

        async def prepare() -> Prepared | Refused:
            service = self.service(given.service)
            member = given.citizen.number(self.services.ids)
            department = service.department_identifier
            applicant = await self.applicants.find(SubmissionKind.APPLICATION, member, department)
            if (closed := self.closed(service)) is not None:
                return Refused([closed])
            draft = await self.own_draft(given.draft, member)
            checked = await self.checks.check(
                service,
                applicant,
                given.attributes,
                given.documents,
                may_be_duplicate=given.confirm_duplicate,
            )
            values = checked.form.values
            prepared = Prepared(
                SubmissionKind.APPLICATION,
                department,
                service.code,
                applicant,
                values,
                self.applicants.facts_of(applicant, service.attributes, values),
                documents=checked.documents,
                language=given.language,
                draft=draft,
            )
            hints.extend(checked.hints)
            problems = [*checked.problems, *self.acceptance.misfits(prepared)]
            return Refused(problems) if problems else prepared

        outcome = await self.once("submitApplication", given, prepare)
        if isinstance(outcome, Refused):
            return SubmitApplicationPayload(problems=outcome.problems, hints=hints)
        return SubmitApplicationPayload(submission=shown_submission(outcome), hints=hints)

    async def file_grievance(self, given: FileGrievanceInput) -> SubmissionPayload:
        async def prepare() -> Prepared | Refused:
            kind = SubmissionKind.GRIEVANCE
            service = None if given.service is None else self.service(given.service)
            about = self.services.catalogue.department_identifier(given.department)
            if about is None and service is not None:
                about = service.department_identifier
            department = self._helpdesk(about)
            member = given.citizen.number(self.services.ids)
            applicant = await self.applicants.find(kind, member, department)
            texts = Texts()
            texts.add("category", given.category, required=True, lines=False)
            if "category" in texts.values and not self._takes(department, given.category):
                texts.problems.append(input_problem("category", ProblemCode.NOT_AN_OPTION))
            texts.add("text", given.text, required=True)
            code = None if service is None else service.code
            prepared = Prepared(kind, department, code, applicant, language=given.language)
            return await self.completed(prepared, texts, given.documents)

        return payload_of(await self.once("fileGrievance", given, prepare))

    async def request_correction(self, given: RequestCorrectionInput) -> SubmissionPayload:
        async def prepare() -> Prepared | Refused:
            kind = SubmissionKind.CORRECTION
            directory = self.services.directory
            department = self.services.catalogue.department_identifier(given.department)
            if department is None:
                department = directory.registry(Capability.CITIZENS_BY_IDENTIFIER)
            member = given.citizen.number(self.services.ids)
            applicant = await self.applicants.find(kind, member, department)
            texts = Texts()
            texts.add("record_field", given.record_field, "recordField", required=True, lines=False)
            texts.add("old_value", given.old_value, "oldValue")
            texts.add("new_value", given.new_value, "newValue", required=True)
            texts.add("reason", given.reason)
            prepared = Prepared(kind, department, None, applicant, language=given.language)
            return await self.completed(prepared, texts, given.documents)

        return payload_of(await self.once("requestCorrection", given, prepare))

    async def completed(
        self,
        prepared: Prepared,
        texts: Texts,
        documents: Sequence[str],
        others: Sequence[Problem] = (),
    ) -> Prepared | Refused:
        """Return what is submitted together with its texts and documents, or all problems.

        Args:
            prepared: what is submitted, with the facts that are no texts.
            texts: the checked texts of the input.
            documents: global ids of attachments.
            others: problems that were found before.
        """
        applicant = prepared.applicant
        attached, problems = await self.checks.attached(applicant, documents)
        facts = {**self.applicants.facts_of(applicant), **texts.values, **prepared.facts}
        completed = replace(
            prepared, facts=facts, documents=[each.attachment_id for each in attached]
        )
        reported = {each.input_field for each in texts.problems}
        misfits = self.acceptance.misfits(completed, reported)
        problems += [*texts.problems, *others, *misfits]
        return Refused(problems) if problems else completed

    def service(self, code: str) -> Service:
        """Return a service of the catalogue.

        Raises:
            HubError: `BAD_USER_INPUT`, there is none with this code.
        """
        found = self.services.catalogue.service(code)
        if found is None:
            raise bad_input("`service`: the catalogue has no service with this code.")
        return found

    def closed(self, service: Service) -> Problem | None:
        """Return why nobody can apply for a service through the hub; None if one can."""
        department = service.department_identifier
        if not service.is_online:
            return not_offered(department, ProblemCode.NOT_ONLINE)
        return None if service.accepts_applications else not_offered(department)

    async def own_draft(self, draft: str | None, member: str) -> str | None:
        """Return the id of a draft of the principal for the citizen; None for None.

        Raises:
            HubError: `NOT_FOUND`.
        """
        if draft is None:
            return None
        draft_id = local_id_in(self.services.ids, "Draft", draft)
        principal = self.applicants.request.principal
        found = (await self.services.stores.drafts.of(principal, [draft_id])).get(draft_id)
        if found is None or found.content.member != member:
            raise not_found(NO_DRAFT)
        return draft_id

    def _takes(self, department: str, code: str) -> bool:
        """Return whether the department takes complaints of this category."""
        found = self.services.catalogue.department(department)
        categories = () if found is None else found.grievance_categories
        return not categories or any(each.code == code for each in categories)

    def _helpdesk(self, about: str | None) -> str:
        """Return the department that receives complaints about a department."""
        offers, capability = self.services.offers, WriteCapability.SUBMIT_GRIEVANCE
        if about is not None and offers(about, capability):
            return about
        names = (name for name in self.services.directory.manifests if offers(name, capability))
        found = next(names, None)
        if found is None:
            message = "No department takes complaints through the hub. Contact the hub's operator."
            raise HubError(ErrorCode.NOT_CONFIGURED, message)
        return found


def _outcome(found: Stored | Problem) -> Outcome:
    return found if isinstance(found, Stored) else Refused([found])


def payload_of(outcome: Outcome) -> SubmissionPayload:
    if isinstance(outcome, Refused):
        return SubmissionPayload(problems=outcome.problems)
    return SubmissionPayload(submission=shown_submission(outcome))
