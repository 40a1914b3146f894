"""What the load generator is told, and what it tells; one line of JSON each."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LoadJob:
    """One measurement.

    Attributes:
        port: where the server listens on 127.0.0.1.
        documents: GraphQL documents, asked in turn.
        connections: keep-alive connections, each with one request in flight.
        warm_up: seconds before requests count.
        seconds: seconds during which they count.
    """

    port: int
    documents: Sequence[str]
    connections: int
    warm_up: float
    seconds: float


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What came of it.

    Attributes:
        requests: requests that counted.
        other_requests: requests before and after those.
        rps: those that counted, per second.
        p50_ms: median latency in milliseconds.
        p99_ms: latency in milliseconds that one request in a hundred exceeds.
        failure: why the measurement is void, if it is.
    """

    requests: int
    other_requests: int
    rps: float
    p50_ms: float
    p99_ms: float
    failure: str | None = None
