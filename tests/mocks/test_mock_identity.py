"""The mock of the identity provider: discovery, sign-in with PKCE, tokens, faults."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError
from joserfc.jwk import KeySet

from mocks.identity.codes import Codes, Grant, challenge_of
from mocks.identity.people import People
from mocks.population import Population
from tests.support.processes import CITIZENS, Mock

RETURN = "http://127.0.0.1:8000/graphql"
VERIFIER = "a-verifier-of-forty-three-or-more-characters"
CODE = {
    "response_type": "code",
    "client_id": "citizen-hub-graphiql",
    "redirect_uri": RETURN,
    "code_challenge": str(challenge_of(VERIFIER)),
    "code_challenge_method": "S256",
    "state": "a state",
    "nonce": "a-nonce",
    "scope": "openid",
}
RAM_DEVI = "7KNL042101"


@pytest.fixture
def identity(identity: Mock) -> Mock:
    identity.http.cookies.clear()
    return identity


def authorize(identity: Mock, **changed: str) -> httpx.Response:
    return identity.http.get("/authorize", params={**CODE, **changed})


def returned(response: httpx.Response) -> dict[str, str]:
    """Return what the redirect to the client contains."""
    assert response.status_code == 302
    location = response.headers["location"]
    assert location.startswith(f"{RETURN}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def redeem(identity: Mock, code: str, **changed: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "client_id": "citizen-hub-graphiql",
        "code": code,
        "redirect_uri": RETURN,
        "code_verifier": VERIFIER,
        **changed,
    }
    return identity.http.post("/token", data=form)


def tokens(identity: Mock, login: str) -> dict[str, Any]:
    code = returned(authorize(identity, login_hint=login))["code"]
    given: dict[str, Any] = redeem(identity, code).raise_for_status().json()
    return given


def verified(identity: Mock, token: str) -> dict[str, Any]:
    keys = KeySet.import_key_set(identity.http.get("/jwks.json").json())
    return jwt.decode(token, keys, algorithms=["ES256"]).claims


def test_discovery_names_the_other_addresses(identity: Mock) -> None:
    found = identity.http.get("/.well-known/openid-configuration").json()
    assert found["issuer"] == identity.url
    assert found["token_endpoint"] == f"{identity.url}/token"
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert identity.http.get(found["jwks_uri"]).json()["keys"][0].keys() >= {"kid", "x", "y"}


def test_a_page_of_another_origin_may_read_discovery_keys_and_tokens(identity: Mock) -> None:
    replies = [
        identity.http.get("/.well-known/openid-configuration"),
        identity.http.get("/jwks.json"),
        identity.http.post("/token", data={}),
    ]
    assert {reply.headers["access-control-allow-origin"] for reply in replies} == {"*"}


@pytest.mark.parametrize(
    ("login", "claims"),
    [
        ("citizen:7KNL042103", {"hub_role": "citizen", "member_id": "7KNL042103"}),
        ("citizen", {"hub_role": "citizen", "member_id": RAM_DEVI}),
        ("operator", {"hub_role": "operator", "centre": "karnal-saral"}),
        ("operator:nissing-atal", {"hub_role": "operator", "centre": "nissing-atal"}),
        (
            "officer:pensions:panipat",
            {"hub_role": "officer", "department": "pensions", "districts": ["Panipat"]},
        ),
        ("officer", {"department": "certificates", "districts": ["Karnal"]}),
        ("helpdesk", {"hub_role": "helpdesk"}),
        ("auditor", {"hub_role": "auditor"}),
        ("integrator", {"hub_role": "integrator"}),
        ("admin", {"hub_role": "admin"}),
    ],
)
def test_a_token_has_the_claims_of_the_person(
    identity: Mock, login: str, claims: dict[str, Any]
) -> None:
    given = tokens(identity, login)
    access = verified(identity, given["access_token"])
    common = {"iss": identity.url, "aud": "citizen-hub", "azp": "citizen-hub-graphiql"}
    assert access.items() >= {**common, **claims, "acr": "aal2"}.items()
    assert access["exp"] - access["iat"] == given["expires_in"] == 3600
    person = verified(identity, given["id_token"])
    assert person["nonce"] == "a-nonce"
    assert person["aud"] == "citizen-hub-graphiql"
    assert person["sub"] == access["sub"]
    assert RAM_DEVI not in access["sub"]


def test_a_portal_gets_a_token_for_itself(identity: Mock) -> None:
    form = {"grant_type": "client_credentials"}
    credentials = ("state-portal", "demo-portal-secret")
    reply = identity.http.post("/token", data=form, auth=credentials).raise_for_status()
    claims = verified(identity, reply.json()["access_token"])
    assert claims.items() >= {"hub_role": "application", "azp": "state-portal"}.items()
    wrong = identity.http.post("/token", data=form, auth=("state-portal", "guess"))
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")


def test_the_sign_in_page_lists_people_of_every_role(identity: Mock) -> None:
    page = authorize(identity)
    assert page.status_code == 200
    for login in ("citizen%3A7KNL042101", "operator%3A", "officer%3Acertificates", "helpdesk"):
        assert f"login_hint={login}" in page.text
    unknown = authorize(identity, login_hint="<b>nobody")
    assert "There is nobody &lt;b&gt;nobody." in unknown.text


def test_a_browser_stays_signed_in(identity: Mock) -> None:
    first = returned(authorize(identity, prompt="none"))
    assert first["state"] == "a state"
    assert first["iss"] == identity.url
    access = redeem(identity, first["code"]).json()["access_token"]
    assert verified(identity, access)["member_id"] == RAM_DEVI
    tokens(identity, "helpdesk")
    again = returned(authorize(identity, prompt="none"))["code"]
    access = redeem(identity, again).json()["access_token"]
    assert verified(identity, access)["hub_role"] == "helpdesk"
    assert authorize(identity, prompt="select_account").status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "https://elsewhere.example/graphql"},
        {"redirect_uri": "http://127.0.0.1:8000@elsewhere.example/"},
        {"client_id": "unknown"},
        {"client_id": "state-portal"},
    ],
)
def test_codes_go_to_registered_addresses_only(identity: Mock, changed: dict[str, str]) -> None:
    reply = authorize(identity, login_hint="citizen", **changed)
    assert reply.status_code == 400
    assert "location" not in reply.headers


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_a_sign_in_needs_a_code_and_pkce(
    identity: Mock, changed: dict[str, str], error: str
) -> None:
    found = returned(authorize(identity, login_hint="citizen", **changed))
    assert found == {"error": error, "state": "a state"}


@pytest.mark.parametrize(
    "changed",
    [
        {"code_verifier": "another-verifier-of-forty-three-characters!"},
        {"code_verifier": ""},
        {"redirect_uri": "http://127.0.0.1:8001/graphql"},
        {"client_id": "citizen-hub-cli"},
        {"code": "a-guess"},
    ],
)
def test_a_code_needs_the_same_client_address_and_verifier(
    identity: Mock, changed: dict[str, str]
) -> None:
    code = returned(authorize(identity, login_hint="citizen"))["code"]
    reply = redeem(identity, **{"code": code, **changed})
    assert (reply.status_code, reply.json()) == (400, {"error": "invalid_grant"})


def test_a_code_works_once(identity: Mock) -> None:
    code = returned(authorize(identity, login_hint="citizen"))["code"]
    assert redeem(identity, code).status_code == 200
    assert redeem(identity, code).json() == {"error": "invalid_grant"}


def test_a_code_expires() -> None:
    now = [0.0]
    person = People(Population(10, 1)).first()
    codes = Codes(lambda: now[0])
    grant = Grant(person, "client", RETURN, "challenge", "", "openid")
    first, second = codes.issue(grant), codes.issue(grant)
    now[0] = 59
    assert codes.redeem(first) is grant
    now[0] = 61
    assert codes.redeem(second) is None


def test_key_rotation_keeps_the_earlier_key(identity: Mock) -> None:
    earlier = tokens(identity, "citizen")["access_token"]
    identity.set_faults(new_key=1)
    later = tokens(identity, "citizen")["access_token"]
    for token in (earlier, later):
        assert verified(identity, token)["member_id"] == RAM_DEVI
    assert len(identity.http.get("/jwks.json").json()["keys"]) >= 2


def test_unusable_tokens(identity: Mock) -> None:
    identity.set_faults(unknown_key=1)
    with pytest.raises((BadSignatureError, InvalidKeyIdError)):
        verified(identity, tokens(identity, "citizen")["access_token"])
    identity.set_faults(expired_token=1)
    expired = verified(identity, tokens(identity, "citizen")["access_token"])
    assert expired["exp"] < expired["iat"]
    identity.set_faults(other_audience=1)
    other = verified(identity, tokens(identity, "citizen")["access_token"])
    assert other["aud"] == "another-application"


def test_an_outage(identity: Mock) -> None:
    identity.set_faults(error=1)
    assert identity.http.get("/jwks.json").status_code == 500


def test_everybody_on_the_sign_in_page_can_be_named() -> None:
    people = People(Population(CITIZENS, 1))
    listed = people.listed()
    assert [people.named(each.login) for each in listed] == listed
    assert {each.claims["hub_role"] for each in listed} == {
        "admin",
        "auditor",
        "citizen",
        "helpdesk",
        "integrator",
        "officer",
        "operator",
    }
    for unknown in ("", "citizen:0XXX000000", "officer:unknown", "officer:pensions:x", "admin:x"):
        assert people.named(unknown) is None
