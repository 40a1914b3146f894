"""Sign-in for tests: an issuer without a server, and tokens that it has signed."""

import time
import uuid
from pathlib import Path
from typing import Any

import yaml
from joserfc import jwt
from joserfc.jwk import OKPKey

ISSUER = "https://id.tests.example"
AUDIENCE = "citizen-hub"
ALGORITHM = "Ed25519"
CITIZEN = "7KNL042101"
"""The citizen of the mocks whom `me` returns in most tests."""
ROLES = (
    "admin",
    "application",
    "auditor",
    "citizen",
    "helpdesk",
    "integrator",
    "officer",
    "operator",
)
CLAIMS = {
    "member": "member_id",
    "role": "hub_role",
    "department": "department",
    "districts": "districts",
    "centre": "centre",
    "assurance": "acr",
    "client": "azp",
}
KEY = OKPKey.generate_key("Ed25519", {"kid": "tests", "use": "sig", "alg": ALGORITHM})


def issuers_file(folder: Path) -> Path:
    """Write the file for HUB_ISSUERS into the folder. It contains the public key."""
    issuer = {
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "algorithms": [ALGORITHM],
        "jwks": {"keys": [KEY.as_dict(private=False)]},
        "leeway": "30s",
        "claims": CLAIMS,
        "roles": {role: role.upper() for role in ROLES},
    }
    file = folder / "issuers.yaml"
    file.write_text(yaml.safe_dump({"issuers": [issuer]}), encoding="utf-8")
    return file


def token(role: str = "citizen", **claims: Any) -> str:
    """Return a token of a person with this role.

    Args:
        role: one of `ROLES`.
        claims: claims to add or replace; None removes one. A citizen without `member_id` is
            `CITIZEN`.
    """
    now = int(time.time())
    if role == "citizen":
        claims = {"member_id": CITIZEN, "sub": claims.get("member_id", CITIZEN), **claims}
    given = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": f"{role}-1",
        "iat": now,
        "exp": now + 3600,
        "jti": uuid.uuid4().hex,
        "azp": "tests",
        "hub_role": role,
        **claims,
    }
    payload = {name: value for name, value in given.items() if value is not None}
    return jwt.encode({"alg": ALGORITHM, "kid": "tests"}, payload, KEY, algorithms=[ALGORITHM])


def bearer(role: str = "citizen", **claims: Any) -> dict[str, str]:
    """Return the header `Authorization` with the token of a person with this role."""
    return {"Authorization": f"Bearer {token(role, **claims)}"}
