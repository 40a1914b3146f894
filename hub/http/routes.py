"""The hub's URLs."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from hub.http.health import Readiness, healthz
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
        self._others = Starlette(
            routes=[
                Route("/", home),
                Route("/healthz", healthz),
                Route("/readyz", Readiness(is_ready).__call__),
                Route("/metrics", lambda _: Response(metrics.text(), media_type=CONTENT_TYPE)),
            ],
            lifespan=lifespan,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/graphql":
            await self._graphql(scope, receive, send)
        else:
            await self._others(scope, receive, send)


async def home(_request: Request) -> RedirectResponse:
    return RedirectResponse("/graphql")
