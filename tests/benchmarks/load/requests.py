"""The HTTP requests of the load generator."""

import itertools
import os
import uuid
from collections.abc import Iterator, Sequence

import orjson

from tests.benchmarks.load.job import LoadJob


def requests_in_turn(port: int, documents: Sequence[str]) -> Iterator[tuple[int, bytes]]:
    """Yield the documents' HTTP requests in turn, without end, each with its index."""
    authorization = os.environ["BENCH_AUTHORIZATION"]
    return itertools.cycle(
        [
            (index, _request(port, {"query": each}, authorization))
            for index, each in enumerate(documents)
        ]
    )


def submissions(job: LoadJob) -> Iterator[tuple[int, bytes]]:
    """Yield requests with a new idempotency key each, of the senders in turn, without end."""
    citizens = itertools.cycle(job.senders)
    for index, document in itertools.cycle(enumerate(job.documents)):
        member, authorization = next(citizens)
        variables = {"member": member, "key": uuid.uuid4().hex}
        yield index, _request(job.port, {"query": document, "variables": variables}, authorization)


def _request(port: int, content: dict[str, object], authorization: str) -> bytes:
    body = orjson.dumps(content)
    head = (
        "POST /graphql HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{port}\r\n"
        "Content-Type: application/json\r\n"
        "Accept: application/json\r\n"
        f"Authorization: {authorization}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
