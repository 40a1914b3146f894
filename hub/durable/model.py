"""Submissions as the hub stores them, and what their delivery needs from federation."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from adapters.writes import WriteReply
from hub.access import Principal
from hub.durable.receipts import new_receipt
from schema.submission_state import SubmissionKind, SubmissionState

FINISHED = frozenset(
    {SubmissionState.ACKNOWLEDGED, SubmissionState.FAILED, SubmissionState.CANCELLED}
)
"""States in which the hub does nothing more by itself."""
UNFINISHED = frozenset(SubmissionState) - FINISHED


@dataclass(frozen=True, slots=True)
class Content:
    """What was submitted. It is stored encrypted.

    Attributes:
        values: values of the service's form by attribute code, as JSON has them.
        facts: further values by placeholder, as JSON has them (`adapters.manifest.writes`).
        reference: the department's number that the submission concerns; None for a new application
            or grievance, and for an act on a submission that has no number yet.
        concerns: receipt number of the submission that this one concerns; None if there is none.
        documents: ids of the attachments, in order.
        language: language of messages to the citizen, `en` or `hi`.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    reference: str | None = None
    concerns: str | None = None
    documents: Sequence[str] = ()
    language: str = "hi"


@dataclass(frozen=True, slots=True)
class Sender:
    """The person who submitted, as the access log and the department need it later.

    Attributes:
        principal: the principal at that time, without its token.
        purpose: code of the purpose.
        legal_basis: value of `LegalBasis`; empty if unknown.
        consent: id of the consent that was used; empty if none.
        correlation_id: correlation id of the operation.
    """

    principal: Principal
    purpose: str = ""
    legal_basis: str = ""
    consent: str = ""
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class NewSubmission:
    """A submission that is to be accepted.

    Attributes:
        kind: what it is.
        department: identifier of the department that gets it.
        service: code of the service; None if it concerns none.
        member: Family ID member number of the citizen.
        sender: who submits it.
        key: the client's idempotency key. It is unique for the sender (`Principal.scope`).
        digest: SHA-256 of the client's whole input. `content` can also have facts that change, for
            example the registered telephone number, so it does not say whether two inputs are
            equal.
        content: what is submitted.
        draft: id of the draft that it replaces; None if there is none. The transaction that stores
            the submission deletes the draft.
        receipt: receipt number that it gets, unless the key was used before.
    """

    kind: SubmissionKind
    department: str
    service: str | None
    member: str
    sender: Sender
    key: str
    digest: bytes
    content: Content
    draft: str | None = None
    receipt: str = field(default_factory=new_receipt)


class KeyConflictError(Exception):
    """The sender has used the idempotency key for another input.

    `Submissions.accept` raises it, and so does `Submissions.known(principal, key, digest)`, which
    returns the submission with this key and digest, or None.
    """


@dataclass(frozen=True, slots=True)
class Submission:
    """A stored submission.

    Attributes:
        number: position in the order of acceptance, from 1.
        receipt: receipt number, for example `CH7K3M9QXT2VDA`.
        state: how far it has got.
        kind, department, service, member, sender, content: as in `NewSubmission`.
        reference: the department's number; None until it is known.
        token: the department's token while its number is not known; None if it has none.
        attempts: how often it was sent.
        accepted_at: when the hub stored it (UTC).
        updated_at: when its state last changed (UTC).
        next_attempt_at: when the hub tries again (UTC); None if nothing is planned.
        error: code of the last failure (`ErrorCode`); None if there is none.
        has_task: True while an operator has to decide about it.
        is_sending: True while an attempt has begun and its end is not known.
    """

    number: int
    receipt: str
    state: SubmissionState
    kind: SubmissionKind
    department: str
    service: str | None
    member: str
    sender: Sender
    content: Content
    reference: str | None
    token: str | None
    attempts: int
    accepted_at: dt.datetime
    updated_at: dt.datetime
    next_attempt_at: dt.datetime | None = None
    error: str | None = None
    has_task: bool = False
    is_sending: bool = False


