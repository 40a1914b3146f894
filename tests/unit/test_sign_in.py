"""Sign-in: which tokens the hub accepts, and which principal they stand for."""

import hmac
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey

from hub.access import Principal, Role
from hub.access.sign_in import SignIn
from hub.access.sign_in.sign_in import CACHE_ENTRIES
from schema.codes import ErrorCode
from schema.errors import HubError
from tests.unit.token_issuers import (
    AUDIENCE,
    ED25519,
    ES256,
    ISSUER,
    MEMBER,
    OTHER,
    OTHER_ISSUER,
    RS256,
    claims,
    issuer,
    public,
    segment,
    sign_in_of,
    signed,
)

NOW = time.time()
SECRET_TEXTS = (MEMBER, "person-1", "token-1")


@pytest.fixture
def sign_in(tmp_path: Path) -> SignIn:
    other = issuer(issuer=OTHER_ISSUER, algorithms=["RS256"], jwks={"keys": [public(RS256)]})
    return sign_in_of(tmp_path, issuer(), other, admin_token="emergency-token")


async def refusal(sign_in: SignIn, authorization: bytes) -> str:
    """Return the message with which the hub refuses a token."""
    with pytest.raises(HubError) as caught:
        await sign_in.principal_of(authorization)
    assert caught.value.code == ErrorCode.UNAUTHENTICATED
    assert not any(secret in caught.value.message for secret in SECRET_TEXTS)
    return caught.value.message


async def test_a_valid_token_gives_the_principal(sign_in: SignIn) -> None:
    principal = await sign_in.principal_of(signed(claims(acr="2")))
    assert principal == Principal(
        Role.CITIZEN,
        MEMBER,
        f"{ISSUER}|person-1",
        "portal",
        assurance=2,
        token_id="token-1",
        issued_at=principal.issued_at,
    )


async def test_a_caller_without_a_token_is_anonymous(sign_in: SignIn) -> None:
    assert await sign_in.principal_of(b"") == Principal(Role.ANONYMOUS)


async def test_the_emergency_token_makes_an_administrator(sign_in: SignIn) -> None:
    assert (await sign_in.principal_of(b"Bearer emergency-token")).role == Role.ADMIN
    await refusal(sign_in, b"Bearer emergency-tokem")


def with_signature(token: bytes, signature: bytes) -> bytes:
    return token.rpartition(b".")[0] + b"." + segment(signature)


def unsigned(**header: Any) -> bytes:
    entries = {"alg": "none", "typ": "JWT", **header}
    content = segment(json.dumps(entries).encode()) + b"." + segment(json.dumps(claims()).encode())
    return b"Bearer " + content + b"."


def hmac_with_public_key() -> bytes:
    """Return a token whose HMAC secret is the issuer's public key."""
    header = segment(b'{"alg":"HS256","kid":"rs"}')
    content = header + b"." + segment(json.dumps(claims(iss=OTHER_ISSUER)).encode())
    digest = hmac.new(RS256.as_pem(private=False), content, "sha256").digest()
    return b"Bearer " + content + b"." + segment(digest)


def changed_payload() -> bytes:
    header, _, signature = signed(claims()).removeprefix(b"Bearer ").split(b".")
    payload = segment(json.dumps(claims(hub_role="officer", department="x")).encode())
    return b"Bearer " + b".".join((header, payload, signature))


def raw_header(header: bytes) -> bytes:
    _, payload, signature = signed(claims()).removeprefix(b"Bearer ").split(b".")
    return b"Bearer " + b".".join((segment(header), payload, signature))


def duplicate_claim() -> bytes:
    text = json.dumps(claims())[:-1] + ', "sub": "somebody-else"}'
    return signed(text.encode())


OWN_JWK = ECKey.generate_key("P-256", {"kid": "es"})

