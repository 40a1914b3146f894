"""Revocation: tokens, persons and centres are refused by every process within two seconds."""

import asyncio
import datetime as dt
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from hub.access import Role, SignIn
from hub.access.sign_in import Revocations, load_issuers, stored_persons
from hub.access.signing import signer_of
from hub.cli.console import CliError
from hub.cli.main import cli
from hub.observe import Metrics
from hub.store import Store, open_store
from hub.store.queued_acts import QueuedAct
from hub.store.revocations import Revocation, RevocationTable
from schema.errors import HubError
from tests.support.processes import Hub, wait_until
from tests.support.sign_in import CITIZEN, ISSUER, bearer, issuers_file, token

QUERY = {"query": "{ departments { identifier } }"}
NOW = dt.datetime.now(dt.UTC)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("revocation") / "hub.db"


@pytest.fixture(scope="module")
def hubs(database: Path) -> Iterator[list[Hub]]:
    """Return two processes with one database."""
    urls = {"HUB_DATABASE_URL": f"sqlite+aiosqlite:///{database}"}
    logs = [f"sqlite+aiosqlite:///{database.parent}/log-{number}.db" for number in (1, 2)]
    hubs = [Hub({}, **urls, HUB_ACCESS_LOG_URL=log) for log in logs]
    yield hubs
    for hub in hubs:
        hub.stop()


Command = Callable[..., str]


