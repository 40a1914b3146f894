"""HTTP server of the licence office: ServicePlus' status service behind an X-Road server."""

import re
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from mocks.department import MockDepartment, rest_app
from mocks.faults.failures import rest_failures
from mocks.population import Population
from mocks.population.clock import parse_day
from mocks.population.records import Application
from mocks.population.town_departments import TRADE_LICENCES
from mocks.responses import json_body, json_response
from mocks.submissions import ApplicationDesk, Intake
from mocks.trade_licences.security_server import (
    PREFIX,
    SecurityServer,
    exchange_error,
    other_request_id,
)
from mocks.trade_licences.submissions import SubmissionEndpoint
from mocks.trade_licences.wire_format import wire_application

SERVICE = "HR/GOV/ULB/SERVICEPLUS/trade-licences"
CLIENT = "HR/GOV/CRID/CITIZEN-HUB"
BATCH_LIMIT = 20
MOST_LISTED = 100
STATUS_CODES = re.compile(rb'"appl_status":"(?P<code>[^"]*)"')


def build(population: Population) -> MockDepartment:
    """Return the licence office with the data of this population."""
    citizens = population.by_member_id
    intake = Intake()
    generated = population.applications_at(TRADE_LICENCES)
    desk = ApplicationDesk(TRADE_LICENCES, generated, citizens, intake)
    submissions = SubmissionEndpoint(desk)

    def row(application: Application) -> dict[str, Any]:
        citizen = citizens[application.member_id]
        return wire_application(application, citizen, desk.hub_reference(application))

    def response(found: list[Application]) -> Response:
        return json_response(list(map(row, found)))

    async def search(request: Request) -> Response:
        body = await json_body(request)
        query: dict[str, Any] = body if isinstance(body, dict) else {}
        wanted = [query.get(name) or [] for name in ("applied_by", "appl_ref_no", "ext_ref_no")]
        if not (all(map(_are_texts, wanted)) and any(wanted)):
            return _problem("applied_by, appl_ref_no or ext_ref_no: a list of texts is needed", 400)
        if sum(map(len, wanted)) > BATCH_LIMIT:
            return _problem(f"at most {BATCH_LIMIT} at once", 400)
        applicants, numbers, references = map(dict.fromkeys, wanted)
        found = desk.of_owners(applicants) + desk.by_references(numbers)
        return response(found + desk.find(references))

    async def listed(request: Request) -> Response:
        """List applications for officers, last action first."""
        body = await json_body(request)
        query: dict[str, Any] = body if isinstance(body, dict) else {}
        statuses, since = query.get("appl_status") or [], query.get("from_date") or ""
        start, length = query.get("start", 0), query.get("length", MOST_LISTED)
        if not (_are_texts(statuses) and isinstance(start, int) and isinstance(length, int)):
            return _problem("appl_status: texts; start, length: numbers", 400)
        found = desk.matching(statuses, parse_day(since, "%d-%m-%Y") if since else None)
        shown = found[start : start + min(length, MOST_LISTED)]
        return json_response({"recordsTotal": len(found), "data": list(map(row, shown))})

    async def single(request: Request) -> Response:
        # The reference is one path segment, so its slashes are encoded.
        found = desk.get(unquote(request.path_params["reference"]))
        if found is None:
            # The old framework replies without content instead of with 404.
            return Response(b"", 204)
        return response([found])

    service = rest_app(
        [
            Route("/applications/search", search, methods=["POST"]),
            Route("/applications/list", listed, methods=["POST"]),
            Route("/applications", submissions.submit, methods=["POST"]),
            Route("/applications/{reference}", single, methods=["GET"]),
        ],
        lambda status, message: _problem(message, status),
    )
    return MockDepartment(
        app=SecurityServer(service, SERVICE, [CLIENT]),
        operation_of=_operation_of,
        failures=replace(
            rest_failures(b'{"error":"java.lang.NullPointerException"}', STATUS_CODES),
            # X-Road has two spellings of error codes; there is one switch for each.
            quirks={
                "exchange_down": exchange_error(
                    "Server.ServerProxy.NetworkError", "Could not connect to any target host"
                ),
                "exchange_mixup": other_request_id,
                "exchange_closed": exchange_error("maintenance_mode", "Under maintenance"),
            },
        ),
        examples=(
            f"curl {{url}}{PREFIX}/{SERVICE}/applications/search -H 'X-Road-Client: {CLIENT}' "
            '-d \'{"applied_by": ["000000205"]}\'',
        ),
        intake=intake,
    )


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _operation_of(scope: Scope) -> str:
    last = scope["path"].rpartition("/")[2]
    if last == "applications":
        return f"{scope['method']} /applications"
    name = last if last in ("search", "list") else "{reference}"
    return f"{scope['method']} /applications/{name}"


def _problem(message: str, status: int) -> Response:
    return json_response({"error": message}, status)
