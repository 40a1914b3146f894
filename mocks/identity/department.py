"""HTTP server of the identity provider: discovery, keys, sign-in page and tokens."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from mocks.department import MockDepartment, rest_app, route_namer
from mocks.faults.catalogue import TOKEN_FAULTS
from mocks.faults.failures import rest_failures
from mocks.faults.middleware import strikes
from mocks.identity.clients import CLIENTS
from mocks.identity.codes import Codes, Grant, challenge_of
from mocks.identity.keys import ALGORITHM, AUDIENCE, LIFETIME, SigningKeys
from mocks.identity.pages import error_page, sign_in_page
from mocks.identity.people import People, Person
from mocks.population import Population
from mocks.responses import json_response

COOKIE = "mock-identity"
"""Holds the login of the person who signed in last, in this browser."""
ANY_ORIGIN = {"access-control-allow-origin": "*"}


def build(population: Population) -> MockDepartment:
    """Return the identity provider of this population."""
    endpoints = IdentityEndpoints(population)
    routes = [
        Route("/.well-known/openid-configuration", endpoints.discovery),
        Route("/jwks.json", endpoints.keys),
        Route("/authorize", endpoints.authorize),
        Route("/token", endpoints.token, methods=["POST"]),
    ]
    return MockDepartment(
        app=rest_app(routes, _misdirected),
        operation_of=route_namer(routes),
        failures=replace(
            rest_failures(b'{"error":"server_error"}'), quirks=dict.fromkeys(TOKEN_FAULTS)
        ),
        examples=(
            "curl {url}/.well-known/openid-configuration",
            "curl {url}/jwks.json",
            "curl {url}/token -d grant_type=client_credentials -d client_id=state-portal "
            "-d client_secret=demo-portal-secret",
        ),
    )


class IdentityEndpoints:
    """The endpoints of the provider, one method each.

    The issuer is the address under which a client reaches the provider (header `Host`).
    """

    def __init__(self, population: Population) -> None:
        self._people = People(population)
        self._keys = SigningKeys()
        self._codes = Codes()

    async def discovery(self, request: Request) -> Response:
        """Handle `GET /.well-known/openid-configuration`."""
        issuer = _issuer(request)
        return _json(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/jwks.json",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", "client_credentials"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": [ALGORITHM],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": [
                    "none",
                    "client_secret_basic",
                    "client_secret_post",
                ],
                "scopes_supported": ["openid", "profile"],
                "prompt_values_supported": ["none", "select_account"],
            }
        )

    async def keys(self, _: Request) -> Response:
        """Handle `GET /jwks.json`."""
        return _json(self._keys.published())

    async def authorize(self, request: Request) -> Response:
        """Handle `GET /authorize`: the sign-in page, or a redirect with a code.

        `login_hint` signs this person in at once. `prompt=none` signs in the person who signed in
        last, at first the demo's citizen.
        """
        given = request.query_params
        client = CLIENTS.get(given.get("client_id", ""))
        target = given.get("redirect_uri", "")
        if client is None or not client.may_return_to(target):
            message = "The application or its address (redirect_uri) is not registered."
            return HTMLResponse(error_page(message), 400)
        problem = _problem_of(given)
        if problem is not None:
            return _redirect(target, {"error": problem, "state": given.get("state", "")})
        person = self._signed_in(request)
        if person is None:
            hint = given.get("login_hint", "")
            page = sign_in_page(client.name, self._people.listed(), dict(given), hint)
            return HTMLResponse(page)
        grant = Grant(
            person,
            given["client_id"],
            target,
            given["code_challenge"],
            given.get("nonce", ""),
            given.get("scope", "openid"),
        )
        code = self._codes.issue(grant)
        response = _redirect(
            target, {"code": code, "state": given.get("state", ""), "iss": _issuer(request)}
        )
        response.set_cookie(COOKIE, person.login, httponly=True, samesite="lax")
        return response

    def _signed_in(self, request: Request) -> Person | None:
        hint = request.query_params.get("login_hint")
        if hint is not None:
            return self._people.named(hint)
        if request.query_params.get("prompt") != "none":
            return None
        known = self._people.named(request.cookies.get(COOKIE, ""))
        return known or self._people.first()

    async def token(self, request: Request) -> Response:
        """Handle `POST /token`."""
        body = (await request.body()).decode(errors="replace")
        try:
            given = dict(parse_qsl(body, max_num_fields=50))
        except ValueError:
            return _refusal("invalid_request")
        name, secret = _credentials(request, given)
        client = CLIENTS.get(name)
        if client is None or (client.secret is not None and not client.has_secret(secret)):
            return _refusal("invalid_client", 401)
        if given.get("grant_type") == "client_credentials" and client.secret is not None:
            claims = {"sub": name, "azp": name, "hub_role": "application"}
            return _json({**self._access_token(request, claims), "scope": "openid"})
        if given.get("grant_type") != "authorization_code":
            return _refusal("unsupported_grant_type")
        grant = self._codes.redeem(given.get("code", ""))
        if (
            grant is None
            or grant.client != name
            or grant.redirect_uri != given.get("redirect_uri")
            or grant.challenge != challenge_of(given.get("code_verifier", ""))
        ):
            return _refusal("invalid_grant")
        person = grant.person
        token = {**person.claims, "sub": person.subject, "azp": name, "scope": grant.scope}
        identity = {
            "iss": _issuer(request),
            "sub": person.subject,
            "aud": name,
            "name": person.name,
            "hub_role": person.claims["hub_role"],
            "description": person.about,
            **({"nonce": grant.nonce} if grant.nonce else {}),
        }
        return _json(
            {
                **self._access_token(request, token),
                "id_token": self._keys.sign(identity, "JWT"),
                "scope": grant.scope,
            }
        )

    def _access_token(self, request: Request, claims: Mapping[str, Any]) -> dict[str, Any]:
        if strikes(request, "new_key"):
            self._keys.rotate()
        given = {"iss": _issuer(request), "aud": AUDIENCE, **claims}
        if strikes(request, "other_audience"):
            given["aud"] = "another-application"
        if strikes(request, "expired_token"):
            given["exp"] = 1_700_000_000
        unpublished = strikes(request, "unknown_key")
        token = self._keys.sign(given, "at+jwt", unpublished=unpublished)
        return {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME}


def _issuer(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _problem_of(given: Mapping[str, str]) -> str | None:
    if given.get("response_type") != "code":
        return "unsupported_response_type"
    has_challenge = given.get("code_challenge") and given.get("code_challenge_method") == "S256"
    return None if has_challenge else "invalid_request"


def _redirect(target: str, values: Mapping[str, str]) -> RedirectResponse:
    given = urlencode({name: value for name, value in values.items() if value})
    return RedirectResponse(f"{target}?{given}", 302, {"cache-control": "no-store"})


def _credentials(request: Request, given: Mapping[str, str]) -> tuple[str, str]:
    """Return the client's identifier and secret, from the header or from the form."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(encoded).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return unquote_plus(name), unquote_plus(secret)
    return given.get("client_id", ""), given.get("client_secret", "")


def _json(content: Any, status: int = 200) -> Response:
    response = json_response(content, status)
    response.headers.update({**ANY_ORIGIN, "cache-control": "no-store"})
    return response


def _refusal(error: str, status: int = 400) -> Response:
    return _json({"error": error}, status)


def _misdirected(status: int, message: str) -> Response:
    code = "not_found" if status == 404 else "invalid_request"
    return _json({"error": code, "error_description": f"{message}."}, status)
