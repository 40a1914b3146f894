"""The hub's URLs."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from hub.http.health import Readiness, healthz


class HubApplication:
    """The hub's ASGI application: `/graphql` at once, everything else through starlette.

    Args:
        graphql: what answers `/graphql`.
        is_ready: whether the hub takes requests.
        lifespan: starts and ends what the hub needs.
    """

    def __init__(
        self, graphql: ASGIApp, is_ready: Callable[[], bool], lifespan: Lifespan[Starlette]
    ) -> None:
        self._graphql = graphql
        self._others = Starlette(
            routes=[
                Route("/", home),
                Route("/healthz", healthz),
                Route("/readyz", Readiness(is_ready).__call__),
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
