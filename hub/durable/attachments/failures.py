"""The errors that clients see if files can't be stored, read or scanned."""

import contextlib
import logging
from collections.abc import Iterator

from hub.durable.attachments.contents import CONTENT_FAILURES, ContentMissingError
from hub.durable.attachments.encryption import ContentChangedError
from hub.durable.attachments.scanner import ScannerError
from schema.codes import ErrorCode
from schema.errors import HubError, not_found

log = logging.getLogger(__name__)


@contextlib.contextmanager
def content_errors() -> Iterator[None]:
    """Raise the errors that clients see if files can't be stored, read or scanned."""
    try:
        yield
    except ContentMissingError as error:
        log.error("The content of the attachment %s is missing", error)
        raise not_found("This document does not exist any more.") from None
    except ContentChangedError as error:
        log.error("The content of an attachment was changed: %s", error)
        raise HubError(ErrorCode.INTERNAL, "The document was changed in the store.") from None
    except (ScannerError, *CONTENT_FAILURES) as error:
        log.error("Uploads are not possible: %s", str(error).partition("\n")[0])
        raise HubError(
            ErrorCode.UPLOADS_UNAVAILABLE,
            "The hub can't store or check documents at the moment. Retry later.",
            retryable=True,
        ) from None
