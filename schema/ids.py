"""Encryption of ids and cursors, so that they show no numbers of citizens.

An id or cursor is URL-safe base64 of one byte that names the key, and AES-SIV (RFC 5297) of a text.
AES-SIV is deterministic: a text always gives the same id, in every replica that has the key. It is
authenticated: a changed id does not decrypt.
"""

import base64
import binascii
from collections.abc import Sequence
from enum import Enum
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

KEY_BYTES = 64
"""Length of a key of AES-256-SIV."""
SHORTEST_TOKEN = 18
"""Length in bytes of the key's name, the authentication tag, and a text of one byte."""


class Purpose(Enum):
    """What a text was encrypted for. It decrypts for the same purpose only."""

    ID = [b"id"]
    CURSOR = [b"cursor"]
    DOCUMENT = [b"document"]
    ATTACHMENT = [b"attachment"]
    RECEIPT = [b"receipt"]


class IdCipher:
    """Encrypts and decrypts ids and cursors.

    Args:
        keys: keys of `KEY_BYTES` bytes. The first encrypts; all decrypt.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        named = [(_name_of(key), AESSIV(key)) for key in keys]
        self._name, self._first = named[0]
        self._by_name: dict[bytes, list[AESSIV]] = {}
        for name, cipher in named:
            # Two keys may have the same name, which is one byte.
            self._by_name.setdefault(name, []).append(cipher)

    def encrypt(self, purpose: Purpose, text: str) -> str:
        """Return the encrypted text. `text` must not be empty."""
        encrypted = self._name + self._first.encrypt(text.encode(), purpose.value)
        return _written(encrypted)

    def decrypt(self, purpose: Purpose, token: str) -> str | None:
        """Return the text in a token; None if `encrypt` did not make it with one of the keys."""
        try:
            content = base64.b64decode(
                token + "=" * (-len(token) % 4), altchars=b"-_", validate=True
            )
        except (binascii.Error, ValueError):
            return None
        # Base64 ignores the last bits of some texts. Such a text is not what `encrypt` returned.
        if len(content) < SHORTEST_TOKEN or _written(content) != token:
            return None
        for cipher in self._by_name.get(content[:1], ()):
            try:
                return cipher.decrypt(content[1:], purpose.value).decode()
            except InvalidTag:
                continue
        return None


def _written(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _name_of(key: bytes) -> bytes:
    return blake2b(key, digest_size=1, person=b"key name").digest()
