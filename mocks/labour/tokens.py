"""Token endpoint of the board: OAuth 2 client credentials (RFC 6749, section 4.4)."""

import base64
import binascii
import secrets
import time
from collections import OrderedDict
from urllib.parse import parse_qs, unquote_plus

from starlette.requests import Request
from starlette.responses import Response

from mocks.responses import json_response

CLIENT_ID = "citizen-hub"
CLIENT_SECRET = "demo-labour-secret"
LIFETIME = 300
"""Lifetime of a token in seconds."""
MOST_TOKENS = 1000


class TokenEndpoint:
    """Issues tokens and recognizes them until they expire."""

    def __init__(self) -> None:
        self._expiries: OrderedDict[str, float] = OrderedDict()

    async def issue(self, request: Request) -> Response:
        """Handle `POST /oauth/token`, with client credentials in the header or in the form."""
        form = {
            name: values[0]
            for name, values in parse_qs((await request.body()).decode("utf-8", "replace")).items()
        }
        if form.get("grant_type") != "client_credentials":
            return json_response({"error": "unsupported_grant_type"}, 400)
        if _client(request, form) != (CLIENT_ID, CLIENT_SECRET):
            error = {"error": "invalid_client", "error_description": "Client is not known"}
            return json_response(error, 401)
        token = secrets.token_urlsafe(24)
        self._expiries[token] = time.monotonic() + LIFETIME
        if len(self._expiries) > MOST_TOKENS:
            self._expiries.popitem(last=False)
        response = json_response(
            {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME}
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    def knows(self, request: Request) -> bool:
        """Return True if the request has a valid token."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return scheme == "Bearer" and self._expiries.get(token, 0.0) > time.monotonic()


def _client(request: Request, form: dict[str, str]) -> tuple[str, str] | None:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme != "Basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return unquote_plus(name), unquote_plus(secret)
