"""Stored rows of files: restarts, limits, erasure."""

import datetime as dt
import gzip
import io
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from adapters.connectors.files import intake, layouts
from adapters.connectors.kept_rows import FileState, RowStore
from adapters.contract import DepartmentError, DepartmentUnreachableError
from adapters.manifest import ManifestError
from tests.connectors.deliveries import CSV, FIXED, NOON, DeliveryFolder, detail, fixed_file
from tests.connectors.manifests import adapter_of, rows_of

MADE = NOON.replace(hour=0, minute=2)


async def test_rows_survive_a_restart_without_the_folder(
    tmp_path: Path, row_store: RowStore
) -> None:
    deliveries = DeliveryFolder(tmp_path, FIXED, row_store)
    await deliveries.deliver("F_20261124.txt", fixed_file(MADE, [detail("R1")[:-1], detail("R2")]))
    await deliveries.adapter.close()
    (deliveries.path / "F_20261124.txt").unlink()
    deliveries.path.rmdir()
    deliveries.connect()
    rows = (await rows_of(deliveries.adapter, "P1"))["P1"]
    assert [r.application_reference_number for r in rows.records] == ["R2"]  # type: ignore[attr-defined]
    assert rows.as_of == MADE.astimezone(dt.UTC)
    assert len(rows.warnings) == 1
    await deliveries.adapter.close()


async def test_a_file_is_read_once(tmp_path: Path, row_store: RowStore) -> None:
    deliveries = DeliveryFolder(tmp_path, FIXED, row_store)
    await deliveries.deliver("F_20261124.txt", fixed_file(MADE, [detail("R1")]))
    first = (await deliveries.seen())["F_20261124.txt"].read_at
    deliveries.now += dt.timedelta(hours=1)
    await deliveries.poll()
    assert (await deliveries.seen())["F_20261124.txt"].read_at == first
    await deliveries.adapter.close()


async def test_files_are_read_again_when_the_layout_changes(
    tmp_path: Path, row_store: RowStore
) -> None:
    deliveries = DeliveryFolder(tmp_path, FIXED, row_store)
    await deliveries.deliver("F_20261124.txt", fixed_file(MADE, [detail("R1")]))
    deliveries._rule = {**FIXED, "identity": ["ref", "person"]}
    deliveries.connect()
    deliveries.now += dt.timedelta(hours=1)
    await deliveries.poll()
    assert (await deliveries.seen())["F_20261124.txt"].read_at == deliveries.now.astimezone(dt.UTC)
    await deliveries.adapter.close()


async def test_a_citizens_rows_are_erased(tmp_path: Path, row_store: RowStore) -> None:
    deliveries = DeliveryFolder(tmp_path, FIXED, row_store)
    lines = [detail("R1", "P1"), detail("R2", "P1"), detail("R3", "P2")]
    await deliveries.deliver("F_20261124.txt", fixed_file(MADE, lines))
    assert await deliveries.adapter.erase({"P1", "7KNL042101"}) == 2
    found = await rows_of(deliveries.adapter, "P1", "P2")
    assert [len(rows.records) for rows in found.values()] == [0, 1]
    # The file is known, so the next poll does not bring the rows back.
    await deliveries.poll()
    assert (await rows_of(deliveries.adapter, "P1"))["P1"].records == []
    assert await deliveries.adapter.erase({"P1"}) == 0
    await deliveries.adapter.close()


async def test_rows_that_are_in_no_newer_file_are_deleted(
    tmp_path: Path, row_store: RowStore
) -> None:
    deliveries = DeliveryFolder(tmp_path, {**FIXED, "keep": "10d"}, row_store)
    deliveries.connect(look_back="5d")
    await deliveries.deliver("F_20261124.txt", fixed_file(MADE, [detail("R1"), detail("R2")]))
    deliveries.now += dt.timedelta(days=9)
    made = MADE + dt.timedelta(days=9)
    await deliveries.deliver("F_20261203.txt", fixed_file(made, [detail("R2")]))
    assert len((await rows_of(deliveries.adapter, "P1"))["P1"].records) == 2
    deliveries.now += dt.timedelta(days=3)
    await deliveries.poll()
    rows = (await rows_of(deliveries.adapter, "P1"))["P1"]
    assert [r.application_reference_number for r in rows.records] == ["R2"]  # type: ignore[attr-defined]
    # The old file is forgotten, but never the newest one, however old it is.
    assert list(await deliveries.seen()) == ["F_20261203.txt"]
    deliveries.now += dt.timedelta(days=6)
    await deliveries.poll()
    assert list(await deliveries.seen()) == ["F_20261203.txt"]
    assert len((await rows_of(deliveries.adapter, "P1"))["P1"].records) == 1
    await deliveries.adapter.close()


