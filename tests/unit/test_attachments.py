"""Storing uploaded documents: encryption, keys, quotas, scanning, expiry, and nothing left over."""

import asyncio
import datetime as dt
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from hub.durable.attachments import (
    Attachment,
    AttachmentGoneError,
    AttachmentKeyError,
    FileRefusedError,
    Quota,
)
from hub.durable.attachments.contents import OWNER
from hub.durable.attachments.encryption import STORED_CHUNK
from hub.durable.attachments.incoming import IncomingFile
from hub.durable.attachments.opening import default_url
from hub.durable.attachments.scanner import Scanner, ScannerError, scanner_of
from hub.durable.attachments.table import bind, release
from hub.store.transactions import writing
from schema.codes import ErrorCode
from schema.errors import HubError
from tests.support.attachments import (
    MEMBER,
    OPERATOR,
    PRINCIPAL,
    AttachmentBench,
    attachment_bench,
)
from tests.support.clamd import clamd
from tests.support.uploads import EICAR, jpeg, pdf, png

SIZES = [700, 64 << 10, (64 << 10) + 1, 128 << 10, 300_000]
OTHER = "7KNL042102"


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[AttachmentBench]:
    async with attachment_bench(tmp_path) as opened:
        yield opened


async def stored(bench: AttachmentBench, content: bytes = b"", **given: Any) -> Attachment:
    upload = given.pop("upload", None) or await bench.received(content or pdf())
    arguments = {"member": MEMBER, "principal": PRINCIPAL, "evidence": "INCOME", "key": "key-1"}
    return await bench.attachments.store(upload, **{**arguments, **given})


async def end(file: IncomingFile) -> None:
    """End the request that received a file."""
    await file.discard()


def file_of(bench: AttachmentBench, attachment: Attachment) -> Path:
    (found,) = [each for each in bench.files() if each.name == attachment.attachment_id]
    return found


@pytest.mark.parametrize("size", SIZES)
async def test_a_document_is_stored_encrypted_and_read_again(
    bench: AttachmentBench, size: int
) -> None:
    content = pdf(size=size)
    content += b"\n" * (size - len(content))
    attachment = await stored(bench, content)
    assert attachment.sha256 == hashlib.sha256(content).hexdigest()
    assert (attachment.size_bytes, attachment.media_type) == (len(content), "application/pdf")
    assert await bench.attachments.read(attachment) == content
    on_disk = file_of(bench, attachment).read_bytes()
    assert b"certificate" not in on_disk
    assert b"Income" not in on_disk
    assert oct(file_of(bench, attachment).stat().st_mode & 0o777) == "0o600"


@pytest.mark.parametrize("size", [0, 60_000, 70_000, 200_000])
async def test_what_a_telephone_adds_to_a_photo_is_not_stored(
    bench: AttachmentBench, size: int
) -> None:
    photo = jpeg(data=b"\x12" * size)
    attachment = await stored(bench, photo + jpeg(data=b"\x34" * 150_000))
    assert await bench.attachments.read(attachment) == photo
    assert attachment.size_bytes == len(photo)
    assert attachment.sha256 == hashlib.sha256(photo).hexdigest()
    assert len(bench.files()) == 1
    again = await bench.received(photo)
    assert await stored(bench, upload=again) == attachment


async def test_the_database_has_no_name_of_a_person_or_file(bench: AttachmentBench) -> None:
    await stored(bench, upload=await bench.received(pdf(), "Sunita Devi.pdf"))
    async with bench.store.engine.connect() as connection:
        row = (await connection.execute(text("SELECT * FROM attachment"))).one()
    assert b"Sunita" not in repr(row).encode()
    assert MEMBER not in repr(row)
    found = await bench.attachments.of([row.attachment_id], MEMBER)
    assert found[row.attachment_id].name == "Sunita Devi.pdf".replace(" ", "_")


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:-1],
        lambda content: content + b"\0",
        lambda content: content[:STORED_CHUNK],
        lambda content: content[STORED_CHUNK:] + content[:STORED_CHUNK],
        lambda content: content[:100] + bytes([content[100] ^ 1]) + content[101:],
        lambda _content: b"",
    ],
)
async def test_a_changed_file_is_never_sent(bench: AttachmentBench, change: Any) -> None:
    attachment = await stored(bench, pdf(size=200_000))
    file = file_of(bench, attachment)
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises(HubError) as failed:
        await bench.attachments.read(attachment)
    assert failed.value.code is ErrorCode.INTERNAL


async def test_a_file_in_the_place_of_another_is_never_sent(bench: AttachmentBench) -> None:
    first = await stored(bench, pdf())
    second = await stored(bench, pdf(), key="key-2")
    file_of(bench, first).replace(file_of(bench, second))
    with pytest.raises(HubError):
        await bench.attachments.read(second)
    with pytest.raises(HubError) as missing:
        await bench.attachments.read(first)
    assert missing.value.code is ErrorCode.NOT_FOUND


async def test_the_same_key_and_file_give_the_same_attachment(bench: AttachmentBench) -> None:
    first = await stored(bench)
    again = await bench.received(pdf())
    assert await stored(bench, upload=again) == first
    await end(again)
    assert len(bench.files()) == 1


