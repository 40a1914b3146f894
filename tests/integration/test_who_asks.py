"""A department behind X-Road is told who asks the hub, and what for."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.running import Hub, variable_of

ASK = "query ($reference: String!) { application(reference: $reference) { applicantName } }"
XROAD = ("X-Road-UserId", "X-Road-Issue", "X-Road-Id")


@pytest.fixture
def told() -> Iterator[tuple[str, list[dict[str, str | None]]]]:
    """A security server's address, and what X-Road is told by each request."""
    seen: list[dict[str, str | None]] = []

    class SecurityServer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append({name: self.headers.get(name) for name in XROAD})
            self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps([]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), SecurityServer)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("member", ["7KNL042101", ""])
def test_the_citizen_who_asks_is_told(
    member: str, told: tuple[str, list[dict[str, str | None]]]
) -> None:
    url, seen = told
    names = {"HUB_ONLY_DEPARTMENTS": "trade-licences", variable_of("trade-licences"): url}
    hub = Hub({}, **names, HUB_DEMO_MEMBER=member)
    try:
        hub.ask(ASK, reference="ULB-TRD/2026/1")
    finally:
        hub.stop()
    (request,) = seen
    assert request["X-Road-UserId"] == (member or None)
    assert request["X-Road-Issue"] == "ULB-TRD/2026/1"
    assert request["X-Road-Id"]
