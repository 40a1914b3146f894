"""Documents that citizens upload: checked, scanned, encrypted and stored."""

from hub.durable.attachments.attachments import Attachments, Quota
from hub.durable.attachments.model import Attachment, AttachmentGoneError, AttachmentKeyError
from hub.durable.attachments.problems import FileRefusedError
from hub.durable.attachments.sweep import AttachmentSweep

__all__ = [
    "Attachment",
    "AttachmentGoneError",
    "AttachmentKeyError",
    "AttachmentSweep",
    "Attachments",
    "FileRefusedError",
    "Quota",
]
