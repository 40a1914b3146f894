"""The parts of a mock department, and the routes of a REST department."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Scope

from mocks.faults import HTTP_FAULTS, WRITE_FAULTS, FailureReplies
from mocks.submissions import Intake


@dataclass(frozen=True, slots=True)
class MockDepartment:
    """One department that speaks HTTP.

    Attributes:
        app: the department's ASGI application.
        operation_of: returns the name under which a request is counted.
        failures: how the department reports failures.
        examples: shell commands that call it, with `{url}` for its address.
        intake: what it has received; None if it receives no submissions.
    """

    app: ASGIApp
    operation_of: Callable[[Scope], str]
    failures: FailureReplies
    examples: tuple[str, ...]
    intake: Intake | None = None

    @property
    def faults(self) -> list[str]:
        """The names of its fault switches."""
        writes = () if self.intake is None else tuple(WRITE_FAULTS)
        return self.failures.playable((*HTTP_FAULTS, *writes))


def rest_app(routes: Iterable[Route], refusal: Callable[[int, str], Response]) -> Starlette:
    """Return an application with these routes.

    Args:
        refusal: makes the department's own response from an HTTP status and a message; used
            when no route matches.
    """

    async def refuse(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        response = refusal(error.status_code, error.detail)
        response.headers.update(error.headers or {})
        return response

    return Starlette(routes=list(routes), exception_handlers={HTTPException: refuse})


def route_namer(routes: Iterable[Route]) -> Callable[[Scope], str]:
    """Return a function that names a request after its route: `GET /families/{id}`."""
    known = tuple(routes)

    def operation_of(scope: Scope) -> str:
        for route in known:
            if route.matches(scope)[0] is Match.FULL:
                return f"{scope['method']} {route.path.replace(':path}', '}')}"
        return f"{scope['method']} {scope['path']}"

    return operation_of
