"""Reads and writes the tables of submissions. Contents are encrypted, persons are hashed."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Row, Select, bindparam, exists, func, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.access import Principal
from hub.access.signing import Signer
from hub.durable.clock import utc_now
from hub.durable.contents import DELETED, Contents, decoded, encoded
from hub.durable.model import FINISHED, EventKind, NewSubmission, Submission, SubmissionEvent
from hub.store import Store
from hub.store.encryption import ContentCipher
from hub.store.submission_tables import delivery_hold, submission, submission_event, submission_task
from hub.store.tables import microseconds_of, moment_of
from schema.codes import ErrorCode
from schema.errors import HubError
from schema.submission_state import SubmissionKind, SubmissionState

SubmissionRow = Row[Any]

OPEN_TASK = exists().where(
    submission_task.c.receipt == submission.c.receipt, submission_task.c.closed_us.is_(None)
)
_HELD_UNTIL = (
    select(delivery_hold.c.until_us)
    .where(delivery_hold.c.department == submission.c.department)
    .scalar_subquery()
)


class SubmissionTable:
    """Translates between rows and submissions.

    Args:
        cipher: encrypts contents.
        signer: hides persons, keys and references.
        clock: returns the time.
    """

    def __init__(
        self,
        store: Store,
        cipher: ContentCipher,
        signer: Signer,
        clock: Callable[[], dt.datetime] = utc_now,
    ) -> None:
        self._clock = clock
        self._store = store
        self._cipher = cipher
        self._signer = signer

    def new_row(self, new: NewSubmission, now: dt.datetime) -> dict[str, object]:
        """Return the row of a new submission."""
        contents = encoded(Contents(new.member, new.sender, new.content))
        return {
            "receipt": new.receipt,
            "kind": new.kind.name,
            "department": new.department,
            "service": new.service,
            "citizen": self.citizens(new.member)[0],
            "actor": self._actors(new.sender.principal)[0],
            "key": self._keys(new.key)[0],
            "digest": self._signer.seal(new.digest),
            "content": self._cipher.encrypt(contents, _place("content", new.receipt)),
            "state": SubmissionState.NOT_SENT.name,
            "attempts": 0,
            "delivery": 1,
            "accepted_us": microseconds_of(now),
            "updated_us": microseconds_of(now),
            "inquiries": 0,
            "denials": 0,
        }

    @property
    def has_old_keys(self) -> bool:
        """Return whether rows can have pseudonyms of another key than the first."""
        return len(self._keys("")) > 1

    def citizens(self, member: str) -> list[bytes]:
        """Return the citizen's pseudonyms; new rows have the first."""
        return self._signer.pseudonyms(member)

    def has_digest(self, row: SubmissionRow, digest: bytes) -> bool:
        """Return whether the row was stored for the input with this digest."""
        return self._signer.is_sealed(digest, bytes(row.digest))

    async def insert(
        self, connection: AsyncConnection, rows: Sequence[Mapping[str, object]]
    ) -> dict[str, int]:
        """Insert rows whose idempotency keys are new; return their numbers by receipt number."""
        statement = self._store.insert_new(submission)
        returning = statement.returning(submission.c.receipt, submission.c.number)
        inserted = (await connection.execute(returning, list(rows))).all()
        if inserted:
            events = [
                {
                    "receipt": row["receipt"],
                    "position": 1,
                    "at_us": row["accepted_us"],
                    "event": EventKind.ACCEPTED.value,
                }
                for row in rows
                if any(row["receipt"] == each.receipt for each in inserted)
            ]
            await connection.execute(insert(submission_event), events)
        return {each.receipt: each.number for each in inserted}

    async def with_key(
        self, connection: AsyncConnection, principal: Principal, key: str
    ) -> SubmissionRow | None:
        """Return the row that the principal stored with the idempotency key."""
        actors, keys = self._actors(principal), self._keys(key)
        if len(actors) == len(keys) == 1:
            parameters = {"its_actor": actors[0], "its_key": keys[0]}
            only: SubmissionRow | None = (
                await connection.execute(_WITH_KEY, parameters)
            ).one_or_none()
            return only
        pairs = [(actor, each) for actor in actors for each in keys]
        found = tuple_(submission.c.actor, submission.c.key).in_(pairs)
        row: SubmissionRow | None = (
            await connection.execute(selected().where(found))
        ).one_or_none()
        return row

    def reference_of(self, department: str, reference: str) -> bytes:
        """Return the hash by which a row is found by the department's number."""
        return self.references(department, reference)[0]

    def references(self, department: str, reference: str) -> list[bytes]:
        """Return all hashes that a row with the department's number can have."""
        return self._signer.pseudonyms(f"reference|{department}|{reference}")

    def result_of(self, receipt: str, reference: str | None, token: str | None) -> bytes:
        """Return the encrypted numbers that the department assigned."""
        numbers = orjson.dumps({"reference": reference, "token": token})
        return self._cipher.encrypt(numbers, _place("result", receipt))

    def submission(self, row: SubmissionRow) -> Submission:
        """Return the submission in a row.

        Raises:
            HubError: `INTERNAL`, the row was encrypted with another key.
        """
        contents, result = DELETED, {}
        if row.content is not None:
            contents = decoded(self._decrypted(row.content, "content", row.receipt))
        if row.result is not None:
            result = orjson.loads(self._decrypted(row.result, "result", row.receipt))
        state = SubmissionState[row.state]
        next_us = None if state in FINISHED else row.next_attempt_us
        if next_us is None and state is SubmissionState.NOT_SENT and row.held_until_us is not None:
            # A hold stays in the table after its time, but the next delivery may start at once.
            is_held = row.held_until_us > microseconds_of(self._clock())
            next_us = row.held_until_us if is_held else None
        return Submission(
            number=row.number,
            receipt=row.receipt,
            state=state,
            kind=SubmissionKind[row.kind],
            department=row.department,
            service=row.service,
            member=contents.member,
            sender=contents.sender,
            content=contents.content,
            reference=result.get("reference"),
            token=result.get("token"),
            attempts=row.attempts,
            accepted_at=moment_of(row.accepted_us),
            updated_at=moment_of(row.updated_us),
            next_attempt_at=None if next_us is None else moment_of(next_us),
            error=row.error,
            has_task=bool(row.has_task),
            is_sending=row.open_attempt is not None,
        )

    def _decrypted(self, encrypted: bytes, column: str, receipt: str) -> bytes:
        content = self._cipher.decrypt(bytes(encrypted), _place(column, receipt))
        if content is None:
            message = f"The submission {receipt} was encrypted with another HUB_DATA_KEY."
            raise HubError(ErrorCode.INTERNAL, message)
        return content

    def _actors(self, principal: Principal) -> list[bytes]:
        return self._signer.pseudonyms(f"submitter|{principal.scope}")

    def _keys(self, key: str) -> list[bytes]:
        return self._signer.pseudonyms(f"idempotency key|{key}")


