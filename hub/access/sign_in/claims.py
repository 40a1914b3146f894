"""From the claims of a verified token to the principal."""

import re
from collections.abc import Mapping
from typing import Any

from hub.access.principal import Principal, Role
from hub.access.sign_in.issuers import Issuer
from hub.access.sign_in.tokens import TokenError

MAX_TEXT = 255
MAX_DISTRICTS = 100
_MEMBER = re.compile(r"[A-Za-z0-9]{4,32}")
_LEVEL = re.compile(r"[0-9]")


def principal_from(claims: Mapping[str, Any], issuer: Issuer, token_name: str) -> Principal:
    """Return the principal that a verified token stands for.

    Claims that the role does not need are ignored: an operator's own member number, for example,
    does not make the operator a citizen.

    Args:
        claims: the verified claims.
        issuer: the token's issuer.
        token_name: id under which the token can be revoked.

    Raises:
        TokenError: a claim that the role needs is missing, or claims contradict each other.
    """
    names = issuer.claims
    role = _role(claims, issuer)
    client = _text(claims, names.client) or _text(claims, "client_id") or ""
    member = department = centre = None
    districts: frozenset[str] = frozenset()
    if role == Role.CITIZEN:
        member = _needed(claims, names.member, "a citizen's token needs the citizen's number")
        if not _MEMBER.fullmatch(member):
            raise TokenError(f"The token's claim `{names.member}` must be a member number.")
    elif role == Role.OFFICER:
        department = _needed(claims, names.department, "an officer's token needs a department")
        districts = _districts(claims, names.districts)
    elif role == Role.OPERATOR:
        centre = _needed(claims, names.centre, "an operator's token needs a service centre")
    elif role == Role.APPLICATION and not client:
        raise _missing(names.client, "an application's token needs the name of the application")
    subject = _needed(claims, "sub", "a token needs its subject")
    return Principal(
        role,
        member,
        f"{issuer.issuer}|{subject}",
        client,
        department,
        districts,
        centre,
        _assurance(claims, issuer),
        token_name,
        int(claims["iat"]),
    )


def _role(claims: Mapping[str, Any], issuer: Issuer) -> Role:
    name = issuer.claims.role
    given = _claim(claims, name)
    if given is None:
        if issuer.default_role is None:
            raise _missing(name, "it says which role the person has")
        return issuer.default_role
    values = given if isinstance(given, list) else [given]
    roles = {
        issuer.roles[each] for each in values if isinstance(each, str) and each in issuer.roles
    }
    if len(roles) > 1:
        raise TokenError(f"The token's claim `{name}` names several roles of the hub: use one.")
    if not roles:
        raise TokenError(f"The token's claim `{name}` names no role that the hub knows.")
    return roles.pop()


def _districts(claims: Mapping[str, Any], name: str) -> frozenset[str]:
    """Return an officer's districts; empty for all, which is a token without the claim."""
    given = _claim(claims, name)
    if given is None:
        return frozenset()
    values = given if isinstance(given, list) else [given]
    if not all(isinstance(each, str) and 0 < len(each) <= MAX_TEXT for each in values):
        raise TokenError(f"The token's claim `{name}` must be a list of names.")
    if not 0 < len(values) <= MAX_DISTRICTS:
        raise TokenError(f"The token's claim `{name}` must have 1 to {MAX_DISTRICTS} names.")
    return frozenset(values)


def _assurance(claims: Mapping[str, Any], issuer: Issuer) -> int:
    given = _claim(claims, issuer.claims.assurance)
    if isinstance(given, str) and given in issuer.assurance_levels:
        return issuer.assurance_levels[given]
    text = str(given)
    return int(text) if not issuer.assurance_levels and _LEVEL.fullmatch(text) else 0


def _needed(claims: Mapping[str, Any], name: str, reason: str) -> str:
    text = _text(claims, name)
    if text is None:
        raise _missing(name, reason)
    return text


def _missing(name: str, reason: str) -> TokenError:
    return TokenError(f"The token lacks the claim `{name}`: {reason}.")


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    """Return a claim that is a text; None if it is missing or empty.

    Raises:
        TokenError: the claim is no text, too long, or has control characters.
    """
    value = _claim(claims, name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > MAX_TEXT or not value.isprintable():
        raise TokenError(f"The token's claim `{name}` must be a text of {MAX_TEXT} characters.")
    return value


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    """Return a claim: the one with this name, or the value at the path that the name describes."""
    if name in claims:
        return claims[name]
    value: Any = claims
    for step in name.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value
