"""A real HTTP server on this machine that answers with recorded replies."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import unquote_plus

LONGEST_HANG = 30.0


@dataclass(frozen=True, slots=True)
class RecordedReply:
    """What the server answers.

    Attributes:
        body: the bytes.
        status: HTTP status.
        headers: further headers.
        when: text that the request must hold (its line, its headers or its body); empty: any.
        hangs: nothing is sent until the server stops, or the client gives up.
        breaks_after: so many bytes are sent, then the connection is closed; None: all.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    when: str = ""
    hangs: bool = False
    breaks_after: int | None = None


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A request that came: its line, headers and body, as text."""

    line: str
    headers: str
    body: str

    def holds(self, text: str) -> bool:
        whole = f"{self.line}\n{self.headers}\n{self.body}"
        return text in whole or text in unquote_plus(whole)


class ReplayServer:
    """Answers every request with the first of its replies that fits it; 404 when none does.

    Attributes:
        url: where it listens.
        replies: looked through in order.
        asked: the requests so far.
    """

    def __init__(self, replies: Sequence[RecordedReply] = ()) -> None:
        self.replies: list[RecordedReply] = list(replies)
        self.requests: list[ReceivedRequest] = []
        self._stopping = threading.Event()
        self._server = _server_of(self)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    def answer(self, asked: ReceivedRequest) -> RecordedReply:
        self.requests.append(asked)
        for reply in self.replies:
            if asked.holds(reply.when):
                return reply
        return RecordedReply(b"nothing recorded answers this request", 404)

    def hang(self) -> None:
        self._stopping.wait(LONGEST_HANG)

    def stop(self) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()


@contextmanager
def replaying(*replies: RecordedReply) -> Iterator[ReplayServer]:
    with ReplayServer(replies) as server:
        yield server


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that gives up is no event."""


def _server_of(replay: ReplayServer) -> _Server:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body in one packet: a small reply would wait 40 ms for the first's receipt.
        wbufsize = 1 << 16

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode("utf-8", "replace")
            reply = replay.answer(ReceivedRequest(self.requestline, str(self.headers), body))
            if reply.hangs:
                replay.hang()
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body[: reply.breaks_after])
            self.wfile.flush()
            if reply.breaks_after is not None:
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            return

    return _Server(("127.0.0.1", 0), Handler)