TRICKS: dict[str, Callable[[], bytes]] = {
    "no scheme": lambda: signed(claims()).removeprefix(b"Bearer "),
    "another scheme": lambda: signed(claims()).replace(b"Bearer", b"Basic"),
    "no token": lambda: b"Bearer ",
    "two tokens": lambda: signed(claims()) + b" " + signed(claims()).removeprefix(b"Bearer "),
    "algorithm none": unsigned,
    "algorithm None in other letters": lambda: unsigned(alg="nOnE"),
    "algorithm none with a signature": lambda: unsigned() + segment(b"x" * 64),
    "no algorithm": lambda: signed(claims(), alg=None),
    "algorithm is a list": lambda: signed(claims(), alg=["ES256"]),
    "HMAC with the public key": hmac_with_public_key,
    "HMAC with an empty secret": lambda: signed(
        claims(), OctKey.import_key(b"\0" * 32), "HS256", kid="es"
    ),
    "an algorithm that the issuer does not use": lambda: signed(claims(), RS256, "RS256", kid="es"),
    "PS256 in place of RS256": lambda: signed(claims(iss=OTHER_ISSUER), RS256, "PS256"),
    "another issuer's key": lambda: signed(claims(), RS256, "RS256"),
    "another issuer's key for its algorithm": lambda: signed(
        claims(iss=OTHER_ISSUER), ES256, "ES256"
    ),
    "an unknown key": lambda: signed(claims(), OTHER),
    "an unknown key under a known id": lambda: signed(claims(), OTHER, kid="es"),
    "key id is a path": lambda: signed(claims(), OTHER, kid="../../dev/null"),
    "key id is an SQL injection": lambda: signed(claims(), OTHER, kid="es' OR '1'='1"),
    "key id is a number": lambda: signed(claims(), kid=1),
    "key id is empty": lambda: signed(claims(), kid=""),
    "key id is endless": lambda: signed(claims(), kid="k" * 300),
    "its own key in the header": lambda: signed(claims(), OWN_JWK, jwk=public(OWN_JWK), kid="es"),
    "its own key's address in the header": lambda: signed(
        claims(), OWN_JWK, jku="https://attacker.example/jwks", kid="es"
    ),
    "a certificate's address in the header": lambda: signed(
        claims(), OWN_JWK, x5u="https://attacker.example/x5u", kid="es"
    ),
    "a certificate in the header": lambda: signed(claims(), OWN_JWK, x5c=["MII"], kid="es"),
    "its own key beside a valid signature": lambda: signed(claims(), jwk=public(ES256)),
    "a critical extension": lambda: signed(claims(), crit=["x"], x=1),
    "an empty list of critical extensions": lambda: signed(claims(), crit=[]),
    "unencoded payload": lambda: signed(claims(), b64=False),
    "a logout token": lambda: signed(claims(), typ="logout+jwt"),
    "a type that is no text": lambda: signed(claims(), typ=1),
    "changed claims": changed_payload,
    "an empty signature": lambda: with_signature(signed(claims()), b""),
    "a signature of zeros": lambda: with_signature(signed(claims()), b"\0" * 64),
    "a signature of ones": lambda: with_signature(signed(claims()), b"\1".rjust(32, b"\0") * 2),
    "a signature in another encoding": lambda: with_signature(
        signed(claims()), b"\x30\x06\x02\x01\x01\x02\x01\x01"
    ),
    "padding": lambda: signed(claims()) + b"==",
    "a line break in the token": lambda: signed(claims()).replace(b".", b".\n", 1),
    "the standard alphabet of base64": lambda: signed(claims())[:-1] + b"+",
    "another last letter of the signature": lambda: (
        token[:-1] + bytes([token[-1] + 1]) if (token := signed(claims())) else b""
    ),
    "four parts": lambda: signed(claims()) + b".x",
    "an encrypted token": lambda: b"Bearer " + b".".join([segment(b'{"alg":"dir"}')] * 5),
    "JSON serialization": lambda: b"Bearer " + json.dumps({"payload": "e30"}).encode(),
    "header is a list": lambda: raw_header(b'["ES256"]'),
    "header names the algorithm twice": lambda: raw_header(b'{"alg":"none","alg":"ES256"}'),
    "deep header": lambda: raw_header(b"[" * 3000),
    "claims name the subject twice": duplicate_claim,
    "claims are a list": lambda: signed([claims()]),
    "claims are no JSON": lambda: signed(b"iss=x"),
    "an endless number": lambda: signed(b'{"exp":' + b"9" * 5000 + b"}"),
    "9 KiB": lambda: signed(claims(filler="x" * 9000)),
    "an unknown issuer": lambda: signed(claims(iss="https://id.attacker.example")),
    "the issuer with a slash at the end": lambda: signed(claims(iss=f"{ISSUER}/")),
    "the issuer in capitals": lambda: signed(claims(iss=ISSUER.upper())),
    "a list of issuers": lambda: signed(claims(iss=[ISSUER])),
    "no issuer": lambda: signed(claims(iss=None)),
    "another audience": lambda: signed(claims(aud="another-api")),
    "a list of other audiences": lambda: signed(claims(aud=["a", f"{AUDIENCE}-2"])),
    "the audience as an object": lambda: signed(claims(aud={AUDIENCE: True})),
    "no audience": lambda: signed(claims(aud=None)),
    "expired": lambda: signed(claims(exp=int(NOW) - 60)),
    "no expiry": lambda: signed(claims(exp=None)),
    "expiry is a text": lambda: signed(claims(exp=str(int(NOW) + 600))),
    "expiry is true": lambda: signed(claims(exp=True)),
    "expiry is NaN": lambda: signed(json.dumps(claims(exp=float("nan"))).encode()),
    "expiry is infinite": lambda: signed(json.dumps(claims(exp=float("inf"))).encode()),
    "expiry beyond all numbers": lambda: signed(
        json.dumps(claims(exp=0)).replace('"exp": 0', '"exp": 1e999').encode()
    ),
    "expiry with 400 digits": lambda: signed(claims(exp=10**400)),
    "not valid yet": lambda: signed(claims(nbf=int(time.time()) + 120)),
    "issued in the future": lambda: signed(claims(iat=int(time.time()) + 120)),
    "no time of issue": lambda: signed(claims(iat=None)),
    "no subject": lambda: signed(claims(sub=None)),
    "an empty subject": lambda: signed(claims(sub="")),
    "subject is a number": lambda: signed(claims(sub=1)),
    "token id is a list": lambda: signed(claims(jti=["a"])),
}


