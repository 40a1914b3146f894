"""Small HTTP answers that all mocks share."""

from collections.abc import Callable, Iterable
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 8 << 20
"""Of a request."""
MOST_DIGITS = 9

Refuse = Callable[[int, str], Response]
"""How a department says no: HTTP status and sentence in, its own form out."""


def json_response(content: Any, status: int = 200) -> Response:
    """JSON in UTF-8."""
    return Response(orjson.dumps(content), status, media_type="application/json")


async def json_body(request: Request) -> Any:
    """The parsed body, or None if it is not JSON."""
    try:
        return orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        return None


async def whole_body(receive: Receive) -> bytes:
    """The body of a request."""
    chunks: list[bytes] = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


def whole_number(text: str) -> int | None:
    """A number that a caller wrote; None for what is none, or longer than any that makes sense."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None


def rest_app(routes: Iterable[Route], refuse: Refuse) -> Starlette:
    """What no route takes is refused in the department's own form."""

    async def misdirected(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        answer = refuse(error.status_code, error.detail)
        answer.headers.update(error.headers or {})
        return answer

    return Starlette(routes=list(routes), exception_handlers={HTTPException: misdirected})


class BoundedBody:
    """ASGI middleware: a request of more than 8 MiB is refused with 413 as soon as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        received = 0

        async def bounded() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MOST_BYTES:
                # Starlette's applications know it, and answer in the department's form.
                raise HTTPException(413)
            return message

        try:
            await self.app(scope, bounded, send)
        except HTTPException as error:
            refusal = PlainTextResponse(error.detail, error.status_code)
            await refusal(scope, receive, send)


def route_namer(routes: Iterable[Route]) -> Callable[[Scope], str]:
    """Names a request after its route: `GET /families/{id}`."""
    known = tuple(routes)

    def operation_of(scope: Scope) -> str:
        for route in known:
            if route.matches(scope)[0] is Match.FULL:
                return f"{scope['method']} {route.path.replace(':path}', '}')}"
        return f"{scope['method']} {scope['path']}"

    return operation_of
