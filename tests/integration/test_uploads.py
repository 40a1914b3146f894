"""Uploads to a running hub: stored, read again, refused, broken off, slow, and many at once."""

import asyncio
import hashlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from hub.durable.attachments.contents import OWNER
from tests.support.processes import Hub, Mock, wait_until
from tests.support.sign_in import CITIZEN, token
from tests.support.uploads import (
    BOUNDARY,
    body,
    part,
    pdf,
    png,
    png_chunk,
    request_body,
    zip_file,
)

MUTATION = """
mutation Attach($file: Upload!, $citizen: String!, $key: String!) {
  attachDocument(input: {
    file: $file, citizen: {memberIdentifier: $citizen}, idempotencyKey: $key
  }) {
    attachment { attachmentId name mediaType sizeBytes sha256 url expiryDatetime }
    problems { code message(lang: HI) }
  }
}
"""
HEADERS = {
    "content-type": f"multipart/form-data; boundary={BOUNDARY}",
    "graphql-require-preflight": "true",
}
REQUEST_SECONDS = 2.0


class Uploader(Hub):
    """A hub of its own, whose stored files tests can see."""

    def files(self) -> list[Path]:
        folder = Path(self._folder.name, "citizen-hub-attachments")
        found = [each for each in folder.rglob("*") if each.is_file()]
        return [each for each in found if each.name != OWNER]

    def incoming(self) -> list[Path]:
        return [each for each in self.files() if each.parent.name == "incoming"]

    def request(self, content: bytes, name: str = "income.pdf", key: str = "k") -> bytes:
        operations = {
            "query": MUTATION,
            "variables": {"file": None, "citizen": CITIZEN, "key": key},
        }
        return request_body(operations, [(name, content)])

    def post(self, content: bytes, **headers: str) -> httpx.Response:
        given = {**HEADERS, "authorization": f"Bearer {self._citizen}", **headers}
        return self.client.post(self.url, content=content, headers=given)

    def attach(self, content: bytes, name: str = "income.pdf", key: str = "k") -> dict[str, Any]:
        reply = self.post(self.request(content, name, key)).json()
        assert "errors" not in reply, reply
        payload: dict[str, Any] = reply["data"]["attachDocument"]
        return payload


@pytest.fixture(scope="module")
def uploader(departments: dict[str, Mock]) -> Iterator[Uploader]:
    running = Uploader(
        departments,
        HUB_REQUEST_SECONDS=str(REQUEST_SECONDS),
        HUB_UPLOAD_SECONDS="6",
    )
    yield running
    running.stop()