@pytest.fixture
def revoke(database: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Return a function that runs `hub revoke` and returns what it prints."""
    monkeypatch.setenv("HUB_DATABASE_URL", f"sqlite+aiosqlite:///{database}")

    def run(*arguments: str, stdin: str | None = None) -> str:
        result = CliRunner().invoke(cli, ["revoke", *arguments], input=stdin)
        if result.exception is not None:
            raise result.exception
        return result.stdout

    return run


def status(hub: Hub, headers: dict[str, str]) -> int:
    return hub.client.post(hub.url, json=QUERY, headers=headers).status_code


def assert_refused_within_two_seconds(hubs: list[Hub], headers: dict[str, str]) -> None:
    begun = time.monotonic()
    for hub in hubs:
        while status(hub, headers) != 401:
            assert time.monotonic() - begun < 2
            time.sleep(0.02)


def test_a_person_is_refused_by_all_processes(hubs: list[Hub], revoke: Command) -> None:
    signed_in = [bearer(), bearer()]
    other = bearer(member_id="7KNL042102")
    assert {status(hub, headers) for hub in hubs for headers in (*signed_in, other)} == {200}
    revoke("person", CITIZEN.lower(), "--reason", "the phone was stolen")
    for headers in signed_in:
        assert_refused_within_two_seconds(hubs, headers)
    # A new token does not help, and others are not affected.
    assert {status(hub, bearer()) for hub in hubs} == {401}
    assert {status(hub, other) for hub in hubs} == {200}
    reply = hubs[0].client.post(hubs[0].url, json=QUERY, headers=signed_in[0])
    assert reply.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert reply.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    revoke("undo", "person", CITIZEN)
    _wait_until_accepted(hubs, signed_in[0])


def test_a_person_may_be_named_by_issuer_and_subject(hubs: list[Hub], revoke: Command) -> None:
    helpdesk = bearer("helpdesk", sub="clerk-7")
    assert {status(hub, helpdesk) for hub in hubs} == {200}
    revoke("person", f"{ISSUER}|clerk-7", "--reason", "has left")
    assert_refused_within_two_seconds(hubs, helpdesk)
    assert {status(hub, bearer("helpdesk", sub="clerk-8")) for hub in hubs} == {200}


def test_a_token_is_refused_until_it_expires(hubs: list[Hub], revoke: Command) -> None:
    text = token("auditor")
    leaked, other = {"Authorization": f"Bearer {text}"}, bearer("auditor")
    assert {status(hub, leaked) for hub in hubs} == {200}
    revoke("token", "-", "--reason", "was in a log", stdin=f"{text}\n")
    assert_refused_within_two_seconds(hubs, leaked)
    assert {status(hub, other) for hub in hubs} == {200}
    (listed,) = [each for each in json.loads(revoke("list", "--json")) if each["kind"] == "token"]
    assert dt.datetime.fromisoformat(listed["until"]) - NOW < dt.timedelta(hours=2)


def test_a_centre_is_refused(hubs: list[Hub], revoke: Command) -> None:
    operator = bearer("operator", centre="CSC-0017")
    assert {status(hub, operator) for hub in hubs} == {200}
    revoke("centre", "CSC-0017", "--reason", "audit", "--until", "2h")
    assert_refused_within_two_seconds(hubs, operator)
    assert {status(hub, bearer("operator", centre="CSC-0018")) for hub in hubs} == {200}
    assert "CSC-0017" in revoke("list")


def _wait_until_accepted(hubs: list[Hub], headers: dict[str, str]) -> None:
    begun = time.monotonic()
    for hub in hubs:
        while status(hub, headers) != 200:
            assert time.monotonic() - begun < 2
            time.sleep(0.02)


def test_the_database_holds_no_persons(revoke: Command, database: Path) -> None:
    revoke("person", "1AAA000001", "--reason", "test")
    with sqlite3.connect(database) as connection:
        text = str(connection.execute("SELECT * FROM revocation").fetchall())
    connection.close()
    assert "1AAA000001" not in text
    assert "clerk-7" not in text
    revoke("undo", "person", "1AAA000001")


def test_an_act_is_in_the_access_log_once(hubs: list[Hub], revoke: Command, database: Path) -> None:
    revoke("centre", "CSC-0099", "--reason", "fraud case 17")
    revoke("undo", "centre", "CSC-0099")
    wait_until(lambda: len(_acts(database, "CSC-0099")) == 2, 5)
    time.sleep(1)
    first, second = _acts(database, "CSC-0099")
    assert '"REVOKE"' in first
    assert "fraud case 17 (command of " in first
    assert '"UNDO_REVOCATION"' in second


def _acts(database: Path, target: str) -> list[str]:
    """Return the entries about a target in the access logs of both processes."""
    entries: list[str] = []
    for number in (1, 2):
        with sqlite3.connect(database.parent / f"log-{number}.db") as connection:
            rows = connection.execute("SELECT body FROM access_log_leaf").fetchall()
        connection.close()
        entries += [text for (body,) in rows if target in (text := bytes(body).decode())]
    return sorted(entries, key=lambda entry: "UNDO" in entry)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["person", "clerk-7", "--reason", "x"], "write a Family ID member number"),
        (["person", CITIZEN, "--reason", " "], "--reason is empty"),
        (["person", CITIZEN, "--reason", "x", "--until", "2020-01-01"], "in the past"),
        (["person", CITIZEN, "--reason", "x", "--until", "soon"], "write it as"),
        (["undo", "person", "1AAA000002"], "is not revoked"),
        (["undo", "officer", "x"], "can't be revoked"),
        (["token", "-", "--reason", "x"], "not a signed JSON Web Token"),
    ],
)
def test_a_wrong_command_says_what_to_do(
    revoke: Command, arguments: list[str], message: str
) -> None:
    with pytest.raises(CliError, match=message):
        revoke(*arguments, stdin="no token")


# The sign-in in this process, with a database of its own.


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await open_store(f"sqlite+aiosqlite:///{tmp_path}/hub.db")
    yield store
    await store.close()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
async def revocations(store: Store, metrics: Metrics) -> AsyncIterator[Revocations]:
    revocations = Revocations(store, await signer_of(store, None), metrics.sign_in)
    await revocations.open()
    yield revocations
    await revocations.close()


@pytest.fixture
def sign_in(tmp_path: Path, revocations: Revocations, metrics: Metrics) -> SignIn:
    return SignIn(load_issuers(issuers_file(tmp_path)), metrics.sign_in, revocations)


async def cut_off(store: Store, until: dt.datetime | None = None) -> None:
    value = stored_persons(await signer_of(store, None), CITIZEN)[0]
    revocation = Revocation("person", value, dt.datetime.now(dt.UTC), until, "test")
    act = QueuedAct("REVOKE", f"person {value}", "test", "root", revocation.revoked)
    await RevocationTable(store).save(revocation, act)


async def test_a_stream_ends_when_its_person_is_cut_off(store: Store, sign_in: SignIn) -> None:
    principal = await sign_in.principal_of(f"Bearer {token()}".encode())
    other = await sign_in.principal_of(f"Bearer {token('helpdesk')}".encode())
    with sign_in.revocation_of(principal) as revoked, sign_in.revocation_of(other) as not_revoked:
        await cut_off(store)
        await asyncio.wait_for(revoked.wait(), 2)
        assert not not_revoked.is_set()
    with sign_in.revocation_of(principal) as revoked:
        assert revoked.is_set()


async def test_a_revocation_ends(store: Store, sign_in: SignIn) -> None:
    headers = f"Bearer {token()}".encode()
    await sign_in.principal_of(headers)
    await cut_off(store, dt.datetime.now(dt.UTC) + dt.timedelta(seconds=3))
    await asyncio.sleep(1)
    with pytest.raises(HubError, match="revoked"):
        await sign_in.principal_of(headers)
    await asyncio.sleep(2.2)
    assert (await sign_in.principal_of(headers)).role == Role.CITIZEN


async def test_the_known_list_holds_while_the_database_fails(
    store: Store,
    sign_in: SignIn,
    metrics: Metrics,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    headers = f"Bearer {token()}".encode()
    await cut_off(store)
    await asyncio.sleep(1)

    async def fail(_table: RevocationTable) -> int:
        raise OSError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr(RevocationTable, "changes", fail)
        await asyncio.sleep(1.2)
        with pytest.raises(HubError, match="revoked"):
            await sign_in.principal_of(headers)
    # The failure is logged once, and visible in the metrics.
    assert caplog.text.count("The revocations can't be read: the disk is gone.") == 1
    await asyncio.sleep(1)
    assert "The revocations can be read again" in caplog.text
    assert b"hub_revocations_age_seconds 0." in metrics.text()
    assert b'hub_sign_ins_total{outcome="revoked"} 1.0' in metrics.text()


def test_an_unusable_token_gets_401(hubs: list[Hub]) -> None:
    reply = hubs[0].client.post(hubs[0].url, json=QUERY, headers={"Authorization": "Bearer x.y.z"})
    assert reply.status_code == 401
    assert reply.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert reply.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    one = bearer()["Authorization"]
    two = [("Authorization", one), ("Authorization", one)]
    assert hubs[0].client.post(hubs[0].url, json=QUERY, headers=two).status_code == 401
    basic = {"Authorization": "Basic dXNlcjpwYXNzd29yZA=="}
    reply = httpx.post(hubs[0].url, json=QUERY, headers=basic, trust_env=False)
    assert (reply.status_code, reply.headers["www-authenticate"]) == (401, "Bearer")