@dataclass(frozen=True, slots=True)
class SubmissionEvent:
    """Something that happened to a submission.

    Attributes:
        at: when (UTC).
        event: what happened.
        attempt: number of the attempt to send it; None if the event concerns none.
        error: code of the failure (`ErrorCode`); None if there was none.
        actor: account of the operator who did it; None if the hub did it.
        note: reason of an operator; None if there is none.
    """

    at: dt.datetime
    event: "EventKind"
    attempt: int | None = None
    error: str | None = None
    actor: str | None = None
    note: str | None = None


class EventKind(StrEnum):
    """What happened to a submission."""

    ACCEPTED = "ACCEPTED"
    """The hub stored it."""
    SENDING = "SENDING"
    """An attempt began."""
    NOT_RECEIVED = "NOT_RECEIVED"
    """The attempt certainly had no effect at the department. The hub tries again."""
    SENT = "SENT"
    """The department received it, but has not assigned a number yet."""
    ACKNOWLEDGED = "ACKNOWLEDGED"
    """The department confirmed it."""
    MAYBE_SENT = "MAYBE_SENT"
    """The attempt had no clear end."""
    NOT_FOUND = "NOT_FOUND"
    """The department does not have it, so the hub sends it again."""
    FAILED = "FAILED"
    """It could not be delivered."""
    CANCELLED = "CANCELLED"
    """The citizen withdrew it before it was sent."""
    TASK_OPENED = "TASK_OPENED"
    """An operator must decide. `note` is the kind of the task."""
    TASK_RETRIED = "TASK_RETRIED"
    """An operator had it sent again."""
    TASK_RESOLVED = "TASK_RESOLVED"
    """An operator closed the task."""
    NOTIFIED = "NOTIFIED"
    """The citizen was informed. `note` is the state."""


class TaskKind(StrEnum):
    """Why an operator has to decide about a submission."""

    CANNOT_BE_ASKED = "CANNOT_BE_ASKED"
    """It may have been sent, and the department cannot be asked whether it has it."""
    NOT_FOUND_YET = "NOT_FOUND_YET"
    """It may have been sent, and the department still does not know it."""
    REFUSED = "REFUSED"
    """The department refused it, or no retry can cure the error."""
    NO_CAPABILITY = "NO_CAPABILITY"
    """The department's manifest has no call for it: somebody must forward it by hand."""
    EXHAUSTED = "EXHAUSTED"
    """Its delivery ended with an internal error, or was recovered too often."""


class EarlierSubmissionError(Exception):
    """The submission concerns one that has no number of the department yet.

    It waits, and the department's other submissions go on: this is no failure of the department.

    Attributes:
        receipt: receipt number of the earlier submission.
    """

    def __init__(self, receipt: str) -> None:
        super().__init__(f"{receipt} has no number of the department yet.")
        self.receipt = receipt


class DeliveryPort(Protocol):
    """What the delivery of submissions needs from federation."""

    def can_send(self, submission: Submission) -> bool:
        """Return whether the department's manifest has a call for this kind of submission."""

    def can_find(self, submission: Submission) -> bool:
        """Return whether the department can be asked for the submission by its receipt number."""

    async def send(self, submission: Submission, on_sent: Callable[[], None]) -> WriteReply:
        """Send the submission once.

        Args:
            on_sent: called just before the call leaves the hub. If it was not
                called, the department has certainly not received anything.

        Raises:
            DepartmentError: the department did not confirm it. `not_done` says whether it
                certainly had no effect.
            EarlierSubmissionError: nothing was sent. Call again later.
            HubError: it cannot be sent at all, for example because a document is missing. If it is
                retryable, the family registry did not answer: call again later.
        """

    async def find(
        self, submissions: Sequence[Submission]
    ) -> Mapping[str, WriteReply | Exception | None]:
        """Ask one department for submissions of one kind; return the result by receipt number.

        None: the department does not know it. An exception: the department did not answer.
        """

    def settles_within(self, submission: Submission) -> dt.timedelta:
        """Return the time after which a submission that the department received can be found."""

    def may_repeat(self, submission: Submission) -> bool:
        """Return whether the department recognises a second copy and ignores it."""

    async def notify(self, submission: Submission) -> bool:
        """Inform the citizen about the submission's new state. Failures are logged only.

        Returns: False if there is no message about it.
        """
