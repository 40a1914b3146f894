"""A server that requires a client certificate, and the files that the hub needs for it."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme

from tests.support.servers import tls_server


def write_certificates(folder: Path, authority: trustme.CA) -> None:
    """Write `ca.pem`, the hub's `client.pem` and `client.key`, and `stranger.pem` of another CA."""
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
    """Run a server that requires a certificate of the authority; yield its URL."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = context.maximum_version = version
    authority.issue_cert("localhost").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    with tls_server(context, body) as url:
        yield url
