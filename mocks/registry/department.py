"""HTTP server of the Family ID register."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from mocks.department import MockDepartment, rest_app, route_namer
from mocks.faults.failures import rest_failures
from mocks.faults.middleware import strikes
from mocks.population import Population
from mocks.registry.corrections import FIELDS, Corrections, value_problem
from mocks.registry.register import SEARCH_FIELDS, Register
from mocks.registry.wire_format import wire_citizen, wire_family
from mocks.responses import json_body, json_response, query_words
from mocks.submissions import Intake
from mocks.submissions.forms import document_problem, missing_field, text_of, without_content

BATCH_LIMIT = 50
SEARCH_LIMIT = 6


class ClientIdRequired:
    """ASGI middleware that refuses requests without the header `X-Client-Id`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if any(name == b"x-client-id" and value.strip() for name, value in scope["headers"]):
            await self.app(scope, receive, send)
        else:
            refusal = _problem("UNAUTHORIZED", "Header X-Client-Id is missing.", 401)
            await refusal(scope, receive, send)


class RegistryEndpoints:
    """The endpoints of the register, one method each."""

    def __init__(self, population: Population, intake: Intake) -> None:
        self._corrections = Corrections(intake)
        self._register = Register(population, self._corrections)

    async def citizen(self, request: Request) -> Response:
        """Handle `GET /citizens/{identifier}`."""
        identifier = request.path_params["identifier"]
        found = self._register.citizen(identifier)
        if found is None:
            return _problem("NOT_FOUND", f"No citizen has the identifier {identifier}.", 404)
        return json_response({"requested": identifier, "citizen": wire_citizen(found)})

    async def citizens(self, request: Request) -> Response:
        """Handle `POST /citizens/batch`."""

        def result(key: str) -> Any:
            found = self._register.citizen(key)
            return {"requested": key, "citizen": wire_citizen(found) if found else None}

        return await _batch(request, "identifiers", result)

    async def family(self, request: Request) -> Response:
        """Handle `GET /families/{id}`."""
        family_id = request.path_params["id"]
        found = self._register.family(family_id)
        if found is None:
            return _problem("NOT_FOUND", f"There is no family {family_id}.", 404)
        return json_response({"requested": family_id, "family": wire_family(found)})

    async def families(self, request: Request) -> Response:
        """Handle `POST /families/batch`."""

        def result(key: str) -> Any:
            found = self._register.family(key)
            return {"requested": key, "family": wire_family(found) if found else None}

        return await _batch(request, "familyIds", result)

    async def search(self, request: Request) -> Response:
        """Handle `POST /citizens/search`, with at least two fields; return at most six citizens."""
        body = await json_body(request)
        given: dict[str, Any] = body if isinstance(body, dict) else {}
        wanted = {name: value for name, value in given.items() if value not in ("", None)}
        unknown = sorted(set(wanted) - SEARCH_FIELDS)
        if unknown:
            return _problem("BAD_REQUEST", f"Unknown search field {unknown[0]}.", 400)
        if len(wanted) < 2:
            return _problem("BAD_REQUEST", "Give at least two search fields.", 400)
        found = self._register.search(wanted)
        hits = [wire_citizen(citizen) for citizen in found[:SEARCH_LIMIT]]
        return json_response({"total": len(found), "citizens": hits})

    async def correct(self, request: Request) -> Response:
        """Handle `POST /corrections`. A request with a known `hubRef` is not stored again."""
        if strikes(request, "refuse_write"):
            return _problem("CLOSED", "The register takes no corrections before the survey.", 403)
        body = await json_body(request)
        missing = missing_field(body, "hubRef", "memberId", "field", "newValue")
        if missing is not None:
            return _problem("BAD_REQUEST", f"{missing} is missing.", 400)
        member, field = text_of(body, "memberId"), text_of(body, "field")
        if self._register.citizen(f"PPP_MEMBER:{member}") is None:
            return _problem("NOT_FOUND", f"There is no member {member}.", 404)
        if field not in FIELDS:
            return _problem("BAD_FIELD", f"{field} cannot be corrected here.", 422)
        documents = body.get("documents") or []
        wrong = value_problem(field, text_of(body, "newValue"))
        if not isinstance(documents, list):
            wrong = "documents must be a list."
        elif wrong is None:
            wrong = next(filter(None, map(document_problem, documents)), None)
        if wrong is not None:
            return _problem("BAD_VALUE", wrong, 422)
        fields = {
            "field": field,
            **{name: text_of(body, name) for name in ("oldValue", "newValue", "reason")},
            "documents": list(map(without_content, documents)),
        }
        stored, known = self._corrections.receive(text_of(body, "hubRef"), member, fields)
        content = {**self._corrections.wire(stored), "alreadyReceived": known}
        return json_response(content, 200 if known else 201)

    async def corrections(self, request: Request) -> Response:
        """Handle `GET /corrections`, with `hubRefs` or `memberId`."""
        found = self._corrections.find(query_words(request, "hubRefs"))
        found += self._corrections.of_member(request.query_params.get("memberId", ""))
        return json_response({"corrections": list(map(self._corrections.wire, found))})


def build(population: Population) -> MockDepartment:
    """Return the register with the data of this population."""
    intake = Intake()
    endpoints = RegistryEndpoints(population, intake)
    routes = [
        Route("/citizens/batch", endpoints.citizens, methods=["POST"]),
        Route("/citizens/search", endpoints.search, methods=["POST"]),
        Route("/citizens/{identifier:path}", endpoints.citizen, methods=["GET"]),
        Route("/corrections", endpoints.correct, methods=["POST"]),
        Route("/corrections", endpoints.corrections, methods=["GET"]),
        Route("/families/batch", endpoints.families, methods=["POST"]),
        Route("/families/{id}", endpoints.family, methods=["GET"]),
    ]
    return MockDepartment(
        app=ClientIdRequired(rest_app(routes, _misdirected)),
        operation_of=route_namer(routes),
        failures=rest_failures(b'{"error":"INTERNAL","message":"Internal error"}'),
        examples=(
            "curl {url}/citizens/PPP_MEMBER:7KNL042101 -H 'X-Client-Id: me'",
            "curl {url}/families/7KNL0421 -H 'X-Client-Id: me'",
            "curl {url}/corrections -H 'X-Client-Id: me' "
            '-d \'{"hubRef": "R1", "memberId": "7KNL042101", "field": "MOBILE", '
            '"newValue": "9812345678", "reason": "New number"}\'',
            "curl '{url}/corrections?memberId=7KNL042101' -H 'X-Client-Id: me'",
        ),
        intake=intake,
    )


async def _batch(request: Request, field: str, result: Callable[[str], Any]) -> Response:
    """Return one result per key. The order differs from the request, as in the real register."""
    body = await json_body(request)
    keys = body.get(field) if isinstance(body, dict) else None
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        return _problem("BAD_REQUEST", f"The body needs {field}: a list of strings.", 400)
    if len(keys) > BATCH_LIMIT:
        return _problem("TOO_MANY", f"At most {BATCH_LIMIT} {field} at once.", 413)
    return json_response({"results": [result(key) for key in reversed(keys)]})


def _misdirected(status: int, message: str) -> Response:
    return _problem("NOT_FOUND" if status == 404 else "BAD_REQUEST", f"{message}.", status)


def _problem(error: str, message: str, status: int) -> Response:
    return json_response({"error": error, "message": message}, status)
