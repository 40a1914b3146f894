"""The control API of every mock: start page, call counts, fault switches and submissions."""

import socket
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from mocks.call_counts import CallCountMiddleware, CallCounts
from mocks.department import MockDepartment, rest_app
from mocks.faults import FaultMiddleware, Switchboard, UnknownFaultError
from mocks.responses import BoundedBody, json_body, json_response
from mocks.server import port_of
from mocks.start_page import StartPage
from mocks.submissions import SubmissionControl
from mocks.submissions.clock import duration

PREFIX = "/_mock"
PAGES = ("/", PREFIX, f"{PREFIX}/")


def control_url(host: str, listener: socket.socket) -> str:
    """Return the URL of a control API that listens on this socket."""
    return f"http://{host}:{port_of(listener)}{PREFIX}"


def control_app(
    calls: CallCounts,
    switchboard: Switchboard,
    page: StartPage,
    switched: Callable[[], None] = lambda: None,
    submissions: SubmissionControl | None = None,
) -> Starlette:
    """Return the application for `/`, `/_mock/calls`, `/_mock/faults` and submissions.

    Args:
        switched: called after the switches have changed.
        submissions: what the mock has received; None if it receives no submissions.
    """

    async def show_page(_: Request) -> Response:
        return PlainTextResponse(page.page(switchboard.supported, receives=submissions is not None))

    async def show_calls(_: Request) -> Response:
        return json_response(calls.summary())

    async def reset_calls(_: Request) -> Response:
        calls.reset()
        return json_response(calls.summary())

    async def show_faults(_: Request) -> Response:
        return json_response(switchboard.summary())

    async def set_faults(request: Request) -> Response:
        settings = await json_body(request)
        if not isinstance(settings, dict):
            return _bad_request("The body must be a JSON object of fault names and values.")
        try:
            switchboard.replace(settings)
        except UnknownFaultError as error:
            return _bad_request(str(error))
        switched()
        return json_response(switchboard.summary())

    async def clear_faults(_: Request) -> Response:
        switchboard.clear()
        switched()
        return json_response(switchboard.summary())

    async def show_submissions(_: Request) -> Response:
        return json_response(await submissions.summary() if submissions is not None else [])

    async def clear_submissions(request: Request) -> Response:
        if submissions is not None:
            await submissions.clear()
        return await show_submissions(request)

    async def advance_clock(request: Request) -> Response:
        if submissions is None:
            return _bad_request("This mock has no simulated clock: it receives no submissions.")
        settings = await json_body(request)
        given = settings.get("advance") if isinstance(settings, dict) else None
        try:
            now = await submissions.advance(duration(given))
        except (ValueError, OverflowError) as error:
            return _bad_request(f"advance: {error}")
        switched()
        return json_response({"now": now.isoformat()})

    return rest_app(
        [
            *(Route(path, show_page, methods=["GET"]) for path in PAGES),
            Route(f"{PREFIX}/calls", show_calls, methods=["GET"]),
            Route(f"{PREFIX}/calls", reset_calls, methods=["DELETE"]),
            Route(f"{PREFIX}/faults", show_faults, methods=["GET"]),
            Route(f"{PREFIX}/faults", set_faults, methods=["PUT"]),
            Route(f"{PREFIX}/faults", clear_faults, methods=["DELETE"]),
            Route(f"{PREFIX}/submissions", show_submissions, methods=["GET"]),
            Route(f"{PREFIX}/submissions", clear_submissions, methods=["DELETE"]),
            Route(f"{PREFIX}/clock", advance_clock, methods=["POST"]),
        ],
        lambda status, message: json_response(
            {"error": f"HTTP_{status}", "message": message}, status
        ),
    )


def _bad_request(message: str) -> Response:
    return json_response({"error": "BAD_REQUEST", "message": message}, 400)


class ControlledMock:
    """ASGI application: the control API at `/` and `/_mock`, the department at all other paths."""

    def __init__(
        self, department: MockDepartment, switchboard: Switchboard, page: StartPage
    ) -> None:
        self.calls = CallCounts()
        self.control = control_app(self.calls, switchboard, page, submissions=department.intake)
        faulty = FaultMiddleware(BoundedBody(department.app), switchboard, department.failures)
        self.department: ASGIApp = CallCountMiddleware(faulty, self.calls, department.operation_of)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        controlled = path in PAGES or path.startswith(f"{PREFIX}/")
        await (self.control if controlled else self.department)(scope, receive, send)
