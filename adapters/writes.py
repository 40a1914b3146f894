"""The contract of writes: what the hub sends to a department, and what the department answers.

A write changes the department's data, so the hub sends it at most once and never repeats it
blindly. `DepartmentError.not_done` says whether a failed write certainly had no effect.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto

from schema.submission_state import SubmissionKind


class WriteCapability(StrEnum):
    """A write that a department's system supports. The value is the key below `writes` in
    `department.yaml`."""

    SUBMIT_APPLICATION = "submit_application"
    ATTACH_DOCUMENT = "attach_document"
    RESPOND_TO_QUERY = "respond_to_query"
    WITHDRAW_APPLICATION = "withdraw_application"
    SUBMIT_GRIEVANCE = "submit_grievance"
    FILE_APPEAL = "file_appeal"
    GIVE_FEEDBACK = "give_feedback"
    REQUEST_CORRECTION = "request_correction"


WRITES: Mapping[SubmissionKind, WriteCapability] = {
    SubmissionKind.APPLICATION: WriteCapability.SUBMIT_APPLICATION,
    SubmissionKind.GRIEVANCE: WriteCapability.SUBMIT_GRIEVANCE,
    SubmissionKind.APPEAL: WriteCapability.FILE_APPEAL,
    SubmissionKind.FEEDBACK: WriteCapability.GIVE_FEEDBACK,
    SubmissionKind.CORRECTION: WriteCapability.REQUEST_CORRECTION,
    SubmissionKind.WITHDRAWAL: WriteCapability.WITHDRAW_APPLICATION,
    SubmissionKind.QUERY_RESPONSE: WriteCapability.RESPOND_TO_QUERY,
    SubmissionKind.DOCUMENT: WriteCapability.ATTACH_DOCUMENT,
}
"""The write that delivers each kind of submission."""


@dataclass(frozen=True, slots=True)
class WriteDocument:
    """A document that is sent with a write.

    Attributes:
        evidence: code of the evidence type that it proves; empty if it proves none.
        name: file name, safe to send: no folders and no control characters.
        media_type: for example `application/pdf`, as its content shows.
        size_bytes: size in bytes.
        sha256: SHA-256 of the content, 64 hexadecimal digits.
        content: reads the whole content.
    """

    evidence: str
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    content: Callable[[], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """One write.

    Attributes:
        receipt: the hub's receipt number. The department stores it as the hub's reference.
        submitted_at: when the hub accepted it, with a time zone.
        service_code: the hub's code of the service; empty if the write concerns none.
        citizen: the department's number of the citizen; None if the department has none yet.
        member: Family ID member number of the citizen.
        reference: the department's number of the application or grievance that the write concerns;
            None for a new one.
        values: values of the service's form by attribute code, in the order of the form: texts,
            numbers, dates, moments, and lists of texts.
        facts: further values by placeholder (`adapters.manifest.writes`), for example `text` of a
            grievance. A value that is unknown is left out.
        documents: documents that are sent with it.
    """

    receipt: str
    submitted_at: dt.datetime
    service_code: str = ""
    citizen: str | None = None
    member: str = ""
    reference: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    facts: Mapping[str, object] = field(default_factory=dict)
    documents: Sequence[WriteDocument] = ()


@dataclass(frozen=True, slots=True)
class WriteReply:
    """The department has received the write.

    Attributes:
        reference: the department's number of the new application or grievance; None if it has not
            assigned one yet, or never does.
        token: the department's token until it assigns the number; None if there is none.
        is_final: True if no number will come later: it has come, or the department assigns none.
        already_there: True if the department had received the same write before.
        latency_ms: milliseconds until the reply was complete.
        replied_at: when the reply was complete (UTC).
    """

    reference: str | None
    token: str | None
    is_final: bool
    already_there: bool
    latency_ms: int
    replied_at: dt.datetime


class MisfitReason(Enum):
    """Why the department does not take a value."""

    TOO_LONG = auto()
    TOO_SHORT = auto()
    NO_CODE = auto()


@dataclass(frozen=True, slots=True)
class Misfit:
    """A value that the department does not take as it is.

    Attributes:
        name: code of the form's attribute, or name of the fact.
        reason: why.
        limit: of a value that is TOO_LONG, how many bytes (UTF-8) the department's field takes; of
            one that is TOO_SHORT, how many characters it needs; None for NO_CODE.
    """

    name: str
    reason: MisfitReason
    limit: int | None = None
