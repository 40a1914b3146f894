"""HTTP server of the SMS gateway: `POST /messages` sends, `GET /messages` and `/inbox` show."""

import datetime as dt
import re
from collections import deque
from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from mocks.department import MockDepartment, rest_app, route_namer
from mocks.faults.failures import rest_failures
from mocks.population import Population
from mocks.responses import json_body, json_response

MOST_MESSAGES = 1000
FORMS = {
    "messageId": re.compile(r"[\w-]{8,64}"),
    "entityId": re.compile(r"\d{19}"),
    "header": re.compile(r"[A-Z0-9]{3,6}"),
    "templateId": re.compile(r"\d{19}"),
    "language": re.compile(r"en|hi"),
    "to": re.compile(r"\+91\d{10}"),
    "text": re.compile(r"(?s).{1,1000}"),
}
"""The fields of a message, and what operators accept in each."""
PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="5">
<link rel="icon" href="data:,">
<title>SMS gateway (mock)</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 44rem; }}
article {{ background: #eef3fb; border-radius: .6rem; margin: 1rem 0; padding: .6rem 1rem; }}
small {{ color: #555; }}
</style>
</head>
<body>
<h1>Messages</h1>
<p>This mock sends nothing. It shows the messages that it received, the newest first.</p>
{messages}
</body>
</html>
"""
MESSAGE = """<article><small>{time} to {to} from {header}</small><br>{text}</article>"""


def build(population: Population) -> MockDepartment:
    """Return the SMS gateway. It does not use the population."""
    gateway = SmsGateway()
    routes = [
        Route("/messages", gateway.send, methods=["POST"]),
        Route("/messages", gateway.messages, methods=["GET"]),
        Route("/inbox", gateway.inbox, methods=["GET"]),
    ]
    return MockDepartment(
        app=rest_app(routes, _refusal),
        operation_of=route_namer(routes),
        failures=rest_failures(b'{"error":"GATEWAY","message":"The operator does not answer"}'),
        examples=("curl {url}/messages", "curl '{url}/messages?to=%2B915904210123'"),
    )


class SmsGateway:
    """The endpoints of the gateway, and the messages that it received. It keeps 1,000 of them."""

    def __init__(self) -> None:
        self._messages: deque[dict[str, str]] = deque(maxlen=MOST_MESSAGES)

    async def send(self, request: Request) -> Response:
        """Handle `POST /messages`. A message that arrives again is not kept twice."""
        body = await json_body(request)
        given: dict[str, Any] = body if isinstance(body, dict) else {}
        for name, form in FORMS.items():
            value = given.get(name)
            if not isinstance(value, str) or form.fullmatch(value) is None:
                return _refusal(400, f"{name} is missing or not well-formed")
        message = {name: given[name] for name in FORMS}
        if all(each["messageId"] != message["messageId"] for each in self._messages):
            now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
            self._messages.appendleft({**message, "receivedAt": now})
        return json_response({"messageId": message["messageId"], "status": "ACCEPTED"}, 202)

    async def messages(self, request: Request) -> Response:
        """Handle `GET /messages`: all messages, or those to the number `to`; the newest first."""
        to = request.query_params.get("to")
        found = [each for each in self._messages if to in (None, each["to"])]
        return json_response({"messages": found})

    async def inbox(self, _: Request) -> Response:
        """Handle `GET /inbox`: the messages as a page."""
        shown = "\n".join(
            MESSAGE.format(
                time=escape(each["receivedAt"]),
                to=escape(each["to"]),
                header=escape(each["header"]),
                text=escape(each["text"]),
            )
            for each in self._messages
        )
        return HTMLResponse(PAGE.format(messages=shown or "<p>There is no message yet.</p>"))


def _refusal(status: int, message: str) -> Response:
    return json_response({"error": f"HTTP_{status}", "message": f"{message}."}, status)
