"""The board's token endpoint: OAuth 2 client credentials (RFC 6749, 4.4)."""

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
"""Seconds that a token lasts."""
MOST_TOKENS = 1000


class TokenEndpoint:
    """Issues tokens and knows them again until they expire."""

    def __init__(self) -> None:
        self._expiries: OrderedDict[str, float] = OrderedDict()

    async def issue(self, request: Request) -> Response:
        """`POST /oauth/token`; the client in the header or in the form."""
        form = {
            name: values[0]
            for name, values in parse_qs((await request.body()).decode("utf-8", "replace")).items()
        }
        if form.get("grant_type") != "client_credentials":
            return json_response({"error": "unsupported_grant_type"}, 400)
        if _client(request, form) != (CLIENT_ID, CLIENT_SECRET):
            told = {"error": "invalid_client", "error_description": "Client is not known"}
            return json_response(told, 401)
        token = secrets.token_urlsafe(24)
        self._expiries[token] = time.monotonic() + LIFETIME
        if len(self._expiries) > MOST_TOKENS:
            self._expiries.popitem(last=False)
        answer = json_response(
            {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME}
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def knows(self, request: Request) -> bool:
        """Whether the request carries a token that still holds."""
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