@pytest.mark.parametrize(
    "other", [{"content": png()}, {"evidence": "AGE"}, {"member": OTHER}], ids=str
)
async def test_the_same_key_for_another_file_is_a_conflict(
    bench: AttachmentBench, other: dict[str, Any]
) -> None:
    await stored(bench)
    upload = await bench.received(other.pop("content", pdf()))
    with pytest.raises(AttachmentKeyError):
        await stored(bench, upload=upload, **other)
    await end(upload)
    assert len(bench.files()) == 1


async def test_ten_requests_with_one_key_at_once_store_one_document(
    bench: AttachmentBench,
) -> None:
    uploads = [await bench.received(pdf()) for _ in range(10)]
    results = await asyncio.gather(*(stored(bench, upload=each) for each in uploads))
    await asyncio.gather(*map(end, uploads))
    assert len({each.attachment_id for each in results}) == 1
    assert len(bench.files()) == 1


async def test_documents_of_others_are_not_found(bench: AttachmentBench) -> None:
    attachment = await stored(bench)
    ids = [attachment.attachment_id, "0" * 32]
    assert set(await bench.attachments.of(ids, MEMBER)) == {attachment.attachment_id}
    assert await bench.attachments.of(ids, OTHER) == {}


@pytest.mark.parametrize(
    ("content", "given", "code"),
    [
        (png(), {"media_types": ["application/pdf"]}, "TYPE_NOT_ALLOWED"),
        (b"II*\0" + b"\0" * 99, {}, "TYPE_NOT_ALLOWED"),
        (pdf(size=9000), {"max_bytes": 8000}, "TOO_LARGE"),
        (pdf(size=2 << 20), {}, "TOO_LARGE"),
        (pdf() + b"PK", {}, "ADDED_CONTENT"),
        (b"", {}, "EMPTY"),
    ],
)
async def test_a_file_that_does_not_fit_is_refused_and_deleted(
    bench: AttachmentBench, content: bytes, given: dict[str, Any], code: str
) -> None:
    upload = await bench.received(content)
    with pytest.raises(FileRefusedError) as refused:
        await stored(bench, upload=upload, **given)
    assert refused.value.problem.code == code
    await end(upload)
    assert bench.files() == []


async def test_a_type_that_the_evidence_names_is_accepted(bench: AttachmentBench) -> None:
    attachment = await stored(bench, b"II*\0" + b"\0" * 99, media_types=["image/tiff"])
    assert attachment.media_type == "image/tiff"


async def test_a_person_may_upload_so_many_files_in_an_hour(tmp_path: Path) -> None:
    async with attachment_bench(tmp_path, quota=Quota(files_per_hour=2)) as bench:
        await stored(bench)
        await stored(bench, key="key-2")
        upload = await bench.received(pdf())
        with pytest.raises(HubError) as refused:
            await stored(bench, upload=upload, key="key-3")
        assert refused.value.code is ErrorCode.RATE_LIMITED
        assert (await stored(bench, upload=upload)).attachment_id
        await end(upload)
        with pytest.raises(HubError):
            async with bench.attachments.receiving(PRINCIPAL):
                pass
        async with bench.attachments.receiving(OPERATOR):
            pass
        bench.now += dt.timedelta(hours=1, seconds=1)
        await stored(bench, key="key-3")


async def test_a_person_may_upload_so_many_bytes_in_an_hour(tmp_path: Path) -> None:
    async with attachment_bench(tmp_path, quota=Quota(bytes_per_hour=5000)) as bench:
        await stored(bench, pdf(size=6000))
        with pytest.raises(HubError) as refused:
            await stored(bench, key="key-2")
        assert refused.value.code is ErrorCode.RATE_LIMITED


async def test_a_document_in_a_submission_does_not_expire(bench: AttachmentBench) -> None:
    attachment = await stored(bench)
    unused = await stored(bench, key="key-2")
    async with writing(bench.store) as connection:
        await bind(connection, [attachment.attachment_id], "CH1")
        await bind(connection, [attachment.attachment_id], "CH1")
    with pytest.raises(AttachmentGoneError):
        async with writing(bench.store) as connection:
            await bind(connection, [attachment.attachment_id], "CH2")
    bench.now += dt.timedelta(days=8)
    assert await bench.attachments.of([unused.attachment_id], MEMBER) == {}
    assert await bench.attachments.sweep() == 1
    (kept,) = await bench.attachments.of_receipt("CH1")
    assert (kept.attachment_id, kept.expires_at) == (attachment.attachment_id, None)
    assert await bench.attachments.read(kept) == pdf()
    with pytest.raises(AttachmentGoneError):
        async with writing(bench.store) as connection:
            await bind(connection, [unused.attachment_id], "CH2")
    async with writing(bench.store) as connection:
        await release(connection, ["CH1"], bench.now)
    assert await bench.attachments.sweep() == 1
    assert bench.files() == []


