"""Sign-in for the lab: the hub's file of issuers, and tokens of the mock `identity`."""

import base64
import hashlib
import secrets
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import yaml

from mocks.identity.clients import GRAPHIQL
from mocks.identity.keys import ALGORITHM, AUDIENCE
from mocks.identity.people import ASSURANCE, ROLES
from mocks.lab.console import LabError

RETURN = "http://127.0.0.1/callback"
SECONDS = 10.0


def sign_in_settings(folder: Path, issuer: str) -> dict[str, str]:
    """Return the settings of a hub that accepts the tokens of the mock.

    Args:
        folder: folder to write the file of issuers to.
        issuer: URL of the mock.
    """
    entry = {
        "issuer": issuer,
        "audience": AUDIENCE,
        "algorithms": [ALGORITHM],
        "discovery": True,
        "roles": {role: role.upper() for role in ROLES},
        "assurance_levels": {ASSURANCE: 2},
    }
    file = folder / "issuers.yaml"
    file.write_text(yaml.safe_dump({"issuers": [entry]}, sort_keys=False), encoding="utf-8")
    return {"HUB_ISSUERS": str(file), "HUB_GRAPHIQL_CLIENT": GRAPHIQL}


class Tokens:
    """Access tokens of the people of the mock `identity`, each fetched once.

    Args:
        issuer: URL of the mock.
    """

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer
        self._known: dict[str, str] = {}

    def of(self, login: str) -> str:
        """Return the token of a person, for example `citizen:7KNL042101`.

        Raises:
            LabError: the mock does not answer, or does not know the person.
        """
        if login not in self._known:
            try:
                self._known[login] = self._fetch(login)
            except (httpx.HTTPError, KeyError, ValueError) as error:
                raise LabError(f"{login} can't sign in at {self._issuer}: {error!r}") from None
        return self._known[login]

    def _fetch(self, login: str) -> str:
        verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(verifier.encode()).digest()
        client = {"client_id": GRAPHIQL, "redirect_uri": RETURN}
        query = {
            "response_type": "code",
            "login_hint": login,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **client,
        }
        with httpx.Client(base_url=self._issuer, timeout=SECONDS, trust_env=False) as identity:
            address = identity.get("/authorize", params=query).headers["location"]
            form = {
                "grant_type": "authorization_code",
                "code": parse_qs(urlsplit(address).query)["code"][0],
                "code_verifier": verifier,
                **client,
            }
            token: str = identity.post("/token", data=form).json()["access_token"]
        return token
