"""Acts of administrators and of people about their own data, as the access log records them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from hub.access.principal import Principal


class Act(StrEnum):
    """What was done."""

    PAUSE_DEPARTMENT = "PAUSE_DEPARTMENT"
    RESUME_DEPARTMENT = "RESUME_DEPARTMENT"
    ERASE_COPIES = "ERASE_COPIES"
    ERASE_PERSON = "ERASE_PERSON"
    REVOKE = "REVOKE"
    UNDO_REVOCATION = "UNDO_REVOCATION"
    REQUEST_CONSENT = "REQUEST_CONSENT"
    SEND_CODE = "SEND_CODE"
    GRANT_CONSENT = "GRANT_CONSENT"
    REFUSE_CONSENT = "REFUSE_CONSENT"
    WITHDRAW_CONSENT = "WITHDRAW_CONSENT"
    NOMINATE = "NOMINATE"
    WITHDRAW_NOMINATION = "WITHDRAW_NOMINATION"
    CHANGE_POLICY = "CHANGE_POLICY"
    CHANGE_DOCUMENTS = "CHANGE_DOCUMENTS"
    RETRY_TASK = "RETRY_TASK"
    RESOLVE_TASK = "RESOLVE_TASK"
    READ_ACCESS_LOG = "READ_ACCESS_LOG"
    SUBMIT = "SUBMIT"
    CANCEL_SUBMISSION = "CANCEL_SUBMISSION"
    SAVE_DRAFT = "SAVE_DRAFT"
    DISCARD_DRAFT = "DISCARD_DRAFT"
    ATTACH_DOCUMENT = "ATTACH_DOCUMENT"


@dataclass(frozen=True, slots=True)
class ActEntry:
    """One act.

    Attributes:
        correlation_id: correlation id of the operation; empty if there is none.
        at_us: when it was done, in microseconds since 1970 (UTC).
        principal: who did it.
        act: what was done.
        target: what it was done to, without personal data: a department, the id of a consent,
            the receipt number of a submission.
        reason: why, as the principal wrote it.
        citizens: Family ID member numbers of the people that it concerned.
    """

    correlation_id: str
    at_us: int
    principal: Principal
    act: Act
    target: str = ""
    reason: str = ""
    citizens: Sequence[str] = ()
