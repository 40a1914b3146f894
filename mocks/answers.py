"""Small HTTP answers that all mocks share."""

from collections.abc import Callable, Iterable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope


def json_answer(content: Any, status: int = 200) -> Response:
    """JSON in UTF-8."""
    return Response(orjson.dumps(content), status, media_type="application/json")


async def json_body(request: Request) -> Any:
    """The parsed body, or None if it is not JSON."""
    try:
        return orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        return None


def route_namer(routes: Iterable[Route]) -> Callable[[Scope], str]:
    """Names a request after its route: `GET /families/{id}`."""
    known = tuple(routes)

    def operation_of(scope: Scope) -> str:
        for route in known:
            if route.matches(scope)[0] is Match.FULL:
                return f"{scope['method']} {route.path.replace(':path}', '}')}"
        return f"{scope['method']} {scope['path']}"

    return operation_of