@pytest.mark.parametrize("name", TRICKS)
async def test_a_trick_is_refused(sign_in: SignIn, name: str) -> None:
    await refusal(sign_in, TRICKS[name]())
    # The trick has not changed what the next caller gets.
    assert (await sign_in.principal_of(signed(claims()))).role == Role.CITIZEN


@pytest.mark.parametrize(
    "changes",
    [
        {"hub_role": None},
        {"hub_role": "clerk"},
        {"hub_role": ["citizen", "officer"], "department": "pensions"},
        {"hub_role": {"citizen": True}},
        {"member_id": None},
        {"member_id": ""},
        {"member_id": 7},
        {"member_id": "7KNL 042101"},
        {"member_id": ["7KNL042101"]},
        {"hub_role": "officer"},
        {"hub_role": "officer", "department": ["pensions", "water"]},
        {"hub_role": "officer", "department": "pensions", "districts": []},
        {"hub_role": "officer", "department": "pensions", "districts": [1]},
        {"hub_role": "officer", "department": "pensions", "districts": ["x"] * 101},
        {"hub_role": "operator"},
        {"hub_role": "operator", "centre": ""},
        {"hub_role": "operator", "centre": "CSC\n1"},
        {"hub_role": "application", "azp": None},
    ],
)
async def test_missing_or_contradictory_claims_are_refused(
    sign_in: SignIn, changes: dict[str, Any]
) -> None:
    assert "claim" in await refusal(sign_in, signed(claims(**changes)))


async def test_an_officer_has_a_department_and_districts(sign_in: SignIn) -> None:
    given = claims(hub_role="officer", department="pensions", districts=["Karnal", "Hisar"])
    principal = await sign_in.principal_of(signed(given))
    assert (principal.role, principal.department) == (Role.OFFICER, "pensions")
    assert principal.districts == {"Karnal", "Hisar"}
    # An officer's own member number does not make the officer a citizen.
    assert principal.member_identifier is None


async def test_an_operator_has_a_centre(sign_in: SignIn) -> None:
    given = claims(hub_role="operator", centre="CSC-17", department="pensions")
    principal = await sign_in.principal_of(signed(given))
    assert (principal.role, principal.centre) == (Role.OPERATOR, "CSC-17")
    assert principal.department is None


async def test_the_client_may_be_named_by_client_id(sign_in: SignIn) -> None:
    given = claims(hub_role="application", azp=None, client_id="tracking-portal")
    assert (await sign_in.principal_of(signed(given))).client == "tracking-portal"


async def test_claims_may_be_nested_and_roles_a_list(tmp_path: Path) -> None:
    names = {"role": "realm_access.roles", "member": "https://example.gov.in/member"}
    entry = issuer(claims=names, assurance_levels={"loa-high": 3})
    given = claims(
        hub_role=None,
        realm_access={"roles": ["offline_access", "citizen"]},
        acr="loa-high",
        **{"https://example.gov.in/member": MEMBER},
    )
    principal = await sign_in_of(tmp_path, entry).principal_of(signed(given))
    assert (principal.role, principal.assurance) == (Role.CITIZEN, 3)
    assert principal.member_identifier == MEMBER


