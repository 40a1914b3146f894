"""Connections are accepted quickly, even if the event loop is busy."""

import asyncio
import errno
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
import uvloop

from hub.http.acceptor import Acceptor

CLIENTS = 200
MAX_ITERATIONS = 20


class Listening(asyncio.Protocol):
    """Sends back what it receives."""

    made = 0

    def connection_made(self, transport: Any) -> None:
        Listening.made += 1
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


class ShortOfFiles(socket.socket):
    """A listening socket whose first `accept` fails with "too many open files"."""

    failures = 1

    def accept(self) -> tuple[socket.socket, object]:
        if self.failures:
            self.failures -= 1
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


@asynccontextmanager
async def accepting_at(listener: socket.socket) -> AsyncIterator[tuple[str, int]]:
    Listening.made = 0
    with listener:
        listener.bind(("127.0.0.1", 0))
        acceptor = Acceptor(listener, Listening, CLIENTS)
        yield listener.getsockname()
        acceptor.close()


@contextmanager
def clients(address: tuple[str, int], number: int) -> Iterator[list[socket.socket]]:
    """Open connections. The kernel accepts them before the acceptor does."""
    connected = [socket.create_connection(address) for _ in range(number)]
    yield connected
    for each in connected:
        each.close()


def test_many_clients_are_accepted_in_a_few_iterations_of_the_loop() -> None:
    async def connect_all() -> int:
        iterations = 0
        async with accepting_at(socket.socket()) as address:
            with clients(address, CLIENTS):
                while Listening.made < CLIENTS and iterations < CLIENTS:
                    await asyncio.sleep(0)
                    iterations += 1
        return iterations

    assert uvloop.run(connect_all()) <= MAX_ITERATIONS


async def test_an_accepted_client_gets_a_response() -> None:
    async with accepting_at(socket.socket()) as (host, port):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"namaste")
        assert await reader.readexactly(7) == b"namaste"
        writer.close()
        await writer.wait_closed()


async def test_a_client_is_accepted_later_if_too_many_files_are_open(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("hub.http.acceptor.PAUSE_SECONDS", 0.05)
    with caplog.at_level(logging.ERROR):
        async with accepting_at(ShortOfFiles()) as (host, port):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(b"namaste")
            assert await reader.readexactly(7) == b"namaste"
            writer.close()
            await writer.wait_closed()
    assert "Too many open files" in caplog.text


async def test_no_client_is_accepted_after_closing() -> None:
    async with accepting_at(socket.socket()) as (host, port):
        pass
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(host, port)


async def test_every_accepted_connection_has_its_protocol_after_closing() -> None:
    Listening.made = 0
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        acceptor = Acceptor(listener, Listening, CLIENTS)
        with clients(listener.getsockname(), 50):
            acceptor._accept()
            acceptor.close()
            assert Listening.made == 0
            await acceptor.opened()
            assert Listening.made == 50
