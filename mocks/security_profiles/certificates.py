"""Certificates for one run: that of the server, and one that the department issues to the hub."""

import ssl
from functools import cached_property
from pathlib import Path

import trustme

RSA = trustme.KeyType.RSA


class Certificates:
    """A certificate authority and its certificates, created when first used.

    Args:
        folder: gets `ca.pem` (the authority's certificate), `hub.pem` and `hub.key` (the hub's).
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    @cached_property
    def _authority(self) -> trustme.CA:
        return trustme.CA(key_type=RSA)

    def issue_to_hub(self) -> bytes:
        """Issue a certificate to the hub, write the files, and return the certificate in PEM."""
        assert self._folder is not None
        self._folder.mkdir(parents=True, exist_ok=True)
        certificate = self._authority.issue_cert("citizen-hub.example", key_type=RSA)
        pem = certificate.cert_chain_pems[0]
        pem.write_to_path(str(self._folder / "hub.pem"))
        certificate.private_key_pem.write_to_path(str(self._folder / "hub.key"))
        self._authority.cert_pem.write_to_path(str(self._folder / "ca.pem"))
        return pem.bytes()

    def server_context(self, host: str) -> ssl.SSLContext:
        """Return a TLS context that requires the hub's certificate, and issue that certificate."""
        self.issue_to_hub()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._authority.issue_cert(host, key_type=RSA).configure_cert(context)
        self._authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
        return context
