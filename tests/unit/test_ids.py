"""Ids and cursors: what they hide, and which are accepted."""

import base64
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from hub.access.keys import WeakKeyError, derived_cipher, id_cipher
from hub.cli.explain.ids import IdReader
from hub.settings import Settings
from hub.store import open_store
from schema.connections import decode_cursor, encode_cursor
from schema.errors import HubError
from schema.ids import IdCipher, Purpose
from schema.node import from_global_id, local_id_of, to_global_id, try_from_global_id
from tests.support.ids import ID_KEYS, IDS, global_id
from tests.support.processes import PROJECT

OLD, NEW = "the-old-secret-of-ids", "the-new-secret-of-ids"
NUMBERS = st.from_regex(r"[0-9A-Z]{3,8}[0-9]{4,10}", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60)


@given(TEXTS)
def test_an_id_decrypts_to_what_was_encrypted(local_id: str) -> None:
    token = global_id("Certificate", local_id)
    assert from_global_id(IDS, token) == ("Certificate", local_id)
    assert global_id("Certificate", local_id) == token
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(NUMBERS)
def test_no_id_or_cursor_contains_a_number(number: str) -> None:
    for token in (
        global_id("Citizen", number),
        global_id("Benefit", f"pensions|{number}|{number}"),
        encode_cursor(IDS, (1764028800.0, number)),
    ):
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        assert number not in token
        assert number.encode() not in raw


@given(TEXTS, st.data())
def test_a_changed_id_is_rejected(local_id: str, data: st.DataObject) -> None:
    token = global_id("Family", local_id)
    index = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("AQgw-_9z"))
    changed = token[:index] + other + token[index + 1 :]
    if changed != token:
        assert try_from_global_id(IDS, changed) is None
    assert try_from_global_id(IDS, token[:-1]) is None
    assert try_from_global_id(IDS, f"{token}=") is None


@given(st.text(max_size=100))
def test_any_other_text_is_rejected(text: str) -> None:
    assert try_from_global_id(IDS, text) is None
    with pytest.raises(HubError, match="not an id of this hub"):
        from_global_id(IDS, text)
    with pytest.raises(HubError, match="not a cursor of this hub"):
        decode_cursor(IDS, text)


def test_ids_and_cursors_cannot_replace_each_other() -> None:
    cursor = encode_cursor(IDS, (1.0, "Citizen:7KNL042101"))
    assert try_from_global_id(IDS, cursor) is None
    with pytest.raises(HubError, match="not a cursor"):
        decode_cursor(IDS, global_id("Citizen", "7KNL042101"))


def test_the_id_of_another_type_is_rejected_without_its_number() -> None:
    with pytest.raises(HubError, match="the id of a Family") as caught:
        local_id_of(IDS, "Citizen", global_id("Family", "7KNL0421"))
    assert "7KNL0421" not in str(caught.value)


def test_a_key_is_rotated_in_three_steps() -> None:
    first, second, third = (derived_cipher(each) for each in (f"{OLD}, {NEW}", f"{NEW},{OLD}", NEW))
    before = to_global_id(first, "Citizen", "7KNL042101")
    after = to_global_id(second, "Citizen", "7KNL042101")
    assert before != after
    assert before == to_global_id(derived_cipher(OLD), "Citizen", "7KNL042101")
    for cipher in (first, second):
        for token in (before, after):
            assert from_global_id(cipher, token) == ("Citizen", "7KNL042101")
    assert from_global_id(third, after) == ("Citizen", "7KNL042101")
    assert try_from_global_id(third, before) is None


def test_two_keys_may_have_the_same_name() -> None:
    keys: dict[bytes, bytes] = {}
    for number in range(10_000):
        key = number.to_bytes(64, "big")
        name = IdCipher([key])._name
        if name in keys:
            break
        keys[name] = key
    both = IdCipher([keys[name], key])
    for each in (keys[name], key):
        assert both.decrypt(Purpose.ID, IdCipher([each]).encrypt(Purpose.ID, "x")) == "x"


def test_two_processes_with_one_key_make_equal_ids() -> None:
    code = "from tests.support.ids import global_id; print(global_id('Citizen', '7KNL042101'))"
    command = [sys.executable, "-c", code]
    made = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PROJECT)
    assert made.stdout.strip() == global_id("Citizen", "7KNL042101")


async def test_the_generated_key_is_stored(tmp_path_factory: pytest.TempPathFactory) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('ids')}/hub.db"
    made = []
    for _ in range(2):
        store = await open_store(url)
        made.append(to_global_id(await id_cipher(store, None), "Citizen", "7KNL042101"))
        await store.close()
    assert made[0] == made[1] != global_id("Citizen", "7KNL042101")


@pytest.mark.parametrize("setting", ["short", f"{NEW},short", f"{NEW},", ""])
def test_a_short_secret_is_refused(setting: str) -> None:
    with pytest.raises(WeakKeyError, match=r"HUB_ID_KEYS has .* shorter than 16") as caught:
        derived_cipher(setting)
    assert NEW not in str(caught.value)


def test_explain_reads_ids_with_the_hubs_keys(tmp_path_factory: pytest.TempPathFactory) -> None:
    token = global_id("Citizen", "7KNL042101")
    assert IdReader(Settings(id_keys=SecretStr(ID_KEYS)))(token) == ("Citizen", "7KNL042101")
    url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('ids')}/hub.db"
    assert IdReader(Settings(id_keys=None, database_url=url))(token) is None
