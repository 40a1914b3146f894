"""HTTP server of the construction workers' board: `/oauth/token` and `/bocw/v1`."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks.department import MockDepartment, rest_app, route_namer
from mocks.faults.failures import rest_failures
from mocks.labour.submissions import SubmissionEndpoints
from mocks.labour.tokens import CLIENT_ID, CLIENT_SECRET, TokenEndpoint
from mocks.labour.wire_format import wire_registration
from mocks.population import Population
from mocks.population.clock import parse_day
from mocks.population.records import Application
from mocks.population.work_departments import LABOUR
from mocks.responses import envelope_refusal, envelope_rows, query_words, whole_number
from mocks.submissions import ApplicationDesk, Intake

REGISTRATIONS = "/bocw/v1/registrations"
BATCH_LIMIT = 25
MOST_LISTED = 100
Endpoint = Callable[[Request], Awaitable[Response]]
STATUS_CODES = re.compile(rb'"statusCd":(?P<code>\d+)')


def build(population: Population) -> MockDepartment:
    """Return the board with the data of this population."""
    citizens = population.by_member_id
    intake = Intake()
    desk = ApplicationDesk(LABOUR, population.applications_at(LABOUR), citizens, intake)
    writes = SubmissionEndpoints(desk, intake)
    tokens = TokenEndpoint()

    def row(application: Application) -> dict[str, Any]:
        citizen = citizens[application.member_id]
        return wire_registration(application, citizen, desk.hub_reference(application))

    async def registrations(request: Request) -> Response:
        workers, numbers = query_words(request, "bocwNos"), query_words(request, "regAppNos")
        hub_numbers = query_words(request, "hubRefs")
        given = len(workers) + len(numbers) + len(hub_numbers)
        if not given:
            return envelope_refusal("E400", "bocwNos or regAppNos is mandatory")
        if given > BATCH_LIMIT:
            return envelope_refusal("E414", f"Maximum {BATCH_LIMIT} numbers allowed")
        found = desk.of_owners(workers) + desk.by_references(numbers) + desk.find(hub_numbers)
        return envelope_rows(list(map(row, found)), "Success")

    async def list_registrations(request: Request) -> Response:
        """List registrations for officers, last changed first."""
        since = request.query_params.get("changedFrom", "")
        try:
            first_day = parse_day(since, "%d/%m/%Y") if since else None
        except ValueError:
            return envelope_refusal("E422", "changedFrom must be dd/mm/yyyy")
        found = desk.matching(set(query_words(request, "statusCds")), first_day)
        start = whole_number(request.query_params.get("start", "0")) or 0
        size = whole_number(request.query_params.get("rows", "")) or MOST_LISTED
        shown = found[start : start + min(size, MOST_LISTED)]
        return envelope_rows(list(map(row, shown)), "Success", totalRows=len(found))

    def with_token(endpoint: Endpoint) -> Endpoint:
        async def checked(request: Request) -> Response:
            if not tokens.knows(request):
                return envelope_refusal("E401", "Invalid or expired token", 401)
            return await endpoint(request)

        return checked

    routes = [
        Route("/oauth/token", tokens.issue, methods=["POST"]),
        Route(REGISTRATIONS, with_token(registrations), methods=["GET"]),
        Route(REGISTRATIONS, with_token(writes.register), methods=["POST"]),
        Route(f"{REGISTRATIONS}/list", with_token(list_registrations), methods=["GET"]),
        Route(f"{REGISTRATIONS}/documents", with_token(writes.attach), methods=["POST"]),
        Route(f"{REGISTRATIONS}/reply", with_token(writes.reply), methods=["POST"]),
        Route(f"{REGISTRATIONS}/withdraw", with_token(writes.withdraw), methods=["POST"]),
    ]
    return MockDepartment(
        app=rest_app(
            routes, lambda status, message: envelope_refusal(f"E{status}", message, status)
        ),
        operation_of=route_namer(routes),
        failures=rest_failures(
            b'{"status":"false","code":"E500","msg":"Exception in procedure","data":""}',
            STATUS_CODES,
        ),
        examples=(
            f"curl {{url}}/oauth/token -u {CLIENT_ID}:{CLIENT_SECRET} "
            "-d grant_type=client_credentials",
            "curl '{url}/bocw/v1/registrations?bocwNos=BOCW/KNL/000021' "
            "-H 'Authorization: Bearer TOKEN'",
            "curl {url}/bocw/v1/registrations -H 'Authorization: Bearer TOKEN' "
            '-d \'{"hubRef": "R1", "serviceCd": "BOC", "bocwNo": "BOCW/KNL/000021", '
            '"form": {"workerName": "SURESH", "dob": "12/05/1980", "tradeCd": "01", '
            '"daysWorked": "120", "declared": "Y"}}\'',
        ),
        intake=intake,
    )
