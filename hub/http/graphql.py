"""`/graphql` after the GraphQL-over-HTTP specification.

POST takes `application/json`; GET takes queries only. A client that accepts
`application/graphql-response+json` gets 400 for a document that can't run; others get 200, as the
specification asks for `application/json`. A browser gets a page to try queries on.
"""

import re
import uuid
from collections.abc import Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from hub.execution import Executor, GraphQLRequest
from hub.http.page import QUERY_PAGE
from schema.context import RequestContext

CORRELATION_HEADER = "x-correlation-id"
_CORRELATION_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
GRAPHQL_RESPONSE = "application/graphql-response+json"

NewContext = Callable[[str], RequestContext]


class BadRequestError(Exception):
    """A request that is not GraphQL over HTTP; `status` is the HTTP status to answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class GraphQLEndpoint:
    """The endpoint.

    Args:
        executor: runs operations.
        new_context: makes the context of an operation with the given correlation id.
        request_bytes: largest body accepted.
    """

    def __init__(self, executor: Executor, new_context: NewContext, request_bytes: int) -> None:
        self._executor = executor
        self._new_context = new_context
        self._request_bytes = request_bytes

    async def __call__(self, request: Request) -> Response:
        if request.method == "GET" and "query" not in request.query_params and _browses(request):
            return FileResponse(QUERY_PAGE, media_type="text/html")
        correlation_id = correlation_id_of(request)
        try:
            asked = await self._read(request)
        except BadRequestError as error:
            body = _refusal(error.message, correlation_id)
            return _respond(request, body, error.status, correlation_id)
        response = await self._executor.execute(asked, self._new_context(correlation_id))
        status = 200 if response.executed or not _accepts_graphql_response(request) else 400
        return _respond(request, response.body, status, correlation_id)

    async def _read(self, request: Request) -> GraphQLRequest:
        if request.method == "GET":
            given: dict[str, Any] = dict(request.query_params)
            if "variables" in given:
                given["variables"] = _json(given["variables"].encode())
            return _request_of(given, read_only=True)
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise BadRequestError(415, "Send the request as application/json.")
        body = _json(await self._body(request))
        if not isinstance(body, dict):
            raise BadRequestError(400, "The request must be one JSON object with a `query`.")
        return _request_of(body, read_only=False)

    async def _body(self, request: Request) -> bytes:
        chunks: list[bytes] = []
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > self._request_bytes:
                raise BadRequestError(413, f"The request exceeds {self._request_bytes:,} bytes.")
            chunks.append(chunk)
        return b"".join(chunks)


def _json(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BadRequestError(400, "The request is not JSON.") from None


def _request_of(given: dict[str, Any], *, read_only: bool) -> GraphQLRequest:
    query, variables = given.get("query"), given.get("variables")
    operation_name = given.get("operationName")
    if not isinstance(query, str) or not query.strip():
        raise BadRequestError(400, "`query` must be a GraphQL document.")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequestError(400, "`variables` must be an object.")
    if operation_name is not None and not isinstance(operation_name, str):
        raise BadRequestError(400, "`operationName` must be a text.")
    return GraphQLRequest(query, variables, operation_name, read_only)


def correlation_id_of(request: Request) -> str:
    """The caller's correlation id if it is one, else a new one."""
    given = request.headers.get(CORRELATION_HEADER, "")
    return given if _CORRELATION_ID.fullmatch(given) else uuid.uuid4().hex


def _refusal(message: str, correlation_id: str) -> dict[str, Any]:
    extensions = {"code": "BAD_REQUEST", "source": "HUB", "retryable": False}
    return {
        "errors": [
            {"message": message, "extensions": {**extensions, "correlationId": correlation_id}}
        ]
    }


def _accepts_graphql_response(request: Request) -> bool:
    return GRAPHQL_RESPONSE in request.headers.get("accept", "")


def _browses(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _respond(request: Request, body: dict[str, Any], status: int, correlation_id: str) -> Response:
    media_type = GRAPHQL_RESPONSE if _accepts_graphql_response(request) else "application/json"
    return Response(
        orjson.dumps(body),
        status,
        media_type=f"{media_type}; charset=utf-8",
        headers={CORRELATION_HEADER: correlation_id, "cache-control": "no-store"},
    )
