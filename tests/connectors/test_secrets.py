"""Names that the department chose for secrets, in whatever spelling."""

import pytest

from adapters.connectors.secrets import names_secret


@pytest.mark.parametrize(
    "name",
    [
        *("password", "Password", "userPassword", "Login_Pwd", "LoginPasswd", "txtPassword1"),
        *("UserPIN", "pin", "PSW", "client_secret", "X-Api-Key", "apikey", "accessToken"),
        *("access-token", "authtoken", "Authorization", "Cookie"),
    ],
)
def test_a_name_with_a_word_for_a_secret(name: str) -> None:
    assert names_secret(name)


@pytest.mark.parametrize(
    "name",
    ["TypeMapping", "shipping", "spinning", "Keyword", "Passport", "compass", "User", "OwnerId"],
)
def test_a_name_that_only_contains_the_letters(name: str) -> None:
    assert not names_secret(name)
