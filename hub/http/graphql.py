"""`/graphql` after the GraphQL-over-HTTP specification.

POST takes `application/json`; GET takes queries only. A client that accepts
`application/graphql-response+json` gets 400 for a document that can't run; others get 200, as the
specification asks for `application/json`. A browser gets a page to try queries on. At overload some
get 503 with `Retry-After`: `admission.py` says who.
"""

import time
from collections.abc import Callable
from typing import Any

import orjson
from starlette.datastructures import QueryParams
from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send

from hub.execution import Executor, GraphQLRequest, GraphQLResponse
from hub.http.admission import Admission, OverloadedError, goes_first
from hub.http.exchange import BadRequestError, Exchange
from hub.http.overload import answer_overloaded
from hub.http.page import QUERY_PAGE
from hub.observe import Metrics
from schema.context import RequestContext

NewContext = Callable[[str, bytes], RequestContext]
TRACKING = b"trackApplication"
"""An operation that goes first has this in its text; looking for it is quicker than parsing."""


class GraphQLEndpoint:
    """The endpoint, an ASGI application.

    Args:
        executor: runs operations.
        new_context: makes the context of an operation with the given correlation id
            and the header `Authorization`.
        admission: decides which operations run, wait or are refused.
        metrics: counts operations.
        request_bytes: largest body accepted.
    """

    def __init__(
        self,
        executor: Executor,
        new_context: NewContext,
        admission: Admission,
        metrics: Metrics,
        request_bytes: int,
    ) -> None:
        self._executor = executor
        self._new_context = new_context
        self._admission = admission
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
            response = await self._run(request, exchange)
        except BadRequestError as error:
            allow = ((b"allow", b"GET, POST"),) if error.status == 405 else ()
            await exchange.respond(error.status, _refusal(error.message, exchange), allow)
        except OverloadedError:
            await answer_overloaded(exchange)
        else:
            if response:
                refused = not response.executed and exchange.accepts_graphql_response
                await exchange.respond(400 if refused else 200, response.body)
                self._metrics.operation(response.executor, time.perf_counter() - started)

    async def _run(self, request: GraphQLRequest, exchange: Exchange) -> GraphQLResponse | None:
        """None when the client has gone while its operation waited to run."""
        admission = self._admission
        # Made before the wait: the client's time runs from here.
        context = self._new_context(exchange.correlation_id, exchange.authorization)
        if not admission.enter_at_once():
            first = goes_first(self._executor.root_fields(request))
            if not await admission.enter(exchange.scope, exchange.receive, first=first):
                return None
        try:
            return await self._executor.execute(request, context)
        finally:
            admission.leave()

    async def _read(self, exchange: Exchange) -> GraphQLRequest:
        if exchange.method == "GET":
            self._turn_away(exchange.scope["query_string"], exchange)
            given: dict[str, Any] = dict(QueryParams(exchange.scope["query_string"]))
            if "variables" in given:
                given["variables"] = _json(given["variables"].encode())
            return _request_of(given, read_only=True)
        if exchange.method != "POST":
            raise BadRequestError(405, "Ask with POST, or with GET.")
        if exchange.media_type != "application/json":
            raise BadRequestError(415, "Send the request as application/json.")
        content = await exchange.body(self._request_bytes)
        self._turn_away(content, exchange)
        body = _json(content)
        if not isinstance(body, dict):
            raise BadRequestError(400, "The request must be one JSON object with a `query`.")
        return _request_of(body, read_only=False)

    def _turn_away(self, content: bytes, exchange: Exchange) -> None:
        """Refuses, before it is parsed, what could not even wait."""
        if TRACKING not in content:
            self._admission.turn_away(exchange.scope)


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
        "department": None,
        "retryable": False,
        "departmentFault": None,
        "correlationId": exchange.correlation_id,
    }
    return {"errors": [{"message": message, "extensions": extensions}]}
