"""Literal secrets in manifests are refused, whatever the field's spelling."""

import pytest
from pydantic import TypeAdapter, ValidationError

from adapters.connectors.secrets import Referred, SecretFields, names_secret

SECRET_NAMES = [
    "password",
    "Password",
    "userPassword",
    "Login_Pwd",
    "LoginPasswd",
    "UserPIN",
    "pin",
    "PSW",
    "client_secret",
    "X-Api-Key",
    "apikey",
    "accessToken",
    "access-token",
    "authtoken",
    "txtPassword1",
]
OTHER_NAMES = [
    "TypeMapping",
    "shipping",
    "spinning",
    "Keyword",
    "Passport",
    "compass",
    "User",
    "OwnerId",
]


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_name_with_a_word_for_a_secret(name: str) -> None:
    assert names_secret(name)


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_a_name_that_only_contains_the_letters(name: str) -> None:
    assert not names_secret(name)


@pytest.mark.parametrize(
    "fields",
    [
        {"Password": Referred("p{x}&")},
        {"TypeMapping": "2", "Header": {"Mapping": "x"}},
        {"Ticket": {"Token": "{token}"}},
    ],
)
def test_references_placeholders_and_other_fields_are_allowed(fields: dict[str, object]) -> None:
    assert TypeAdapter(SecretFields).validate_python(fields) == fields


@pytest.mark.parametrize("fields", [{"Password": "p"}, {"Header": {"UserPIN": "1234"}}])
def test_a_literal_secret_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="never as literal text"):
        TypeAdapter(SecretFields).validate_python(fields)
