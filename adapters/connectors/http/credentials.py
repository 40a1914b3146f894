"""Credentials that do not expire: API keys, passwords, signatures."""

import base64
import datetime as dt
import hashlib
import hmac
import time
from collections.abc import Callable

import aiohttp
from yarl import URL

from adapters.connectors.http.settings import ApiKeyAuth, BasicAuth, HmacAuth, TimestampRule
from adapters.connectors.http.transport import HttpRequest

Sign = Callable[[HttpRequest], HttpRequest]
"""Returns a request with credentials added."""


def api_key(settings: ApiKeyAuth) -> Sign:
    """Return a function that adds the API key."""
    value = settings.value.get_secret_value()
    if settings.header is not None:
        headers = {settings.header: value}
        return lambda request: request.with_headers(headers)
    assert settings.query is not None
    query = {settings.query: value}
    return lambda request: request.with_query(query)


def basic(settings: BasicAuth) -> Sign:
    """Return a function that adds name and password (HTTP Basic)."""
    password = settings.password.get_secret_value()
    headers = {"Authorization": aiohttp.encode_basic_auth(settings.username, password)}
    return lambda request: request.with_headers(headers)


def signature(settings: HmacAuth, clock: Callable[[], float] = time.time) -> Sign:
    """Return a function that signs requests; `clock` returns seconds since 1970."""
    secret = settings.secret.get_secret_value().encode()

    def sign(request: HttpRequest) -> HttpRequest:
        headers: dict[str, str] = {}
        timestamp = ""
        if settings.timestamp is not None:
            timestamp = _written(settings.timestamp, clock())
            headers[settings.timestamp.header] = timestamp
        parts = {
            "method": request.method.encode(),
            "url": URL(request.full_url, encoded=True).raw_path_qs.encode(),
            "timestamp": timestamp.encode(),
            "body": request.content or b"",
        }
        signed = b"\n".join(parts[part] for part in settings.signs)
        digest = hmac.digest(secret, signed, getattr(hashlib, settings.algorithm))
        written = digest.hex() if settings.encoding == "hex" else base64.b64encode(digest).decode()
        headers[settings.header] = settings.prefix + written
        return request.with_headers(headers)

    return sign


def _written(rule: TimestampRule, now: float) -> str:
    if rule.format == "iso":
        moment = dt.datetime.fromtimestamp(now, dt.UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return str(int(now * 1000) if rule.format == "epoch_ms" else int(now))
