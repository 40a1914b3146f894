"""The hub's signing keys: signed documents for others, seals of rows, pseudonyms of persons.

Others verify a signed document (JWS, RFC 7515, algorithm EdDSA) with the keys in the JWKS that the
hub publishes. Seals and pseudonyms are keyed hashes: only the hub can check and make them.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from hashlib import blake2b, sha256
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hub.access.keys import derived_key, stored_key
from hub.store import Store

KEY_BYTES = 32
HASH_BYTES = 16
ALGORITHM = "EdDSA"


class Signer:
    """Signs and verifies with the hub's keys.

    Args:
        keys: private keys of `KEY_BYTES` bytes. The first signs and seals; all verify.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(keys[0])
        self._public = {}
        published: list[dict[str, str]] = []
        for key in keys:
            public = Ed25519PrivateKey.from_private_bytes(key).public_key()
            jwk = _jwk(public.public_bytes(Encoding.Raw, PublicFormat.Raw))
            self._public[jwk["kid"]] = public
            published.append(jwk)
        self._key_id = published[0]["kid"]
        self._seals = [blake2b(key=key, digest_size=HASH_BYTES, person=b"seal") for key in keys]
        self._persons = [blake2b(key=key, digest_size=HASH_BYTES, person=b"person") for key in keys]
        self.jwks: Mapping[str, Any] = {"keys": published}

    def sign(self, document: Mapping[str, Any], media_type: str) -> str:
        """Return the document as a JWS in compact form.

        Args:
            media_type: value of the header `typ`. A document verifies for the same type only.
        """
        header = {"alg": ALGORITHM, "kid": self._key_id, "typ": media_type}
        signed = f"{_encoded(orjson.dumps(header))}.{_encoded(orjson.dumps(document))}"
        return f"{signed}.{_encoded(self._private.sign(signed.encode()))}"

    def verified(self, token: str, media_type: str) -> Mapping[str, Any] | None:
        """Return the document in a JWS; None if `sign` did not make it with one of the keys."""
        try:
            signed, _, signature = token.rpartition(".")
            header_part, _, content = signed.partition(".")
            header = orjson.loads(_decoded(header_part))
            if header != {"alg": ALGORITHM, "kid": header["kid"], "typ": media_type}:
                return None
            self._public[header["kid"]].verify(_decoded(signature), signed.encode())
            document: Mapping[str, Any] = orjson.loads(_decoded(content))
        except (binascii.Error, ValueError, KeyError, TypeError, InvalidSignature):
            return None
        return document

    def seal(self, content: bytes) -> bytes:
        """Return the seal of a row's content."""
        return _hash(self._seals[0], content)

    def is_sealed(self, content: bytes, seal: bytes) -> bool:
        """Return whether the seal was made of this content with one of the keys."""
        return any(hmac.compare_digest(_hash(keyed, content), seal) for keyed in self._seals)

    def pseudonym(self, person: str) -> bytes:
        """Return the pseudonym of a person's number, or of another text that names a person."""
        return self.pseudonyms(person)[0]

    def pseudonyms(self, person: str) -> list[bytes]:
        """Return the person's pseudonyms with all keys; that of the first key first."""
        # A client may send a lone surrogate, which UTF-8 cannot encode.
        content = person.encode(errors="backslashreplace")
        return [_hash(keyed, content) for keyed in self._persons]


async def signer_of(store: Store, setting: str | None) -> Signer:
    """Return the hub's signer.

    Args:
        store: contains the generated key, if there is no setting.
        setting: value of `HUB_SIGNING_KEY`: secrets, separated by commas.

    Raises:
        WeakKeyError: a secret is too short.
    """
    if setting is None:
        return Signer([await stored_key(store, "signing", KEY_BYTES)])
    secrets = [each.strip() for each in setting.split(",")]
    return Signer([derived_key("HUB_SIGNING_KEY", each, KEY_BYTES) for each in secrets])


def _jwk(public: bytes) -> dict[str, str]:
    """Return the public key as a JWK. Its `kid` is the thumbprint of RFC 7638."""
    required = {"crv": "Ed25519", "kty": "OKP", "x": _encoded(public)}
    thumbprint = sha256(orjson.dumps(required)).digest()
    return {**required, "kid": _encoded(thumbprint), "alg": ALGORITHM, "use": "sig"}


def _hash(keyed: blake2b, content: bytes) -> bytes:
    hashing = keyed.copy()
    hashing.update(content)
    return hashing.digest()


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
