"""Attacks on the access log: the verifier names the record that was changed."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.access.log import tree as tree_module
from hub.access.log.audit import verify
from hub.access.log.database import open_database
from hub.access.log.export import export
from hub.access.log.merkle import leaf_hash, node_hash
from hub.access.log.notes import Signer, verifier_key
from hub.access.log.verifier import LENGTH, Export, is_signed, key_in, tile_path
from schema.needed_fields import NeededFields
from tests.support.access_log import CITIZEN, NEEDED, entry, log_url, open_log

RECORDS = 700
GROUP = 50
OTHER_FIELDS = NeededFields({"Benefit": ["benefit_value"]})


@pytest.fixture(scope="module")
async def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of 700 records with a checkpoint for each 50, and the log's database."""
    folder = tmp_path_factory.mktemp("log")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tree_module, "CHECKPOINT_LEAVES", GROUP)
        await _write(folder, "m1")
    return folder


async def _write(folder: Path, name: str) -> None:
    log = await open_log(folder)
    for start in range(0, RECORDS, GROUP):
        await log.commit(
            [
                entry(CITIZEN, correlation_id=f"{name}-{n}", needed=(NEEDED, OTHER_FIELDS)[n % 2])
                for n in range(start, start + GROUP)
            ]
        )
    await export(log._database, folder / "export")
    await log.close()


@pytest.fixture
def copy(exported: Path, tmp_path: Path) -> Path:
    """A copy of the export that a test may change."""
    return Path(shutil.copytree(exported / "export", tmp_path / "export"))


def problems(folder: Path, *kept: Path, key: bytes | None = None) -> list[str]:
    notes = {each.name: each.read_bytes() for each in kept}
    found = Export(folder, [key] if key else [], notes).problems(lambda _text: None)
    return [str(each) for each in found]


def bundle(folder: Path, record: int) -> tuple[Path, list[bytes]]:
    """Return the file of the bundle with a record, and its contents."""
    number = record // 256
    width = min(256, RECORDS - number * 256)
    file = folder / "trees/1/tile/entries" / tile_path(number, width)
    content, found = file.read_bytes(), []
    while content:
        (length,) = LENGTH.unpack_from(content)
        found.append(content[2 : 2 + length])
        content = content[2 + length :]
    return file, found


def put(file: Path, contents: list[bytes]) -> None:
    file.write_bytes(b"".join(LENGTH.pack(len(each)) + each for each in contents))


def edited(content: bytes) -> bytes:
    return content.replace(b'"OFFICER"', b'"CITIZEN"')