def selected() -> Select[Any]:
    """Return the statement that reads rows as `SubmissionTable.submission` needs them."""
    return select(submission, OPEN_TASK.label("has_task"), _HELD_UNTIL.label("held_until_us"))


_WITH_RECEIPT = selected().where(submission.c.receipt == bindparam("its_receipt"))
_WITH_RECEIPTS = selected().where(
    submission.c.receipt.in_(bindparam("its_receipts", expanding=True))
)
_WITH_KEY = selected().where(
    submission.c.actor == bindparam("its_actor"), submission.c.key == bindparam("its_key")
)
_EVENT_COLUMNS = ("at_us", "event", "attempt", "error", "actor", "note")
_ADD_EVENT = insert(submission_event).from_select(
    ["receipt", "position", *_EVENT_COLUMNS],
    select(
        bindparam("its_receipt", type_=submission_event.c.receipt.type),
        func.coalesce(func.max(submission_event.c.position), 0) + 1,
        *(bindparam(f"its_{name}", type_=submission_event.c[name].type) for name in _EVENT_COLUMNS),
    ).where(submission_event.c.receipt == bindparam("its_receipt")),
)


async def rows_of(
    connection: AsyncConnection, receipts: Sequence[str]
) -> list[SubmissionRow | None]:
    """Return the row with each receipt number, in order; None where there is none."""
    if len(receipts) == 1:
        return [await row_of(connection, receipts[0])]
    rows = await connection.execute(_WITH_RECEIPTS, {"its_receipts": list(receipts)})
    found = {row.receipt: row for row in rows}
    return [found.get(receipt) for receipt in receipts]


async def row_of(connection: AsyncConnection, receipt: str) -> SubmissionRow | None:
    """Return the row with a receipt number."""
    row: SubmissionRow | None = (
        await connection.execute(_WITH_RECEIPT, {"its_receipt": receipt})
    ).one_or_none()
    return row


async def add_event(
    connection: AsyncConnection,
    receipt: str,
    event: EventKind,
    at: dt.datetime,
    *,
    attempt: int | None = None,
    error: str | None = None,
    actor: str | None = None,
    note: str | None = None,
) -> None:
    """Add an event. The transaction must have changed the submission's row before."""
    added = SubmissionEvent(at, event, attempt, error, actor, note)
    await add_events(connection, [(receipt, added)])


async def add_events(
    connection: AsyncConnection, events: Sequence[tuple[str, SubmissionEvent]]
) -> None:
    """Add the event of each receipt number.

    The transaction must have changed the rows of these submissions before.
    """
    if not events:
        return
    parameters = [
        {
            "its_receipt": receipt,
            "its_at_us": microseconds_of(event.at),
            "its_event": event.event.value,
            "its_attempt": event.attempt,
            "its_error": event.error,
            "its_actor": event.actor,
            "its_note": event.note,
        }
        for receipt, event in events
    ]
    await connection.execute(_ADD_EVENT, parameters)


async def events_of(connection: AsyncConnection, receipt: str) -> list[SubmissionEvent]:
    """Return what happened to a submission, oldest first."""
    found = submission_event.c.receipt == receipt
    statement = select(submission_event).where(found).order_by(submission_event.c.position)
    return [
        SubmissionEvent(
            moment_of(row.at_us),
            EventKind(row.event),
            row.attempt,
            row.error,
            row.actor,
            row.note,
        )
        for row in (await connection.execute(statement)).all()
    ]


def _place(column: str, receipt: str) -> str:
    return f"submission {receipt} {column}"
