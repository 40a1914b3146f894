"""Authorisation codes: what a person has agreed to, until the client fetches the token."""

import base64
import hashlib
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from mocks.identity.people import Person

SECONDS = 60.0
MOST_CODES = 10_000
VERIFIER = re.compile(r"[\w.~-]{43,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Grant:
    """A sign-in that a client may exchange for tokens once.

    Attributes:
        person: who signed in.
        client: identifier of the client.
        redirect_uri: where the code was sent.
        challenge: the client's PKCE challenge (S256).
        nonce: value to repeat in the ID token; empty if the client sent none.
        scope: what the client requested.
    """

    person: Person
    client: str
    redirect_uri: str
    challenge: str
    nonce: str
    scope: str


class Codes:
    """The codes that were issued and not used yet.

    Args:
        clock: monotonic clock in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._grants: dict[str, tuple[float, Grant]] = {}
        self._clock = clock

    def issue(self, grant: Grant) -> str:
        """Return a new code for the grant. The oldest codes are dropped beyond 10,000."""
        while len(self._grants) >= MOST_CODES:
            del self._grants[next(iter(self._grants))]
        code = secrets.token_urlsafe(24)
        self._grants[code] = (self._clock() + SECONDS, grant)
        return code

    def redeem(self, code: str) -> Grant | None:
        """Return the grant of a code, which cannot be used again; None if it is not valid."""
        expires, grant = self._grants.pop(code, (0.0, None))
        return grant if self._clock() < expires else None


def challenge_of(verifier: str) -> str | None:
    """Return the PKCE challenge of a verifier (RFC 7636, S256); None if it is not well-formed."""
    if VERIFIER.fullmatch(verifier) is None:
        return None
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
