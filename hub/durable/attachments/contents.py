"""Where the encrypted contents of attachments are stored: a folder, or a bucket."""

import asyncio
import contextlib
import datetime as dt
import os
import tempfile
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, S3Store

from hub.store.store import StoreError

KEPT = "kept"
INCOMING = "incoming"
OWNER = "owner"
"""Object that names the database of the attachments that are stored here."""
PART_BYTES = 1 << 20
TRANSFERS = 4
"""Files that are sent to a bucket at the same time. Each takes up to two parts of 5 MiB."""
CONTENT_FAILURES = (BaseError, OSError)
"""Exceptions when a folder or bucket does not work."""


class ContentMissingError(Exception):
    """The content of an attachment is not in the store."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The stored contents.

    Attributes:
        store: the folder or bucket.
        folder: the folder; None for a bucket.
        incoming: folder on this machine for files that are being received.
    """

    store: ObjectStore
    folder: Path | None
    incoming: Path
    transfers: asyncio.Semaphore

    @classmethod
    def open(cls, url: str) -> "Contents":
        """Open the store, and create its folders.

        Args:
            url: value of `HUB_ATTACHMENTS_URL`: `file:///…` or `s3://bucket/prefix`.

        Raises:
            StoreError: the URL is wrong, or a folder cannot be created.
        """
        parts = urlsplit(url)
        try:
            if parts.scheme == "s3" and parts.netloc:
                bucket: ObjectStore = S3Store.from_url(
                    url,
                    client_options={
                        "allow_http": _allows_http(),
                        "connect_timeout": "5s",
                        "timeout": "30s",
                    },
                    retry_config={"max_retries": 3, "retry_timeout": dt.timedelta(seconds=30)},
                )
                incoming = Path(tempfile.gettempdir(), f"citizen-hub-{INCOMING}-{os.getuid()}")
                _create(incoming)
                if incoming.is_symlink():
                    raise PermissionError(f"{incoming} leads to another folder")
                return cls(bucket, None, incoming, asyncio.Semaphore(TRANSFERS))
            if parts.scheme == "file" and not parts.netloc:
                folder = Path(unquote(parts.path))
                for each in (folder, folder / INCOMING, folder / KEPT):
                    _create(each)
                local = obstore.store.LocalStore(folder)
                return cls(local, folder, folder / INCOMING, asyncio.Semaphore(TRANSFERS))
        except CONTENT_FAILURES as error:
            raise StoreError(
                f"HUB_ATTACHMENTS_URL cannot be used ({error}). Set it to a folder that the hub "
                "may write (file:///…), or to a bucket (s3://BUCKET/PREFIX)."
            ) from None
        raise StoreError("HUB_ATTACHMENTS_URL must be file:///FOLDER or s3://BUCKET/PREFIX.")

    async def keep(self, file: Path, attachment_id: str) -> None:
        """Move an incoming file to the stored contents.

        In a folder, the file is on the disk afterwards, not in the system's memory only.

        Raises:
            Exception: one of `CONTENT_FAILURES`; nothing is stored then.
        """
        path = path_of(attachment_id)
        if self.folder is not None:
            moving = asyncio.create_task(asyncio.to_thread(_move, file, self.folder / path))
            try:
                await asyncio.shield(moving)
            except asyncio.CancelledError:
                # The thread goes on. Whoever cleans up must find the file where it is then.
                await moving
                raise
            return
        async with self.transfers:
            await obstore.put_async(self.store, path, file, max_concurrency=1)

    async def read(self, attachment_id: str) -> AsyncIterator[bytes]:
        """Yield the stored bytes in parts.

        Raises:
            ContentMissingError: there is no such content.
            Exception: one of `CONTENT_FAILURES`.
        """
        try:
            found = await obstore.get_async(self.store, path_of(attachment_id))
        except FileNotFoundError:
            raise ContentMissingError(attachment_id) from None
        async for part in found.stream(min_chunk_size=PART_BYTES):
            yield bytes(part)

    async def delete(self, attachment_ids: Collection[str]) -> None:
        """Delete contents. Those that do not exist are ignored.

        Raises:
            Exception: one of `CONTENT_FAILURES`.
        """
        for each in attachment_ids:
            with contextlib.suppress(FileNotFoundError):
                await obstore.delete_async(self.store, path_of(each))

    async def belongs_to(self, owner: str) -> bool:
        """Return whether the store belongs to this database. A new store does from now on.

        Raises:
            Exception: one of `CONTENT_FAILURES`.
        """
        try:
            found = await obstore.get_async(self.store, OWNER)
        except FileNotFoundError:
            await obstore.put_async(self.store, OWNER, owner.encode())
            return True
        return bytes(await found.bytes_async()) == owner.encode()

    async def older_than(self, moment: dt.datetime) -> AsyncIterator[list[str]]:
        """Yield the ids of contents that were stored before a moment, in groups."""
        async for group in obstore.list(self.store, KEPT, chunk_size=500):
            yield [
                each["path"].rpartition("/")[2] for each in group if each["last_modified"] < moment
            ]


def path_of(attachment_id: str) -> str:
    """Return the path of a content in the store."""
    return f"{KEPT}/{attachment_id[:2]}/{attachment_id}"


def _allows_http() -> bool:
    return os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")


def _create(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to another user")


def _move(file: Path, to: Path) -> None:
    to.parent.mkdir(mode=0o700, exist_ok=True)
    file.replace(to)
    for folder in (to.parent, to.parent.parent):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
