"""Encryption of stored data: rows of delivered files, and shared copies of replies."""

import secrets
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
HASH_BYTES = 20


class ContentCipher:
    """Encrypts contents with AES-256-GCM (NIST SP 800-38D), and hides the names they are found by.

    Args:
        key: `KEY_BYTES` bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(blake2b(key, digest_size=KEY_BYTES, person=b"content").digest())
        self._names = blake2b(key=key, digest_size=HASH_BYTES, person=b"name")
        self._keys = blake2b(key=key, digest_size=KEY_BYTES, person=b"key")

    def hidden(self, name: str) -> str:
        """Return a keyed hash of a name: 40 hexadecimal digits, always the same for a name."""
        hashing = self._names.copy()
        # A client may send a lone surrogate, which UTF-8 cannot encode.
        hashing.update(name.encode(errors="backslashreplace"))
        return hashing.hexdigest()

    def derived_key(self, purpose: bytes) -> bytes:
        """Return a key of `KEY_BYTES` bytes for a purpose, always the same."""
        hashing = self._keys.copy()
        hashing.update(purpose)
        return hashing.digest()

    def encrypt(self, content: bytes, place: str) -> bytes:
        """Return the encrypted content. It decrypts for the same place only.

        Args:
            place: where it is stored, so that it cannot be moved to the place of another citizen.
        """
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, content, place.encode())

    def decrypt(self, encrypted: bytes, place: str) -> bytes | None:
        """Return the content; None if `encrypt` did not make it for this place with this key."""
        if len(encrypted) <= NONCE_BYTES:
            return None
        nonce, content = encrypted[:NONCE_BYTES], encrypted[NONCE_BYTES:]
        try:
            return self._aead.decrypt(nonce, content, place.encode())
        except InvalidTag:
            return None