async def test_the_sweep_deletes_what_a_killed_hub_left(bench: AttachmentBench) -> None:
    kept = await stored(bench)
    half = bench.attachments.receive("half.pdf")
    await half.write(b"%PDF-1.4\n" * 100_000)
    orphan = file_of(bench, kept).parent.parent / "ab" / ("ab" * 16)
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"x")
    assert await bench.attachments.sweep() == 0
    for file in (half.path, orphan, file_of(bench, kept)):
        os.utime(file, (1, 1))
    assert await bench.attachments.sweep() == 2
    assert [each.name for each in bench.files()] == [kept.attachment_id]
    await end(half)


async def test_the_documents_of_another_database_are_never_deleted(
    bench: AttachmentBench, caplog: pytest.LogCaptureFixture
) -> None:
    (bench.folder / OWNER).write_text("database-2")
    other = bench.folder / "kept" / "ab" / ("ab" * 16)
    other.parent.mkdir(parents=True)
    other.write_bytes(b"x")
    os.utime(other, (1, 1))
    assert await bench.attachments.sweep() == 0
    assert bench.files() == [other]
    assert "another database" in caplog.text


async def test_nothing_is_left_if_the_database_fails(bench: AttachmentBench) -> None:
    upload = await bench.received(pdf())
    async with writing(bench.store) as connection:
        await connection.execute(text("ALTER TABLE attachment RENAME COLUMN evidence TO other"))
    with pytest.raises(HubError) as failed:
        await stored(bench, upload=upload)
    assert failed.value.code is ErrorCode.STORE_UNAVAILABLE
    await end(upload)
    assert bench.files() == []


async def test_nothing_is_left_if_the_folder_is_full(
    bench: AttachmentBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = await bench.received(pdf())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("hub.durable.attachments.contents._move", full)
    with pytest.raises(HubError) as failed:
        await stored(bench, upload=upload)
    assert failed.value.code is ErrorCode.UPLOADS_UNAVAILABLE
    assert failed.value.retryable
    await end(upload)
    assert bench.files() == []


async def test_nothing_is_left_if_the_request_is_cancelled(bench: AttachmentBench) -> None:
    for delay in (0, 0.0005, 0.002, 0.005, 0.01):
        upload = await bench.received(pdf())
        storing = asyncio.create_task(stored(bench, upload=upload, key=f"key-{delay}"))
        await asyncio.sleep(delay)
        storing.cancel()
        results = await asyncio.gather(storing, return_exceptions=True)
        await end(upload)
        kept = [each for each in results if isinstance(each, Attachment)]
        names = {each.name for each in bench.files()}
        async with bench.store.engine.connect() as connection:
            rows = await connection.execute(text("SELECT attachment_id FROM attachment"))
            assert names == set(rows.scalars())
        assert len(names) >= len(kept)


async def test_a_virus_is_found_and_nothing_is_left(tmp_path: Path) -> None:
    async with clamd() as address, attachment_bench(tmp_path, scanner=Scanner(*address)) as bench:
        infected = await bench.received(pdf(EICAR, size=200_000))
        assert infected.problem is not None
        assert infected.problem.code == "INFECTED"
        assert bench.files() == []
        assert (await bench.received(pdf(size=200_000))).problem is None


@pytest.mark.parametrize(
    "reply", [b"", b"stream: OK", b"INSTREAM size limit exceeded. ERROR\0", b"x" * 9000 + b"\0"]
)
async def test_a_file_is_refused_while_the_scanner_answers_with_an_error(
    tmp_path: Path, reply: bytes
) -> None:
    async with (
        clamd(reply) as address,
        attachment_bench(tmp_path, scanner=Scanner(*address)) as bench,
    ):
        file = bench.attachments.receive("income.pdf")
        await file.write(pdf())
        with pytest.raises(ScannerError):
            await file.finish()
        await end(file)
        assert bench.files() == []


async def test_a_scanner_that_closes_early_is_an_error(tmp_path: Path) -> None:
    async with (
        clamd(most_bytes=1000) as address,
        attachment_bench(tmp_path, scanner=Scanner(*address)) as bench,
    ):
        file = bench.attachments.receive("income.pdf")
        await file.write(pdf(size=900_000))
        with pytest.raises(ScannerError):
            await file.finish()
        await end(file)


async def test_a_scanner_that_cannot_be_reached_is_an_error(tmp_path: Path) -> None:
    async with attachment_bench(tmp_path, scanner=scanner_of("127.0.0.1:1")) as bench:
        file = bench.attachments.receive("income.pdf")
        await file.write(pdf())
        with pytest.raises(ScannerError, match=r"127\.0\.0\.1:1"):
            await file.finish()
        await end(file)
        assert bench.files() == []


@pytest.mark.parametrize(
    ("database_url", "url"),
    [
        ("sqlite+aiosqlite:////var/lib/hub/citizen-hub.db", "/var/lib/hub/citizen-hub-attachments"),
        ("postgresql+asyncpg://u:p@db/hub", f"{os.getcwd()}/citizen-hub-attachments"),
    ],
)
def test_documents_are_stored_beside_the_database(database_url: str, url: str) -> None:
    assert default_url(database_url) == Path(url).as_uri()
