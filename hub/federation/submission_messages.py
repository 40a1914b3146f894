"""Messages to citizens about what they submitted."""

from collections.abc import Mapping
from dataclasses import dataclass

from hub.durable.model import Submission
from hub.federation.catalogue import Catalogue
from hub.federation.gateway import PrincipalRequest
from hub.federation.registry import RegistryReader
from hub.federation.telephones import telephone_of
from hub.notification import Notifier
from hub.notification.messages import (
    SUBMISSION_FAILED,
    SUBMISSION_NUMBERED,
    SUBMISSION_RECEIVED,
    SUBMISSION_SENT,
)
from hub.notification.sms import mobile_number
from schema.errors import HubError
from schema.language import Language
from schema.submission_state import SubmissionState

MESSAGES: Mapping[SubmissionState, str] = {
    SubmissionState.NOT_SENT: SUBMISSION_RECEIVED,
    SubmissionState.MAYBE_SENT: SUBMISSION_RECEIVED,
    SubmissionState.SENT: SUBMISSION_SENT,
    SubmissionState.ACKNOWLEDGED: SUBMISSION_SENT,
    SubmissionState.FAILED: SUBMISSION_FAILED,
}
"""The message about each state, if the department has assigned no number."""


@dataclass(frozen=True, slots=True)
class SubmissionMessages:
    """Informs citizens by SMS.

    Attributes:
        notifier: sends messages.
        registry: has the telephone numbers.
        catalogue: has the departments' names.
    """

    notifier: Notifier
    registry: RegistryReader
    catalogue: Catalogue

    def has_message(self, submission: Submission) -> bool:
        """Return whether the citizen is informed about the submission's state."""
        return self.notifier.has_gateway and submission.state in MESSAGES

    async def send(self, submission: Submission, request: PrincipalRequest) -> None:
        """Inform the citizen about the submission's state, and return when the gateway has it.

        Raises:
            HubError: the citizen's telephone number can't be read.
        """
        name = MESSAGES[submission.state]
        if submission.reference is not None:
            name = SUBMISSION_NUMBERED
        lang = Language.EN if submission.content.language == "en" else Language.HI
        department = self.catalogue.department(submission.department)
        values = {
            "receipt": submission.receipt,
            "department": submission.department
            if department is None
            else department.name_text.in_language(lang),
            "number": submission.reference or "",
        }
        telephone = await self._telephone(submission, request)
        await self.notifier.send_once(telephone, name, lang, values, submission.receipt)

    async def _telephone(self, submission: Submission, request: PrincipalRequest) -> str | None:
        """Return the number in the registry; without one, the number that was submitted."""
        submitted = submission.content.facts.get("applicant_phone")
        known = submitted if isinstance(submitted, str) else None
        try:
            found = await telephone_of(self.registry, request, submission.member)
        except HubError:
            if known is None:
                raise
            return known
        return found if mobile_number(found) is not None else known
