"""Every way to misbehave that a mock can be switched to, and what its switch takes."""

from dataclasses import dataclass
from enum import StrEnum


class Takes(StrEnum):
    """What a switch is set to."""

    SECONDS = "seconds"
    BYTES_PER_SECOND = "bytes per second"
    PROBABILITY = "probability"


@dataclass(frozen=True, slots=True)
class FaultSwitch:
    """A switch: what it takes, and what the department does then."""

    takes: Takes
    does: str


FAULTS = {
    "refuse": FaultSwitch(
        Takes.PROBABILITY, "resets the connection unread, as if nobody were there"
    ),
    "latency": FaultSwitch(Takes.SECONDS, "waits before the first byte of its reply"),
    "latency_p95": FaultSwitch(
        Takes.SECONDS, "makes the wait vary: half are below latency, one in twenty is above this"
    ),
    "hang": FaultSwitch(Takes.PROBABILITY, "takes the request and never says a byte"),
    "error": FaultSwitch(
        Takes.PROBABILITY, "fails in its own words: HTTP 500, a SOAP fault, an SQL error"
    ),
    "maintenance": FaultSwitch(
        Takes.PROBABILITY, "is closed: a web page with HTTP 200, or SQLSTATE 57P03"
    ),
    "redirect_loop": FaultSwitch(Takes.PROBABILITY, "redirects to the same address without end"),
    "expired_session": FaultSwitch(Takes.PROBABILITY, "says that the session has expired"),
    "fault200": FaultSwitch(Takes.PROBABILITY, "reports a failure with HTTP 200"),
    "garbage": FaultSwitch(Takes.PROBABILITY, "sends bytes that are no reply at all"),
    "unknown_code": FaultSwitch(Takes.PROBABILITY, "uses a status code that is in no table"),
    "charset": FaultSwitch(Takes.PROBABILITY, "sends UTF-16 and says that it is UTF-8"),
    "oversize": FaultSwitch(Takes.PROBABILITY, "sends 65 MiB more than was asked for"),
    "gzip_bomb": FaultSwitch(Takes.PROBABILITY, "sends 65 MiB packed into 70 KiB of gzip"),
    "reset_after_write": FaultSwitch(
        Takes.PROBABILITY, "does what was asked, then resets the connection without a reply"
    ),
    "truncate": FaultSwitch(
        Takes.PROBABILITY, "sends half: sometimes as if it were all, sometimes hanging up"
    ),
    "stall": FaultSwitch(
        Takes.PROBABILITY, "sends half and then nothing, the connection left open"
    ),
    "drip": FaultSwitch(Takes.BYTES_PER_SECOND, "sends the reply in drops"),
}
HTTP_FAULTS = tuple(FAULTS)
FAULTS |= {
    "late": FaultSwitch(Takes.PROBABILITY, "has not left its newest files"),
    "duplicated": FaultSwitch(Takes.PROBABILITY, "leaves the same file twice, under two names"),
    "bad_row": FaultSwitch(Takes.PROBABILITY, "leaves a file with two rows that can't be read"),
    "wrong_count": FaultSwitch(Takes.PROBABILITY, "leaves a file whose last line counts wrongly"),
    "half_written": FaultSwitch(Takes.PROBABILITY, "leaves a file that breaks off in a row"),
}
QUIRKS = {
    "forbidden_characters": FaultSwitch(
        Takes.PROBABILITY, "lets characters through that XML forbids, as numeric references"
    ),
    "empty_500": FaultSwitch(
        Takes.PROBABILITY, "says HTTP 500 without a body where there are no rows"
    ),
    "other_namespace": FaultSwitch(
        Takes.PROBABILITY, "answers in the namespace of a version that its WSDL does not know"
    ),
    "exchange_down": FaultSwitch(
        Takes.PROBABILITY, "can't be reached from its data exchange (X-Road), which says so"
    ),
    "exchange_closed": FaultSwitch(
        Takes.PROBABILITY, "is in maintenance, as its data exchange (X-Road) says"
    ),
    "ignored_filter": FaultSwitch(
        Takes.PROBABILITY, "takes no notice of a filter, and answers with everything it has"
    ),
    "misspelt_error": FaultSwitch(
        Takes.PROBABILITY, "fails with a code that nobody spells so: bad_gatewy, HTTP 502"
    ),
    "exchange_mixup": FaultSwitch(
        Takes.PROBABILITY, "answers another question, as its data exchange (X-Road) carried it"
    ),
    "session_idle": FaultSwitch(Takes.SECONDS, "ends a session that was idle for so long"),
}
FAULTS |= QUIRKS
"""What a department is known for; a mock has those that its failures names."""
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
