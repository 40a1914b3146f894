"""Issuers with keys inside the issuers file, and tokens with any header and claims."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import yaml
from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from hub.access.sign_in import SignIn, load_issuers
from hub.observe import Metrics

ISSUER = "https://id.example.gov.in"
OTHER_ISSUER = "https://id.other.example"
AUDIENCE = "citizen-hub"
ES256 = ECKey.generate_key("P-256", {"kid": "es", "use": "sig"})
RS256 = RSAKey.generate_key(2048, {"kid": "rs"})
ED25519 = OKPKey.generate_key("Ed25519", {"kid": "ed"})
OTHER = ECKey.generate_key("P-256", {"kid": "other"})
MEMBER = "7KNL042101"


def write_issuers(folder: Path, *issuers: dict[str, Any]) -> Path:
    """Write an issuers file into the folder."""
    file = folder / "issuers.yaml"
    file.write_text(yaml.safe_dump({"issuers": list(issuers)}), encoding="utf-8")
    return file


def issuer(**changes: Any) -> dict[str, Any]:
    """Return the entry of an issuer that signs with ES256. None removes a key."""
    entry = {
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "algorithms": ["ES256"],
        "jwks": {"keys": [public(ES256)]},
        "roles": {role: role.upper() for role in ("citizen", "officer", "operator", "application")},
        **changes,
    }
    return {name: value for name, value in entry.items() if value is not None}


def public(key: Key, **parameters: Any) -> dict[str, Any]:
    """Return the public part of a key."""
    return {**key.as_dict(private=False), **parameters}


def sign_in_of(folder: Path, *issuers: dict[str, Any], **options: Any) -> SignIn:
    """Return the sign-in with these issuers."""
    file = write_issuers(folder, *(issuers or (issuer(),)))
    return SignIn(load_issuers(file), Metrics().sign_in, **options)


def claims(**changes: Any) -> dict[str, Any]:
    """Return the claims of a citizen's token. None removes a claim."""
    now = int(time.time())
    given = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "person-1",
        "iat": now,
        "exp": now + 600,
        "jti": "token-1",
        "azp": "portal",
        "hub_role": "citizen",
        "member_id": MEMBER,
        **changes,
    }
    return {name: value for name, value in given.items() if value is not None}


def signed(payload: Any, key: Any = ES256, algorithm: str = "ES256", **header: Any) -> bytes:
    """Return the header `Authorization` with a signed token.

    Args:
        payload: the claims, or the bytes to sign.
        key: the private key.
        algorithm: the algorithm, also in the header unless `alg` is given.
        header: further header entries. None removes one.
    """
    content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    entries = {"alg": algorithm, "kid": key.kid, "typ": "JWT", **header}
    entries = {name: value for name, value in entries.items() if value is not None}
    input_ = segment(json.dumps(entries).encode()) + b"." + segment(content)
    signature = jws.JWSRegistry.algorithms[algorithm].sign(input_, key)
    return b"Bearer " + input_ + b"." + segment(signature)


def segment(content: bytes) -> bytes:
    """Return bytes in base64url, as in a part of a token."""
    return base64.urlsafe_b64encode(content).rstrip(b"=")
