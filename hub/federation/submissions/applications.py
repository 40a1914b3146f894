"""Checks an application before it is accepted: form, documents, duplicates and eligibility."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from hub.durable.attachments.model import Attachment
from hub.federation.citizens import BoundFamilies
from hub.federation.records import BoundApplications, BoundCertificates
from hub.federation.submissions.applicants import Applicant, Applicants
from hub.federation.submissions.eligibility import hints_of, needs_income
from hub.federation.submissions.evidence import check_attachments, check_evidence, local_ids
from hub.federation.submissions.form_validation import CheckedForm, check_form
from schema.application import Application
from schema.certificate import Certificate, CertificateStatus, CertificateType
from schema.citizen import Citizen
from schema.draft import EligibilityHint
from schema.errors import HubError
from schema.family import Family
from schema.problem_codes import ProblemCode
from schema.problem_messages import problem_message
from schema.service import Service
from schema.status import ApplicationStatus, StatusGroup
from schema.submission_inputs import AttributeValueInput
from schema.submission_problem import DuplicateProblem, Problem
from schema.submission_state import SubmissionState
from schema.working_days import today_in_india

OTHER_DEPARTMENTS_SECONDS = 2.0
"""How long a check waits for departments. One that does not reply does not stop the citizen."""
OPEN = frozenset({StatusGroup.OPEN, StatusGroup.WAITING_FOR_CITIZEN})
ENDED = frozenset({SubmissionState.FAILED, SubmissionState.CANCELLED})


@dataclass(slots=True)
class CheckedApplication:
    """The result of the checks.

    Attributes:
        form: the values, and their problems.
        documents: ids of the attachments that can be sent.
        problems: all problems.
        hints: conditions that the registry's record does not meet.
    """

    form: CheckedForm
    documents: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    hints: list[EligibilityHint] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ApplicationChecks:
    """Checks applications for the principal of one operation."""

    applicants: Applicants
    applications: BoundApplications
    certificates: BoundCertificates
    families: BoundFamilies

    async def check(
        self,
        service: Service,
        applicant: Applicant,
        attributes: Sequence[AttributeValueInput],
        documents: Sequence[str],
        *,
        may_be_duplicate: bool,
    ) -> CheckedApplication:
        """Check an application.

        Args:
            attributes: the values of the form.
            documents: global ids of attachments.
            may_be_duplicate: whether further applications for the same service are allowed.
        """
        form = check_form(service.attributes, attributes)
        shown = self.shown(applicant)
        evidence, duplicates, hints = await asyncio.gather(
            self._documents(service, applicant, shown, form, documents),
            self._duplicates(service, applicant, may_be_duplicate=may_be_duplicate),
            self._hints(service, shown),
        )
        usable, problems = evidence
        found: list[Problem] = [*form.problems, *problems]
        if duplicates:
            code = ProblemCode.LIKELY_DUPLICATE
            found.append(
                DuplicateProblem(
                    code=code, message_text=problem_message(code), applications=duplicates
                )
            )
        return CheckedApplication(form, [each.attachment_id for each in usable], found, hints)

    async def attached(
        self, applicant: Applicant, documents: Sequence[str]
    ) -> tuple[list[Attachment], list[Problem]]:
        """Return the attachments of the citizen that can be sent, and the problems of others."""
        services = self.applicants.services
        wanted = [each for each in local_ids(services.ids, documents) if each is not None]
        found = await services.stores.attachments.of(wanted, applicant.member)
        usable, problems = check_attachments(services.ids, documents, found)
        return usable, list(problems)

    def shown(self, applicant: Applicant) -> Citizen | None:
        """Return what the principal sees of the citizen; None if nothing."""
        return self.applicants.disclosure.show_citizen(applicant.record, applicant.relation)

    async def _documents(
        self,
        service: Service,
        applicant: Applicant,
        shown: Citizen | None,
        form: CheckedForm,
        documents: Sequence[str],
    ) -> tuple[list[Attachment], list[Problem]]:
        usable, problems = await self.attached(applicant, documents)
        certificates: asyncio.Future[list[Certificate] | None] | None = None

        async def has_certificate(wanted: CertificateType) -> bool:
            nonlocal certificates
            if certificates is None:
                certificates = asyncio.ensure_future(self._certificates(shown))
            found = await certificates
            # The department has its own means to check a certificate of the state.
            return found is None or any(each.certificate_type is wanted for each in found)

        missing = await check_evidence(service.evidence, form.values, usable, has_certificate)
        return usable, [*problems, *missing]

    async def _certificates(self, citizen: Citizen | None) -> list[Certificate] | None:
        """Return the citizen's valid certificates; None if a department did not reply."""
        if citizen is None:
            return []
        try:
            found = (await self.certificates.by_citizen([citizen], wait=OTHER_DEPARTMENTS_SECONDS))[
                0
            ]
        except HubError:
            return None
        if isinstance(found, HubError):
            return [] if not found.retryable else None
        if isinstance(found, Exception):
            raise found
        today = today_in_india()
        valid = [each for each in found.rows if _is_valid(each, today)]
        # A list that is not complete may lack the certificate.
        return valid if valid or found.is_complete else None

    async def _duplicates(
        self, service: Service, applicant: Applicant, *, may_be_duplicate: bool
    ) -> list[Application]:
        """Return the citizen's open applications for the service."""
        if may_be_duplicate:
            return []
        try:
            found = (
                await self.applications.by_citizen(
                    [applicant.record],
                    department=service.department_identifier,
                    wait=OTHER_DEPARTMENTS_SECONDS,
                )
            )[0]
        except HubError:
            return []
        if isinstance(found, HubError):
            return []
        if isinstance(found, Exception):
            raise found
        return [
            each
            for each in found.rows
            if each.service_code == service.code
            and each.status_group() in OPEN
            and each.application_status is not ApplicationStatus.DRAFT
            and each.submission_state not in ENDED
        ]

    async def _hints(self, service: Service, shown: Citizen | None) -> list[EligibilityHint]:
        if shown is None or not service.eligibility:
            return []
        family: Family | None = None
        if needs_income(service.eligibility) and shown.family_identifier:
            try:
                found = (await self.families.by_identifier([shown.family_identifier]))[0]
            except HubError:
                found = None
            family = found if isinstance(found, Family) else None
        return hints_of(service.eligibility, shown, family, today_in_india())


def _is_valid(certificate: Certificate, today: dt.date) -> bool:
    return certificate.certificate_status is CertificateStatus.ISSUED and (
        certificate.valid_to is None or certificate.valid_to >= today
    )
