"""The provider's signing keys, and the tokens that it signs."""

import time
import uuid
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

ALGORITHM = "ES256"
AUDIENCE = "citizen-hub"
LIFETIME = 3600
"""Seconds for which a token is valid."""


class SigningKeys:
    """The provider's keys. The newest signs; all of them are published."""

    def __init__(self) -> None:
        self._published = [_new_key()]
        self._secret = _new_key()

    def rotate(self) -> None:
        """Add a key, which signs from now on."""
        self._published.append(_new_key())

    def published(self) -> dict[str, Any]:
        """Return the public keys as a JSON Web Key Set."""
        return {"keys": [key.as_dict(private=False) for key in self._published]}

    def sign(self, claims: Mapping[str, Any], kind: str, *, unpublished: bool = False) -> str:
        """Return a signed token.

        Args:
            claims: claims of the token, without its times and its id.
            kind: the header `typ`.
            unpublished: sign with a key that is not in the published set.
        """
        key = self._secret if unpublished else self._published[-1]
        now = int(time.time())
        times = {"iat": now, "nbf": now, "exp": now + LIFETIME, "jti": uuid.uuid4().hex}
        header = {"alg": ALGORITHM, "kid": key.kid, "typ": kind}
        return jwt.encode(header, {**times, **claims}, key)


def _new_key() -> ECKey:
    return ECKey.generate_key(
        "P-256", {"kid": uuid.uuid4().hex[:12], "use": "sig", "alg": ALGORITHM}
    )
