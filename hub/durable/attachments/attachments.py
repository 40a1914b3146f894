"""Stores the documents of citizens."""

import contextlib
import datetime as dt
import logging
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from hub.access import Principal
from hub.durable.attachments import table as rows
from hub.durable.attachments.checks import CHECKED_TYPES
from hub.durable.attachments.contents import CONTENT_FAILURES, Contents
from hub.durable.attachments.encryption import ChunkCipher, ChunkDecryptor
from hub.durable.attachments.failures import content_errors
from hub.durable.attachments.incoming import Incoming, IncomingFile
from hub.durable.attachments.model import Attachment, AttachmentKeyError
from hub.durable.attachments.problems import (
    EMPTY,
    TYPE_NOT_ALLOWED,
    FileRefusedError,
    too_large,
)
from hub.durable.attachments.table import AttachmentRow, AttachmentTable
from hub.durable.clock import utc_now
from hub.store import Store
from hub.store.transactions import reading, writing
from schema.codes import ErrorCode
from schema.errors import HubError, not_found
from schema.upload import UploadedFile

log = logging.getLogger(__name__)

HOUR = dt.timedelta(hours=1)
ORPHAN_AGE = dt.timedelta(hours=1)
"""Age after which a content without a row is left over. A younger one may get its row yet."""
MOST_RECEIVING = 200
"""Requests with files that one process receives at the same time; further ones are refused."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What one person may upload, and for how long it is kept.

    Attributes:
        files_per_hour: files in an hour.
        bytes_per_hour: bytes in an hour.
        unused: how long a document is kept that no submission contains.
    """

    files_per_hour: int = 300
    bytes_per_hour: int = 1 << 30
    unused: dt.timedelta = dt.timedelta(days=7)


