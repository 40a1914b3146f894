"""The current public keys of an issuer, fetched and cached within bounds."""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from typing import Any, Protocol

import aiohttp
from joserfc.jwk import Key

from hub.access.sign_in.issuers import Issuer, checked_url
from hub.access.sign_in.key_sets import KeySetError, find_key, key_set
from hub.access.sign_in.tokens import TokenError
from schema.codes import ErrorCode
from schema.errors import HubError

log = logging.getLogger(__name__)

REFRESH_SECONDS = 300.0
"""Age at which keys are fetched again. They are still used while that goes on."""
REFETCH_SECONDS = 5.0
"""Time between two fetches, however many tokens with unknown keys arrive."""
MAX_AGE = 24 * 3600.0
"""Age up to which keys are used while the issuer does not reply."""
FETCH_SECONDS = 3.0
MAX_BYTES = 256 << 10


class KeyMetrics(Protocol):
    """Counts what happens to an issuer's keys."""

    def fetched(self, issuer: str, outcome: str) -> None:
        """Count a fetch. The outcome is `ok` or `failed`."""


class IssuerKeys:
    """The keys of one issuer.

    Args:
        issuer: the issuer.
        metrics: counts fetches.
        clock: returns seconds that never go back.
    """

    def __init__(
        self,
        issuer: Issuer,
        metrics: KeyMetrics,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._metrics = metrics
        self._clock = clock
        self._keys: tuple[Key, ...] = () if issuer.jwks is None else key_set(issuer.jwks)
        self._fetched = self._tried = float("-inf")
        self._failing = False
        self._fetch: asyncio.Task[None] | None = None

    async def key(self, kid: str | None, algorithm: str) -> Key:
        """Return the key with which a token must be signed.

        Args:
            kid: header `kid` of the token.
            algorithm: the algorithm of the token's signature.

        Raises:
            TokenError: the issuer has no such key.
            HubError: `ISSUER_UNAVAILABLE`, the keys can't be fetched.
        """
        if self._issuer.jwks is None:
            await self._refresh()
        key = find_key(self._keys, kid, algorithm)
        if key is None and self._issuer.jwks is None:
            # The issuer may have begun to use a new key.
            await self._fetched_again()
            key = find_key(self._keys, kid, algorithm)
            if key is None and self._failing:
                raise HubError(
                    ErrorCode.ISSUER_UNAVAILABLE,
                    "The token can't be checked: its issuer does not send its keys. Retry later.",
                    retryable=True,
                )
        if key is None:
            raise TokenError("The token is signed with a key that its issuer does not have.")
        return key

    async def close(self) -> None:
        """Stop a fetch that is under way."""
        if self._fetch is not None:
            self._fetch.cancel()
            await asyncio.wait([self._fetch])

    async def _refresh(self) -> None:
        """Fetch keys that are old. Wait for them if they are very old or missing."""
        age = self._clock() - self._fetched
        if age > MAX_AGE:
            self._keys = ()
        if age <= REFRESH_SECONDS or not self._keys:
            return
        if age > 2 * REFRESH_SECONDS and not self._failing:
            await self._fetched_again()
        else:
            self._begin_fetch()

    async def _fetched_again(self) -> None:
        """Fetch the keys, or wait for the fetch that is under way."""
        fetch = self._begin_fetch()
        if fetch is not None:
            # The request of one client must not end the fetch for all others.
            await asyncio.shield(fetch)

    def _begin_fetch(self) -> "asyncio.Task[None] | None":
        """Return the fetch that is under way; None if the last one was a moment ago."""
        if self._fetch is None or self._fetch.done():
            if self._clock() - self._tried < REFETCH_SECONDS:
                return None
            self._tried = self._clock()
            self._fetch = asyncio.create_task(self._fetch_keys())
        return self._fetch

    async def _fetch_keys(self) -> None:
        issuer = self._issuer.issuer
        try:
            async with asyncio.timeout(FETCH_SECONDS), _session() as session:
                keys = key_set(await _read(session, await self._keys_url(session)))
        except (KeySetError, aiohttp.ClientError, OSError, ValueError) as error:
            self._metrics.fetched(issuer, "failed")
            if not self._failing:
                self._failing = True
                log.error("The keys of the issuer %s can't be fetched: %s", issuer, _reason(error))
            return
        self._metrics.fetched(issuer, "ok")
        if self._failing:
            self._failing = False
            log.warning("The keys of the issuer %s can be fetched again", issuer)
        self._keys = keys
        self._fetched = self._clock()

    async def _keys_url(self, session: aiohttp.ClientSession) -> str:
        url = self._issuer.keys_url
        assert url is not None
        if not self._issuer.discovery:
            return url
        configuration = await _read(session, url)
        if not isinstance(configuration, dict):
            raise KeySetError("the OpenID configuration is not a JSON object")
        if configuration.get("issuer") != self._issuer.issuer:
            raise KeySetError("the OpenID configuration is of another issuer")
        keys_url = configuration.get("jwks_uri")
        if not isinstance(keys_url, str):
            raise KeySetError("the OpenID configuration has no `jwks_uri`")
        if url.startswith("https:") and not keys_url.startswith("https:"):
            raise KeySetError("the `jwks_uri` of the OpenID configuration is not an https:// URL")
        return checked_url(keys_url)


def _session() -> aiohttp.ClientSession:
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    return aiohttp.ClientSession(headers=headers, auto_decompress=False, trust_env=True)


async def _read(session: aiohttp.ClientSession, url: str) -> Any:
    """Return the JSON value at a URL.

    Raises:
        KeySetError: the reply has another status than 200, or is too large.
        ValueError: the reply is not JSON.
    """
    async with session.get(url, allow_redirects=False) as response:
        if response.status != 200:
            raise KeySetError(f"{url} replied with the HTTP status {response.status}")
        content = bytearray()
        async for chunk in response.content.iter_chunked(64 << 10):
            content += chunk
            if len(content) > MAX_BYTES:
                raise KeySetError(f"{url} sent more than {MAX_BYTES:,} bytes")
    try:
        return json.loads(bytes(content))
    except RecursionError:
        raise KeySetError(f"{url} sent JSON that is nested too deeply") from None


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no reply within {FETCH_SECONDS:g} s"
    return str(error) or type(error).__name__
