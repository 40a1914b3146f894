"""Reads and writes the table of attachments. Names are encrypted, persons are hashed."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, Select, and_, delete, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.access import Principal
from hub.access.signing import Signer
from hub.durable.attachments.model import Attachment, AttachmentGoneError
from hub.store import Store
from hub.store.encryption import ContentCipher
from hub.store.submission_tables import attachment
from hub.store.tables import microseconds_of, moment_of
from schema.codes import ErrorCode
from schema.errors import HubError

AttachmentRow = Row[Any]
GROUP = 500
"""Rows that one statement deletes."""


class AttachmentTable:
    """Translates between rows and attachments.

    Args:
        cipher: encrypts names.
        signer: hides persons and keys.
    """

    def __init__(self, store: Store, cipher: ContentCipher, signer: Signer) -> None:
        self._store = store
        self._cipher = cipher
        self._signer = signer

    async def insert(
        self,
        connection: AsyncConnection,
        new: Attachment,
        member: str,
        principal: Principal,
        key: str,
    ) -> bool:
        """Insert an attachment; return False if the principal has used the key before."""
        row = {
            "attachment_id": new.attachment_id,
            "citizen": self._signer.pseudonym(member),
            "actor": self._actors(principal)[0],
            "key": self._keys(key)[0],
            "evidence": new.evidence,
            "name": self._cipher.encrypt(new.name.encode(), _place(new.attachment_id)),
            "media_type": new.media_type,
            "size_bytes": new.size_bytes,
            "sha256": bytes.fromhex(new.sha256),
            "uploaded_us": microseconds_of(new.uploaded_at),
            "expires_us": new.expires_at and microseconds_of(new.expires_at),
        }
        inserted = await connection.execute(self._store.insert_new(attachment), row)
        return inserted.rowcount == 1

    async def with_key(
        self, connection: AsyncConnection, principal: Principal, key: str
    ) -> AttachmentRow | None:
        """Return the row that the principal stored with the idempotency key."""
        pairs = [(actor, each) for actor in self._actors(principal) for each in self._keys(key)]
        found = tuple_(attachment.c.actor, attachment.c.key).in_(pairs)
        return (await connection.execute(select(attachment).where(found))).first()

    async def used(
        self, connection: AsyncConnection, principal: Principal, since: dt.datetime
    ) -> tuple[int, int]:
        """Return how many files the principal has uploaded since then, and their bytes."""
        statement = select(func.count(), func.coalesce(func.sum(attachment.c.size_bytes), 0)).where(
            attachment.c.actor.in_(self._actors(principal)),
            attachment.c.uploaded_us > microseconds_of(since),
        )
        count, size = (await connection.execute(statement)).one()
        return int(count), int(size)

    async def find(
        self, connection: AsyncConnection, ids: Collection[str], now: dt.datetime
    ) -> list[AttachmentRow]:
        """Return the rows with these ids that have not expired."""
        is_kept = attachment.c.expires_us.is_(None) | (
            attachment.c.expires_us > microseconds_of(now)
        )
        statement = select(attachment).where(attachment.c.attachment_id.in_(list(ids)), is_kept)
        return list((await connection.execute(statement)).all())

    async def of_receipt(self, connection: AsyncConnection, receipt: str) -> list[AttachmentRow]:
        """Return the rows of the documents of a submission, in the order of their upload."""
        statement = (
            select(attachment)
            .where(attachment.c.receipt == receipt)
            .order_by(attachment.c.uploaded_us, attachment.c.attachment_id)
        )
        return list((await connection.execute(statement)).all())

    def is_of(self, row: AttachmentRow, member: str) -> bool:
        """Return whether the document is the citizen's."""
        return bytes(row.citizen) in self._signer.pseudonyms(member)

    def attachment(self, row: AttachmentRow) -> Attachment:
        """Return the attachment in a row.

        Raises:
            HubError: `INTERNAL`, the row was encrypted with another key.
        """
        name = self._cipher.decrypt(bytes(row.name), _place(row.attachment_id))
        if name is None:
            message = f"The attachment {row.attachment_id} was encrypted with another HUB_DATA_KEY."
            raise HubError(ErrorCode.INTERNAL, message)
        return Attachment(
            attachment_id=row.attachment_id,
            evidence=row.evidence,
            name=name.decode(),
            media_type=row.media_type,
            size_bytes=row.size_bytes,
            sha256=bytes(row.sha256).hex(),
            uploaded_at=moment_of(row.uploaded_us),
            receipt=row.receipt,
            expires_at=None if row.expires_us is None else moment_of(row.expires_us),
        )

    def _actors(self, principal: Principal) -> list[bytes]:
        return self._signer.pseudonyms(f"submitter|{principal.scope}")

    def _keys(self, key: str) -> list[bytes]:
        return self._signer.pseudonyms(f"idempotency key|{key}")


async def bind(connection: AsyncConnection, ids: Collection[str], receipt: str) -> None:
    """Give attachments to a submission. They do not expire afterwards.

    Call it in the transaction that stores the submission.

    Raises:
        AttachmentGoneError: one does not exist, or is part of another submission.
    """
    for each in sorted(set(ids)):
        statement = (
            update(attachment)
            .where(
                attachment.c.attachment_id == each,
                attachment.c.receipt.is_(None) | (attachment.c.receipt == receipt),
            )
            .values(receipt=receipt, expires_us=None)
        )
        if (await connection.execute(statement)).rowcount == 0:
            raise AttachmentGoneError(each)


async def release(
    connection: AsyncConnection, receipts: Sequence[str] | Select[tuple[str]], now: dt.datetime
) -> None:
    """Let the attachments of submissions expire, because the submissions' contents are deleted.

    Args:
        receipts: receipt numbers, or a statement that selects them.
    """
    await connection.execute(
        update(attachment)
        .where(attachment.c.receipt.in_(receipts))
        .values(expires_us=microseconds_of(now))
    )


async def delete_expired(connection: AsyncConnection, now: dt.datetime) -> list[str]:
    """Delete at most `GROUP` rows that have expired; return the ids of the attachments."""
    expired = and_(
        attachment.c.expires_us.is_not(None), attachment.c.expires_us <= microseconds_of(now)
    )
    found = select(attachment.c.attachment_id).where(expired).limit(GROUP)
    statement = (
        delete(attachment)
        .where(attachment.c.attachment_id.in_(found.scalar_subquery()), expired)
        .returning(attachment.c.attachment_id)
    )
    return list((await connection.execute(statement)).scalars())


async def known_ids(connection: AsyncConnection, ids: Collection[str]) -> set[str]:
    """Return those of the ids that have a row."""
    statement = select(attachment.c.attachment_id).where(attachment.c.attachment_id.in_(list(ids)))
    return set((await connection.execute(statement)).scalars())


def _place(attachment_id: str) -> str:
    return f"attachment {attachment_id} name"
