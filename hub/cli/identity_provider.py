"""Gets access tokens from the demo's identity provider, which needs no password."""

import base64
import hashlib
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from hub.cli.console import CliError

CLIENT = "citizen-hub-cli"
RETURN = "http://127.0.0.1/callback"
PORTAL = {"client_id": "state-portal", "client_secret": "demo-portal-secret"}
"""The demo's portal, for a token without a signed-in person."""
SECONDS = 10.0


def fetch_token(login: str, issuer: str) -> str:
    """Return an access token of a person of the demo.

    Args:
        login: for example `citizen:7KNL042101`, `operator` or `officer:pensions:Karnal`;
            `application` for the portal itself.
        issuer: URL of the provider.

    Raises:
        CliError: if no provider answers, or it does not know the person.
    """
    issuer = issuer.rstrip("/")
    with httpx.Client(timeout=SECONDS, trust_env=False) as client:
        try:
            discovery = _json(client.get(f"{issuer}/.well-known/openid-configuration"))
            if login == "application":
                form = {"grant_type": "client_credentials", **PORTAL}
            else:
                form = _authorized(client, discovery["authorization_endpoint"], login)
            reply = client.post(discovery["token_endpoint"], data=form)
            token: str = _json(reply)["access_token"]
        except httpx.HTTPError:
            raise CliError(
                f"no identity provider answers on {issuer}. Start one with `hub demo` or "
                "`hub mocks identity`; `--issuer` selects another address."
            ) from None
        except (KeyError, TypeError, ValueError):
            raise CliError(f"the server on {issuer} is not the demo's identity provider.") from None
    return token


def _authorized(client: httpx.Client, endpoint: str, login: str) -> dict[str, str]:
    """Sign the person in and return the form that exchanges the code for tokens."""
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": RETURN,
        "scope": "openid",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        "login_hint": login,
    }
    reply = client.get(endpoint, params=query)
    if reply.status_code == 200:
        raise CliError(
            f"the identity provider does not know {login!r}. Examples: citizen:7KNL042101, "
            "operator, officer:certificates, officer:pensions:Karnal, helpdesk, auditor, "
            "integrator, admin, application."
        )
    found = parse_qs(urlsplit(reply.headers["location"]).query)
    return {
        "grant_type": "authorization_code",
        "client_id": CLIENT,
        "code": found["code"][0],
        "redirect_uri": RETURN,
        "code_verifier": verifier,
    }


def _json(reply: httpx.Response) -> Any:
    reply.raise_for_status()
    return reply.json()
