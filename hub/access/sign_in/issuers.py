"""The issuers file (`HUB_ISSUERS`): whose tokens the hub accepts, and what their claims mean.

Example:

    issuers:
    - issuer: https://id.example.gov.in
      audience: citizen-hub
      algorithms: [ES256]
      discovery: true
      roles: {citizen: CITIZEN, csc-operator: OPERATOR}
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from adapters.manifest import ManifestError
from adapters.manifest.document import read_document
from adapters.manifest.problems import Problem
from adapters.manifest.validation import validate
from adapters.mapping.rules import StrictModel
from adapters.units import Seconds
from hub.access.principal import Role
from hub.access.sign_in.key_sets import KeySetError, key_set

Algorithm = Literal[
    "ES256", "ES384", "ES512", "Ed25519", "EdDSA", "PS256", "PS384", "PS512", "RS256", "RS384",
    "RS512",
]  # fmt: skip
"""Algorithms with public keys. With HMAC, everyone who can check tokens could also make them."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
MAX_LEEWAY = 300.0
DISCOVERY_PATH = "/.well-known/openid-configuration"


class IssuersError(Exception):
    """The issuers file can't be used. The message has a line per mistake: `file:line: …`."""


class ClaimNames(StrictModel):
    """Names of the claims in an issuer's tokens. A name with dots is a path into nested claims.

    Attributes:
        member: Family ID member number of a citizen.
        role: the role, or a list of roles of which one must be in `roles`.
        department: identifier of an officer's department.
        districts: names of the districts of an officer.
        centre: identifier of an operator's service centre.
        assurance: level of assurance of the sign-in.
        client: the portal that the person uses; `client_id` if the token lacks it.
    """

    member: str = Field(default="member_id", min_length=1)
    role: str = Field(default="hub_role", min_length=1)
    department: str = Field(default="department", min_length=1)
    districts: str = Field(default="districts", min_length=1)
    centre: str = Field(default="centre", min_length=1)
    assurance: str = Field(default="acr", min_length=1)
    client: str = Field(default="azp", min_length=1)


class Issuer(StrictModel):
    """One issuer of tokens.

    Attributes:
        issuer: the exact claim `iss` of its tokens.
        audience: the hub's name at this issuer; must be in the claim `aud`.
        algorithms: the signature algorithms that the hub accepts from this issuer.
        discovery: read the address of the keys from the issuer's OpenID configuration.
        jwks_uri: address of the issuer's public keys.
        jwks: the public keys themselves, for an issuer that publishes none.
        leeway: seconds by which the clocks of issuer and hub may differ.
        claims: names of the claims.
        roles: the hub's role for each value of the role claim.
        default_role: role of tokens without a role claim; None refuses them.
        assurance_levels: the level for each value of the assurance claim.
    """

    issuer: str = Field(min_length=1, max_length=255)
    audience: str = Field(min_length=1, max_length=255)
    algorithms: tuple[Algorithm, ...] = Field(min_length=1)
    discovery: bool = False
    jwks_uri: str | None = None
    jwks: dict[str, Any] | None = None
    leeway: Seconds = 30.0
    claims: ClaimNames = ClaimNames()
    roles: Mapping[str, Role] = {}
    default_role: Role | None = None
    assurance_levels: Mapping[str, int] = {}

    @property
    def keys_url(self) -> str | None:
        """URL of the keys or of the OpenID configuration; None if the file contains the keys."""
        if self.discovery:
            return self.issuer.rstrip("/") + DISCOVERY_PATH
        return self.jwks_uri

    @field_validator("issuer")
    @classmethod
    def _check_issuer(cls, value: str) -> str:
        if not urlsplit(value).scheme:
            raise ValueError("write the issuer's URL exactly as in the claim `iss` of its tokens")
        return value

    @field_validator("jwks_uri")
    @classmethod
    def _check_keys_url(cls, value: str) -> str:
        return checked_url(value)

    @field_validator("jwks")
    @classmethod
    def _check_keys(cls, value: dict[str, Any]) -> dict[str, Any]:
        try:
            keys = key_set(value)
        except KeySetError as error:
            raise ValueError(str(error)) from None
        if any(key.is_private for key in keys):
            raise ValueError("remove the private keys: the hub needs the public ones only")
        return value

    @field_validator("leeway")
    @classmethod
    def _check_leeway(cls, value: float) -> float:
        if value > MAX_LEEWAY:
            raise ValueError("use at most 5m: an expired token would be valid for longer")
        return value

    @field_validator("roles", "default_role")
    @classmethod
    def _check_roles(cls, value: Mapping[str, Role] | Role) -> Mapping[str, Role] | Role:
        given = [value] if isinstance(value, Role) else value.values()
        if any(role is Role.ANONYMOUS for role in given):
            raise ValueError("ANONYMOUS is the role of callers without a token: use another role")
        return value

    @model_validator(mode="after")
    def _check_key_source(self) -> "Issuer":
        sources = (self.discovery, self.jwks_uri is not None, self.jwks is not None)
        if sum(sources) != 1:
            raise ValueError("write exactly one of `discovery: true`, `jwks_uri` and `jwks`")
        if self.discovery:
            checked_url(self.issuer)
        if not self.roles and self.default_role is None:
            raise ValueError("write `roles`, or `default_role` if all tokens have the same role")
        return self


class IssuersFile(StrictModel):
    """Content of an issuers file."""

    issuers: tuple[Issuer, ...] = Field(min_length=1)


def load_issuers(path: Path) -> tuple[Issuer, ...]:
    """Return the issuers in a file.

    Raises:
        IssuersError: the file can't be read or has mistakes; lists all of them.
    """
    problems: list[Problem] = []
    try:
        document = read_document(path)
        file = validate(IssuersFile, document.content, document, problems)
        names = [issuer.issuer for issuer in file.issuers] if file is not None else []
        for number, name in enumerate(names):
            if name in names[:number]:
                message = f"the issuer {name!r} is listed twice"
                at = ("issuers", number, "issuer")
                problems.append(document.problem(at, message, "join the two entries"))
        if problems or file is None:
            raise ManifestError(problems)
    except ManifestError as error:
        raise IssuersError(f"HUB_ISSUERS can't be used:\n{error}") from None
    return file.issuers


def checked_url(url: str) -> str:
    """Return a URL from which keys may be read.

    Raises:
        ValueError: it is not HTTPS. A loopback host may have plain HTTP.
    """
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return url
    if parts.scheme == "http" and parts.hostname in LOOPBACK:
        return url
    raise ValueError("use an https:// URL: over plain HTTP, anyone could replace the keys")
