"""The failure replies of one department, in its own format."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from mocks.faults.transmission import OutgoingReply

HTML = "text/html; charset=utf-8"
JSON = "application/json"
XML = "text/xml; charset=utf-8"
UNKNOWN_CODE = b"97"


@dataclass(frozen=True, slots=True)
class CannedReply:
    """A complete HTTP reply that is always the same."""

    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class FailureReplies:
    """How one department reports failures.

    Attributes:
        error: reply to the fault `error`.
        fault200: failure that is reported with HTTP 200.
        expired_session: reply after a session has expired.
        content_type: content type that `garbage` is sent with.
        status_code_pattern: finds status codes in a reply; the fault `unknown_code` replaces what
            its group `code` matches. None if replies have no status codes.
        quirks: switches that only this department has. The function changes a reply; None if the
            application checks the switch itself.
    """

    error: CannedReply
    fault200: CannedReply
    expired_session: CannedReply
    content_type: str
    status_code_pattern: re.Pattern[bytes] | None = None
    quirks: Mapping[str, Callable[[OutgoingReply], None] | None] = field(default_factory=dict)

    def playable(self, faults: Iterable[str]) -> list[str]:
        """Return the names of `faults` that have an effect here, and those of the quirks."""
        without_codes = self.status_code_pattern is None
        common = [name for name in faults if not (without_codes and name == "unknown_code")]
        return [*common, *self.quirks]

    def with_unknown_codes(self, body: bytes) -> bytes:
        """Return the body with each status code replaced by one that is in no code table."""
        if self.status_code_pattern is None:
            return body
        return self.status_code_pattern.sub(_with_unknown_code, body)


def _with_unknown_code(found: re.Match[bytes]) -> bytes:
    start, end = found.span("code")
    whole = found.group(0)
    offset = found.start(0)
    return whole[: start - offset] + UNKNOWN_CODE + whole[end - offset :]


MAINTENANCE = CannedReply(
    200,
    HTML,
    b"<!DOCTYPE html><html><head><title>Under maintenance</title></head><body>"
    b"<h1>Site is under maintenance</h1><p>Services will resume at 06:00. "
    b"Inconvenience is regretted.</p></body></html>",
)
GARBAGE = b"\x00\x8f\xff{]<<&nbsp\xfe;;\x1b 0x80004005 \xc3\x28 Object reference not set"


def rest_failures(error_body: bytes, pattern: re.Pattern[bytes] | None = None) -> FailureReplies:
    """Return the failure replies of a REST department.

    Args:
        error_body: JSON that the department sends with HTTP 200 when it fails.
        pattern: see `FailureReplies.status_code_pattern`.
    """
    return FailureReplies(
        error=CannedReply(500, JSON, b""),
        fault200=CannedReply(200, JSON, error_body),
        expired_session=CannedReply(
            401, JSON, b'{"error":"SESSION_EXPIRED","message":"Session expired, log in again"}'
        ),
        content_type=JSON,
        status_code_pattern=pattern,
    )
