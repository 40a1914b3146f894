"""Input and output of the load generator; one line of JSON each."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LoadJob:
    """One measurement.

    Attributes:
        port: where the server listens on 127.0.0.1.
        documents: GraphQL documents, sent in turn.
        connections: number of keep-alive connections, each with one request at a time.
        warm_up: seconds before the measurement.
        seconds: seconds of the measurement.
        rate: requests per second on all connections; None to send the next request after each
            response. With a rate, the time of a request begins when it is due.
        senders: the member number and the header `Authorization` of each citizen who sends in
            turn. Empty if all requests have the same header.
        expected: text that each response must contain; None if it must be as long as the first one.
        counted: text by which `LoadResult.marked` counts responses.

    With senders, each request has the variables `member` and `key`, a new idempotency key.
    """

    port: int
    documents: Sequence[str]
    connections: int
    warm_up: float
    seconds: float
    rate: float | None = None
    senders: Sequence[tuple[str, str]] = ()
    expected: str | None = None
    counted: str | None = None


@dataclass(frozen=True, slots=True)
class LoadResult:
    """The result of one measurement.

    Attributes:
        requests: number of measured requests.
        other_requests: number of requests before and after the measurement.
        rps: measured requests per second.
        p50_ms: median latency in milliseconds.
        p95_ms: latency in milliseconds that one request in twenty exceeds.
        p99_ms: latency in milliseconds that one request in a hundred exceeds.
        marked: number of measured responses that contain `LoadJob.counted`.
        refused: number of submissions that the server refused while it was overloaded.
        failure: why the measurement is void; None if it is valid.
    """

    requests: int
    other_requests: int
    rps: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    marked: int = 0
    refused: int = 0
    failure: str | None = None
