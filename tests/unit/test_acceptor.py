"""Connections are accepted as they come, however busy the loop is."""

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
MOST_ROUNDS = 20


class Listening(asyncio.Protocol):
    """Answers what it hears."""

    made = 0

    def connection_made(self, transport: Any) -> None:
        Listening.made += 1
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


class ShortOfFiles(socket.socket):
    """A listener of a process that may open no more files, once."""

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
    """Connected, as far as the kernel is concerned."""
    connected = [socket.create_connection(address) for _ in range(number)]
    yield connected
    for each in connected:
        each.close()


def test_a_rush_of_clients_is_accepted_in_a_few_rounds_of_a_busy_loop() -> None:
    async def rush() -> int:
        rounds = 0
        async with accepting_at(socket.socket()) as address:
            with clients(address, CLIENTS):
                while Listening.made < CLIENTS and rounds < CLIENTS:
                    await asyncio.sleep(0)
                    rounds += 1
        return rounds

    assert uvloop.run(rush()) <= MOST_ROUNDS


async def test_who_is_accepted_is_answered() -> None:
    async with accepting_at(socket.socket()) as (host, port):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"namaste")
        assert await reader.readexactly(7) == b"namaste"
        writer.close()
        await writer.wait_closed()


async def test_who_comes_while_no_file_can_be_opened_is_accepted_later(
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


async def test_nobody_is_accepted_after_the_end() -> None:
    async with accepting_at(socket.socket()) as (host, port):
        pass
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(host, port)


async def test_after_closing_every_connection_that_was_accepted_has_its_protocol() -> None:
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
