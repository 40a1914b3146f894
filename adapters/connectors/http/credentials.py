"""Credentials that do not expire: API keys, passwords, signatures."""

import base64
import datetime as dt
import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from yarl import URL

from adapters.connectors.http.settings import ApiKeyAuth, BasicAuth, HmacAuth, TimestampRule


@dataclass(slots=True)
class Credentials:
    """Additions to one request.

    Attributes:
        headers: headers to set.
        query: query parameters to add.
    """

    headers: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)


Sign = Callable[[str, str, bytes], Credentials]
"""Returns the credentials for a method, a URL with its query, and a body."""


def api_key(settings: ApiKeyAuth) -> Sign:
    """Return a function that adds the API key."""
    value = settings.value.get_secret_value()
    if settings.header is not None:
        headers = {settings.header: value}
        return lambda *_: Credentials(headers=headers)
    assert settings.query is not None
    query = {settings.query: value}
    return lambda *_: Credentials(query=query)


def basic(settings: BasicAuth) -> Sign:
    """Return a function that adds name and password (HTTP Basic)."""
    headers = {
        "Authorization": basic_header(settings.username, settings.password.get_secret_value())
    }
    return lambda *_: Credentials(headers=headers)


def basic_header(username: str, password: str) -> str:
    """Return the value of an `Authorization` header (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def signature(settings: HmacAuth, clock: Callable[[], float] = time.time) -> Sign:
    """Return a function that signs requests; `clock` returns seconds since 1970."""
    secret = settings.secret.get_secret_value().encode()

    def sign(method: str, url: str, body: bytes) -> Credentials:
        credentials = Credentials()
        timestamp = ""
        if settings.timestamp is not None:
            timestamp = _written(settings.timestamp, clock())
            credentials.headers[settings.timestamp.header] = timestamp
        parts = {
            "method": method.encode(),
            "url": URL(url, encoded=True).raw_path_qs.encode(),
            "timestamp": timestamp.encode(),
            "body": body,
        }
        signed = b"\n".join(parts[part] for part in settings.signs)
        digest = hmac.digest(secret, signed, getattr(hashlib, settings.algorithm))
        written = digest.hex() if settings.encoding == "hex" else base64.b64encode(digest).decode()
        credentials.headers[settings.header] = settings.prefix + written
        return credentials

    return sign


def _written(rule: TimestampRule, now: float) -> str:
    if rule.format == "iso":
        moment = dt.datetime.fromtimestamp(now, dt.UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return str(int(now * 1000) if rule.format == "epoch_ms" else int(now))
