"""The construction workers' board as a server: `/oauth/token` and `/bocw/v1`."""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks.department import MockDepartment
from mocks.faults.failures import rest_failures
from mocks.labour.tokens import CLIENT_ID, CLIENT_SECRET, TokenEndpoint
from mocks.labour.wire_format import wire_registration
from mocks.population import Population
from mocks.population.records import Application
from mocks.population.work_departments import LABOUR
from mocks.responses import json_response, rest_app, route_namer

BATCH_LIMIT = 25
STATUS_CODES = re.compile(rb'"statusCd":(?P<code>\d+)')


def build(population: Population) -> MockDepartment:
    """The board over this population."""
    citizens = population.by_member_id
    by_worker: dict[str, list[Application]] = {}
    by_number: dict[str, Application] = {}
    for application in population.applications_at(LABOUR):
        by_worker.setdefault(application.owner, []).append(application)
        by_number[application.reference] = application
    desk = TokenEndpoint()

    async def registrations(request: Request) -> Response:
        if not desk.knows(request):
            return _refusal("E401", "Invalid or expired token", 401)
        workers, numbers = _ids(request, "bocwNos"), _ids(request, "regAppNos")
        if not workers and not numbers:
            return _refusal("E400", "bocwNos or regAppNos is mandatory")
        if len(workers) + len(numbers) > BATCH_LIMIT:
            return _refusal("E414", f"Maximum {BATCH_LIMIT} numbers allowed")
        found = [a for worker in workers for a in by_worker.get(worker, ())]
        found += [by_number[number] for number in numbers if number in by_number]
        if not found:
            return _refusal("E102", "Data not found")
        rows = [wire_registration(a, citizens[a.member_id]) for a in found]
        data: Any = rows[0] if len(rows) == 1 else rows
        return json_response({"status": "true", "code": "S100", "msg": "Success", "data": data})

    routes = [
        Route("/oauth/token", desk.issue, methods=["POST"]),
        Route("/bocw/v1/registrations", registrations, methods=["GET"]),
    ]
    return MockDepartment(
        app=rest_app(routes, lambda status, message: _refusal(f"E{status}", message, status)),
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


def _ids(request: Request, name: str) -> list[str]:
    words = map(str.strip, request.query_params.get(name, "").split(","))
    return list(dict.fromkeys(word for word in words if word))


def _refusal(code: str, message: str, status: int = 200) -> Response:
    return json_response({"status": "false", "code": code, "msg": message, "data": ""}, status)
