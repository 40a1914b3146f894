"""Rows of file deliveries, stored in the hub's own database.

A dump of the database shows no personal data: contents are encrypted, and what rows are found by
are keyed hashes.
"""

import datetime as dt
import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Table, and_, delete, exists, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.connectors.kept_rows import (
    FileState,
    KeptRow,
    LineProblem,
    RowStoreError,
    SeenFile,
    newest_of,
)
from adapters.connectors.outgoing_rows import OutgoingStore
from hub.store.encryption import ContentCipher
from hub.store.outgoing_files import OutgoingFiles, or_store_error
from hub.store.store import Store
from hub.store.tables import kept_file, kept_row, kept_row_key, microseconds_of, moment_of

log = logging.getLogger(__name__)

BATCH = 500
"""Maximum number of keys in one statement. SQLite allows 32,766 parameters."""


@or_store_error
async def files_by_department(store: Store) -> dict[str, list[SeenFile]]:
    """Return all files that the hub has read, by department, newest first.

    Raises:
        RowStoreError: the database does not respond.
    """
    query = select(kept_file).order_by(
        kept_file.c.department, kept_file.c.as_of_us.desc(), kept_file.c.name.desc()
    )
    found: dict[str, list[SeenFile]] = {}
    async with store.engine.connect() as connection:
        for row in await connection.execute(query):
            found.setdefault(row.department, []).append(_seen(row))
    return found


class KeptFiles:
    """Implements `adapters.connectors.kept_rows.RowStore`.

    Every method raises `RowStoreError` if the database does not respond.

    Args:
        store: the database.
        cipher: encrypts rows.
    """

    outgoing: OutgoingStore

    def __init__(self, store: Store, cipher: ContentCipher) -> None:
        self.outgoing = OutgoingFiles(store, cipher)
        self._store = store
        self._cipher = cipher

    @or_store_error
    async def files(self, department: str, file: str) -> Mapping[str, SeenFile]:
        async with self._store.engine.connect() as connection:
            found = await connection.execute(
                select(kept_file).where(_of(kept_file, department, file))
            )
            return {row.name: _seen(row) for row in found}

    @or_store_error
    async def keep(
        self, department: str, file: str, seen: SeenFile, rows: Sequence[KeptRow]
    ) -> None:
        newest = {self._cipher.hidden(name): row for name, row in newest_of(rows).items()}
        common = {"department": department, "file": file}
        async with self._store.engine.begin() as connection:
            if newest:
                # All replicas lock the rows in the same order, so they cannot deadlock.
                await self._keep_rows(connection, common, dict(sorted(newest.items())))
            await connection.execute(
                delete(kept_file).where(
                    _of(kept_file, department, file), kept_file.c.name == seen.name
                )
            )
            await connection.execute(
                self._store.insert_new(kept_file), [common | _columns_of(seen)]
            )

    async def _keep_rows(
        self, connection: AsyncConnection, common: Mapping[str, str], rows: Mapping[str, KeptRow]
    ) -> None:
        """Store rows by their hidden identities."""
        insert = self._store.upsert(kept_row)
        new = insert.excluded
        rank = ("as_of_us", "line", "digest")
        replace = insert.on_conflict_do_update(
            index_elements=["department", "file", "identity"],
            set_={name: new[name] for name in (*rank, "content")},
            where=tuple_(*(new[name] for name in rank))
            > tuple_(*(kept_row.c[name] for name in rank)),
        )
        await connection.execute(
            replace,
            [
                {
                    **common,
                    "identity": identity,
                    "as_of_us": microseconds_of(row.as_of),
                    "line": row.line,
                    "digest": row.digest,
                    "content": self._cipher.encrypt(_with_identity(row), identity),
                }
                for identity, row in rows.items()
            ],
        )
        keys = [
            {**common, "column": column, "key": self._cipher.hidden(key), "identity": identity}
            for identity, row in rows.items()
            for column, key in sorted(row.keys.items())
        ]
        if keys:
            await connection.execute(self._store.insert_new(kept_row_key), keys)

    @or_store_error
    async def find(
        self, department: str, file: str, column: str, keys: Sequence[str], most: int
    ) -> Sequence[bytes]:
        # A replaced row may match an old key and a new one: the dict returns it once.
        contents: dict[str, bytes] = {}
        hidden = [self._cipher.hidden(key) for key in keys]
        async with self._store.engine.connect() as connection:
            for start in range(0, len(hidden), BATCH):
                found = select(kept_row_key.c.identity).where(
                    _of(kept_row_key, department, file),
                    kept_row_key.c.column == column,
                    kept_row_key.c.key.in_(hidden[start : start + BATCH]),
                )
                query = (
                    select(kept_row.c.identity, kept_row.c.content)
                    .where(_of(kept_row, department, file), kept_row.c.identity.in_(found))
                    .order_by(kept_row.c.identity)
                    .limit(most)
                )
                contents |= {row.identity: row.content for row in await connection.execute(query)}
        # In the order of the identities, which only the encrypted contents show.
        rows = sorted(self._decrypted(*each) for each in contents.items())
        return [content for _, content in rows[:most]]

    @or_store_error
    async def forget(
        self, department: str, file: str, rows_before: dt.datetime, files_before: int
    ) -> None:
        moment = microseconds_of(rows_before)
        async with self._store.engine.begin() as connection:
            deleted = await connection.execute(
                delete(kept_row).where(
                    _of(kept_row, department, file), kept_row.c.as_of_us < moment
                )
            )
            if deleted.rowcount:
                await connection.execute(_orphaned_keys(department))
            await connection.execute(
                delete(kept_file).where(
                    _of(kept_file, department, file), kept_file.c.modified_s < files_before
                )
            )

    @or_store_error
    async def erase(self, department: str, numbers: Collection[str]) -> int:
        has_number = exists().where(
            kept_row_key.c.department == kept_row.c.department,
            kept_row_key.c.file == kept_row.c.file,
            kept_row_key.c.identity == kept_row.c.identity,
            kept_row_key.c.key.in_([self._cipher.hidden(each) for each in numbers]),
        )
        async with self._store.engine.begin() as connection:
            deleted = await connection.execute(
                delete(kept_row).where(kept_row.c.department == department, has_number)
            )
            await connection.execute(_orphaned_keys(department))
        return deleted.rowcount

    def _decrypted(self, identity: str, content: bytes) -> tuple[bytes, bytes]:
        """Return a row's identity and content."""
        found = self._cipher.decrypt(content, identity)
        if found is None:
            log.error("a row of a delivered file was not stored with this HUB_DATA_KEY")
            raise RowStoreError("a stored row cannot be read")
        shown, _, row = found.partition(b"\0")
        return shown, row