def zipped(*contents: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for n, content in enumerate(contents):
            archive.writestr(f"{n}.txt", content)
    return buffer.getvalue()


async def test_compressed_files_are_decompressed(tmp_path: Path) -> None:
    deliveries = DeliveryFolder(tmp_path, FIXED)
    one, two = (fixed_file(MADE, [detail(ref)]) for ref in ("R1", "R2"))
    # Two gzip members, as some programs write them.
    half = len(one) // 2
    await deliveries.deliver(
        "F_20261124.txt.gz", gzip.compress(one[:half]) + gzip.compress(one[half:])
    )
    await deliveries.deliver("F_20261124_b.txt.zip", zipped(two))
    assert await deliveries.problems() == []
    assert len((await rows_of(deliveries.adapter, "P1"))["P1"].records) == 2
    await deliveries.adapter.close()


BOMB = b"\0" * (8 << 20)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("F_20261124.txt", BOMB, "it has more than 1,048,576 bytes"),
        ("F_20261124.txt.gz", gzip.compress(BOMB), "it has more than 1,048,576 bytes"),
        ("F_20261124.txt.zip", zipped(BOMB), "it has more than 1,048,576 bytes"),
        ("F_20261124.txt.gz", gzip.compress(b"x" * 100)[:-12], "it can't be decompressed"),
        ("F_20261124.txt.gz", b"no gzip at all", "it can't be decompressed"),
        ("F_20261124.txt.zip", b"PK\x03\x04 and no more", "it can't be decompressed"),
        ("F_20261124.txt.zip", zipped(b"a", b"b"), "it contains 2 files instead of one"),
        (
            "F_20261124.txt",
            fixed_file(MADE, [detail(f"R{n}") for n in range(101)]),
            "it has more than 100 rows",
        ),
        ("F_20261124.txt", b"\n" * 1_201, "it has more than 1,200 lines"),
        (
            "F_20261124.txt.zip",
            zipped(b"a", method=zipfile.ZIP_BZIP2),
            "its compression method is not deflate",
        ),
        (
            "F_20261124.txt.gz",
            gzip.compress(b"") * 10_001,
            "it has more than 10,000 gzip members",
        ),
    ],
    ids=[
        "large",
        "gzip bomb",
        "zip bomb",
        "cut",
        "no gzip",
        "no zip",
        "two files",
        "rows",
        "lines",
        "bzip2",
        "members",
    ],
)
async def test_files_that_are_too_large_or_damaged_are_not_read(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    deliveries = DeliveryFolder(tmp_path, {**FIXED, "file_bytes": "1MiB", "rows": 100})
    await deliveries.deliver(name, content)
    assert (await deliveries.seen())[name].state is FileState.UNREADABLE
    assert await deliveries.problems() == [f"{name}:0: {reason}"]
    first = (await deliveries.seen())[name].read_at
    deliveries.now += dt.timedelta(hours=1)
    await deliveries.poll()
    # The file is not read again, because nothing has changed.
    assert (await deliveries.seen())[name].read_at == first
    with pytest.raises(DepartmentError):
        await rows_of(deliveries.adapter, "P1")
    await deliveries.adapter.close()


async def test_an_impossible_time_or_amount_affects_nothing_else(tmp_path: Path) -> None:
    deliveries = DeliveryFolder(tmp_path, FIXED)
    lines = [detail("R1"), detail("R2", amount="9E999999"), detail("R3", amount="1_00")]
    content = fixed_file(MADE, lines, total=100)
    content = content.replace(f"H{MADE:%Y%m%d%H%M%S}".encode(), b"H00010101000000")
    await deliveries.deliver("F_20261124.txt", content)
    assert await deliveries.problems() == [
        "F_20261124.txt:0: the time at which it was made is missing or invalid",
        "F_20261124.txt:3: amount is not a number",
        "F_20261124.txt:4: amount is not a number",
    ]
    rows = (await rows_of(deliveries.adapter, "P1"))["P1"]
    assert [r.application_reference_number for r in rows.records] == ["R1"]  # type: ignore[attr-defined]
    await deliveries.adapter.close()


async def test_an_unexpected_error_affects_only_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    deliveries = DeliveryFolder(tmp_path, FIXED)
    deliveries.put("F_20261124.txt", fixed_file(MADE, [detail("R1")]))
    deliveries.put("F_20261124_b.txt", b"strange")
    read, somebody = layouts.read_fixed, "RAM DEVI"

    def read_or_fail(content: bytes, *rest: Any) -> Any:
        if content == b"strange":
            raise KeyError(somebody)
        return read(content, *rest)

    monkeypatch.setattr(intake, "read_fixed", read_or_fail)
    await deliveries.poll()
    assert await deliveries.problems() == [
        "F_20261124_b.txt:0: reading it failed; see the hub's log"
    ]
    assert len((await rows_of(deliveries.adapter, "P1"))["P1"].records) == 1
    assert "unexpected KeyError while reading a file of tested" in caplog.text
    assert somebody not in caplog.text
    await deliveries.adapter.close()


async def test_a_failed_poll_is_reported_by_the_next_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliveries = DeliveryFolder(tmp_path, FIXED)
    somebody = "RAM DEVI"

    async def fail() -> None:
        raise KeyError(somebody)

    monkeypatch.setattr(deliveries.connector._intake, "poll", fail)
    with pytest.raises(DepartmentUnreachableError, match="files can't be fetched") as caught:
        await rows_of(deliveries.adapter, "P1")
    assert somebody not in str(caught.value)
    await deliveries.adapter.close()


async def test_only_files_of_the_folder_are_read(tmp_path: Path) -> None:
    deliveries = DeliveryFolder(tmp_path, FIXED)
    secret = tmp_path / "secret.txt"
    secret.write_bytes(fixed_file(MADE, [detail("R1")]))
    os.utime(secret, (0, 0))
    (deliveries.path / "F_20261124.txt").symlink_to(secret)
    (deliveries.path / "F_20261125.txt").mkdir()
    deliveries.put("notes.txt", b"not ours")
    deliveries.put("F_20261124.txt.part", b"not ours either")
    await deliveries.poll()
    assert await deliveries.seen() == {}
    await deliveries.adapter.close()


async def test_old_files_are_ignored(tmp_path: Path) -> None:
    deliveries = DeliveryFolder(tmp_path, FIXED)
    deliveries.put("F_20261124.txt", fixed_file(MADE, [detail("R1")]))
    deliveries.now += dt.timedelta(days=31)
    await deliveries.poll()
    assert await deliveries.seen() == {}
    await deliveries.adapter.close()


@pytest.mark.parametrize(
    ("rule", "reported"),
    [
        ({**CSV, "identity": ["reff"]}, "add the column 'reff'"),
        ({**CSV, "csv": {"columns": ["ref"]}}, "delivery has no column 'person'"),
        ({**CSV, "fixed": FIXED["fixed"]}, "either `fixed` or `csv`"),
        ({**CSV, "name": "("}, "correct the regular expression"),
        ({**CSV, "stamp_format": "yy"}, "use dd mm yyyy"),
        ({**FIXED, "fixed": {"line_bytes": 10, "fields": {"ref": "5-11"}}}, "end ref at byte 10"),
        ({**FIXED, "fixed": {"line_bytes": 10, "fields": {"ref": "5-4"}}}, "first and last byte"),
    ],
)
def test_an_invalid_file_type_is_reported_with_its_line(
    tmp_path: Path, rule: dict[str, object], reported: str
) -> None:
    with pytest.raises(ManifestError) as caught:
        DeliveryFolder(tmp_path, rule)
    assert any(reported in str(problem) for problem in caught.value.problems)
    assert all(problem.line > 1 for problem in caught.value.problems)


async def test_an_unreadable_file_is_tried_again(
    tmp_path: Path, row_store: RowStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliveries = DeliveryFolder(tmp_path, FIXED, row_store)
    deliveries.put("F_20261124.txt", fixed_file(MADE, [detail("R1")]))
    with monkeypatch.context() as patch:

        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        patch.setattr(Path, "open", refuse)
        await deliveries.poll()
    assert await deliveries.problems() == ["F_20261124.txt:0: it can't be read: Permission denied"]
    await deliveries.poll()
    assert await deliveries.problems() == []
    assert len((await rows_of(deliveries.adapter, "P1"))["P1"].records) == 1
    await deliveries.adapter.close()


def test_a_cache_is_an_error_for_departments_with_files(tmp_path: Path) -> None:
    with pytest.raises(ManifestError) as caught:
        adapter_of(
            tmp_path / "tested",
            {"kind": "files", "url": tmp_path.as_uri(), "files": {"delivery": CSV}},
            {
                "applications_by_citizen": {
                    "call": {"file": "delivery", "by": "person"},
                    "key": "person",
                }
            },
            limits={"cache": {"fresh": "1m"}},
        )
    (problem,) = caught.value.problems
    assert (problem.key, problem.remedy) == ("limits.cache", "remove `cache`")
