"""HTTP server of the true data: `/population/...`."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks.department import MockDepartment, rest_app, route_namer
from mocks.faults.failures import rest_failures
from mocks.population.oracle import Oracle
from mocks.population.population import Population
from mocks.responses import json_response, whole_number


def build(population: Population) -> MockDepartment:
    """Return the population server."""
    oracle = Oracle(population)

    async def summary(_: Request) -> Response:
        return json_response(oracle.summary())

    async def sample(request: Request) -> Response:
        count = _number(request, "n", 200)
        return (
            _wrong_number() if count is None else json_response({"memberIds": oracle.sample(count)})
        )

    async def families(request: Request) -> Response:
        count = _number(request, "n", 5)
        size = _number(request, "size", 0)
        if count is None or size is None:
            return _wrong_number()
        return json_response({"familyIds": oracle.families(size or None, count)})

    async def demo_family(_: Request) -> Response:
        return json_response(oracle.demo_family())

    async def citizen(request: Request) -> Response:
        found = oracle.citizen(request.path_params["memberId"])
        if found is None:
            return json_response({"error": "NOT_FOUND", "message": "No such member."}, 404)
        return json_response(found)

    routes = [
        Route("/population", summary),
        Route("/population/sample", sample),
        Route("/population/families", families),
        Route("/population/demo-family", demo_family),
        Route("/population/citizens/{memberId}", citizen),
    ]
    return MockDepartment(
        app=rest_app(routes, _misdirected),
        operation_of=route_namer(routes),
        failures=rest_failures(b'{"error":"INTERNAL","message":"Internal error"}'),
        examples=(
            "curl {url}/population/demo-family",
            "curl '{url}/population/sample?n=5'",
            "curl {url}/population/citizens/7KNL042101",
        ),
    )


def _number(request: Request, name: str, default: int) -> int | None:
    return whole_number(request.query_params.get(name, str(default)))


def _misdirected(status: int, message: str) -> Response:
    code = "NOT_FOUND" if status == 404 else "BAD_REQUEST"
    return json_response({"error": code, "message": f"{message}."}, status)


def _wrong_number() -> Response:
    return json_response({"error": "BAD_REQUEST", "message": "n and size are whole numbers."}, 400)
