"""A start with another policy or other documents is an act in the access log."""

import datetime as dt
from pathlib import Path

from hub.store import open_store
from hub.store.configuration import note_configuration
from hub.store.queued_acts import ActQueue


async def test_only_a_change_is_queued_for_the_access_log(tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path}/hub.db")
    try:
        digests = ["a" * 64, "a" * 64, "b" * 64, "b" * 64, "a" * 64]
        noted = [
            await note_configuration(store, "policy", each, "CHANGE_POLICY") for each in digests
        ]
        assert noted == [True, False, True, False, True]
        assert not await note_configuration(store, "policy", "a" * 64, "CHANGE_POLICY")
        assert await note_configuration(store, "documents", "a" * 64, "CHANGE_DOCUMENTS")
        acts = await ActQueue(store).claim(dt.datetime.now(dt.UTC))
        assert sorted((act.act, act.target) for act in acts) == [
            ("CHANGE_DOCUMENTS", "sha256:" + "a" * 16),
            ("CHANGE_POLICY", "sha256:" + "a" * 16),
            ("CHANGE_POLICY", "sha256:" + "a" * 16),
            ("CHANGE_POLICY", "sha256:" + "b" * 16),
        ]
    finally:
        await store.close()
