"""Drafts: forms that were saved and not submitted yet. Contents are encrypted, and they expire."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Row, delete, func, select

from hub.access import Principal
from hub.access.signing import Signer
from hub.durable.clock import utc_now
from hub.store import Store
from hub.store.encryption import ContentCipher
from hub.store.submission_tables import draft
from hub.store.tables import microseconds_of, moment_of
from hub.store.transactions import reading, writing
from schema.errors import bad_input

MOST_DRAFTS = 50
"""Drafts that one person can have for one citizen."""


@dataclass(frozen=True, slots=True)
class DraftContent:
    """What a draft contains.

    Attributes:
        member: Family ID member number of the citizen.
        service: code of the service.
        values: the values of the form, as the client sent them: mappings of code, value, values.
        documents: ids of attachments.
        digest: SHA-256 of the input that made the draft, as hexadecimal digits.
    """

    member: str
    service: str
    values: Sequence[Mapping[str, Any]]
    documents: Sequence[str]
    digest: str


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A draft as the hub stores it.

    Attributes:
        draft_id: its id; it can't be guessed.
        content: what it contains.
        saved_at: when it was saved last (UTC).
        expires_at: when it is deleted (UTC).
    """

    draft_id: str
    content: DraftContent
    saved_at: dt.datetime
    expires_at: dt.datetime


class Drafts:
    """The drafts of all people. Only the person who saved a draft can read or delete it.

    Every method raises `HubError` with `STORE_UNAVAILABLE` if the database does not reply.

    Args:
        store: the hub's database.
        cipher: encrypts contents.
        signer: hides persons.
        days: days after which a draft expires that was not saved again.
        clock: returns the time.
    """

    def __init__(
        self,
        store: Store,
        cipher: ContentCipher,
        signer: Signer,
        days: int,
        clock: Callable[[], dt.datetime] = utc_now,
    ) -> None:
        self._store = store
        self._cipher = cipher
        self._signer = signer
        self._lifetime = dt.timedelta(days=days)
        self._clock = clock

    def id_of(self, principal: Principal, key: str) -> str:
        """Return the id of the draft that the principal makes with an idempotency key."""
        return self._signer.pseudonym(f"draft|{principal.scope}|{key}").hex()

    async def save(self, principal: Principal, draft_id: str, content: DraftContent) -> StoredDraft:
        """Store a draft, or replace it.

        Args:
            draft_id: `id_of`, or the id of a draft of the principal.

        Raises:
            HubError: `BAD_USER_INPUT`, the principal has too many drafts for the citizen.
        """
        now = self._clock()
        expires = now + self._lifetime
        changed = {
            "service": content.service,
            "content": self._cipher.encrypt(_encoded(content), _place(draft_id)),
            "updated_us": microseconds_of(now),
            "expires_us": microseconds_of(expires),
        }
        row = {
            "draft_id": draft_id,
            "citizen": self._signer.pseudonym(content.member),
            "actor": self._actors(principal)[0],
            "created_us": microseconds_of(now),
            **changed,
        }
        insert = self._store.upsert(draft).values(row)
        statement = insert.on_conflict_do_update(
            index_elements=[draft.c.draft_id],
            set_=changed,
            where=draft.c.actor.in_(self._actors(principal)),
        )
        async with writing(self._store) as connection:
            count = select(func.count()).where(
                draft.c.actor.in_(self._actors(principal)),
                draft.c.citizen.in_(self._signer.pseudonyms(content.member)),
                draft.c.draft_id != draft_id,
            )
            if (await connection.execute(count)).scalar_one() >= MOST_DRAFTS:
                raise bad_input(
                    f"There are {MOST_DRAFTS} drafts for this citizen, which is the limit. Submit "
                    "or discard one first."
                )
            await connection.execute(statement)
        return StoredDraft(draft_id, content, now, expires)

    async def of(self, principal: Principal, draft_ids: Collection[str]) -> dict[str, StoredDraft]:
        """Return the principal's drafts with these ids. Those of others are left out."""
        return {
            each.draft_id: each
            for each in await self._found(principal, draft.c.draft_id.in_(list(draft_ids)))
        }

    async def of_citizens(
        self, principal: Principal, members: Collection[str]
    ) -> dict[str, list[StoredDraft]]:
        """Return the principal's drafts for citizens, last saved first, by member number."""
        pseudonyms = [each for member in members for each in self._signer.pseudonyms(member)]
        found: dict[str, list[StoredDraft]] = {}
        for each in await self._found(principal, draft.c.citizen.in_(pseudonyms)):
            found.setdefault(each.content.member, []).append(each)
        return found

    async def discard(self, principal: Principal, draft_id: str) -> bool:
        """Delete a draft of the principal; return whether there was one."""
        statement = delete(draft).where(
            draft.c.draft_id == draft_id, draft.c.actor.in_(self._actors(principal))
        )
        async with writing(self._store) as connection:
            return (await connection.execute(statement)).rowcount > 0

    def _actors(self, principal: Principal) -> list[bytes]:
        return self._signer.pseudonyms(f"drafter|{principal.scope}")

    async def _found(self, principal: Principal, condition: Any) -> list[StoredDraft]:
        statement = (
            select(draft)
            .where(
                condition,
                draft.c.actor.in_(self._actors(principal)),
                draft.c.expires_us > microseconds_of(self._clock()),
            )
            .order_by(draft.c.updated_us.desc(), draft.c.draft_id)
        )
        async with reading(self._store) as connection:
            rows = (await connection.execute(statement)).all()
        return [each for row in rows if (each := self._draft(row)) is not None]

    def _draft(self, row: Row[Any]) -> StoredDraft | None:
        """Return the draft in a row; None if `HUB_DATA_KEY` is not the key of its content."""
        encoded = self._cipher.decrypt(row.content, _place(row.draft_id))
        if encoded is None:
            return None
        return StoredDraft(
            row.draft_id,
            DraftContent(**orjson.loads(encoded)),
            moment_of(row.updated_us),
            moment_of(row.expires_us),
        )


def _encoded(content: DraftContent) -> bytes:
    return orjson.dumps(
        {
            "member": content.member,
            "service": content.service,
            "values": list(content.values),
            "documents": list(content.documents),
            "digest": content.digest,
        }
    )


def _place(draft_id: str) -> str:
    return f"draft {draft_id}"
