"""Tokens for departments: their claims, and that others can verify them."""

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from hub.access.caller_tokens import CallerTokens
from hub.access.policy import load_policy
from hub.access.principal import Principal, Role
from hub.access.signing import Signer

SIGNER = Signer([bytes(32)])
TOKENS = CallerTokens(SIGNER, "https://hub.example", load_policy(None), lambda: 1_795_860_000.0)


# RFC 9864 renames the algorithm; libraries of departments know it under the older name.
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_department_verifies_the_token_with_the_published_keys() -> None:
    officer = Principal(Role.OFFICER, subject="https://id.example|officer-7", department="power")
    make = TOKENS.of(officer, "APPLICATION_PROCESSING")
    assert make is not None
    token = jwt.decode(make("power"), KeySet.import_key_set(SIGNER.jwks), algorithms=["EdDSA"])  # type: ignore[arg-type]
    token.claims.pop("jti")
    assert token.claims == {
        "iss": "https://hub.example",
        "aud": "power",
        "sub": "officer-7",
        "role": "OFFICER",
        "purpose": "APPLICATION_PROCESSING",
        "iat": 1_795_860_000,
        "exp": 1_795_860_060,
    }


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_citizen_who_states_no_purpose_reads_own_data() -> None:
    make = TOKENS.of(Principal(Role.CITIZEN, "7KNL042101"), "")
    assert make is not None
    token = jwt.decode(make("power"), KeySet.import_key_set(SIGNER.jwks), algorithms=["EdDSA"])  # type: ignore[arg-type]
    assert token.claims["purpose"] == "OWN_DATA"


def test_two_tokens_differ() -> None:
    make = TOKENS.of(Principal(Role.CITIZEN, "7KNL042101"), "OWN_DATA")
    assert make is not None
    assert make("power") != make("power")


def test_there_is_no_token_without_a_person() -> None:
    assert TOKENS.of(Principal(Role.ANONYMOUS), "PUBLIC_TRACKING") is None
