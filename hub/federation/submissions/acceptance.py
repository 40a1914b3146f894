"""Stores what was submitted: once for each idempotency key, and with an entry in the access log."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.writes import WRITES, MisfitReason
from hub.access.log import Act
from hub.access.policy import LegalBasis, Relation
from hub.durable.model import Content, KeyConflictError, NewSubmission, Sender, Submission
from hub.federation.gateway import PrincipalRequest
from hub.federation.submissions.applicants import Applicant
from hub.federation.submissions.services import SubmissionServices
from schema.language import Language
from schema.problem_codes import ProblemCode
from schema.submission_problem import (
    Problem,
    attribute_problem,
    input_problem,
    key_conflict,
)
from schema.submission_state import SubmissionKind, SubmissionState

WAIT_SECONDS = 2.0
"""How long the answer waits for the department."""
SPARE_SECONDS = 0.5
"""Time before the operation's deadline at which the answer no longer waits."""
UNANSWERED = frozenset({SubmissionState.NOT_SENT, SubmissionState.MAYBE_SENT})
"""The states of a submission to which the department has not answered in this time."""
INPUT_OF_FACT = {
    "text": "text",
    "category": "category",
    "grounds": "grounds",
    "level": "level",
    "rating": "rating",
    "comments": "comments",
    "answer": "answer",
    "reason": "reason",
    "record_field": "recordField",
    "old_value": "oldValue",
    "new_value": "newValue",
}
"""The field of the input that each fact comes from. The others come from the citizen's record."""
PROBLEM_OF_MISFIT = {
    MisfitReason.TOO_LONG: ProblemCode.TOO_LONG_FOR_DEPARTMENT,
    MisfitReason.TOO_SHORT: ProblemCode.TOO_SHORT,
    MisfitReason.NO_CODE: ProblemCode.NOT_AN_OPTION,
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """Something that can be accepted.

    Attributes:
        kind: what it is.
        department: identifier of the department that gets it.
        service: code of the service; None if it concerns none.
        applicant: the citizen.
        values: the values of the form.
        facts: further values for the department.
        reference: the department's number that it concerns.
        concerns: receipt number of the submission that it concerns.
        documents: ids of the attachments.
        language: language of messages to the citizen.
        draft: id of the draft that it replaces.
    """

    kind: SubmissionKind
    department: str
    service: str | None
    applicant: Applicant
    values: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    reference: str | None = None
    concerns: str | None = None
    documents: Sequence[str] = ()
    language: Language = Language.HI
    draft: str | None = None


@dataclass(frozen=True, slots=True)
class KeyOf:
    """An idempotency key with the digest of its input."""

    key: str
    digest: bytes


@dataclass(slots=True)
class Acceptance:
    """Accepts what the principal of one operation submits.

    Attributes:
        relations: the relation of the principal to each citizen, by member number.
    """

    services: SubmissionServices
    request: PrincipalRequest
    relations: dict[str, Relation] = field(default_factory=dict)

    async def known(self, key: KeyOf) -> Submission | Problem | None:
        """Return what the principal has submitted with a key; None if nothing.

        A problem means that the input was another one.
        """
        submissions = self.services.stores.submissions
        try:
            found = await submissions.known(self.request.principal, key.key, key.digest)
        except KeyConflictError:
            return key_conflict()
        return None if found is None else await self._settled(found)

    async def accept(self, prepared: Prepared, key: KeyOf) -> Submission | Problem:
        """Store a submission, and wait a short time for the department.

        Raises:
            HubError: `STORE_UNAVAILABLE`, `BAD_USER_INPUT`, a document has expired meanwhile.
        """
        member = prepared.applicant.member
        new = NewSubmission(
            prepared.kind,
            prepared.department,
            prepared.service,
            member,
            self._sender(member),
            key.key,
            key.digest,
            Content(
                prepared.values,
                prepared.facts,
                prepared.reference,
                prepared.concerns,
                tuple(prepared.documents),
                prepared.language.name.lower(),
            ),
            prepared.draft,
        )
        self.relations[member] = prepared.applicant.relation
        try:
            stored = await self.services.stores.submissions.accept(new)
        except KeyConflictError:
            return key_conflict()
        if stored.receipt == new.receipt:
            await self.note(Act.SUBMIT, stored.receipt, member)
        settled = await self._settled(stored)
        if settled.state in UNANSWERED:
            self.services.inform(settled)
        return settled

    def misfits(self, prepared: Prepared, reported: Collection[str] = ()) -> list[Problem]:
        """Return a problem for each value of the input that the department does not take.

        What the citizen's record says cannot be changed here, so the department gets it as it is,
        or cut.

        Args:
            reported: fields of the input that have another problem already.
        """
        found = self.services.misfits(
            prepared.department,
            WRITES[prepared.kind],
            prepared.service,
            prepared.values,
            prepared.facts,
        )
        problems: list[Problem] = []
        for each in found:
            code = PROBLEM_OF_MISFIT[each.reason]
            given = INPUT_OF_FACT.get(each.name)
            if each.name in prepared.values:
                problems.append(attribute_problem(each.name, code, limit=each.limit))
            elif given is not None and given not in reported:
                problems.append(input_problem(given, code, limit=each.limit))
        return problems

    async def note(self, act: Act, target: str, member: str) -> None:
        """Write an act of the principal to the access log."""
        await self.services.log.administrative(
            self.request.principal,
            act,
            target,
            citizens=[member],
            correlation_id=self.request.call.correlation_id,
        )

    def _sender(self, member: str) -> Sender:
        consent = self.request.consents.get(member, "")
        return Sender(
            self.request.principal,
            self.request.purpose,
            LegalBasis.CONSENT.value if consent else self.request.legal_basis,
            consent,
            self.request.call.correlation_id,
        )

    async def _settled(self, stored: Submission) -> Submission:
        """Return the submission after the department has answered, or after a short time."""
        remaining = self.request.call.deadline - asyncio.get_running_loop().time()
        seconds = min(WAIT_SECONDS, remaining - SPARE_SECONDS)
        return await self.services.stores.submissions.wait(stored.receipt, seconds) or stored