def _with_identity(row: KeptRow) -> bytes:
    return row.identity.replace("\0", "").encode() + b"\0" + row.content


def _of(table: Table, department: str, file: str) -> ColumnElement[bool]:
    return and_(table.c.department == department, table.c.file == file)


def _orphaned_keys(department: str) -> Any:
    has_row = exists().where(
        kept_row.c.department == kept_row_key.c.department,
        kept_row.c.file == kept_row_key.c.file,
        kept_row.c.identity == kept_row_key.c.identity,
    )
    return delete(kept_row_key).where(kept_row_key.c.department == department, ~has_row)


def _columns_of(seen: SeenFile) -> dict[str, Any]:
    return {
        "name": seen.name,
        "size": seen.size,
        "modified_s": seen.modified,
        "digest": seen.digest,
        "layout": seen.layout,
        "as_of_us": microseconds_of(seen.as_of),
        "read_us": microseconds_of(seen.read_at),
        "state": seen.state.value,
        "rows": seen.rows,
        "problems": orjson.dumps([(each.line, each.reason) for each in seen.problems]),
    }


def _seen(row: Any) -> SeenFile:
    return SeenFile(
        name=row.name,
        size=row.size,
        modified=row.modified_s,
        digest=row.digest,
        layout=row.layout,
        as_of=moment_of(row.as_of_us),
        read_at=moment_of(row.read_us),
        state=FileState(row.state),
        rows=row.rows,
        problems=[LineProblem(*each) for each in orjson.loads(row.problems)],
    )
