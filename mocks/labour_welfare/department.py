"""HTTP server of the Labour Welfare Board: `POST /graphql`, with HTTP Basic."""

import base64
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from graphql import build_schema, graphql_sync
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
from mocks.labour_welfare.wire_format import wire_application
from mocks.population import Population
from mocks.population.application_index import ApplicationIndex
from mocks.population.records import Application
from mocks.population.work_departments import LABOUR_WELFARE
from mocks.population.worklist import Worklist
from mocks.responses import json_body, json_response

USER, PASSWORD = "citizen-hub", "demo-welfare-password"
BASIC = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
SCHEMA = build_schema((Path(__file__).parent / "schema.graphql").read_text(encoding="utf-8"))
MOST_LISTED = 100
STATUS_CODES = re.compile(rb'"state":\{"code":"(?P<code>[^"]*)"')


class WelfareResolvers:
    """The root object of the GraphQL schema; its methods are resolvers."""

    def __init__(self, population: Population) -> None:
        self._citizens = population.by_member_id
        self._applications = population.applications_at(LABOUR_WELFARE)
        self._index = ApplicationIndex(self._applications)
        self._worklist = Worklist(self._applications)

    def applications(self, _: Any, where: Any = None) -> list[dict[str, Any]]:
        """Return the applications that match `where`. Unknown conditions are ignored."""
        conditions = where if isinstance(where, dict) else {}
        numbers, references = _values(conditions, "lwbNo"), _values(conditions, "reference")
        if numbers is not None:
            found = self._index.of_owners(numbers)
        elif references is not None:
            found = self._index.by_references(references)
        else:
            found = self._applications
        return [self._fields_of(application) for application in found]

    def application(self, _: Any, reference: str) -> dict[str, Any] | None:
        """Return the application with this reference number; None if there is none."""
        found = self._index.get(reference)
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
        found = self._worklist.matching(states or (), since)
        shown = found[max(0, skip) : max(0, skip) + min(take, MOST_LISTED)]
        return {"total": len(found), "items": [self._fields_of(each) for each in shown]}

    def _fields_of(self, application: Application) -> dict[str, Any]:
        return wire_application(application, self._citizens[application.member_id])


def build(population: Population) -> MockDepartment:
    """Return the board with the data of this population."""
    root = WelfareResolvers(population)
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
        result = graphql_sync(SCHEMA, text, root_value=root, variable_values=variables)
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
        ),
    )


def _values(conditions: dict[str, Any], name: str) -> list[str] | None:
    condition = conditions.get(name)
    values = condition.get("in") if isinstance(condition, dict) else None
    return [str(value) for value in values] if isinstance(values, list) else None


def _errors(message: str, code: str, status: int = 200) -> Response:
    error = {"message": message, "extensions": {"code": code}}
    return json_response({"errors": [error], "data": None}, status)
