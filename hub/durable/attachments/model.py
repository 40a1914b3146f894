"""Attachments as the hub stores them."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document that a citizen uploaded.

    Attributes:
        attachment_id: 32 hexadecimal digits.
        evidence: code of the evidence type that it proves; empty if it proves none.
        name: file name, safe to send: no folders and no control characters.
        media_type: as its content shows, for example `application/pdf`.
        size_bytes: size in bytes.
        sha256: SHA-256 of the content, 64 hexadecimal digits.
        uploaded_at: when the hub stored it (UTC).
        receipt: receipt number of the submission that contains it; None if none does yet.
        expires_at: when it is deleted (UTC); None while a submission contains it.
    """

    attachment_id: str
    evidence: str
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    uploaded_at: dt.datetime
    receipt: str | None = None
    expires_at: dt.datetime | None = None


class AttachmentKeyError(Exception):
    """The caller has used the idempotency key for another file, evidence or citizen."""


class AttachmentGoneError(Exception):
    """An attachment is unknown, has expired, or is part of another submission.

    Attributes:
        attachment_id: id of the attachment.
    """

    def __init__(self, attachment_id: str) -> None:
        super().__init__(f"The attachment {attachment_id} is not available.")
        self.attachment_id = attachment_id
