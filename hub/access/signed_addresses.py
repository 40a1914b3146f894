"""Addresses of files and pages. Whoever has one may read it until the address expires."""

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from hub.access.policy.terms import Level
from schema.codes import ErrorCode
from schema.errors import HubError
from schema.ids import IdCipher, Purpose


@dataclass(frozen=True, slots=True)
class SignedAddresses:
    """Makes and checks addresses. The token of an address is encrypted and authenticated.

    Attributes:
        ids: encrypts the tokens.
        seconds: seconds after which an address expires.
        public_url: URL under which clients reach the hub; empty for addresses without a host.
        clock: returns the current time in seconds since 1970.
    """

    PATH: ClassVar[str]
    """Path of all addresses, before the token."""
    PURPOSE: ClassVar[Purpose]
    REMEDY: ClassVar[str]
    """How to get a new address."""

    ids: IdCipher
    seconds: int
    public_url: str = ""
    clock: Callable[[], float] = time.time

    def _address_of(self, content: str) -> tuple[str, dt.datetime]:
        """Return the address with this content in its token, and when it expires (UTC)."""
        expires = int(self.clock()) + self.seconds
        token = self.ids.encrypt(self.PURPOSE, f"{expires} {content}")
        url = f"{self.public_url.rstrip('/')}{self.PATH}{token}"
        return url, dt.datetime.fromtimestamp(expires, dt.UTC)

    def _content_of(self, token: str) -> str:
        """Return the content in a token.

        Raises:
            HubError: `FORBIDDEN`, the hub did not make the address, or it has expired.
        """
        text = self.ids.decrypt(self.PURPOSE, token)
        if text is None:
            raise HubError(ErrorCode.FORBIDDEN, f"This address is not valid. {self.REMEDY}")
        expires, _, content = text.partition(" ")
        if int(expires) <= self.clock():
            raise HubError(ErrorCode.FORBIDDEN, f"This address has expired. {self.REMEDY}")
        return content


class DocumentAddresses(SignedAddresses):
    """The addresses of the files of certificates."""

    __slots__ = ()
    PATH = "/documents/"
    PURPOSE = Purpose.DOCUMENT
    REMEDY = "Query `document` of the certificate for a new one."

    def address_of(self, local_id: str, purpose: str) -> tuple[str, dt.datetime]:
        """Return the address of a certificate's file, and when it expires (UTC).

        Args:
            purpose: purpose of the operation, which applies to the call for the file too.
        """
        return self._address_of(f"{purpose} {local_id}")

    def content_of(self, token: str) -> tuple[str, str]:
        """Return the local id of the certificate, and the purpose, in the token of an address.

        Raises:
            HubError: `FORBIDDEN`, the hub did not make the address, or it has expired.
        """
        purpose, _, local_id = self._content_of(token).partition(" ")
        return local_id, purpose


class AttachmentAddresses(SignedAddresses):
    """The addresses of documents that citizens uploaded."""

    __slots__ = ()
    PATH = "/attachments/"
    PURPOSE = Purpose.ATTACHMENT
    REMEDY = "Query `documents` of the submission for a new one."

    def address_of(self, attachment_id: str) -> tuple[str, dt.datetime]:
        """Return the address of an attachment, and when it expires (UTC)."""
        return self._address_of(attachment_id)

    def content_of(self, token: str) -> str:
        """Return the id of the attachment in the token of an address.

        Raises:
            HubError: `FORBIDDEN`, the hub did not make the address, or it has expired.
        """
        return self._content_of(token)


class ReceiptAddresses(SignedAddresses):
    """The addresses of printable receipts."""

    __slots__ = ()
    PATH = "/receipts/"
    PURPOSE = Purpose.RECEIPT
    REMEDY = "Query `receiptUrl` of the submission for a new one."

    def address_of(self, receipt: str, name: Level) -> tuple[str, dt.datetime]:
        """Return the address of a receipt, and when it expires (UTC).

        Args:
            receipt: receipt number.
            name: how the page shows the citizen's name, as the policy allows it to the viewer.
        """
        return self._address_of(f"{name.name} {receipt}")

    def content_of(self, token: str) -> tuple[str, Level]:
        """Return the receipt number in the token of an address, and how the name is shown.

        Raises:
            HubError: `FORBIDDEN`, the hub did not make the address, or it has expired.
        """
        name, _, receipt = self._content_of(token).partition(" ")
        return receipt, Level[name]
