"""`hub token` and `hub query --as`: sign-in at the demo's identity provider."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mocks.lab.sign_in import sign_in_settings
from tests.e2e.conftest import RunInProcess
from tests.support.processes import Hub, Mock, wait_until

ME = "{ me { personName { fullName } } }"


@pytest.fixture(scope="module")
def identity() -> Iterator[Mock]:
    mock = Mock("identity")
    yield mock
    mock.stop()


@pytest.fixture(scope="module")
def signed_in_hub(
    departments: dict[str, Mock], identity: Mock, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hub]:
    settings = sign_in_settings(tmp_path_factory.mktemp("issuers"), identity.url)
    hub = Hub({"registry": departments["registry"]}, **settings)
    yield hub
    hub.stop()


def claims_of(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return found


@pytest.mark.parametrize(
    ("person", "claims"),
    [
        ("citizen:7KNL042103", {"hub_role": "citizen", "member_id": "7KNL042103"}),
        ("operator", {"hub_role": "operator", "centre": "karnal-saral"}),
        ("officer:certificates", {"hub_role": "officer", "department": "certificates"}),
        ("application", {"hub_role": "application", "azp": "state-portal"}),
    ],
)
def test_the_bare_token_is_printed(
    person: str, claims: dict[str, str], identity: Mock, run_in_process: RunInProcess
) -> None:
    done = run_in_process("token", "--as", person, "--issuer", identity.url)
    assert done.returncode == 0
    assert claims_of(done.stdout.strip()).items() >= claims.items()
    assert done.stdout.count("\n") == 1


def test_a_query_is_sent_signed_in(
    signed_in_hub: Hub, identity: Mock, run_in_process: RunInProcess
) -> None:
    address = ("--url", signed_in_hub.url, "--issuer", identity.url)
    done = run_in_process("query", ME, "--as", "citizen:7KNL042103", *address)
    assert (done.returncode, "SUNITA DEVI" in done.stdout) == (0, True)
    token = run_in_process("token", "--as", "citizen", "--issuer", identity.url).stdout.strip()
    done = run_in_process("query", ME, "--token", token, "--purpose", "TESTING", *address)
    assert (done.returncode, "RAM DEVI" in done.stdout) == (0, True)
    done = run_in_process("query", ME, "--token", f"{token[:-4]}AAAA", *address)
    assert (done.returncode, "UNAUTHENTICATED" in done.stderr) == (1, True)


def test_a_token_signed_with_a_new_key_is_accepted(
    signed_in_hub: Hub, identity: Mock, run_in_process: RunInProcess
) -> None:
    identity.set_faults(new_key=1)
    person = ("--as", "citizen:7KNL042102", "--issuer", identity.url)
    token = run_in_process("token", *person).stdout.strip()
    identity.clear_faults()
    # The hub fetches the keys of an issuer at most every five seconds.
    wait_until(lambda: "SURESH KUMAR" in str(signed_in_hub.query(ME, token=token)))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("token", "--as", "nobody"), "does not know 'nobody'. Examples: citizen:7KNL042101"),
        (
            ("token", "--as", "operator", "--issuer", "http://127.0.0.1:9"),
            "no identity provider answers on http://127.0.0.1:9. Start one with `hub demo`",
        ),
        (("query", ME, "--as", "operator", "--token", "x"), "--as and --token exclude each other"),
    ],
)
def test_mistakes(
    arguments: tuple[str, ...], sentence: str, identity: Mock, run_in_process: RunInProcess
) -> None:
    given = arguments if "--issuer" in arguments else (*arguments, "--issuer", identity.url)
    done = run_in_process(*given)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_another_server_is_not_an_identity_provider(
    population: Mock, run_in_process: RunInProcess, tmp_path: Path
) -> None:
    done = run_in_process("token", "--as", "operator", "--issuer", population.url)
    assert done.returncode == 2
    assert "identity provider" in done.stderr
