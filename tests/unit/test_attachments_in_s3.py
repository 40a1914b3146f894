"""Uploaded documents in a bucket with the S3 API."""

import tempfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from hub.durable.attachments import Attachment
from hub.durable.attachments.contents import Contents
from hub.store.store import StoreError
from schema.codes import ErrorCode
from schema.errors import HubError
from tests.support.attachments import MEMBER, PRINCIPAL, AttachmentBench, attachment_bench
from tests.support.s3 import FakeS3, fake_s3
from tests.support.uploads import pdf


@pytest.fixture
async def bucket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[FakeS3]:
    async with fake_s3() as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL", running.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        monkeypatch.setenv("AWS_REGION", "ap-south-1")
        (tmp_path / "tmp").mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
        yield running


@pytest.fixture
async def bench(bucket: FakeS3, tmp_path: Path) -> AsyncIterator[AttachmentBench]:
    assert bucket
    async with attachment_bench(tmp_path, url="s3://bucket/uploads", most_bytes=20 << 20) as opened:
        opened.folder = opened.contents.incoming
        yield opened


async def stored(bench: AttachmentBench, content: bytes) -> Attachment:
    upload = await bench.received(content)
    try:
        return await bench.attachments.store(
            upload, member=MEMBER, principal=PRINCIPAL, evidence="", key=upload.sha256
        )
    finally:
        await upload.discard()


@pytest.mark.parametrize("size", [1000, 4 << 20, 12 << 20])
async def test_a_document_is_stored_encrypted_in_the_bucket(
    bench: AttachmentBench, bucket: FakeS3, size: int
) -> None:
    content = pdf(size=size)
    attachment = await stored(bench, content)
    ((key, on_disk),) = bucket.objects.items()
    assert key == f"uploads/kept/{attachment.attachment_id[:2]}/{attachment.attachment_id}"
    assert b"certificate" not in on_disk
    assert await bench.attachments.read(attachment) == content
    assert bench.files() == []
    assert bucket.uploads == {}


async def test_the_sweep_deletes_expired_and_orphaned_documents(
    bench: AttachmentBench, bucket: FakeS3
) -> None:
    await stored(bench, pdf())
    bucket.objects["uploads/kept/ab/" + "ab" * 16] = b"x"
    assert await bench.attachments.sweep() == 0
    bucket.modified -= timedelta(hours=2)
    assert await bench.attachments.sweep() == 1
    bench.now += timedelta(days=8)
    assert await bench.attachments.sweep() == 1
    assert bucket.objects == {"uploads/owner": b"database-1"}


async def test_nothing_is_left_if_the_bucket_fails(bench: AttachmentBench, bucket: FakeS3) -> None:
    bucket.failing = True
    with pytest.raises(HubError) as failed:
        await stored(bench, pdf())
    assert failed.value.code is ErrorCode.UPLOADS_UNAVAILABLE
    assert failed.value.retryable
    assert bench.files() == []
    assert bucket.objects == {}
    bucket.failing = False
    await stored(bench, pdf())


async def test_a_missing_document_is_not_found(bench: AttachmentBench, bucket: FakeS3) -> None:
    attachment = await stored(bench, pdf())
    bucket.objects.clear()
    with pytest.raises(HubError) as missing:
        await bench.attachments.read(attachment)
    assert missing.value.code is ErrorCode.NOT_FOUND


@pytest.mark.parametrize("url", ["s3://", "ftp://host/x", "file://host/x", "/var/lib", "x"])
def test_a_wrong_url_of_the_store_is_refused(url: str) -> None:
    with pytest.raises(StoreError, match="HUB_ATTACHMENTS_URL"):
        Contents.open(url)


def test_a_folder_that_cannot_be_created_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="HUB_ATTACHMENTS_URL"):
        Contents.open((tmp_path / "file" / "folder").as_uri())
