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
    """

    port: int
    documents: Sequence[str]
    connections: int
    warm_up: float
    seconds: float


@dataclass(frozen=True, slots=True)
class LoadResult:
    """The result of one measurement.

    Attributes:
        requests: number of measured requests.
        other_requests: number of requests before and after the measurement.
        rps: measured requests per second.
        p50_ms: median latency in milliseconds.
        p99_ms: latency in milliseconds that one request in a hundred exceeds.
        failure: why the measurement is void; None if it is valid.
    """

    requests: int
    other_requests: int
    rps: float
    p50_ms: float
    p99_ms: float
    failure: str | None = None