async def test_a_default_role_is_for_tokens_without_the_claim_only(tmp_path: Path) -> None:
    sign_in = sign_in_of(tmp_path, issuer(default_role="CITIZEN"))
    assert (await sign_in.principal_of(signed(claims(hub_role=None)))).role == Role.CITIZEN
    await refusal(sign_in, signed(claims(hub_role="unknown")))


async def test_clocks_may_differ_by_the_leeway(sign_in: SignIn) -> None:
    now = int(time.time())
    late = claims(exp=now - 10, iat=now + 10, nbf=now + 10)
    assert (await sign_in.principal_of(signed(late))).role == Role.CITIZEN


@pytest.mark.parametrize(("algorithm", "key"), [("Ed25519", ED25519), ("EdDSA", ED25519),
                                                ("RS256", RS256), ("PS256", RS256)])  # fmt: skip
async def test_other_algorithms_work(tmp_path: Path, algorithm: str, key: Any) -> None:
    entry = issuer(algorithms=[algorithm], jwks={"keys": [public(key)]})
    sign_in = sign_in_of(tmp_path, entry)
    assert (await sign_in.principal_of(signed(claims(), key, algorithm))).role == Role.CITIZEN


async def test_a_token_without_a_key_id_needs_an_issuer_with_one_key(tmp_path: Path) -> None:
    token = signed(claims(), kid=None)
    assert (await sign_in_of(tmp_path).principal_of(token)).role == Role.CITIZEN
    two = sign_in_of(tmp_path, issuer(jwks={"keys": [public(ES256), public(OTHER)]}))
    await refusal(two, token)


@pytest.mark.parametrize(
    "unusable",
    [{"use": "enc"}, {"key_ops": ["sign"]}, {"alg": "ES384"}, {"kty": "PQC"}, {"crv": "P-999"}],
)
async def test_a_key_for_another_use_is_ignored(
    tmp_path: Path, unusable: dict[str, object]
) -> None:
    keys = [public(ES256, **unusable), public(OTHER)]
    sign_in = sign_in_of(tmp_path, issuer(jwks={"keys": keys}))
    await refusal(sign_in, signed(claims()))
    assert (await sign_in.principal_of(signed(claims(), OTHER))).role == Role.CITIZEN


async def test_unknown_headers_are_ignored(sign_in: SignIn) -> None:
    token = signed(claims(), x5t="thumbprint", nonce="n", typ="at+jwt")
    assert (await sign_in.principal_of(token)).role == Role.CITIZEN


async def test_the_scheme_is_not_case_sensitive(sign_in: SignIn) -> None:
    token = signed(claims()).replace(b"Bearer", b"bearer")
    assert (await sign_in.principal_of(token)).role == Role.CITIZEN


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_a_verified_token_is_cached_for_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    sign_in = sign_in_of(tmp_path, clock=clock)
    token = signed(claims())
    first = await sign_in.principal_of(token)
    assert await sign_in.principal_of(token) is first
    clock.now += 61
    assert await sign_in.principal_of(token) is not first


async def test_a_cached_token_ends_when_it_expires(tmp_path: Path) -> None:
    clock = Clock()
    sign_in = sign_in_of(tmp_path, issuer(leeway="1s"), clock=clock)
    now = int(time.time())
    token = signed(claims(exp=now + 5))
    first = await sign_in.principal_of(token)
    clock.now += 5.1
    assert await sign_in.principal_of(token) is not first


async def test_the_cache_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.access.sign_in.sign_in.CACHE_ENTRIES", 3)
    sign_in = sign_in_of(tmp_path)
    tokens = [signed(claims(jti=str(number))) for number in range(5)]
    principals = [await sign_in.principal_of(token) for token in tokens]
    assert await sign_in.principal_of(tokens[4]) is principals[4]
    assert await sign_in.principal_of(tokens[0]) is not principals[0]
    assert CACHE_ENTRIES <= 100_000


async def test_a_signature_that_others_can_vary_does_not_change_the_tokens_name(
    sign_in: SignIn,
) -> None:
    """ECDSA signatures can be changed by anyone: the id of a token must not depend on them."""
    content = claims(jti=None)
    names = {(await sign_in.principal_of(signed(content))).token_id for _ in range(3)}
    assert len(names) == 1
