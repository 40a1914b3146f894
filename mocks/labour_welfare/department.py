"""HTTP server of the Labour Welfare Board: `POST /graphql`, with HTTP Basic."""

import base64
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from graphql import GraphQLResolveInfo, build_schema, graphql_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks.department import MockDepartment, rest_app, route_namer
from mocks.faults.failures import rest_failures
from mocks.faults.middleware import strikes
from mocks.labour_welfare.persisted_queries import (
    PersistedQueries,
    UnknownQueryError,
    WrongHashError,
)
from mocks.labour_welfare.submissions import apply
from mocks.labour_welfare.wire_format import wire_application
from mocks.population import Population
from mocks.population.records import Application
from mocks.population.work_departments import LABOUR_WELFARE
from mocks.responses import json_body, json_response
from mocks.submissions import ApplicationDesk, Intake

USER, PASSWORD = "citizen-hub", "demo-welfare-password"
BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
SCHEMA = build_schema((Path(__file__).parent / "schema.graphql").read_text(encoding="utf-8"))
MOST_LISTED = 100
APPLY = (
    '{"query": "mutation($input: ApplyInput!) { apply(input: $input) '
    '{ application { reference } problems { field message } } }", "variables": {"input": '
    '{"hubRef": "R1", "service": "WEL", "memberId": "7KNL042101", "scheme": "SEW", '
    '"employer": "Goel Mills"}}}'
)
"""Body of a request that applies for a benefit."""
STATUS_CODES = re.compile(rb'"state":\{"code":"(?P<code>[^"]*)"')


class WelfareResolvers:
    """The root object of the GraphQL schema; its methods are resolvers."""

    def __init__(self, population: Population, intake: Intake) -> None:
        self._citizens = population.by_member_id
        applications = population.applications_at(LABOUR_WELFARE)
        self._desk = ApplicationDesk(LABOUR_WELFARE, applications, self._citizens, intake)

    def applications(self, _: Any, where: Any = None) -> list[dict[str, Any]]:
        """Return the applications that match `where`. Unknown conditions are ignored."""
        conditions = where if isinstance(where, dict) else {}
        finders = {
            "lwbNo": self._desk.of_owners,
            "reference": self._desk.by_references,
            "hubRef": self._desk.find,
        }
        for name, find in finders.items():
            values = _values(conditions, name)
            if values is not None:
                found = find(values)
                break
        else:
            found = self._desk.everything()
        return [self._fields_of(application) for application in found]

    def application(self, _: Any, reference: str) -> dict[str, Any] | None:
        """Return the application with this reference number; None if there is none."""
        found = self._desk.get(reference)
        return self._fields_of(found) if found is not None else None

    def worklist(
        self,
        _: Any,
        skip: int,
        take: int,
        states: list[str] | None = None,
        changedFrom: str | None = None,  # noqa: N803
    ) -> dict[str, Any]:
        """Return applications for officers, last changed first."""
        since = date.fromisoformat(changedFrom) if changedFrom else None
        found = self._desk.matching(states or (), since)
        shown = found[max(0, skip) : max(0, skip) + min(take, MOST_LISTED)]
        return {"total": len(found), "items": [self._fields_of(each) for each in shown]}

    def apply(self, info: GraphQLResolveInfo[Any], **given: Any) -> dict[str, Any]:
        """Store an application, or return the problems with HTTP 200 and without errors."""
        if strikes(info.context, "refuse_write"):
            problem = {"field": "service", "message": "The board takes no applications now"}
            return {"application": None, "problems": [problem]}
        stored, problems = apply(self._desk, given["input"])
        return {"application": stored and self._fields_of(stored), "problems": problems}

    def _fields_of(self, application: Application) -> dict[str, Any]:
        citizen = self._citizens[application.member_id]
        return wire_application(application, citizen, self._desk.hub_reference(application))


def build(population: Population) -> MockDepartment:
    """Return the board with the data of this population."""
    intake = Intake()
    root = WelfareResolvers(population, intake)
    queries = PersistedQueries()

    async def graphql(request: Request) -> Response:
        if request.headers.get("authorization") != BASIC:
            refusal = _errors("Not logged in", "UNAUTHENTICATED", 401)
            refusal.headers["WWW-Authenticate"] = 'Basic realm="welfare"'
            return refusal
        body = await json_body(request)
        if not isinstance(body, dict):
            return _errors("The body must be a JSON object", "BAD_REQUEST", 400)
        try:
            text = queries.text_of(body)
        except UnknownQueryError:
            return _errors("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
        except WrongHashError:
            return _errors("provided sha does not match query", "BAD_REQUEST", 400)
        variables = body.get("variables")
        if text is None or not isinstance(variables, dict | None):
            return _errors("query is missing", "BAD_REQUEST", 400)
        if variables is not None and strikes(request, "ignored_filter"):
            variables = variables | {"where": {}} if "where" in variables else variables
        result = graphql_sync(
            SCHEMA, text, root_value=root, context_value=request, variable_values=variables
        )
        content: dict[str, Any] = {"data": result.data}
        if result.errors:
            content["errors"] = [error.formatted for error in result.errors]
        return json_response(content)

    routes = [Route("/graphql", graphql, methods=["POST"])]
    return MockDepartment(
        app=rest_app(routes, lambda status, message: _errors(message, f"HTTP_{status}", status)),
        operation_of=route_namer(routes),
        failures=replace(
            rest_failures(
                b'{"errors":[{"message":"Internal error","extensions":{"code":"INTERNAL"}}],'
                b'"data":null}',
                STATUS_CODES,
            ),
            quirks={"ignored_filter": None},
        ),
        examples=(
            f"curl {{url}}/graphql -u {USER}:{PASSWORD} "
            '-d \'{"query": "{ applications { reference state { label } } }"}\'',
            f"curl {{url}}/graphql -u {USER}:{PASSWORD} -d '{APPLY}'",
        ),
        intake=intake,
    )


def _values(conditions: dict[str, Any], name: str) -> list[str] | None:
    condition = conditions.get(name)
    values = condition.get("in") if isinstance(condition, dict) else None
    return [str(value) for value in values] if isinstance(values, list) else None


def _errors(message: str, code: str, status: int = 200) -> Response:
    error = {"message": message, "extensions": {"code": code}}
    return json_response({"errors": [error], "data": None}, status)
