"""`/graphql` after the GraphQL-over-HTTP specification.

POST takes `application/json`; GET takes queries only. A client that accepts
`application/graphql-response+json` gets 400 for a document that can't run; others get 200, as the
specification asks for `application/json`. A browser gets a page to try queries on.
"""

import time
from collections.abc import Callable
from typing import Any

import orjson
from starlette.datastructures import QueryParams
from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send

from hub.execution import Executor, GraphQLRequest
from hub.http.exchange import BadRequestError, Exchange
from hub.http.page import QUERY_PAGE
from hub.observe import Metrics
from schema.context import RequestContext

NewContext = Callable[[str, bytes], RequestContext]


class GraphQLEndpoint:
    """The endpoint, an ASGI application.

    Args:
        executor: runs operations.
        new_context: makes the context of an operation with the given correlation id
            and the header `Authorization`.
        metrics: counts operations.
        request_bytes: largest body accepted.
    """

    def __init__(
        self, executor: Executor, new_context: NewContext, metrics: Metrics, request_bytes: int
    ) -> None:
        self._executor = executor
        self._new_context = new_context
        self._metrics = metrics
        self._request_bytes = request_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        exchange = Exchange(scope, receive, send)
        if _browses(exchange):
            await FileResponse(QUERY_PAGE, media_type="text/html")(scope, receive, send)
            return
        try:
            request = await self._read(exchange)
        except BadRequestError as error:
            allow = ((b"allow", b"GET, POST"),) if error.status == 405 else ()
            await exchange.respond(error.status, _refusal(error.message, exchange), allow)
            return
        context = self._new_context(exchange.correlation_id, exchange.authorization)
        response = await self._executor.execute(request, context)
        refused = not response.executed and exchange.accepts_graphql_response
        await exchange.respond(400 if refused else 200, response.body)
        self._metrics.operation(response.executor, time.perf_counter() - started)

    async def _read(self, exchange: Exchange) -> GraphQLRequest:
        if exchange.method == "GET":
            given: dict[str, Any] = dict(QueryParams(exchange.scope["query_string"]))
            if "variables" in given:
                given["variables"] = _json(given["variables"].encode())
            return _request_of(given, read_only=True)
        if exchange.method != "POST":
            raise BadRequestError(405, "Ask with POST, or with GET.")
        if exchange.media_type != "application/json":
            raise BadRequestError(415, "Send the request as application/json.")
        body = _json(await exchange.body(self._request_bytes))
        if not isinstance(body, dict):
            raise BadRequestError(400, "The request must be one JSON object with a `query`.")
        return _request_of(body, read_only=False)


def _browses(exchange: Exchange) -> bool:
    return (
        exchange.method == "GET"
        and "text/html" in exchange.accept
        and "query" not in QueryParams(exchange.scope["query_string"])
    )


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


def _refusal(message: str, exchange: Exchange) -> dict[str, Any]:
    extensions = {
        "code": "BAD_REQUEST",
        "source": "HUB",
        "retryable": False,
        "correlationId": exchange.correlation_id,
    }
    return {"errors": [{"message": message, "extensions": extensions}]}
