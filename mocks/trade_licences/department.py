"""The licence office as a server: ServicePlus' status service, behind X-Road's security server."""

import re
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from mocks.department import MockDepartment
from mocks.faults.failures import rest_failures
from mocks.population import Population
from mocks.population.records import Application
from mocks.population.town_departments import TRADE_LICENCES
from mocks.responses import json_body, json_response, rest_app
from mocks.trade_licences.security_server import (
    PREFIX,
    SecurityServer,
    answers_another,
    says_instead,
)
from mocks.trade_licences.wire_format import wire_application

SERVICE = "HR/GOV/ULB/SERVICEPLUS/trade-licences"
CLIENT = "HR/GOV/CRID/CITIZEN-HUB"
BATCH_LIMIT = 20
STATUS_CODES = re.compile(rb'"appl_status":"(?P<code>[^"]*)"')


def build(population: Population) -> MockDepartment:
    """The licence office over this population."""
    citizens = population.by_member_id
    by_applicant: dict[str, list[Application]] = {}
    by_number: dict[str, Application] = {}
    for application in population.applications_at(TRADE_LICENCES):
        by_applicant.setdefault(application.owner, []).append(application)
        by_number[application.reference] = application

    def answer(found: list[Application]) -> Response:
        return json_response([wire_application(a, citizens[a.member_id]) for a in found])

    async def search(request: Request) -> Response:
        body = await json_body(request)
        asked: dict[str, Any] = body if isinstance(body, dict) else {}
        applicants, numbers = asked.get("applied_by", []), asked.get("appl_ref_no", [])
        if not (_are_texts(applicants) and _are_texts(numbers) and (applicants or numbers)):
            return _problem("applied_by or appl_ref_no: a list of texts is needed", 400)
        if len(applicants) + len(numbers) > BATCH_LIMIT:
            return _problem(f"at most {BATCH_LIMIT} at once", 400)
        found = [a for each in dict.fromkeys(applicants) for a in by_applicant.get(each, ())]
        found += [by_number[each] for each in dict.fromkeys(numbers) if each in by_number]
        return answer(found)

    async def single(request: Request) -> Response:
        # One segment of the path, whatever is encoded in it.
        reference = unquote(request.path_params["reference"])
        found = by_number.get(reference)
        if found is None:
            # The old framework says nothing at all instead of 404.
            return Response(b"", 204)
        return answer([found])

    service = rest_app(
        [
            Route("/applications/search", search, methods=["POST"]),
            Route("/applications/{reference}", single, methods=["GET"]),
        ],
        lambda status, message: _problem(message, status),
    )
    return MockDepartment(
        app=SecurityServer(service, SERVICE, [CLIENT]),
        operation_of=_operation_of,
        failures=replace(
            rest_failures(b'{"error":"java.lang.NullPointerException"}', STATUS_CODES),
            # One in each spelling of X-Road's codes.
            quirks={
                "exchange_down": says_instead(
                    "Server.ServerProxy.NetworkError", "Could not connect to any target host"
                ),
                "exchange_mixup": answers_another,
                "exchange_closed": says_instead("maintenance_mode", "Under maintenance"),
            },
        ),
        examples=(
            f"curl {{url}}{PREFIX}/{SERVICE}/applications/search -H 'X-Road-Client: {CLIENT}' "
            '-d \'{"applied_by": ["000000205"]}\'',
        ),
    )


def _are_texts(asked: object) -> bool:
    return isinstance(asked, list) and all(isinstance(each, str) for each in asked)


def _operation_of(scope: Scope) -> str:
    last = scope["path"].rpartition("/")[2]
    name = "search" if last == "search" else "{reference}"
    return f"{scope['method']} /applications/{name}"


def _problem(message: str, status: int) -> Response:
    return json_response({"error": message}, status)
