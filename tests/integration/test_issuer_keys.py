"""The keys of an issuer that publishes them: rotation, outages, floods and bad replies."""

import asyncio
import itertools
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web
from joserfc.jwk import ECKey, Key

from hub.access import Role
from hub.access.sign_in import SignIn, load_issuers
from hub.access.sign_in.issuer_keys import (
    MAX_AGE,
    MAX_BYTES,
    REFETCH_SECONDS,
    REFRESH_SECONDS,
)
from hub.observe import Metrics
from schema.codes import ErrorCode
from schema.errors import HubError
from tests.support.servers import http_server
from tests.unit.token_issuers import (
    ES256,
    ISSUER,
    OTHER,
    OTHER_ISSUER,
    claims,
    issuer,
    public,
    signed,
    write_issuers,
)

DISCOVERY = "/.well-known/openid-configuration"


class Provider:
    """An issuer's web server, and the sign-in of a hub with this issuer.

    Attributes:
        url: the issuer.
        keys: the keys that it publishes.
        changes: values to replace in its OpenID configuration.
        replace: makes the reply to a request for keys; None for the keys.
        fetches: number of requests for keys.
        now: the time of the hub's clock.
        metrics: the hub's metrics.
        sign_in: the hub's sign-in.
    """

    url: str
    sign_in: SignIn

    def __init__(self) -> None:
        self.keys: list[Key] = [ES256]
        self.changes: dict[str, Any] = {}
        self.replace: Callable[[], web.StreamResponse] | None = None
        self.fetches = 0
        self.now = 1000.0
        self.metrics = Metrics()
        self._ids = itertools.count()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.path == DISCOVERY:
            given = {"issuer": self.url, "jwks_uri": f"{self.url}/jwks", **self.changes}
            return web.json_response({key: each for key, each in given.items() if each})
        self.fetches += 1
        await asyncio.sleep(0.01)
        if self.replace is not None:
            return self.replace()
        return web.json_response({"keys": [public(key) for key in self.keys]})

    async def use(self, key: Key = ES256, **header: Any) -> Role:
        """Sign in with a new token. Return the role."""
        token = signed(claims(iss=self.url, jti=f"t{next(self._ids)}"), key, **header)
        return (await self.sign_in.principal_of(token)).role

    async def refused(self, key: Key = ES256, **header: Any) -> ErrorCode:
        """Sign in with a new token that is refused. Return the code of the error."""
        with pytest.raises(HubError) as caught:
            await self.use(key, **header)
        return caught.value.code

    def fail(self) -> None:
        """Reply with HTTP 500 from now on."""
        self.replace = lambda: web.Response(status=500)


@asynccontextmanager
async def provider_in(folder: Path, **entry: Any) -> AsyncIterator[Provider]:
    provider = Provider()
    async with http_server(provider.handle) as url:
        provider.url = url
        own = issuer(**{"issuer": url, "jwks": None, "discovery": True, **entry})
        inline = issuer(issuer=OTHER_ISSUER, jwks={"keys": [public(OTHER)]})
        provider.sign_in = SignIn(
            load_issuers(write_issuers(folder, own, inline)),
            provider.metrics.sign_in,
            clock=lambda: provider.now,
        )
        yield provider
        await provider.sign_in.close()


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[Provider]:
    async with provider_in(tmp_path) as provider:
        yield provider


async def test_keys_are_found_by_discovery_and_fetched_once(provider: Provider) -> None:
    assert await provider.use() == Role.CITIZEN
    assert await provider.use() == Role.CITIZEN
    assert provider.fetches == 1


async def test_keys_are_fetched_from_their_address(tmp_path: Path) -> None:
    async with http_server(_only_key) as url:
        entry = issuer(jwks=None, jwks_uri=f"{url}/jwks")
        sign_in = SignIn(load_issuers(write_issuers(tmp_path, entry)), Metrics().sign_in)
        assert (await sign_in.principal_of(signed(claims()))).role == Role.CITIZEN


