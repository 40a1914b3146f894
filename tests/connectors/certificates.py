"""A department that wants to see the hub's certificate, and the files that the hub needs for it."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme


class TlsServer(ThreadingHTTPServer):
    """OpenSSL's own server side: asyncio's ends a refused handshake without the alert."""

    def handle_error(self, *_: object) -> None:
        return


def _answering(body: bytes) -> type[BaseHTTPRequestHandler]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            return

    return Answer


def write_certificates(folder: Path, authority: trustme.CA) -> None:
    """Writes `ca.pem`, the hub's `client.pem` and `client.key`, and somebody else's
    `stranger.pem`."""
    folder.mkdir(exist_ok=True)
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    certificate = authority.issue_cert("hub@forest.example")
    certificate.cert_chain_pems[0].write_to_path(str(folder / "client.pem"))
    certificate.private_key_pem.write_to_path(str(folder / "client.key"))
    stranger = trustme.CA().issue_cert("stranger@forest.example")
    stranger.private_key_and_cert_chain_pem.write_to_path(str(folder / "stranger.pem"))


@contextmanager
def wanting_certificates(
    authority: trustme.CA, version: ssl.TLSVersion, body: bytes
) -> Iterator[str]:
    """The URL of a server that wants a certificate of the authority, and always answers `body`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = context.maximum_version = version
    authority.issue_cert("localhost").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    server = TlsServer(("127.0.0.1", 0), _answering(body))
    # Each connection shakes hands in its own thread.
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"https://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
