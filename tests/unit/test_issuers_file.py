"""The issuers file: each mistake is named with file, line and remedy."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from joserfc.jwk import RSAKey

from hub.access import Role
from hub.access.sign_in import IssuersError, load_issuers
from tests.unit.token_issuers import ES256, ISSUER, issuer, public, write_issuers

EXAMPLE = Path("docs/access.md")


def mistake(file: Path) -> str:
    with pytest.raises(IssuersError) as caught:
        load_issuers(file)
    return str(caught.value)


def test_the_example_in_the_documentation_is_valid(tmp_path: Path) -> None:
    file = tmp_path / "issuers.yaml"
    file.write_text(EXAMPLE.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0])
    (found,) = load_issuers(file)
    assert found.keys_url == f"{found.issuer}/.well-known/openid-configuration"
    assert found.leeway == 30
    assert found.roles["csc-operator"] == Role.OPERATOR
    assert found.assurance_levels["urn:example:loa:otp"] == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"audience": None}, "the key 'audience' is missing; add it"),
        ({"algorithms": ["HS256"]}, "'HS256' is not valid; use"),
        ({"algorithms": ["none"]}, "'none' is not valid; use"),
        ({"algorithms": []}, "algorithms"),
        ({"jwks_uri": "http://id.example.gov.in/jwks", "jwks": None}, "use an https:// URL"),
        ({"jwks_uri": "ftp://127.0.0.1/jwks", "jwks": None}, "use an https:// URL"),
        ({"jwks_uri": "https://id.example.gov.in/jwks"}, "exactly one of"),
        ({"jwks": None}, "exactly one of"),
        ({"jwks": {"keys": []}}, "no usable public key"),
        ({"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}}, "no usable public key"),
        ({"jwks": {"keys": [ES256.as_dict(private=True)]}}, "remove the private keys"),
        ({"jwks": {"keys": [public(ES256) for _ in range(51)]}}, "more than 50 keys"),
        ({"issuer": "id.example.gov.in"}, "exactly as in the claim `iss`"),
        ({"discovery": True, "jwks": None, "issuer": "http://id.example"}, "https:// URL"),
        ({"leeway": "1h"}, "use at most 5m"),
        ({"leeway": 30}, "with its unit"),
        ({"roles": {"citizen": "CITZEN"}}, "did you mean 'CITIZEN'"),
        ({"roles": {"guest": "ANONYMOUS"}}, "ANONYMOUS is the role of callers without"),
        ({"roles": None}, "write `roles`, or `default_role`"),
        ({"claims": {"membr": "m"}}, "there is no key 'membr' here"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    file = write_issuers(tmp_path, issuer(**changes))
    found = mistake(file)
    assert message in found, found
    assert str(file) in found


def test_the_line_is_that_of_the_mistake(tmp_path: Path) -> None:
    file = tmp_path / "issuers.yaml"
    file.write_text(
        "issuers:\n"
        f"- issuer: {ISSUER}\n"
        "  audience: citizen-hub\n"
        "  algorithms: [HS256]\n"
        "  discovery: true\n"
        "  roles: {citizen: CITIZEN}\n"
    )
    assert f"{file}:4: issuers.0.algorithms.0: 'HS256' is not valid" in mistake(file)


def test_an_issuer_is_listed_once(tmp_path: Path) -> None:
    assert "is listed twice; join the two entries" in mistake(
        write_issuers(tmp_path, issuer(), issuer(audience="other"))
    )


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "can't be read" in mistake(tmp_path / "none.yaml")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "issuers.yaml"
    file.write_text("")
    assert f"{file}:1" in mistake(file)


def test_weak_rsa_keys_are_not_usable(tmp_path: Path) -> None:
    with pytest.warns(Warning, match="2048"):
        weak = RSAKey.generate_key(1024, {"kid": "weak"})
    file = write_issuers(tmp_path, issuer(jwks={"keys": [public(weak)]}, algorithms=["RS256"]))
    assert "no usable public key" in mistake(file)


def test_the_files_of_a_mistake_contain_no_private_key(tmp_path: Path) -> None:
    private = ES256.as_dict(private=True)
    file = tmp_path / "issuers.yaml"
    file.write_text(yaml.safe_dump({"issuers": [issuer(jwks={"keys": [private]})]}))
    assert str(private["d"]) not in mistake(file)
