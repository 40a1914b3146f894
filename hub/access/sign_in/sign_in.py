"""`SignIn`: from the header `Authorization` to the principal."""

import asyncio
import hmac
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from typing import Protocol

from hub.access.principal import Principal, Role
from hub.access.sign_in.claims import principal_from
from hub.access.sign_in.issuer_keys import IssuerKeys, KeyMetrics
from hub.access.sign_in.issuers import Issuer
from hub.access.sign_in.revocations import Revocations
from hub.access.sign_in.tokens import TokenError, read_token, verified_claims
from schema.codes import ErrorCode
from schema.errors import HubError

CACHE_SECONDS = 60.0
CACHE_ENTRIES = 20_000


class SignInCounts(KeyMetrics, Protocol):
    """Counts what happens at sign-in."""

    def sign_in(self, outcome: str) -> None:
        """Count a token that was checked."""


class SignIn:
    """Determines the principal from the header `Authorization`.

    Args:
        issuers: whose tokens are accepted.
        metrics: counts tokens and fetches of keys.
        revocations: the tokens, persons and centres that are cut off.
        admin_token: callers who send it are administrators. If None, there are none.
        clock: returns seconds that never go back.
    """

    def __init__(
        self,
        issuers: Sequence[Issuer],
        metrics: SignInCounts,
        revocations: Revocations | None = None,
        *,
        admin_token: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuers: Mapping[str, tuple[Issuer, IssuerKeys]] = {
            issuer.issuer: (issuer, IssuerKeys(issuer, metrics, clock)) for issuer in issuers
        }
        self._metrics = metrics
        self._clock = clock
        self._without_token = Principal(Role.ANONYMOUS)
        self._admin = Principal(Role.ADMIN)
        self._admin_token = admin_token.encode() if admin_token else None
        # Verified tokens: when the entry expires, and the principal, by the hash of the header. A
        # dump of the process's memory should not contain many tokens.
        self._verified: dict[bytes, tuple[float, Principal]] = {}
        self._revocations = revocations
        self._watched: dict[asyncio.Event, Principal] = {}
        if revocations is not None:
            revocations.on_change(self._check_again)

    async def principal_of(self, authorization: bytes) -> Principal:
        """Return the principal for the value of a request's header `Authorization`.

        Raises:
            HubError: `UNAUTHENTICATED`, the token is invalid, expired or revoked.
                `ISSUER_UNAVAILABLE`, the keys of the token's issuer can't be fetched.
        """
        if not authorization:
            return self._without_token
        digest = blake2b(authorization, digest_size=16).digest()
        entry = self._verified.get(digest)
        if entry is not None and entry[0] > self._clock():
            return entry[1]
        scheme, _, token = authorization.partition(b" ")
        token = token.strip(b" ")
        if scheme.lower() != b"bearer" or not token:
            self._metrics.sign_in("invalid")
            raise _unauthenticated("Send `Authorization: Bearer` and an access token.")
        if self._admin_token is not None and hmac.compare_digest(token, self._admin_token):
            return self._admin
        return await self._verify(token, digest)

    @contextmanager
    def revocation_of(self, principal: Principal) -> Iterator[asyncio.Event]:
        """Return an event that is set as soon as the principal is cut off.

        An operation that runs for long, such as a stream, ends when the event is set.
        """
        revoked = asyncio.Event()
        self._watched[revoked] = principal
        if self._is_revoked(principal):
            revoked.set()
        try:
            yield revoked
        finally:
            del self._watched[revoked]

    async def close(self) -> None:
        """Stop fetches of keys that are under way."""
        for _issuer, keys in self._issuers.values():
            await keys.close()

    async def _verify(self, text: bytes, digest: bytes) -> Principal:
        try:
            token = read_token(text)
            found = self._issuers.get(token.issuer)
            if found is None:
                raise TokenError("The hub does not accept tokens of this issuer.")
            issuer, keys = found
            algorithm = token.algorithm(issuer.algorithms)
            key = await keys.key(token.kid, algorithm)
            claims = verified_claims(token, issuer, algorithm, key)
            principal = principal_from(claims, issuer, token.name)
            if self._is_revoked(principal):
                raise TokenError("The access was revoked.", "revoked")
        except TokenError as error:
            self._metrics.sign_in(error.outcome)
            raise _unauthenticated(error.message) from None
        except HubError:
            self._metrics.sign_in("unavailable")
            raise
        self._metrics.sign_in("ok")
        self._remember(digest, principal, claims["exp"])
        return principal

    def _is_revoked(self, principal: Principal) -> bool:
        return self._revocations is not None and self._revocations.is_revoked(principal)

    def _check_again(self) -> None:
        """Forget the verified tokens, and end the streams of those who are cut off."""
        self._verified.clear()
        for revoked, principal in self._watched.items():
            if self._is_revoked(principal):
                revoked.set()

    def _remember(self, digest: bytes, principal: Principal, expires: float) -> None:
        seconds = min(CACHE_SECONDS, expires - time.time())
        if seconds <= 0:
            return
        self._verified.pop(digest, None)
        if len(self._verified) >= CACHE_ENTRIES:
            del self._verified[next(iter(self._verified))]
        self._verified[digest] = (self._clock() + seconds, principal)


def _unauthenticated(message: str) -> HubError:
    return HubError(ErrorCode.UNAUTHENTICATED, f"{message} Sign in again.")
