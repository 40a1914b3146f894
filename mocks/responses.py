"""HTTP bodies and responses that all mocks share."""

from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 8 << 20
"""Size limit of a request body."""
MOST_DIGITS = 9


def json_response(content: Any, status: int = 200) -> Response:
    """Return a JSON response in UTF-8."""
    return Response(orjson.dumps(content), status, media_type="application/json")


async def json_body(request: Request) -> Any:
    """Return the parsed body, or None if it is not JSON."""
    try:
        return orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        return None


async def whole_body(receive: Receive) -> bytes:
    """Read the body of a request to its end."""
    chunks: list[bytes] = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


def envelope_refusal(code: str, message: str, status: int = 200) -> Response:
    """Return a failure in the envelope of departments that reply with HTTP 200 to everything.

    Args:
        code: code in the envelope, such as E413.
        status: HTTP status.
    """
    return json_response({"status": "false", "code": code, "msg": message, "data": ""}, status)


def envelope_rows(rows: list[dict[str, Any]], message: str, **more: int) -> Response:
    """Return rows in that envelope: one row as an object, several as a list, none as E102.

    Args:
        more: further values of the envelope.
    """
    if not rows:
        return envelope_refusal("E102", "Data not found")
    data = rows[0] if len(rows) == 1 else rows
    return json_response({"status": "true", "code": "S100", "msg": message, **more, "data": data})


def query_words(request: Request, name: str) -> list[str]:
    """Return the distinct comma-separated words of a query parameter, without empty ones."""
    words = map(str.strip, request.query_params.get(name, "").split(","))
    return list(dict.fromkeys(word for word in words if word))


def whole_number(text: str) -> int | None:
    """Parse a number of at most nine digits; return None for any other text."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None


class BoundedBody:
    """ASGI middleware that refuses a request body with 413 once more than 8 MiB have arrived."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        received = 0

        async def bounded() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MOST_BYTES:
                # Starlette applications catch this and reply in the department's own format.
                raise HTTPException(413)
            return message

        try:
            await self.app(scope, bounded, send)
        except HTTPException as error:
            refusal = PlainTextResponse(error.detail, error.status_code)
            await refusal(scope, receive, send)