def test_a_document_is_stored_and_read_at_its_address(uploader: Uploader) -> None:
    content = pdf(size=3 << 20)
    payload = uploader.attach(content, "../आय प्रमाण.pdf", "first")
    attachment = payload["attachment"]
    assert payload["problems"] == []
    assert attachment["name"] == "आय_प्रमाण.pdf"
    assert attachment["mediaType"] == "application/pdf"
    assert attachment["sha256"] == hashlib.sha256(content).hexdigest()
    assert (
        uploader.attach(content, "again.pdf", "first")["attachment"]["attachmentId"]
        == (attachment["attachmentId"])
    )
    assert len(uploader.files()) == 1
    reply = uploader.get(attachment["url"].removeprefix("/"))
    assert reply.content == content
    assert reply.headers["content-disposition"].startswith("attachment; filename=")
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in reply.headers["content-security-policy"]
    assert uploader.get("attachments/zzzz").status_code == 403


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (zip_file(b"\0" * (50 << 20)), "FILE_TYPE_NOT_ALLOWED"),
        (b"MZ\x90\0" + b"\0" * 1000, "FILE_TYPE_NOT_ALLOWED"),
        (png(60_000, 60_000), "FILE_IMAGE_TOO_LARGE"),
        (png() + zip_file(), "FILE_ADDED_CONTENT"),
        (png(8, 8, png_chunk(b"tEXt", b"c\0" + pdf())), "FILE_ADDED_CONTENT"),
        (pdf()[:-40], "FILE_DAMAGED"),
        (b"", "FILE_EMPTY"),
        (pdf(size=11 << 20), "FILE_TOO_LARGE"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_refused_file_is_a_problem_in_words(
    uploader: Uploader, content: bytes, code: str
) -> None:
    before = uploader.files()
    payload = uploader.attach(content, key=code)
    assert payload["attachment"] is None
    ((problem),) = payload["problems"]
    assert problem["code"] == code
    assert problem["message"]
    assert uploader.files() == before


def test_requests_that_are_not_allowed_get_their_status(uploader: Uploader) -> None:
    before = uploader.files()
    request = uploader.request(pdf())
    assert uploader.post(request, **{"graphql-require-preflight": ""}).status_code == 403
    assert uploader.post(request, authorization="").status_code == 401
    assert uploader.post(request, origin="https://evil.example").status_code == 403
    huge = uploader.request(pdf(size=54 << 20))
    reply = uploader.post(huge)
    assert reply.status_code == 413
    assert "exceeds" in reply.json()["errors"][0]["message"]
    batch = body(part("operations", b"[{}]"), part("map", b"{}"))
    assert uploader.post(batch).status_code == 400
    operations = {"query": "{ __typename }", "variables": {"file": None}}
    unused = uploader.post(request_body(operations, [("a.pdf", pdf())]))
    assert unused.json()["data"] == {"__typename": "Query"}
    assert uploader.files() == before


def test_a_file_that_is_not_sent_as_a_part_is_an_error(uploader: Uploader) -> None:
    response = uploader.query(MUTATION, file="income.pdf", citizen=CITIZEN, key="x")
    assert "multipart" in response["errors"][0]["message"]


def opened(hub: Uploader, content: bytes, length: int) -> socket.socket:
    """Send a part of a request of this length over a connection of its own."""
    address = urlsplit(hub.url)
    assert address.hostname is not None
    connection = socket.create_connection((address.hostname, address.port or 80), timeout=20)
    head = [
        "POST /graphql HTTP/1.1",
        f"host: {address.netloc}",
        f"authorization: Bearer {token()}",
        f"content-length: {length}",
        *(f"{name}: {value}" for name, value in HEADERS.items()),
    ]
    connection.sendall("\r\n".join([*head, "", ""]).encode() + content)
    return connection


def send_slowly(connection: socket.socket, content: bytes, size: int, seconds: float) -> None:
    for start in range(0, len(content), size):
        connection.sendall(content[start : start + size])
        time.sleep(seconds)


def test_an_upload_that_is_broken_off_leaves_nothing(uploader: Uploader) -> None:
    before = uploader.files()
    request = uploader.request(pdf(size=8 << 20))
    for share in (0.01, 0.5, 0.99):
        connection = opened(uploader, request[: int(len(request) * share)], len(request))
        if share > 0.1:
            wait_until(uploader.incoming)
        connection.close()
        wait_until(lambda: uploader.files() == before)


def test_a_client_that_sends_byte_by_byte_is_cut_off(uploader: Uploader) -> None:
    before = uploader.files()
    request = uploader.request(pdf(size=1 << 20))
    connection = opened(uploader, request[:2000], len(request))
    wait_until(uploader.incoming)
    started = time.monotonic()
    with pytest.raises(ConnectionError):
        send_slowly(connection, request[2000:], 1, 0.05)
    assert time.monotonic() - started < 3 * REQUEST_SECONDS
    connection.close()
    wait_until(lambda: uploader.files() == before)


def test_a_slow_but_steady_upload_may_take_longer_than_other_requests(uploader: Uploader) -> None:
    request = uploader.request(pdf(size=100_000), key="steady")
    connection = opened(uploader, b"", len(request))
    send_slowly(connection, request, len(request) // 8, REQUEST_SECONDS / 5)
    reply = connection.recv(65_536)
    assert b"200 OK" in reply
    assert b"attachmentId" in reply
    connection.close()


def test_an_upload_that_takes_too_long_is_cut_off(uploader: Uploader) -> None:
    before = uploader.files()
    request = uploader.request(pdf(size=2 << 20), key="long")
    connection = opened(uploader, b"", len(request))
    with pytest.raises(ConnectionError):
        send_slowly(connection, request, 5000, 0.25)
    connection.close()
    wait_until(lambda: uploader.files() == before)


def memory_of(process_id: int) -> int:
    """Return the largest memory that the process has had, in bytes."""
    status = Path(f"/proc/{process_id}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) << 10


def test_a_hundred_uploads_at_once_need_little_memory(uploader: Uploader) -> None:
    Path(f"/proc/{uploader.process_id}/clear_refs").write_text("5")
    before, memory = len(uploader.files()), memory_of(uploader.process_id)
    content = pdf(size=5 << 20)

    async def upload_all() -> list[dict[str, Any]]:
        limits = httpx.Limits(max_connections=100)
        async with httpx.AsyncClient(timeout=60, trust_env=False, limits=limits) as client:

            async def upload(number: int) -> dict[str, Any]:
                reply = await client.post(
                    uploader.url,
                    content=uploader.request(content, key=f"many-{number}"),
                    headers={**HEADERS, "authorization": f"Bearer {token()}"},
                )
                result: dict[str, Any] = reply.json()
                return result

            return await asyncio.gather(*map(upload, range(100)))

    replies = asyncio.run(upload_all())
    assert [reply for reply in replies if "errors" in reply] == []
    assert len(uploader.files()) == before + 100
    assert not uploader.incoming()
    # 100 files of 5 MiB: a hub that held them whole would need 500 MiB.
    assert memory_of(uploader.process_id) - memory < 150 << 20


def test_uploads_are_refused_while_the_scanner_cannot_be_reached(
    departments: dict[str, Mock],
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        hub = Uploader(departments, HUB_CLAMD=f"127.0.0.1:{unused.getsockname()[1]}")
        try:
            reply = hub.post(hub.request(pdf()))
            assert reply.status_code == 503
            (error,) = reply.json()["errors"]
            assert error["extensions"]["code"] == "UPLOADS_UNAVAILABLE"
            assert error["extensions"]["retryable"]
            assert "retry-after" in reply.headers
            assert hub.files() == []
        finally:
            hub.stop()


def test_a_trusted_document_may_be_sent_by_its_id(
    departments: dict[str, Mock], tmp_path: Path
) -> None:
    (tmp_path / "Attach.graphql").write_text(MUTATION)
    hub = Uploader(departments, HUB_TRUSTED_DOCUMENTS=str(tmp_path), HUB_DOCUMENT_MODE="only")
    try:
        assert hub.post(hub.request(pdf())).status_code == 200
        variables = {"file": None, "citizen": CITIZEN, "key": "trusted"}
        digest = hashlib.sha256(MUTATION.encode()).hexdigest()
        operations = {"documentId": f"sha256:{digest}", "variables": variables}
        reply = hub.post(request_body(operations, [("a.pdf", pdf())])).json()
        assert reply["data"]["attachDocument"]["problems"] == []
        other = {"query": "mutation { __typename }", "variables": {"file": None}}
        refused = hub.post(request_body(other, [("a.pdf", pdf())]))
        assert refused.status_code == 403
    finally:
        hub.stop()


def test_what_a_killed_hub_left_is_deleted_after_an_hour(
    departments: dict[str, Mock], tmp_path: Path
) -> None:
    folder = tmp_path / "uploads"
    settings = {
        "HUB_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/hub.db",
        "HUB_ATTACHMENTS_URL": folder.as_uri(),
    }

    def incoming() -> list[Path]:
        return list((folder / "incoming").iterdir())

    killed = Uploader(departments, **settings)
    request = killed.request(pdf(size=8 << 20))
    connection = opened(killed, request[: len(request) // 2], len(request))
    wait_until(incoming)
    killed.signal(signal.SIGKILL)
    killed.stop()
    connection.close()
    (left,) = incoming()
    os.utime(left, (1, 1))
    next_hub = Uploader(departments, **settings)
    try:
        wait_until(lambda: not incoming())
    finally:
        next_hub.stop()
