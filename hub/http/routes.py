"""The hub's URLs."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route

from hub.http.graphql import GraphQLEndpoint
from hub.http.health import Readiness, healthz


async def home(_request: Request) -> RedirectResponse:
    return RedirectResponse("/graphql")


def routes(endpoint: GraphQLEndpoint, is_ready: Callable[[], bool]) -> list[Route]:
    return [
        Route("/", home),
        Route("/graphql", endpoint.__call__, methods=["GET", "POST"]),
        Route("/healthz", healthz),
        Route("/readyz", Readiness(is_ready).__call__),
    ]
