"""The fault switches that a mock can have, with the kind of value that each takes."""

from dataclasses import dataclass
from enum import StrEnum


class Takes(StrEnum):
    """The kind of value of a switch."""

    SECONDS = "seconds"
    BYTES_PER_SECOND = "bytes per second"
    PROBABILITY = "probability"


@dataclass(frozen=True, slots=True)
class FaultSwitch:
    """A fault that can be switched on.

    Attributes:
        takes: kind of value.
        does: what the department does while the fault is on; completes "the department ...".
    """

    takes: Takes
    does: str


def _probability(does: str) -> FaultSwitch:
    return FaultSwitch(Takes.PROBABILITY, does)


FAULTS = {
    "refuse": _probability("resets the connection without reading the request"),
    "latency": FaultSwitch(Takes.SECONDS, "waits before the first byte of its reply"),
    "latency_p95": FaultSwitch(
        Takes.SECONDS,
        "varies the wait: half of the replies are faster than latency, one in twenty is slower "
        "than this",
    ),
    "hang": _probability("accepts the request and never sends a byte"),
    "error": _probability("fails in its own format: HTTP 500, a SOAP fault or an SQL error"),
    "maintenance": _probability(
        "is closed for maintenance: a web page with HTTP 200, or SQLSTATE 57P03"
    ),
    "redirect_loop": _probability("redirects to the same address without end"),
    "expired_session": _probability("reports that the session has expired"),
    "fault200": _probability("reports a failure with HTTP 200"),
    "garbage": _probability("sends bytes that are not a valid reply"),
    "unknown_code": _probability("uses a status code that is in no code table"),
    "charset": _probability("sends UTF-16 but declares UTF-8"),
    "oversize": _probability("sends 65 MiB more than was requested"),
    "gzip_bomb": _probability("sends 65 MiB compressed to 70 KiB of gzip"),
    "reset_after_write": _probability(
        "carries out the request, then resets the connection without a reply"
    ),
    "truncate": _probability(
        "sends half of the reply, with a correct end or with a closed connection"
    ),
    "stall": _probability("sends half of the reply, then nothing; the connection stays open"),
    "drip": FaultSwitch(Takes.BYTES_PER_SECOND, "sends the reply slowly"),
}
HTTP_FAULTS = tuple(FAULTS)
FAULTS |= {
    "short_pages": _probability("sends pages with half of the requested rows"),
    "lost_rows": _probability("leaves the last row out, although it announces that row"),
    "empty_file": _probability("delivers an empty file"),
    "late": _probability("has not delivered its newest files"),
    "duplicated": _probability("delivers the same file twice, under two names"),
    "bad_row": _probability("delivers a file with two unreadable rows"),
    "wrong_count": _probability("delivers a file with a wrong row count in its last line"),
    "half_written": _probability("delivers a file that ends in the middle of a row"),
}
QUIRKS = {
    "forbidden_characters": _probability(
        "sends characters that XML forbids, as numeric references"
    ),
    "empty_500": _probability("sends HTTP 500 without a body when there are no rows"),
    "other_namespace": _probability("replies in a namespace that its WSDL does not contain"),
    "exchange_down": _probability(
        "cannot be reached by its data exchange (X-Road), which reports it"
    ),
    "exchange_closed": _probability(
        "is closed for maintenance, as its data exchange (X-Road) reports"
    ),
    "ignored_filter": _probability("ignores the filter and returns all its records"),
    "misspelt_error": _probability("fails with a misspelt error code: bad_gatewy, HTTP 502"),
    "exchange_mixup": _probability(
        "returns the reply to another request, as its data exchange (X-Road) delivered it"
    ),
    "sms_failure": _probability(
        "stores an application, and reports that its SMS failed, with an error code"
    ),
    "print_failure": _probability(
        "stores an application, and reports an error without the new number"
    ),
    "session_idle": FaultSwitch(Takes.SECONDS, "ends a session after this idle time"),
}
WRITE_FAULTS = {
    "refuse_write": _probability("refuses a write in its own format and stores nothing"),
    "lost_reply": _probability("carries out a write, then breaks the connection without a reply"),
    "double_reply": _probability("carries out a write, then sends its reply twice"),
    "late_reply": FaultSwitch(Takes.SECONDS, "carries out a write at once, but replies later"),
}
"""Switches of departments that receive submissions. They do not apply to reads."""
TOKEN_FAULTS = {
    "new_key": _probability("signs a token with a new key, which it publishes"),
    "unknown_key": _probability("signs a token with a key that it does not publish"),
    "expired_token": _probability("issues a token that has expired"),
    "other_audience": _probability("issues a token for another application"),
}
"""Switches of the identity provider."""
FAULTS |= QUIRKS | WRITE_FAULTS | TOKEN_FAULTS
"""All switches. `QUIRKS` belong to single departments; each mock lists those that it has."""
DATABASE_FAULTS = (
    "refuse",
    "latency",
    "latency_p95",
    "hang",
    "error",
    "maintenance",
    "expired_session",
    "garbage",
    "oversize",
    "reset_after_write",
    "truncate",
    "stall",
    "drip",
)