async def _only_key(request: web.Request) -> web.StreamResponse:
    return web.json_response({"keys": [public(ES256)]} if request.path == "/jwks" else {})


async def test_many_requests_at_once_cause_one_fetch(provider: Provider) -> None:
    assert set(await asyncio.gather(*(provider.use() for _ in range(50)))) == {Role.CITIZEN}
    assert provider.fetches == 1


async def test_a_request_that_is_given_up_does_not_end_the_fetch(provider: Provider) -> None:
    first = asyncio.create_task(provider.use())
    second = asyncio.create_task(provider.use())
    await asyncio.sleep(0.001)
    first.cancel()
    assert await second == Role.CITIZEN
    assert provider.fetches == 1


async def test_a_new_key_is_accepted_at_once(provider: Provider) -> None:
    await provider.use()
    provider.keys = [ES256, OTHER]
    provider.now += REFETCH_SECONDS + 1
    assert await provider.use(OTHER) == Role.CITIZEN
    assert provider.fetches == 2


async def test_a_withdrawn_key_is_refused_after_the_next_fetch(provider: Provider) -> None:
    await provider.use()
    provider.keys = [OTHER]
    provider.now += REFRESH_SECONDS + 1
    # The known key is used until the fetch in the background has ended.
    assert await provider.use() == Role.CITIZEN
    await asyncio.sleep(0.2)
    assert await provider.refused() == ErrorCode.UNAUTHENTICATED
    assert await provider.use(OTHER) == Role.CITIZEN


async def test_keys_that_are_very_old_are_fetched_before_they_are_used(
    provider: Provider,
) -> None:
    await provider.use()
    provider.keys = [OTHER]
    provider.now += 3 * REFRESH_SECONDS
    assert await provider.refused() == ErrorCode.UNAUTHENTICATED


async def test_a_flood_of_unknown_keys_does_not_flood_the_issuer(provider: Provider) -> None:
    await provider.use()
    provider.now += REFETCH_SECONDS + 1
    for number in range(100):
        forged = provider.refused(OTHER, kid=f"unknown-{number}")
        assert await forged == ErrorCode.UNAUTHENTICATED
    assert provider.fetches == 2
    assert await provider.use() == Role.CITIZEN


async def test_known_keys_outlive_an_outage_of_the_issuer(provider: Provider) -> None:
    await provider.use()
    provider.fail()
    for _ in range(5):
        provider.now += 3 * REFRESH_SECONDS
        assert await provider.use() == Role.CITIZEN
    # A token with another key can't be checked: it may be signed with a new key.
    assert await provider.refused(OTHER) == ErrorCode.ISSUER_UNAVAILABLE
    provider.now += MAX_AGE
    assert await provider.refused() == ErrorCode.ISSUER_UNAVAILABLE
    assert 'hub_issuer_key_fetches_total{issuer="' in provider.metrics.text().decode()


async def test_an_outage_concerns_the_tokens_of_this_issuer_only(provider: Provider) -> None:
    provider.fail()
    assert await provider.refused() == ErrorCode.ISSUER_UNAVAILABLE
    other = signed(claims(iss=OTHER_ISSUER), OTHER)
    assert (await provider.sign_in.principal_of(other)).role == Role.CITIZEN


async def test_the_issuer_is_not_called_for_each_token_while_it_is_down(
    provider: Provider,
) -> None:
    provider.fail()
    for _ in range(100):
        assert await provider.refused() == ErrorCode.ISSUER_UNAVAILABLE
    assert provider.fetches == 1
    provider.replace = None
    provider.now += REFETCH_SECONDS + 1
    assert await provider.use() == Role.CITIZEN


