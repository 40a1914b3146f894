"""An HTTP server on this machine that sends recorded replies."""

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
    """A reply of the server.

    Attributes:
        body: the body, in bytes.
        status: HTTP status.
        headers: further headers.
        when: text that must be in the request's line, headers or body. Empty: any request.
        hangs: send nothing until the server stops or the client disconnects.
        breaks_after: close the connection after this number of body bytes. None: send all.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    when: str = ""
    hangs: bool = False
    breaks_after: int | None = None


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A request that the server received: its line, headers and body, as text."""

    line: str
    headers: str
    body: str

    def holds(self, text: str) -> bool:
        """Return True if the request contains the text, URL-encoded or not."""
        whole = f"{self.line}\n{self.headers}\n{self.body}"
        return text in whole or text in unquote_plus(whole)


class ReplayServer:
    """Sends the first reply that matches a request, or 404 if none does.

    Attributes:
        url: the server's address.
        replies: the replies, in the order in which they are tried.
        requests: the requests received so far.
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

    def answer(self, request: ReceivedRequest) -> RecordedReply:
        """Note a request and return the first reply that matches it; HTTP 404 if none does."""
        self.requests.append(request)
        for reply in self.replies:
            if request.holds(reply.when):
                return reply
        return RecordedReply(b"no recorded reply matches this request", 404)

    def hang(self) -> None:
        """Wait until the server is stopped, at most `LONGEST_HANG` seconds."""
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
    """Run a server that sends these replies."""
    with ReplayServer(replies) as server:
        yield server


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing when a client disconnects."""


def _server_of(replay: ReplayServer) -> _Server:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Send headers and body in one packet: otherwise a delayed ACK costs 40 ms.
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
