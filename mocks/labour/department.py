"""HTTP server of the construction workers' board: `/oauth/token` and `/bocw/v1`."""

import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks.department import MockDepartment, rest_app, route_namer
from mocks.faults.failures import rest_failures
from mocks.labour.tokens import CLIENT_ID, CLIENT_SECRET, TokenEndpoint
from mocks.labour.wire_format import wire_registration
from mocks.population import Population
from mocks.population.application_index import ApplicationIndex
from mocks.population.clock import parse_day
from mocks.population.work_departments import LABOUR
from mocks.population.worklist import Worklist
from mocks.responses import envelope_refusal, envelope_rows, query_words, whole_number

BATCH_LIMIT = 25
MOST_LISTED = 100
STATUS_CODES = re.compile(rb'"statusCd":(?P<code>\d+)')


def build(population: Population) -> MockDepartment:
    """Return the board with the data of this population."""
    citizens = population.by_member_id
    index = ApplicationIndex(population.applications_at(LABOUR))
    worklist = Worklist(population.applications_at(LABOUR))
    tokens = TokenEndpoint()

    async def registrations(request: Request) -> Response:
        if not tokens.knows(request):
            return envelope_refusal("E401", "Invalid or expired token", 401)
        workers, numbers = query_words(request, "bocwNos"), query_words(request, "regAppNos")
        if not workers and not numbers:
            return envelope_refusal("E400", "bocwNos or regAppNos is mandatory")
        if len(workers) + len(numbers) > BATCH_LIMIT:
            return envelope_refusal("E414", f"Maximum {BATCH_LIMIT} numbers allowed")
        found = index.of_owners(workers) + index.by_references(numbers)
        rows = [wire_registration(a, citizens[a.member_id]) for a in found]
        return envelope_rows(rows, "Success")

    async def list_registrations(request: Request) -> Response:
        """List registrations for officers, last changed first."""
        if not tokens.knows(request):
            return envelope_refusal("E401", "Invalid or expired token", 401)
        since = request.query_params.get("changedFrom", "")
        try:
            first_day = parse_day(since, "%d/%m/%Y") if since else None
        except ValueError:
            return envelope_refusal("E422", "changedFrom must be dd/mm/yyyy")
        found = worklist.matching(set(query_words(request, "statusCds")), first_day)
        start = whole_number(request.query_params.get("start", "0")) or 0
        size = whole_number(request.query_params.get("rows", "")) or MOST_LISTED
        shown = found[start : start + min(size, MOST_LISTED)]
        rows = [wire_registration(a, citizens[a.member_id]) for a in shown]
        return envelope_rows(rows, "Success", totalRows=len(found))

    routes = [
        Route("/oauth/token", tokens.issue, methods=["POST"]),
        Route("/bocw/v1/registrations", registrations, methods=["GET"]),
        Route("/bocw/v1/registrations/list", list_registrations, methods=["GET"]),
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
        ),
    )
