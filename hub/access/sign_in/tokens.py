"""Access tokens: JSON Web Tokens (RFC 7519) with a signature in compact form (RFC 7515)."""

import hashlib
import json
import re
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry, deserialize_compact
from joserfc.jwt import JWTClaimsRegistry
from joserfc.util import urlsafe_b64decode

from hub.access.sign_in.issuers import Issuer

MAX_BYTES = 8 << 10
MAX_KID = 255
MAX_TIME = 1 << 53
"""The largest time in seconds that is exact in all JSON readers."""
TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})
"""Header `typ` of access tokens. Other signed tokens of an issuer, as of a logout, are refused."""
KEY_HEADERS = ("jwk", "jku", "x5u", "x5c")
"""Headers with which a token names the key that should verify it: anybody could forge that."""
# A whole token is checked first, so that no decoder sees anything but three texts in base64url.
_COMPACT = re.compile(rb"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+")

Outcome = Literal["invalid", "expired", "revoked"]


class TokenError(Exception):
    """A token is not valid.

    Attributes:
        message: what is wrong, without values of the token.
        outcome: value of the metric's label.
    """

    def __init__(self, message: str, outcome: Outcome = "invalid") -> None:
        super().__init__(message)
        self.message = message
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """A token that was read, but not verified: use its values to choose issuer and key only.

    Attributes:
        text: the token.
        header: its header.
        claims: its claims.
        issuer: claim `iss`.
    """

    text: bytes
    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    issuer: str

    @property
    def name(self) -> str:
        """The claim `jti`; for a token without it, a hash.

        The signature is not hashed: with some algorithms, anyone can make a second valid one.
        """
        jti = self.claims.get("jti")
        if isinstance(jti, str) and jti:
            return jti
        return hashlib.sha256(self.text.rpartition(b".")[0]).hexdigest()

    @property
    def kid(self) -> str | None:
        """Identifier of the key, if the token has one.

        Raises:
            TokenError: it is not a usable text.
        """
        kid = self.header.get("kid")
        if kid is not None and not (isinstance(kid, str) and 0 < len(kid) <= MAX_KID):
            raise TokenError("The token's header `kid` must be a text.")
        return kid

    def algorithm(self, allowed: Collection[str]) -> str:
        """Return the algorithm of the signature.

        Args:
            allowed: the algorithms of the token's issuer.

        Raises:
            TokenError: the token has another algorithm, type, or a header that is not allowed.
        """
        algorithm = self.header.get("alg")
        if not isinstance(algorithm, str) or algorithm not in allowed:
            raise TokenError("The token's issuer does not sign with the algorithm of this token.")
        typ = self.header.get("typ", "JWT")
        if not isinstance(typ, str) or typ.lower() not in TYPES:
            raise TokenError("This is not an access token: it has another type in its header.")
        for name in KEY_HEADERS:
            if name in self.header:
                raise TokenError(f"The token's header must not have `{name}`.")
        if "crit" in self.header or "b64" in self.header:
            raise TokenError("The token's header has an extension that the hub does not support.")
        return algorithm


def read_token(text: bytes) -> UnverifiedToken:
    """Return a token's header and issuer.

    Raises:
        TokenError: it is too long or not a signed JSON Web Token.
    """
    if len(text) > MAX_BYTES:
        raise TokenError(f"The token has more than {MAX_BYTES:,} bytes.")
    parts = _COMPACT.fullmatch(text)
    if parts is None:
        raise TokenError("This is not a signed JSON Web Token.")
    header, claims = _json_object(parts[1]), _json_object(parts[2])
    issuer = claims.get("iss")
    if not isinstance(issuer, str):
        raise TokenError("The token's claim `iss` must be a text.")
    return UnverifiedToken(text, header, claims, issuer)


def verified_claims(
    token: UnverifiedToken, issuer: Issuer, algorithm: str, key: Key
) -> Mapping[str, Any]:
    """Return the claims of a token whose signature, times and audience are valid.

    Raises:
        TokenError: the token is not valid.
    """
    try:
        signed = deserialize_compact(token.text, key, registry=_Registry([algorithm]))
    except (JoseError, ValueError, TypeError):
        raise TokenError("The token's signature is not valid.") from None
    claims = _parsed(signed.payload or b"")
    registry = JWTClaimsRegistry(
        now=int(time.time()),
        leeway=int(issuer.leeway),
        iss={"essential": True, "value": issuer.issuer},
        aud={"essential": True, "value": issuer.audience},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        registry.validate(claims)
    except ExpiredTokenError:
        raise TokenError("The token has expired.", "expired") from None
    except MissingClaimError as error:
        raise TokenError(f"The token lacks the claim `{error.claim}`.") from None
    except InvalidClaimError as error:
        raise TokenError(_CLAIM_MESSAGES[error.claim]) from None
    if claims["exp"] > MAX_TIME:
        raise TokenError(_CLAIM_MESSAGES["exp"])
    return claims


_CLAIM_MESSAGES = {
    "iss": "The token is from another issuer.",
    "aud": "The token is not for this hub: it has another audience.",
    "sub": "The token's claim `sub` must be a text.",
    "jti": "The token's claim `jti` must be a text.",
    "exp": "The token's claim `exp` must be a time.",
    "iat": "The token's claim `iat` must be a time in the past.",
    "nbf": "The token is not valid yet.",
}


class _Registry(JWSRegistry):
    """Knows the issuer's algorithms only.

    Without the strict check, unknown headers are ignored, as RFC 7515 demands. The base class warns
    at each use of `EdDSA`, which many issuers still write in place of `Ed25519`.
    """

    def __init__(self, algorithms: Sequence[str]) -> None:
        super().__init__(algorithms=algorithms, strict_check_header=False)

    def get_alg(self, name: str) -> Any:
        if name not in (self.allowed or ()):
            raise TokenError("The token's issuer does not sign with the algorithm of this token.")
        return self.algorithms[name]


def _json_object(part: bytes) -> dict[str, Any]:
    try:
        return _parsed(urlsafe_b64decode(part))
    except ValueError:
        raise TokenError("This is not a signed JSON Web Token.") from None


def _parsed(text: bytes) -> dict[str, Any]:
    """Return the JSON object in a text.

    Raises:
        TokenError: the text is something else, or has a name twice: two programs could read
            different values.
    """
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise TokenError("A part of the token is not valid JSON.") from None
    if not isinstance(value, dict):
        raise TokenError("A part of the token is not a JSON object.")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a name is written twice")
    return values


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
