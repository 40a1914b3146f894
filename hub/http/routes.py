"""The hub's URLs."""

from collections.abc import Callable, Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from hub.access import AccessLog
from hub.http.exchange import Exchange
from hub.http.query_page import QueryPage
from hub.observe import Metrics
from hub.observe.metrics import CONTENT_TYPE
from schema.errors import HubError

CHECKPOINT_PATH = "/access-log/checkpoint"
JWKS_PATH = "/.well-known/jwks.json"
JWKS_MAX_AGE = 3600
"""Seconds for which callers may cache the keys."""


class HubApplication:
    """The hub's ASGI application.

    `/graphql` and the files bypass Starlette's router, which serves all other URLs.

    Args:
        graphql: ASGI application of `/graphql`.
        files: ASGI applications of files and pages, by the start of their paths.
        is_ready: returns True while the hub is started.
        metrics: metrics that `/metrics` shows.
        lifespan: starts and stops the hub's parts.
        page: the files of the page for browsers; None if there is none.
        log: the access log.
        jwks: the public keys that verify what the hub signs (RFC 7517).

    Attributes:
        log: the access log.
    """

    def __init__(
        self,
        graphql: ASGIApp,
        files: Mapping[str, ASGIApp],
        is_ready: Callable[[], bool],
        metrics: Metrics,
        lifespan: Lifespan[Starlette],
        page: QueryPage | None,
        log: AccessLog,
        jwks: Mapping[str, object],
    ) -> None:
        self.log = log
        self._graphql = graphql
        self._files = files
        self._is_ready = is_ready
        self._metrics = metrics
        self._jwks = jwks
        self._draining = False

        self._others = Starlette(
            routes=[
                Route("/", home),
                Route("/healthz", healthz),
                Route("/readyz", self._readyz),
                Route("/metrics", self._show_metrics),
                Route(CHECKPOINT_PATH, self._show_checkpoint),
                Route(JWKS_PATH, self._show_jwks),
                *(page.routes if page is not None else ()),
            ],
            lifespan=lifespan,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/graphql":
            await self._graphql(scope, receive, send)
        elif scope["type"] == "http" and (files := self._files_at(scope["path"])) is not None:
            await files(scope, receive, send)
        else:
            await self._others(scope, receive, send)

    def drain(self) -> None:
        """Report "not ready" from now on. Requests are still served."""
        self._draining = True

    async def beyond_connections(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection beyond the limit: refuse calls of departments, serve other URLs."""
        path = scope["path"] if scope["type"] == "http" else ""
        if path == "/graphql" or self._files_at(path) is not None:
            self._metrics.admission.refused("connections")
            exchange = Exchange(scope, receive, send)
            await exchange.respond_overloaded(((b"connection", b"close"),))
        else:
            await self._others(scope, receive, send)

    def _files_at(self, path: str) -> ASGIApp | None:
        start = path[: path.find("/", 1) + 1]
        return self._files.get(start)

    async def _readyz(self, _request: Request) -> Response:
        if self._is_ready() and not self._draining:
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "not ready"}, 503, headers={"retry-after": "1"})

    async def _show_jwks(self, _request: Request) -> Response:
        cache = {"cache-control": f"public, max-age={JWKS_MAX_AGE}"}
        return JSONResponse(self._jwks, headers=cache, media_type="application/jwk-set+json")

    async def _show_metrics(self, _request: Request) -> Response:
        # A coroutine runs in the event loop, which the task gauge needs; a function would not.
        return Response(self._metrics.text(), media_type=CONTENT_TYPE)

    async def _show_checkpoint(self, request: Request) -> Response:
        tree = request.query_params.get("tree", "")
        number = int(tree) if tree.isascii() and tree.isdigit() and len(tree) < 10 else None
        if tree and number is None:
            return PlainTextResponse("`tree` must be a number.\n", 400)
        try:
            checkpoint = await self.log.checkpoint(number)
        except HubError as error:
            return PlainTextResponse(f"{error.message}\n", 503)
        if checkpoint is None:
            return PlainTextResponse("The access log has no such tree.\n", 404)
        return Response(checkpoint, media_type="text/plain", headers={"cache-control": "no-store"})


async def healthz(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def home(_request: Request) -> RedirectResponse:
    return RedirectResponse("/graphql")