class Attachments:
    """The documents that citizens have uploaded.

    Every method raises `HubError` with `STORE_UNAVAILABLE` if the database does not reply, and with
    `UPLOADS_UNAVAILABLE` if the folder or bucket does not work.

    Args:
        store: the hub's database.
        table: translates rows.
        contents: the stored contents.
        incoming: the files that are being received.
        quota: what one person may upload.
        owner: name of the database, which no other database has.
        clock: returns the time.
    """

    def __init__(
        self,
        store: Store,
        table: AttachmentTable,
        contents: Contents,
        incoming: Incoming,
        quota: Quota | None = None,
        owner: str = "",
        clock: Callable[[], dt.datetime] = utc_now,
    ) -> None:
        self._store = store
        self._table = table
        self._contents = contents
        self._incoming = incoming
        self._quota = quota or Quota()
        self._owner = owner
        self._clock = clock
        self._receiving: Counter[str] = Counter()

    @property
    def most_bytes(self) -> int:
        """Maximum size of a file."""
        return self._incoming.most_bytes

    @contextlib.asynccontextmanager
    async def receiving(self, principal: Principal) -> AsyncIterator[None]:
        """Count a request with files against the principal's quota while it is received.

        Raises:
            HubError: `RATE_LIMITED`, the principal's files of the last hour reach the quota.
                `OVERLOADED`, the hub receives too many files.
        """
        if self._receiving.total() >= MOST_RECEIVING:
            message = "The hub receives too many files. Retry in some seconds."
            raise HubError(ErrorCode.OVERLOADED, message, retryable=True)
        self._receiving[principal.scope] += 1
        try:
            async with reading(self._store) as connection:
                await self._check_quota(connection, principal, self._receiving[principal.scope])
            yield
        finally:
            self._receiving[principal.scope] -= 1
            self._receiving += Counter()

    def receive(self, name: str) -> IncomingFile:
        """Begin to receive a file with this name."""
        with content_errors():
            return self._incoming.new(name)

    async def store(
        self,
        upload: UploadedFile,
        *,
        member: str,
        principal: Principal,
        evidence: str,
        key: str,
        media_types: Collection[str] = (),
        max_bytes: int | None = None,
    ) -> Attachment:
        """Keep a file that was received.

        Args:
            upload: the file, as the operation has it in its variables.
            member: Family ID member number of the citizen; the document is this citizen's.
            principal: who uploads it.
            evidence: code of the evidence type that it proves; empty if it proves none.
            key: the client's idempotency key.
            media_types: allowed types; PDF, JPEG and PNG if empty.
            max_bytes: maximum size of this evidence; None for the hub's maximum.

        Returns: the new attachment, or the stored one if the principal has used the key before.

        Raises:
            FileRefusedError: the file is not accepted.
            AttachmentKeyError: the principal has used the key for another file.
            HubError: `RATE_LIMITED`, the principal's files of the last hour reach the quota.
        """
        if upload.problem is not None:
            raise FileRefusedError(upload.problem)
        if not isinstance(upload, IncomingFile) or not upload.size_bytes:
            raise FileRefusedError(EMPTY)
        if upload.media_type not in (media_types or CHECKED_TYPES):
            raise FileRefusedError(TYPE_NOT_ALLOWED)
        if max_bytes is not None and upload.size_bytes > max_bytes:
            raise FileRefusedError(too_large(max_bytes))
        async with reading(self._store) as connection:
            row = await self._table.with_key(connection, principal, key)
            if row is not None:
                return self._stored_before(row, upload, member, evidence)
            await self._check_quota(connection, principal, 1)
        now = self._clock()
        new = Attachment(
            attachment_id=upload.attachment_id,
            evidence=evidence,
            name=upload.name,
            media_type=upload.media_type,
            size_bytes=upload.size_bytes,
            sha256=upload.sha256,
            uploaded_at=now,
            expires_at=now + self._quota.unused,
        )
        try:
            with content_errors():
                await self._contents.keep(upload.path, new.attachment_id)
            async with writing(self._store) as connection:
                is_new = await self._table.insert(connection, new, member, principal, key)
                if not is_new:
                    row = await self._table.with_key(connection, principal, key)
        except BaseException:
            await self._forget_unless_stored(new.attachment_id)
            raise
        if not is_new:
            await self._forget(new.attachment_id)
        return new if row is None else self._stored_before(row, upload, member, evidence)

    async def of(self, ids: Collection[str], member: str) -> dict[str, Attachment]:
        """Return the citizen's attachments with these ids. Those of others are left out."""
        if not ids:
            return {}
        async with reading(self._store) as connection:
            found = await self._table.find(connection, ids, self._clock())
        return {
            row.attachment_id: self._table.attachment(row)
            for row in found
            if self._table.is_of(row, member)
        }

    async def of_receipt(self, receipt: str) -> list[Attachment]:
        """Return the documents of a submission, in the order of their upload."""
        async with reading(self._store) as connection:
            found = await self._table.of_receipt(connection, receipt)
        return [self._table.attachment(row) for row in found]

    async def one(self, attachment_id: str) -> Attachment:
        """Return an attachment.

        Raises:
            HubError: `NOT_FOUND`, it does not exist or has expired.
        """
        async with reading(self._store) as connection:
            found = await self._table.find(connection, [attachment_id], self._clock())
        if not found:
            raise not_found("This document does not exist any more.")
        return self._table.attachment(found[0])

    async def content(self, attachment: Attachment) -> AsyncGenerator[bytes, None]:
        """Yield the content in parts. Each was checked before it is yielded.

        Raises:
            HubError: `NOT_FOUND`, the content is missing. `INTERNAL`, it was changed.
        """
        cipher = ChunkCipher(self._incoming.key, attachment.attachment_id)
        decryptor = ChunkDecryptor(cipher, attachment.size_bytes)
        with content_errors():
            async for part in self._contents.read(attachment.attachment_id):
                for content in decryptor.feed(part):
                    yield content
            decryptor.finish()

    async def read(self, attachment: Attachment) -> bytes:
        """Return the whole content, for a call to a department."""
        return b"".join([part async for part in self.content(attachment)])

    async def sweep(self) -> int:
        """Delete what has expired, and what failures left over; return how many files."""
        now = self._clock()
        count = await self._incoming.run(self._incoming.delete_left)
        with content_errors():
            while True:
                async with writing(self._store) as connection:
                    expired = await rows.delete_expired(connection, now)
                if not expired:
                    break
                await self._contents.delete(expired)
                count += len(expired)
            if not await self._contents.belongs_to(self._owner):
                # They look left over, but they are the documents of another hub.
                log.error(
                    "Documents without a row are kept, because HUB_ATTACHMENTS_URL belongs to "
                    "another database (docs/attachments.md)"
                )
                return count
            async for stored in self._contents.older_than(utc_now() - ORPHAN_AGE):
                async with reading(self._store) as connection:
                    orphans = set(stored) - await rows.known_ids(connection, stored)
                await self._contents.delete(orphans)
                count += len(orphans)
        return count

    def close(self) -> None:
        self._incoming.close()

    async def _check_quota(
        self, connection: AsyncConnection, principal: Principal, more: int
    ) -> None:
        count, size = await self._table.used(connection, principal, self._clock() - HOUR)
        quota = self._quota
        if count + more > quota.files_per_hour or size >= quota.bytes_per_hour:
            message = (
                f"You may upload {quota.files_per_hour:,} files and "
                f"{quota.bytes_per_hour >> 20:,} MiB in an hour. Retry later."
            )
            raise HubError(ErrorCode.RATE_LIMITED, message, retryable=True)

    def _stored_before(
        self, row: AttachmentRow, upload: UploadedFile, member: str, evidence: str
    ) -> Attachment:
        stored = self._table.attachment(row)
        is_same = (stored.sha256, stored.evidence) == (upload.sha256, evidence)
        if not is_same or not self._table.is_of(row, member):
            raise AttachmentKeyError
        return stored

    async def _forget_unless_stored(self, attachment_id: str) -> None:
        """Delete the content, unless the database has stored the row in spite of its error.

        If the database does not reply, the sweep decides later.
        """
        with contextlib.suppress(HubError):
            async with reading(self._store) as connection:
                stored = await rows.known_ids(connection, [attachment_id])
            if not stored:
                await self._forget(attachment_id)

    async def _forget(self, attachment_id: str) -> None:
        """Delete the content of an attachment that could not be stored."""
        try:
            await self._contents.delete([attachment_id])
        except CONTENT_FAILURES as error:
            # The sweep deletes it later.
            log.warning("An upload can't be deleted: %s", str(error).partition("\n")[0])
