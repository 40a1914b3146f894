"""How one department words its failures."""

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
    """A complete HTTP reply."""

    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class FailureReplies:
    """The department's own form of each failure that differs between wire styles.

    `status_code_pattern` finds status codes in a reply: what its group `code` matches is replaced
    when the fault `unknown_code` strikes. None where replies carry no such codes. `quirks` are what
    this department alone is known for: each spoils an answer, or is None where the application
    looks at its switch itself.
    """

    error: CannedReply
    fault200: CannedReply
    expired_session: CannedReply
    content_type: str
    status_code_pattern: re.Pattern[bytes] | None = None
    quirks: Mapping[str, Callable[[OutgoingReply], None] | None] = field(default_factory=dict)

    def playable(self, faults: Iterable[str]) -> list[str]:
        """Those of the faults that make a difference to this department."""
        without_codes = self.status_code_pattern is None
        common = [name for name in faults if not (without_codes and name == "unknown_code")]
        return [*common, *self.quirks]

    def with_unknown_codes(self, body: bytes) -> bytes:
        """The body with each status code replaced by one that no table has."""
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
    """A REST department; `error_body` is what it sends with 200 when it fails."""
    return FailureReplies(
        error=CannedReply(500, JSON, b""),
        fault200=CannedReply(200, JSON, error_body),
        expired_session=CannedReply(
            401, JSON, b'{"error":"SESSION_EXPIRED","message":"Session expired, log in again"}'
        ),
        content_type=JSON,
        status_code_pattern=pattern,
    )
