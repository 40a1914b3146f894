"""Excessive, slow and invalid replies of departments: each becomes a typed error."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from adapters.assembly import build_adapter
from adapters.contract import Capability, DepartmentError, DepartmentTimeoutError
from adapters.manifest import find_departments, load_department
from hub.link import DepartmentLink
from hub.observe import Metrics
from tests.support.calls import call_context
from tests.support.servers import byte_server

Reply = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]

REST, SOAP = "helpdesk", "pensions"
LOOKUPS = {
    REST: (Capability.GRIEVANCES_BY_CITIZEN, "AC000123"),
    SOAP: (Capability.BENEFITS_BY_CITIZEN, "SP-1"),
}
SECONDS = 0.5
MOST = 100_000
ROWS = 50


def reply(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(head).encode() + body


def soap(inner: bytes, before: bytes = b"") -> bytes:
    return (
        b'<?xml version="1.0"?>' + before + b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/'
        b'soap/envelope/"><s:Body>' + inner + b"</s:Body></s:Envelope>"
    )


async def no_end(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1000\r\n" + b" " * 0x1000 + b"\r\n")
        await writer.drain()


async def slow_portions(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


async def head_without_end(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-More: " + b"x" * 100 + b"\r\n")
        await writer.drain()


async def one_line_without_end(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX-More: ")
    while True:
        writer.write(b"x" * 4096)
        await writer.drain()


async def silence(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3600)


BOMB = gzip.compress(b" " * (64 << 20), 9)
LAUGHS = b"<!DOCTYPE l [<!ENTITY a 'lol'>" + b"".join(
    b"<!ENTITY %c '%s'>" % (name + 1, b"&%c;" % name * 20) for name in range(ord("a"), ord("i"))
)
LAUGHS += b"]>"
FILE = b"<!DOCTYPE l [<!ENTITY i SYSTEM 'file:///etc/hostname'>]>"

TOO_LARGE, MALFORMED = "DEPARTMENT_REPLY_TOO_LARGE", "DEPARTMENT_MALFORMED_REPLY"
TIMEOUT = "DEPARTMENT_TIMEOUT"

BOTH: dict[str, tuple[Reply, str]] = {
    "a decompression bomb": (reply(BOMB, "Content-Encoding: gzip"), TOO_LARGE),
    "a body without end": (no_end, TOO_LARGE),
    "a very slow body": (slow_portions, TIMEOUT),
    "no reply": (silence, TIMEOUT),
    "headers without end": (head_without_end, MALFORMED),
    "a header line without end": (one_line_without_end, MALFORMED),
    "half of a body": (reply(b"[" * 99)[:-50], MALFORMED),
    "a redirect": (reply(b"", "Location: /", status="302 Found"), MALFORMED),
    "broken gzip": (reply(b"\x1f\x8bnonsense", "Content-Encoding: gzip"), MALFORMED),
    "no HTTP": (b"SSH-2.0-OpenSSH\r\n", MALFORMED),
    "an empty body": (reply(b""), MALFORMED),
}
OWN: dict[tuple[str, str], tuple[Reply, str]] = {
    (REST, "deeply nested"): (reply(b"[" * 90_000), MALFORMED),
    (REST, "another charset"): (reply('[{"x": "हिन्दी"}]'.encode("utf-16-le")), MALFORMED),
    (REST, "too many rows"): (reply(b"[" + b",".join([b"{}"] * 60) + b"]"), TOO_LARGE),
    (SOAP, "deeply nested"): (reply(soap(b"<a>" * 30_000)), MALFORMED),
    (SOAP, "a billion laughs"): (reply(soap(b"<a>&i;</a>", LAUGHS)), MALFORMED),
    (SOAP, "an entity from a file"): (reply(soap(b"<a>&i;</a>", FILE)), MALFORMED),
    (SOAP, "another charset"): (
        reply(b'<?xml version="1.0" encoding="utf-8"?><a>\xe0\xa4</a>'),
        MALFORMED,
    ),
}
CASES = {(style, name): case for style in LOOKUPS for name, case in BOTH.items()} | OWN


@asynccontextmanager
async def faulty_server(sent: Reply) -> AsyncIterator[str]:
    """Run a server that always sends this reply; yield its URL."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if isinstance(sent, bytes):
            writer.write(sent)
            await writer.drain()
        else:
            await sent(writer)

    async with byte_server(handle) as address:
        yield f"http://{address}"


@pytest.mark.parametrize(("style", "name"), CASES)
async def test_an_excessive_reply_is_a_typed_error(
    style: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, code = CASES[style, name]
    capability, key = LOOKUPS[style]
    (folder,) = find_departments(None, [style])
    async with faulty_server(sent) as url:
        monkeypatch.setenv(f"HUB_{style.upper()}_URL", url)
        manifest = load_department(folder)
        limits = manifest.file.limits.model_copy(
            update={
                "deadline": SECONDS if code == TIMEOUT else 60.0,
                "reply_bytes": MOST,
                "rows": ROWS,
            }
        )
        file = manifest.file.model_copy(update={"limits": limits})
        link = DepartmentLink(
            build_adapter(replace(manifest, file=file)), limits, Metrics().department(style)
        )
        with pytest.raises(DepartmentError) as caught:
            await link.look_up(capability, [key], call_context(60))
        await link.close()
    assert caught.value.code == code
    assert caught.value.department == style
    assert "Traceback" not in caught.value.message


async def test_a_reply_must_start_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    (folder,) = find_departments(None, [REST])
    async with faulty_server(silence) as url:
        monkeypatch.setenv(f"HUB_{REST.upper()}_URL", url)
        manifest = load_department(folder)
        limits = manifest.file.limits.model_copy(update={"first_byte": 0.05, "deadline": 3600.0})
        adapter = build_adapter(
            replace(manifest, file=manifest.file.model_copy(update={"limits": limits}))
        )
        capability, key = LOOKUPS[REST]
        # Only the adapter limits this wait: the deadline is an hour.
        context = call_context(3600)
        with pytest.raises(DepartmentTimeoutError):
            await adapter.look_up(capability, [key], context)
        await adapter.close()
