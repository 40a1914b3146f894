"""Checkpoints of a tree: C2SP tlog-checkpoint in a C2SP signed-note, signed with Ed25519."""

from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ED25519 = b"\x01"
"""The signature type of signed-note."""


def verifier_key(name: str, public_key: bytes) -> str:
    """Return a public key as signed-note writes it: name, id of the key, and the key."""
    key_id = _key_id(name, public_key)
    return f"{name}+{key_id.hex()}+{b64encode(ED25519 + public_key).decode()}"


def _key_id(name: str, public_key: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + ED25519 + public_key).digest()[:4]


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs checkpoints.

    Args:
        seed: the private key, 32 bytes.
    """

    seed: bytes
    _key: Ed25519PrivateKey = field(init=False, repr=False)
    public_key: bytes = field(init=False)

    def __post_init__(self) -> None:
        key = Ed25519PrivateKey.from_private_bytes(self.seed)
        public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        object.__setattr__(self, "_key", key)
        object.__setattr__(self, "public_key", public)

    def checkpoint(self, origin: str, size: int, root: bytes) -> bytes:
        """Return the signed checkpoint of a tree. `origin` names the tree and the key."""
        text = f"{origin}\n{size}\n{b64encode(root).decode()}\n"
        signature = _key_id(origin, self.public_key) + self._key.sign(text.encode())
        return f"{text}\n\u2014 {origin} {b64encode(signature).decode()}\n".encode()
