"""Departments that send too much, too slowly or nonsense: each ends in its typed error."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from adapters.assembly import build_adapter
from adapters.contract import CallContext, Capability, DepartmentError, DepartmentTimeoutError
from adapters.manifest import find_departments, load_department
from hub.link import DepartmentLink
from hub.observe import Metrics

Reply = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]

REST, SOAP = "helpdesk", "pensions"
ASKED = {
    REST: (Capability.GRIEVANCES_BY_CITIZEN, "AC000123"),
    SOAP: (Capability.BENEFITS_BY_CITIZEN, "SP-1"),
}
SECONDS = 0.5
MOST = 100_000
ROWS = 50


def reply(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    links = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(links).encode() + body


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


async def drops(writer: asyncio.StreamWriter) -> None:
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
TIMEOUT, BROKEN = "DEPARTMENT_TIMEOUT", "DEPARTMENT_UNREACHABLE"

BOTH: dict[str, tuple[Reply, str]] = {
    "a decompression bomb": (reply(BOMB, "Content-Encoding: gzip"), TOO_LARGE),
    "a body without end": (no_end, TOO_LARGE),
    "drops": (drops, TIMEOUT),
    "silence": (silence, TIMEOUT),
    "a head without end": (head_without_end, BROKEN),
    "one link without end": (one_line_without_end, BROKEN),
    "half of it": (reply(b"[" * 99)[:-50], BROKEN),
    "a redirect": (reply(b"", "Location: /", status="302 Found"), MALFORMED),
    "broken gzip": (reply(b"\x1f\x8bnonsense", "Content-Encoding: gzip"), MALFORMED),
    "no HTTP": (b"SSH-2.0-OpenSSH\r\n", BROKEN),
    "nothing": (reply(b""), MALFORMED),
}
OWN: dict[tuple[str, str], tuple[Reply, str]] = {
    (REST, "nested without end"): (reply(b"[" * 90_000), MALFORMED),
    (REST, "another charset"): (reply('[{"x": "हिन्दी"}]'.encode("utf-16-le")), MALFORMED),
    (REST, "too many rows"): (reply(b"[" + b",".join([b"{}"] * 60) + b"]"), TOO_LARGE),
    (SOAP, "nested without end"): (reply(soap(b"<a>" * 30_000)), MALFORMED),
    (SOAP, "a billion laughs"): (reply(soap(b"<a>&i;</a>", LAUGHS)), MALFORMED),
    (SOAP, "a file of ours"): (reply(soap(b"<a>&i;</a>", FILE)), MALFORMED),
    (SOAP, "another charset"): (
        reply(b'<?xml version="1.0" encoding="utf-8"?><a>\xe0\xa4</a>'),
        MALFORMED,
    ),
}
CASES = {(style, name): case for style in ASKED for name, case in BOTH.items()} | OWN


@asynccontextmanager
async def lying(answer: Reply) -> AsyncIterator[str]:
    """A server that answers so, whatever it is asked; gives its URL."""
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await reader.readuntil(b"\r\n\r\n")
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


@pytest.mark.parametrize(("style", "name"), CASES)
async def test_it_ends_in_a_typed_error(
    style: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, code = CASES[style, name]
    capability, key = ASKED[style]
    (folder,) = find_departments(None, [style])
    async with lying(answer) as url:
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
        deadline = asyncio.get_running_loop().time() + 60
        with pytest.raises(DepartmentError) as caught:
            await link.look_up(capability, [key], CallContext("test", deadline))
        await link.close()
    assert caught.value.code == code
    assert caught.value.department == style
    assert "Traceback" not in caught.value.message


async def test_a_reply_must_begin_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    (folder,) = find_departments(None, [REST])
    async with lying(silence) as url:
        monkeypatch.setenv(f"HUB_{REST.upper()}_URL", url)
        manifest = load_department(folder)
        limits = manifest.file.limits.model_copy(update={"first_byte": 0.05, "deadline": 3600.0})
        adapter = build_adapter(
            replace(manifest, file=manifest.file.model_copy(update={"limits": limits}))
        )
        capability, key = ASKED[REST]
        # The adapter alone: nobody else looks at the clock.
        context = CallContext("test", asyncio.get_running_loop().time() + 3600)
        with pytest.raises(DepartmentTimeoutError):
            await adapter.look_up(capability, [key], context)
        await adapter.close()
