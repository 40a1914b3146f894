"""HTTP server of the help desk: `/open311/v2`."""

import re
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks.department import MockDepartment, rest_app, route_namer
from mocks.faults.failures import rest_failures
from mocks.helpdesk.grievance_desk import GrievanceDesk
from mocks.helpdesk.grievance_index import GrievanceFilter, local_moment
from mocks.helpdesk.submissions import PREFIX, SubmissionEndpoints, problem
from mocks.helpdesk.wire_format import wire_definition, wire_request, wire_service
from mocks.population import Population
from mocks.population.records import Grievance
from mocks.population.services import GRIEVANCE_SERVICES
from mocks.responses import json_response, query_words
from mocks.submissions import Intake

BATCH_LIMIT = 50
STATUS_CODES = re.compile(rb'"pgr_status":"(?P<code>[^"]*)"')


class BadQueryError(ValueError):
    """An invalid query, refused with HTTP 400."""


class HelpdeskEndpoints:
    """The endpoints of the help desk, one method each."""

    def __init__(self, population: Population, desk: GrievanceDesk) -> None:
        self._citizens = population.by_member_id
        self._desk = desk
        self._finders = {
            "service_request_id": desk.by_ids,
            "account_id": desk.by_accounts,
            "registration_number": desk.by_numbers,
            "external_ref": desk.find,
        }

    def _response(self, found: list[Grievance]) -> Response:
        return json_response(
            [
                wire_request(g, self._citizens[g.member_id], self._desk.hub_reference(g))
                for g in found
            ]
        )

    async def services(self, _: Request) -> Response:
        """Handle `GET /services.json`."""
        return json_response([wire_service(code) for code in GRIEVANCE_SERVICES])

    async def definition(self, request: Request) -> Response:
        """Handle `GET /services/{service_code}.json`."""
        code = request.path_params["service_code"]
        if code not in GRIEVANCE_SERVICES:
            return problem(404, f"service_code {code} was not found")
        return json_response(wire_definition(code))

    async def requests(self, request: Request) -> Response:
        """Handle `GET /requests.json`: by numbers, or with a filter."""
        try:
            for name, find in self._finders.items():
                if name in request.query_params:
                    return self._response(find(_ids(request, name)))
            return self._response(self._desk.search(_filter_of(request)))
        except BadQueryError as error:
            return problem(400, str(error))

    async def single(self, request: Request) -> Response:
        """Handle `GET /requests/{id}.json`."""
        request_id = request.path_params["id"]
        found = self._desk.by_ids([request_id])
        if not found:
            return problem(404, f"service_request_id {request_id} was not found")
        return self._response(found)


def build(population: Population) -> MockDepartment:
    """Return the help desk with the data of this population."""
    intake = Intake()
    desk = GrievanceDesk(population, intake)
    endpoints, writes = HelpdeskEndpoints(population, desk), SubmissionEndpoints(desk)
    routes = [
        Route(f"{PREFIX}/services.json", endpoints.services),
        Route(f"{PREFIX}/services/{{service_code}}.json", endpoints.definition),
        Route(f"{PREFIX}/requests.json", endpoints.requests, methods=["GET"]),
        Route(f"{PREFIX}/requests.json", writes.request, methods=["POST"]),
        Route(f"{PREFIX}/feedback.json", writes.feedback, methods=["POST"]),
        Route(f"{PREFIX}/requests/{{id}}.json", endpoints.single),
    ]
    return MockDepartment(
        app=rest_app(routes, problem),
        operation_of=route_namer(routes),
        failures=rest_failures(b'[{"code":500,"description":"Internal error"}]', STATUS_CODES),
        examples=(
            f"curl {{url}}{PREFIX}/services.json",
            f"curl '{{url}}{PREFIX}/requests.json?account_id=AC000123'",
            f"curl {{url}}{PREFIX}/requests.json "
            '-d \'{"service_code": "GRV-PEN", "account_id": "AC000123", "external_ref": "R1", '
            '"phone": "9812345678", "description": "Pension not credited since two months"}\'',
        ),
        intake=intake,
    )


def _filter_of(request: Request) -> GrievanceFilter:
    return GrievanceFilter(
        service_codes=_choice(request, "service_code"),
        statuses=_choice(request, "status"),
        start=_moment(request, "start_date"),
        end=_moment(request, "end_date"),
    )


def _ids(request: Request, name: str) -> list[str]:
    ids = query_words(request, name)
    if not ids:
        raise BadQueryError(f"{name} is empty")
    if len(ids) > BATCH_LIMIT:
        raise BadQueryError(f"at most {BATCH_LIMIT} of {name} at once")
    return ids


def _choice(request: Request, name: str) -> frozenset[str] | None:
    return frozenset(query_words(request, name)) or None


def _moment(request: Request, name: str) -> datetime | None:
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        # An unescaped plus sign arrives as a space.
        return local_moment(text.replace(" ", "+"))
    except ValueError as error:
        raise BadQueryError(f"{name} must be a W3C date-time with zone: {error}") from error
