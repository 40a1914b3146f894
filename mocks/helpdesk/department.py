"""The help desk as a server: `/open311/v2`."""

import re
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks.department import MockDepartment
from mocks.faults.failures import rest_failures
from mocks.helpdesk.grievance_index import GrievanceFilter, GrievanceIndex, local_moment
from mocks.helpdesk.wire_format import wire_definition, wire_request, wire_service
from mocks.population import Population
from mocks.population.records import Grievance
from mocks.population.services import GRIEVANCE_SERVICES
from mocks.responses import json_response, rest_app, route_namer

PREFIX = "/open311/v2"
BATCH_LIMIT = 50
STATUS_CODES = re.compile(rb'"pgr_status":"(?P<code>[^"]*)"')


class BadQueryError(ValueError):
    """A query that Open311 answers with 400."""


class HelpdeskEndpoints:
    """The help desk's window: one method for each of its routes."""

    def __init__(self, population: Population) -> None:
        self._citizens = population.by_member_id
        self._desk = GrievanceIndex(population)
        self._finders = {
            "service_request_id": self._desk.by_ids,
            "account_id": self._desk.by_accounts,
            "registration_number": self._desk.by_numbers,
        }

    def _answer(self, found: list[Grievance]) -> Response:
        return json_response([wire_request(g, self._citizens[g.member_id]) for g in found])

    async def services(self, _: Request) -> Response:
        """`GET /services.json`."""
        return json_response([wire_service(code) for code in GRIEVANCE_SERVICES])

    async def definition(self, request: Request) -> Response:
        """`GET /services/{service_code}.json`."""
        code = request.path_params["service_code"]
        if code not in GRIEVANCE_SERVICES:
            return _problem(404, f"service_code {code} was not found")
        return json_response(wire_definition(code))

    async def requests(self, request: Request) -> Response:
        """`GET /requests.json`: by numbers, or a search."""
        try:
            for name, find in self._finders.items():
                if name in request.query_params:
                    return self._answer(find(_ids(request, name)))
            return self._answer(self._desk.search(_wish(request)))
        except BadQueryError as error:
            return _problem(400, str(error))

    async def single(self, request: Request) -> Response:
        """`GET /requests/{id}.json`."""
        request_id = request.path_params["id"]
        found = self._desk.by_ids([request_id])
        if not found:
            return _problem(404, f"service_request_id {request_id} was not found")
        return self._answer(found)


def build(population: Population) -> MockDepartment:
    """The help desk over this population."""
    window = HelpdeskEndpoints(population)
    routes = [
        Route(f"{PREFIX}/services.json", window.services),
        Route(f"{PREFIX}/services/{{service_code}}.json", window.definition),
        Route(f"{PREFIX}/requests.json", window.requests),
        Route(f"{PREFIX}/requests/{{id}}.json", window.single),
    ]
    return MockDepartment(
        app=rest_app(routes, _problem),
        operation_of=route_namer(routes),
        failures=rest_failures(b'[{"code":500,"description":"Internal error"}]', STATUS_CODES),
        examples=(
            f"curl {{url}}{PREFIX}/services.json",
            f"curl '{{url}}{PREFIX}/requests.json?account_id=AC000123'",
        ),
    )


def _wish(request: Request) -> GrievanceFilter:
    return GrievanceFilter(
        service_codes=_choice(request, "service_code"),
        statuses=_choice(request, "status"),
        start=_moment(request, "start_date"),
        end=_moment(request, "end_date"),
    )


def _problem(code: int, description: str) -> Response:
    return json_response([{"code": code, "description": description}], code)


def _ids(request: Request, name: str) -> list[str]:
    words = (word.strip() for word in request.query_params[name].split(","))
    ids = list(dict.fromkeys(word for word in words if word))
    if not ids:
        raise BadQueryError(f"{name} is empty")
    if len(ids) > BATCH_LIMIT:
        raise BadQueryError(f"at most {BATCH_LIMIT} of {name} at once")
    return ids


def _choice(request: Request, name: str) -> frozenset[str] | None:
    words = (word.strip() for word in request.query_params.get(name, "").split(","))
    chosen = frozenset(word for word in words if word)
    return chosen or None


def _moment(request: Request, name: str) -> datetime | None:
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        # A plus sign that nobody escaped arrives as a space.
        return local_moment(text.replace(" ", "+"))
    except ValueError as error:
        raise BadQueryError(f"{name} must be a W3C date-time with zone: {error}") from error
