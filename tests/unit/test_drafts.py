"""Drafts are encrypted, expire, and belong to the person who saved them."""

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from hub.access.principal import Principal, Role
from hub.access.signing import Signer
from hub.durable import drafts as module
from hub.durable.drafts import DraftContent, Drafts
from hub.durable.retention import delete_drafts
from hub.store import Store, open_store
from hub.store.encryption import ContentCipher
from schema.errors import HubError

RAM = Principal(Role.CITIZEN, member_identifier="7KNL042101", subject="https://id.example|ram")
CLERK = Principal(Role.OPERATOR, subject="https://id.example|op-1", centre="CSC-1")
CONTENT = DraftContent(
    "7KNL042101",
    "LAB-BOC",
    [{"code": "name", "value": "RAM DEVI", "values": None}],
    ["a" * 32],
    "00",
)


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


class Bench:
    def __init__(self, store: Store, keys: list[bytes] | None = None) -> None:
        self.now = dt.datetime(2026, 11, 29, tzinfo=dt.UTC)
        self.store = store
        signer = Signer(keys or [b"s" * 32])
        cipher = ContentCipher(b"c" * 32)
        self.drafts = Drafts(store, cipher, signer, 30, lambda: self.now)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    store = await open_store(f"sqlite+aiosqlite:///{tmp_path}/hub.db")
    yield Bench(store)
    await store.close()


async def test_a_draft_is_read_as_it_was_saved(bench: Bench, tmp_path: Path) -> None:
    draft_id = bench.drafts.id_of(RAM, "key")
    saved = await bench.drafts.save(RAM, draft_id, CONTENT)
    assert saved.expires_at - saved.saved_at == dt.timedelta(days=30)
    assert (await bench.drafts.of(RAM, [draft_id])) == {draft_id: saved}
    assert (await bench.drafts.of_citizens(RAM, ["7KNL042101"])) == {"7KNL042101": [saved]}
    stored = everything_in(tmp_path)
    assert b"RAM DEVI" not in stored
    assert b"7KNL042101" not in stored


async def test_saving_again_replaces_a_draft_and_renews_it(bench: Bench) -> None:
    draft_id = bench.drafts.id_of(RAM, "key")
    await bench.drafts.save(RAM, draft_id, CONTENT)
    bench.now += dt.timedelta(days=29)
    changed = replace(CONTENT, values=[])
    saved = await bench.drafts.save(RAM, draft_id, changed)
    bench.now += dt.timedelta(days=29)
    found = await bench.drafts.of(RAM, [draft_id])
    assert found == {draft_id: saved}
    assert list(found[draft_id].content.values) == []


async def test_only_the_person_who_saved_a_draft_reads_replaces_or_deletes_it(
    bench: Bench,
) -> None:
    draft_id = bench.drafts.id_of(CLERK, "key")
    await bench.drafts.save(CLERK, draft_id, CONTENT)
    assert await bench.drafts.of(RAM, [draft_id]) == {}
    assert await bench.drafts.of_citizens(RAM, ["7KNL042101"]) == {}
    assert not await bench.drafts.discard(RAM, draft_id)
    await bench.drafts.save(RAM, draft_id, replace(CONTENT, service="OTHER"))
    assert (await bench.drafts.of(CLERK, [draft_id]))[draft_id].content == CONTENT
    assert await bench.drafts.discard(CLERK, draft_id)
    assert await bench.drafts.of(CLERK, [draft_id]) == {}


async def test_a_draft_expires(bench: Bench) -> None:
    draft_id = bench.drafts.id_of(RAM, "key")
    await bench.drafts.save(RAM, draft_id, CONTENT)
    bench.now += dt.timedelta(days=30)
    assert await bench.drafts.of(RAM, [draft_id]) == {}
    assert await delete_drafts(bench.store, bench.now) == 1
    assert await delete_drafts(bench.store, bench.now) == 0


async def test_a_key_makes_one_draft_for_each_person(bench: Bench) -> None:
    ids = {bench.drafts.id_of(person, key) for person in (RAM, CLERK) for key in ("a", "b")}
    assert len(ids) == 4
    assert bench.drafts.id_of(RAM, "a") in ids


async def test_a_draft_is_found_after_a_new_signing_key(bench: Bench) -> None:
    draft_id = bench.drafts.id_of(RAM, "key")
    await bench.drafts.save(RAM, draft_id, CONTENT)
    renewed = Bench(bench.store, [b"n" * 32, b"s" * 32])
    assert draft_id in await renewed.drafts.of(RAM, [draft_id])
    assert "7KNL042101" in await renewed.drafts.of_citizens(RAM, ["7KNL042101"])
    await renewed.drafts.save(RAM, draft_id, replace(CONTENT, service="OTHER"))
    assert (await renewed.drafts.of(RAM, [draft_id]))[draft_id].content.service == "OTHER"


async def test_drafts_for_one_citizen_are_limited(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_DRAFTS", 2)
    for key in ("a", "b"):
        await bench.drafts.save(RAM, bench.drafts.id_of(RAM, key), CONTENT)
    with pytest.raises(HubError, match="There are 2 drafts"):
        await bench.drafts.save(RAM, bench.drafts.id_of(RAM, "c"), CONTENT)
    # A draft that exists can be saved again.
    await bench.drafts.save(RAM, bench.drafts.id_of(RAM, "a"), CONTENT)
    await bench.drafts.save(CLERK, bench.drafts.id_of(CLERK, "c"), CONTENT)