def rebuild(folder: Path) -> None:
    """Compute all tiles again, as an attacker with access to every file can."""
    hashes = []
    for number in range(3):
        hashes += [leaf_hash(each) for each in bundle(folder, number * 256)[1]]
    level = 0
    while hashes:
        for start in range(0, len(hashes), 256):
            tile = hashes[start : start + 256]
            file = folder / f"trees/1/tile/{level}" / tile_path(start // 256, len(tile))
            file.write_bytes(b"".join(tile))
        hashes = [_root(hashes[at : at + 256]) for at in range(0, len(hashes) // 256 * 256, 256)]
        level += 1


def _root(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = [node_hash(*hashes[at : at + 2]) for at in range(0, len(hashes), 2)]
    return hashes[0]


def test_an_unchanged_export_is_verified_without_the_hub(copy: Path) -> None:
    command = [sys.executable, "-I", str(copy / "verify.py"), str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Tree 1: 700 records" in done.stdout
    file, contents = bundle(copy, 300)
    contents[44] = edited(contents[44])
    put(file, contents)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "BAD: tree 1, record 300: was changed" in done.stdout


@pytest.mark.parametrize("record", [0, 255, 256, 699])
def test_an_edited_record_is_named(copy: Path, record: int) -> None:
    file, contents = bundle(copy, record)
    contents[record % 256] = edited(contents[record % 256])
    put(file, contents)
    assert problems(copy) == [
        f"tree 1, record {record}: was changed: its content does not have its hash"
    ]


def test_a_deleted_record_is_named(copy: Path) -> None:
    file, contents = bundle(copy, 600)
    del contents[600 % 256]
    put(file, contents)
    assert "record 600: was changed" in problems(copy)[0]


def test_reordered_records_are_named(copy: Path) -> None:
    file, contents = bundle(copy, 40)
    contents[40], contents[41] = contents[41], contents[40]
    put(file, contents)
    assert "record 40: was changed" in problems(copy)[0]


def test_a_deleted_bundle_does_not_pass_as_retention(copy: Path) -> None:
    bundle(copy, 256)[0].unlink()
    assert "record 256: has no content, although retention" in problems(copy)[0]


def test_a_truncated_log_names_the_first_missing_record(copy: Path) -> None:
    file, contents = bundle(copy, 699)
    put(file, contents[: 690 % 256])
    tile = copy / "trees/1/tile/0" / tile_path(2, RECORDS - 512)
    tile.write_bytes(tile.read_bytes()[: 32 * (690 % 256)])
    assert "record 690: is missing" in problems(copy)[0]


def test_a_record_changed_with_its_hash_is_named_by_the_tile_above(copy: Path) -> None:
    file, contents = bundle(copy, 300)
    contents[44] = edited(contents[44])
    put(file, contents)
    tile = copy / "trees/1/tile/0" / tile_path(1)
    hashes = tile.read_bytes()
    tile.write_bytes(hashes[: 44 * 32] + leaf_hash(contents[44]) + hashes[45 * 32 :])
    # The checkpoint of size 350 comes before the end of the tile.
    assert "record 300: or a later one, up to 349, was changed together" in problems(copy)[0]


def test_a_record_changed_with_all_hashes_is_named_by_the_next_checkpoint(copy: Path) -> None:
    file, contents = bundle(copy, 412)
    contents[412 % 256] = edited(contents[412 % 256])
    put(file, contents)
    rebuild(copy)
    assert "record 400: or a later one, up to 449, was changed together" in problems(copy)[0]


def test_a_replaced_checkpoint_is_named(copy: Path) -> None:
    file = copy / "trees/1/checkpoints/000000000450"
    origin = file.read_text().splitlines()[0]
    file.write_bytes(Signer(bytes(32)).checkpoint(origin, 450, bytes(32)))
    assert problems(copy) == [
        "tree 1: the checkpoint trees/1/checkpoints/000000000450 is not signed with a key of the "
        "log"
    ]


def test_a_forged_signature_is_named(copy: Path) -> None:
    file = copy / "trees/1/checkpoint"
    text, _, signature = file.read_text().rpartition(" ")
    at = 20
    letter = "A" if signature[at] != "A" else "B"
    file.write_text(f"{text} {signature[:at]}{letter}{signature[at + 1 :]}")
    assert problems(copy)[0] == "tree 1: the checkpoint trees/1/checkpoint has a forged signature"


def test_a_changed_root_in_a_checkpoint_is_a_forged_signature(copy: Path) -> None:
    file = copy / "trees/1/checkpoints/000000000450"
    lines = file.read_text().split("\n")
    file.write_text("\n".join([lines[0], "449", *lines[2:]]))
    assert "has a forged signature" in problems(copy)[0]


def test_a_replayed_old_checkpoint_is_noticed(copy: Path) -> None:
    """The newest checkpoint is replaced by an older one, and later ones are removed."""
    kept = copy.parent / "kept"
    shutil.copy(copy / "trees/1/checkpoint", kept)
    folder = copy / "trees/1/checkpoints"
    for file in folder.iterdir():
        if int(file.name) > 500:
            file.unlink()
    shutil.copy(folder / "000000000500", copy / "trees/1/checkpoint")
    assert problems(copy)[0] == (
        "tree 1, record 500: is in no checkpoint: the newest one covers 500 records only"
    )
    # Cut back to that checkpoint, the log is consistent. A checkpoint that was kept shows the cut.
    bundle(copy, 512)[0].unlink()
    (copy / "trees/1/tile/0" / tile_path(2, RECORDS - 512)).unlink()
    file, contents = bundle(copy, 256)
    file.unlink()
    put(_parent(copy / "trees/1/tile/entries" / tile_path(1, 244)), contents[:244])
    tile = copy / "trees/1/tile/0" / tile_path(1)
    hashes = tile.read_bytes()
    tile.unlink()
    _parent(copy / "trees/1/tile/0" / tile_path(1, 244)).write_bytes(hashes[: 244 * 32])
    assert problems(copy) == []
    (problem,) = problems(copy, kept)
    assert problem == ("tree 1, record 500: is missing: the checkpoint kept of size 700 covers it")


def _parent(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    return file


async def test_records_of_another_log_are_named(copy: Path, tmp_path: Path) -> None:
    foreign = await _another(tmp_path)
    shutil.copy(bundle(foreign, 256)[0], bundle(copy, 256)[0])
    assert "record 256: was changed" in problems(copy)[0]


async def test_a_tree_of_another_log_is_named(copy: Path, tmp_path: Path) -> None:
    foreign = await _another(tmp_path)
    shutil.rmtree(copy / "trees/1")
    shutil.copytree(foreign / "trees/1", copy / "trees/1")
    assert all("is not signed with a key of the log" in each for each in problems(copy)[:-1])
    assert "record 0: is in no checkpoint" in problems(copy)[-1]


async def test_another_log_is_noticed_with_the_operators_key(copy: Path, tmp_path: Path) -> None:
    foreign = await _another(tmp_path)
    key = bytes.fromhex(json.loads((copy / "log.json").read_text())["keys"][0])
    assert problems(foreign) == []
    assert "is not signed with a key of the log" in problems(foreign, key=key)[0]
    kept = problems(foreign, copy / "trees/1/checkpoint", key=key)
    assert "the checkpoint checkpoint is of another log" in kept[0]


async def _another(folder: Path) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tree_module, "CHECKPOINT_LEAVES", GROUP)
        (folder / "another").mkdir()
        await _write(folder / "another", "m2")
    return folder / "another" / "export"


def test_a_swapped_set_of_fields_names_the_first_record_that_uses_it(copy: Path) -> None:
    first, second = sorted((copy / "fields").iterdir())
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)
    assert "record 0: names the set of fields" in problems(copy)[0]


def test_a_missing_set_of_fields_is_named(copy: Path) -> None:
    name = json.loads(bundle(copy, 1)[1][1])["fields"]
    (copy / "fields" / f"{name}.json").unlink()
    assert f"record 1: names the set of fields {name}" in problems(copy)[0]


Attack = Callable[[sqlite3.Connection], None]
FIRST = 1 << 40


def _edit(database: sqlite3.Connection) -> None:
    (body,) = database.execute(
        "SELECT body FROM access_log_leaf WHERE id = ?", (FIRST + 77,)
    ).fetchone()
    database.execute("UPDATE access_log_leaf SET body = ? WHERE id = ?", (edited(body), FIRST + 77))


def _delete(database: sqlite3.Connection) -> None:
    database.execute("DELETE FROM access_log_leaf WHERE id = ?", (FIRST + 77,))


def _reorder(database: sqlite3.Connection) -> None:
    for old, new in ((77, -1), (78, 77), (-1, 78)):
        database.execute(
            "UPDATE access_log_leaf SET id = ? WHERE id = ?", (FIRST + new, FIRST + old)
        )


def _truncate(database: sqlite3.Connection) -> None:
    database.execute("DELETE FROM access_log_leaf WHERE id >= ?", (FIRST + 77,))
    database.execute("UPDATE access_log_tree SET size = 77")


def _retype(database: sqlite3.Connection) -> None:
    change = "UPDATE access_log_leaf SET body = replace(body, 'OFFICER', 'CITIZEN') WHERE id = ?"
    database.execute(change, (FIRST + 77,))


def _lengthen(database: sqlite3.Connection) -> None:
    change = "UPDATE access_log_leaf SET body = ? WHERE id = ?"
    database.execute(change, (b"{}" * 50_000, FIRST + 77))


def _empty(database: sqlite3.Connection) -> None:
    database.execute("UPDATE access_log_leaf SET body = NULL WHERE id = ?", (FIRST + 77,))


async def test_a_person_removed_from_the_index_is_noticed(exported: Path, tmp_path: Path) -> None:
    shutil.copy(exported / "log.db", tmp_path / "log.db")
    with sqlite3.connect(tmp_path / "log.db") as connection:
        connection.execute("DELETE FROM access_log_person WHERE bundle = ?", ((FIRST >> 8) + 1,))
    connection.close()
    database = await open_database(log_url(tmp_path), read_only=True)
    (problem,) = (await verify(database)).problems
    await database.close()
    assert str(problem).endswith(
        "the index of people has 1 rows in place of 2: citizens do not see all accesses"
    )


@pytest.mark.parametrize(
    ("attack", "expected"),
    [
        (_edit, "record 77: was changed"),
        (_retype, "record 77: was changed"),
        (_lengthen, "record 77: was changed"),
        (_delete, "record 77: is missing"),
        # The hashes moved with the records, so the checkpoint shows it.
        (_reorder, "record 50: or a later one, up to 99"),
        (_truncate, "record 77: is missing"),
        (_empty, "record 77: has no content"),
    ],
)
async def test_an_attack_on_the_database_is_named(
    exported: Path, tmp_path: Path, attack: Attack, expected: str
) -> None:
    shutil.copy(exported / "log.db", tmp_path / "log.db")
    with sqlite3.connect(tmp_path / "log.db") as connection:
        attack(connection)
    connection.close()
    database = await open_database(log_url(tmp_path), read_only=True)
    found = await verify(database)
    assert expected in str(found.problems[0])
    await export(database, tmp_path / "export")
    assert expected in problems(tmp_path / "export")[0]
    await database.close()


def test_signatures_are_checked_as_rfc_8032_says() -> None:
    """Test 3 of RFC 8032, section 7.1."""
    key = bytes.fromhex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025")
    signature = bytes.fromhex(
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    )
    assert is_signed(key, b"\xaf\x82", signature)
    assert not is_signed(key, b"\xaf\x83", signature)
    assert not is_signed(key, b"\xaf\x82", signature[:-1] + b"\x8a")
    assert not is_signed(bytes([255] * 32), b"\xaf\x82", signature)
    assert key_in(verifier_key("name+with+plus", key)) == key
