"""Hosts and origins: which names the hub answers to, and which sites' pages may call it."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.http.exchange import Exchange
from schema.codes import ErrorCode
from schema.errors import HubError

REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    "GraphQL-Require-Preflight",
    "Hub-Purpose",
    "Hub-Cost",
    "X-Correlation-Id",
)
RESPONSE_HEADERS = ("Retry-After", "X-Correlation-Id")
PREFLIGHT_SECONDS = 600


def with_origins(app: ASGIApp, hosts: Sequence[str], origins: Sequence[str]) -> ASGIApp:
    """Return the application behind checks of the headers `Host` and `Origin`.

    Args:
        app: the application.
        hosts: the names that clients may use for the hub, for example `hub.example.gov.in` or
            `*.example.gov.in`; empty for all.
        origins: the origins of other sites that may call the hub from a browser, for example
            `https://portal.example.gov.in`.
    """
    guarded: ASGIApp = OriginCheck(app, origins)
    if origins:
        guarded = CORSMiddleware(
            guarded,
            allow_origins=list(origins),
            allow_methods=["GET", "POST"],
            allow_headers=list(REQUEST_HEADERS),
            expose_headers=list(RESPONSE_HEADERS),
            max_age=PREFLIGHT_SECONDS,
        )
    if hosts:
        guarded = TrustedHostMiddleware(guarded, allowed_hosts=list(hosts), www_redirect=False)
    return guarded


class OriginCheck:
    """Refuses requests that the page of a foreign site made a browser send.

    A browser sends `Origin` with every request across sites that is not a plain link, image or
    form with GET. Other programs send none.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self._app = app
        self._origins = frozenset(each.encode() for each in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            origin = next((v for name, v in scope["headers"] if name == b"origin"), None)
            if origin is not None and not self._is_allowed(origin, scope):
                error = HubError(
                    ErrorCode.BAD_REQUEST,
                    "Pages of this site may not call the hub. Its operator can add the site to "
                    "HUB_CORS_ORIGINS.",
                )
                await Exchange(scope, receive, send).respond_error(403, error)
                return
        await self._app(scope, receive, send)

    def _is_allowed(self, origin: bytes, scope: Scope) -> bool:
        if origin in self._origins:
            return True
        host = next((value for name, value in scope["headers"] if name == b"host"), b"")
        return bool(host) and _host_in(origin) == host.lower()


def _host_in(origin: bytes) -> bytes:
    try:
        return urlsplit(origin.decode("latin-1")).netloc.lower().encode("latin-1")
    except ValueError:
        return b""
