"""The hub's URLs."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from hub.http.exchange import Exchange
from hub.http.health import Readiness, healthz
from hub.http.overload import answer_overloaded
from hub.observe import Metrics
from hub.observe.metrics import CONTENT_TYPE


class HubApplication:
    """The hub's ASGI application: `/graphql` at once, everything else through starlette.

    Args:
        graphql: what answers `/graphql`.
        is_ready: whether the hub takes requests.
        metrics: what `/metrics` shows.
        lifespan: starts and ends what the hub needs.
    """

    def __init__(
        self,
        graphql: ASGIApp,
        is_ready: Callable[[], bool],
        metrics: Metrics,
        lifespan: Lifespan[Starlette],
    ) -> None:
        self._graphql = graphql
        self._metrics = metrics
        self._drains = False

        async def shown(_request: Request) -> Response:
            # In the event loop, whose tasks are counted.
            return Response(metrics.text(), media_type=CONTENT_TYPE)

        self._others = Starlette(
            routes=[
                Route("/", home),
                Route("/healthz", healthz),
                Route("/readyz", Readiness(lambda: is_ready() and not self._drains).__call__),
                Route("/metrics", shown),
            ],
            lifespan=lifespan,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/graphql":
            await self._graphql(scope, receive, send)
        else:
            await self._others(scope, receive, send)

    def drain(self) -> None:
        """From here on the hub tells that it is not ready; it still answers what comes."""
        self._drains = True

    async def beyond_connections(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What a connection gets that is one too many: its health, but no operation."""
        if scope["type"] == "http" and scope["path"] == "/graphql":
            self._metrics.front_door.refused("connections")
            await answer_overloaded(Exchange(scope, receive, send), (b"connection", b"close"))
        else:
            await self._others(scope, receive, send)


async def home(_request: Request) -> RedirectResponse:
    return RedirectResponse("/graphql")