async def test_an_issuer_that_does_not_reply_is_given_up(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.access.sign_in.issuer_keys.FETCH_SECONDS", 0.05)
    hanging = asyncio.Event()

    async def hang(request: web.Request) -> web.StreamResponse:
        await hanging.wait()
        return web.Response()

    async with http_server(hang) as url:
        provider.changes = {"jwks_uri": f"{url}/jwks"}
        begun = time.monotonic()
        assert await provider.refused() == ErrorCode.ISSUER_UNAVAILABLE
        assert time.monotonic() - begun < 2
        hanging.set()


@pytest.mark.parametrize(
    "reply",
    [
        lambda: web.Response(status=404),
        lambda: web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"}),
        lambda: web.Response(text="not JSON"),
        lambda: web.Response(text="[" * 50_000),
        lambda: web.json_response([]),
        lambda: web.json_response({"keys": {}}),
        lambda: web.json_response({"keys": []}),
        lambda: web.json_response({"keys": [public(ES256) for _ in range(51)]}),
        lambda: web.json_response({"keys": [public(ES256)], "x": "x" * MAX_BYTES}),
        lambda: web.json_response({"keys": [1, None, {"kty": "EC"}, {"kty": "EC", "crv": 1}]}),
    ],
)
async def test_an_unusable_reply_is_no_key_set(
    provider: Provider, reply: Callable[[], web.StreamResponse]
) -> None:
    provider.replace = reply
    assert await provider.refused() == ErrorCode.ISSUER_UNAVAILABLE
    provider.replace = None
    provider.now += REFETCH_SECONDS + 1
    assert await provider.use() == Role.CITIZEN


async def test_an_unusable_reply_does_not_replace_known_keys(provider: Provider) -> None:
    await provider.use()
    provider.replace = lambda: web.json_response({"keys": []})
    provider.now += 3 * REFRESH_SECONDS
    assert await provider.use() == Role.CITIZEN


async def test_keys_of_unknown_types_are_ignored(provider: Provider) -> None:
    unknown = [{"kty": "AKP", "alg": "ML-DSA-65", "pub": "x"}, {"kty": "oct", "k": "c2VjcmV0"}, {}]
    provider.replace = lambda: web.json_response({"keys": [*unknown, public(ES256)]})
    assert await provider.use() == Role.CITIZEN


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://id.attacker.example"},
        {"issuer": None},
        {"jwks_uri": None},
        {"jwks_uri": "http://id.attacker.example/jwks"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": 1},
    ],
)
async def test_an_openid_configuration_that_does_not_fit_is_refused(
    provider: Provider, changes: dict[str, Any]
) -> None:
    provider.changes = changes
    assert await provider.refused() == ErrorCode.ISSUER_UNAVAILABLE
    assert provider.fetches == 0


async def test_an_issuer_with_an_unknown_certificate_is_not_trusted(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    async with http_server(_only_key, context) as url:
        entry = issuer(jwks=None, jwks_uri=f"{url}/jwks")
        sign_in = SignIn(load_issuers(write_issuers(tmp_path, entry)), Metrics().sign_in)
        with pytest.raises(HubError) as caught:
            await sign_in.principal_of(signed(claims()))
    assert caught.value.code == ErrorCode.ISSUER_UNAVAILABLE


async def test_discovery_does_not_leave_https(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def read(_session: object, url: str) -> object:
        assert url.endswith(DISCOVERY)
        return {"issuer": ISSUER, "jwks_uri": "http://127.0.0.1:9000/internal"}

    monkeypatch.setattr("hub.access.sign_in.issuer_keys._read", read)
    entry = issuer(jwks=None, discovery=True)
    sign_in = SignIn(load_issuers(write_issuers(tmp_path, entry)), Metrics().sign_in)
    with pytest.raises(HubError):
        await sign_in.principal_of(signed(claims()))
    assert "is not an https:// URL" in caplog.text


async def test_two_keys_with_one_id_differ_by_their_algorithm(
    provider: Provider,
) -> None:
    provider.keys = [ES256, ECKey.generate_key("P-384", {"kid": "es"})]
    assert await provider.use() == Role.CITIZEN
