"""`/graphql`, following the GraphQL-over-HTTP specification.

- POST accepts `application/json`, and `multipart/form-data` for files (`hub/http/uploads.py`). GET
  and HEAD accept queries only. Requests from pages of other sites are refused.
- A document that cannot run gets 400 if the client accepts `application/graphql-response+json`,
  otherwise 200, as the specification requires for `application/json`.
- A browser gets GraphiQL. A link with `?query=` shows the query there, but does not run it.
- Caches may store the responses to operations that read the public catalogue only.
- An overloaded hub refuses some requests with 503 and `Retry-After` (`hub/http/admission.py`).
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from starlette.datastructures import QueryParams
from starlette.types import Receive, Scope, Send

from hub.access import Caller, Principal, SignIn
from hub.durable.slots import SLOTS
from hub.execution import Executor, GraphQLRequest, GraphQLResponse, ReadOnlyError
from hub.http.admission import Admission, OverloadedError, is_priority
from hub.http.exchange import BadRequestError, Exchange, Headers
from hub.http.query_page import QueryPage
from hub.http.requested_documents import RequestedDocuments, check_client, purpose_of
from hub.http.uploads import MULTIPART, Uploads
from hub.observe import Metrics
from schema.codes import ErrorCode
from schema.context import RequestContext
from schema.errors import HubError

NewContext = Callable[[str, Caller], RequestContext]
TRACKING = (b"trackApplication", b"verifyCertificate")
"""Every priority operation contains one of these texts. Searching is faster than parsing."""

HEADERS_OF_STATUS: Mapping[int, Headers] = {
    405: ((b"allow", b"GET, HEAD, POST"),),
    # The rest of the body is not worth reading.
    413: ((b"connection", b"close"),),
}


@dataclass(frozen=True, slots=True)
class GraphQLEndpoint:
    """ASGI application of the endpoint.

    Attributes:
        executor: runs operations.
        sign_in: determines the principal of a request.
        new_context: creates the context of an operation from its correlation id and its caller.
        admission: decides which operations run, wait or are refused.
        metrics: counts operations.
        request_bytes: maximum size of a request's body.
        max_age: seconds for which caches may store responses from the public catalogue.
        page: page for browsers; None if there is none.
        documents: chooses the documents of requests.
        uploads: receives requests with files.
    """

    executor: Executor
    sign_in: SignIn
    new_context: NewContext
    admission: Admission
    metrics: Metrics
    request_bytes: int
    max_age: int
    page: QueryPage | None
    documents: RequestedDocuments
    uploads: Uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        exchange = Exchange(scope, receive, send)
        if self.page is not None and _is_from_browser(exchange):
            await self.page.page()(scope, receive, send)
            return
        try:
            if exchange.method == "POST" and exchange.media_type == MULTIPART:
                self.admission.check_room(exchange.scope)
                async with self.uploads.received(exchange, self.sign_in) as (given, principal):
                    request = self._request_of(given, read_only=False)
                    response = await self._respond(request, principal, exchange)
            else:
                request = await self._read(exchange)
                principal = await self.sign_in.principal_of(exchange.authorization)
                response = await self._respond(request, principal, exchange)
        except BadRequestError as error:
            bad_request = HubError(ErrorCode.BAD_REQUEST, error.message)
            await exchange.respond_error(
                error.status, bad_request, HEADERS_OF_STATUS.get(error.status, ())
            )
        except OverloadedError:
            await exchange.respond_overloaded()
        except HubError as error:
            await exchange.respond_refused(error)
        else:
            if response:
                exchange.localize(response.body.get("errors", ()))
                refused = not response.executed and exchange.accepts_graphql_response
                max_age = self.max_age if response.is_public else None
                await exchange.respond(400 if refused else 200, response.body, max_age=max_age)
                self.metrics.operation(response.executor, time.perf_counter() - started)

    async def _respond(
        self, request: GraphQLRequest, principal: Principal, exchange: Exchange
    ) -> GraphQLResponse | None:
        """Run the operation for its caller; return None if the client disconnected before."""
        if exchange.headers.get(b"hub-cost") == b"report":
            request = replace(request, report_cost=True)
        document = request.trusted_document
        check_client(document, principal)
        caller = Caller(principal, purpose_of(document, exchange.purpose), exchange.address)
        return await self._run(request, caller, exchange)

    async def _run(
        self, request: GraphQLRequest, caller: Caller, exchange: Exchange
    ) -> GraphQLResponse | None:
        """Run the operation; return None if the client disconnected before it could run."""
        admission = self.admission
        # Created before the wait, because the operation's deadline includes the wait.
        context = self.new_context(exchange.correlation_id, caller)
        if not admission.try_enter():
            priority = is_priority(self.executor.root_fields(request))
            if not await admission.enter(exchange.scope, exchange.receive, priority=priority):
                return None
        SLOTS.set(admission)
        try:
            response = await self.executor.execute(request, context)
        except ReadOnlyError:
            raise BadRequestError(405, "Use POST for mutations.") from None
        finally:
            admission.leave()
        await context.commit()
        return response

    async def _read(self, exchange: Exchange) -> GraphQLRequest:
        if exchange.method in ("GET", "HEAD"):
            _check_origin(exchange)
            self._check_room(exchange.scope["query_string"], exchange)
            given: dict[str, Any] = dict(QueryParams(exchange.scope["query_string"]))
            for name in ("variables", "extensions"):
                if name in given:
                    given[name] = _json(given[name].encode())
            return self._request_of(given, read_only=True)
        if exchange.method != "POST":
            raise BadRequestError(405, "Use POST or GET.")
        if exchange.media_type != "application/json":
            raise BadRequestError(415, "Send the request as application/json.")
        if exchange.headers.get(b"content-encoding", b"identity") != b"identity":
            # A few compressed bytes could become gigabytes.
            raise BadRequestError(415, "Send the request without Content-Encoding.")
        content = await exchange.body(self.request_bytes)
        self._check_room(content, exchange)
        body = _json(content)
        if not isinstance(body, dict):
            raise BadRequestError(400, "The request must be one JSON object with a `query`.")
        return self._request_of(body, read_only=False)

    def _request_of(self, given: dict[str, Any], *, read_only: bool) -> GraphQLRequest:
        query, document = self.documents.choose(given)
        variables, operation_name = given.get("variables"), given.get("operationName")
        if variables is not None and not isinstance(variables, dict):
            raise BadRequestError(400, "`variables` must be an object.")
        if operation_name is not None and not isinstance(operation_name, str):
            raise BadRequestError(400, "`operationName` must be a string.")
        return GraphQLRequest(query, variables, operation_name, read_only, document)

    def _check_room(self, content: bytes, exchange: Exchange) -> None:
        if not any(name in content for name in TRACKING):
            self.admission.check_room(exchange.scope)


def _is_from_browser(exchange: Exchange) -> bool:
    return exchange.method in ("GET", "HEAD") and "text/html" in exchange.accept


def _check_origin(exchange: Exchange) -> None:
    """Refuse a query that a page of another site makes a browser send, for example as an image.

    Raises:
        BadRequestError: the request is such a query.
    """
    if exchange.headers.get(b"sec-fetch-site") == b"cross-site":
        raise BadRequestError(403, "Use POST: a page of another site has sent this GET request.")


def _json(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BadRequestError(400, "The request is not valid JSON.") from None
