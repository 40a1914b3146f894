"""Addresses of files. Whoever has one may read the file until the address expires."""

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass

from schema.codes import ErrorCode
from schema.errors import HubError
from schema.ids import IdCipher, Purpose

PATH = "/documents/"
"""Path of all addresses, before the token."""


@dataclass(frozen=True, slots=True)
class DocumentAddresses:
    """Makes and checks addresses. The token of an address is encrypted and authenticated.

    Attributes:
        ids: encrypts the tokens.
        seconds: seconds after which an address expires.
        public_url: URL under which clients reach the hub; empty for addresses without a host.
        clock: returns the current time in seconds since 1970.
    """

    ids: IdCipher
    seconds: int
    public_url: str = ""
    clock: Callable[[], float] = time.time

    def address_of(self, local_id: str, purpose: str) -> tuple[str, dt.datetime]:
        """Return the address of a certificate's file, and when it expires (UTC).

        Args:
            purpose: purpose of the operation, which applies to the call for the file too.
        """
        expires = int(self.clock()) + self.seconds
        token = self.ids.encrypt(Purpose.DOCUMENT, f"{expires} {purpose} {local_id}")
        url = f"{self.public_url.rstrip('/')}{PATH}{token}"
        return url, dt.datetime.fromtimestamp(expires, dt.UTC)

    def content_of(self, token: str) -> tuple[str, str]:
        """Return the local id of the certificate, and the purpose, in the token of an address.

        Raises:
            HubError: `FORBIDDEN`, the hub did not make the address, or it has expired.
        """
        text = self.ids.decrypt(Purpose.DOCUMENT, token)
        if text is None:
            raise _forbidden("This address is not valid.")
        expires, _, rest = text.partition(" ")
        purpose, _, local_id = rest.partition(" ")
        if int(expires) <= self.clock():
            raise _forbidden("This address has expired.")
        return local_id, purpose


def _forbidden(reason: str) -> HubError:
    remedy = "Query `document` of the certificate for a new one."
    return HubError(ErrorCode.FORBIDDEN, f"{reason} {remedy}")
