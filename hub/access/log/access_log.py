"""The access log of a hub: responses wait for it, and citizens read it."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Collection, Iterable, Sequence

from hub.access.log.acts import Act, ActEntry
from hub.access.log.database import LOG_FAILURES, Database, open_database, reason_of
from hub.access.log.keys import check_keys, log_keys, origin_prefix, signer
from hub.access.log.leaves import Entry
from hub.access.log.options import LogOptions
from hub.access.log.parent import add_checkpoints
from hub.access.log.persons import Persons, member, numbered
from hub.access.log.reader import LogReader
from hub.access.log.records import record_of
from hub.access.log.retention import delete_old
from hub.access.log.spill import SpillFile
from hub.access.log.tree import TreeWriter, newest_checkpoint
from hub.access.log.writer import EntryWriter, log_unavailable
from hub.access.principal import Principal
from hub.observe import AccessLogMetrics
from hub.store import StoreError
from schema.access_record import AccessRecord
from schema.codes import ErrorCode
from schema.connections import SortKey
from schema.errors import HubError
from schema.sources import AccessLogPage

log = logging.getLogger(__name__)

MAINTENANCE_SECONDS = 3600.0
MAINTENANCE_FAILURES: tuple[type[BaseException], ...] = (*LOG_FAILURES, StoreError)

Numbers = Iterable[tuple[str, str]]
"""Numbers of a citizen at departments: pairs of scheme and number."""


class AccessLog:
    """Writes and reads the access log. Create it with `AccessLog.open`.

    Attributes:
        unwritten: entries that were not in the database when the log was closed.
        persons: hashes of people.
        reader: reads entries.
    """

    def __init__(
        self,
        database: Database,
        tree: TreeWriter,
        writer: EntryWriter,
        persons: Persons,
        options: LogOptions,
    ) -> None:
        self.unwritten = 0
        self.persons = persons
        self.reader = LogReader(database)
        self._database = database
        self._tree = tree
        self._writer = writer
        self._options = options
        self._maintenance: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls, url: str, options: LogOptions, metrics: AccessLogMetrics | None = None
    ) -> "AccessLog":
        """Open the log's database, claim a tree in it, and write the entries of the spill file.

        Raises:
            StoreError: the database or the spill file cannot be used, or the database has people
                under a key that the settings lack.
            WeakKeyError: a secret is too short.
        """
        database = await open_database(url)
        spill = SpillFile(options.spill, ())
        try:
            keys = await log_keys(database, options.keys)
            made = await signer(database, options.signing_key)
            tree = TreeWriter(database, made, await origin_prefix(database))
            await tree.open()
            persons = Persons(database, keys)
            spill = SpillFile(options.spill, keys)
            spill.open()
            writer = EntryWriter(
                tree, persons, keys[0], spill, options.max_waiting, metrics or AccessLogMetrics()
            )
            await writer.read_spill()
        except LOG_FAILURES as error:
            spill.close()
            await database.close()
            raise StoreError(
                f"The access log {database.shown} cannot be used ({reason_of(error)}). Correct "
                "HUB_ACCESS_LOG_URL and HUB_ACCESS_LOG_SPILL."
            ) from None
        except BaseException:
            spill.close()
            await database.close()
            raise
        return cls(database, tree, writer, persons, options)

    def start(self) -> None:
        """Start the background tasks in the running event loop."""
        self._writer.start()
        self._maintenance = asyncio.create_task(self._maintain())

    async def commit(self, entries: Sequence[Entry]) -> None:
        """Write the entries of an operation, and return when they are on the disk.

        Raises:
            HubError: `STORE_UNAVAILABLE`, the entries could not be written and the log is
                required: the response must not be sent.
        """
        if entries and not await self._writer.write(entries) and self._options.required:
            raise HubError(
                ErrorCode.STORE_UNAVAILABLE,
                "The access log can't be written now, so the hub shows no data. Retry later.",
                retryable=True,
            )

    async def administrative(
        self,
        principal: Principal,
        act: Act,
        target: str = "",
        *,
        reason: str = "",
        citizens: Sequence[str] = (),
        correlation_id: str = "",
    ) -> None:
        """Write an act to the access log and to the hub's log. Call it before the act takes effect.

        Args:
            target: what the act changes, without personal data: a department, the id of a consent.
            reason: why, as the principal wrote it.
            citizens: Family ID member numbers of the people that it concerns.

        Raises:
            HubError: `STORE_UNAVAILABLE`.
        """
        at_us = time.time_ns() // 1000
        log.info("%s %s by %s, operation %s", act, target, principal.role, correlation_id or "none")
        entry = ActEntry(correlation_id, at_us, principal, act, target, reason, citizens)
        await self.commit([entry])

    async def page(
        self,
        member_identifier: str,
        first: int,
        after: SortKey | None,
        numbers: Numbers = (),
    ) -> AccessLogPage:
        """Return the citizen's access records after the sort key `after`, newest first.

        Args:
            numbers: the citizen's other numbers. An entry has such a number if the hub did not know
                the citizen when it wrote the entry.

        Raises:
            HubError: `STORE_UNAVAILABLE`, or `BAD_USER_INPUT` for a cursor of a different list.
        """
        try:
            persons = await self._hashes(member_identifier, numbers)
            if not persons:
                return AccessLogPage([], has_next_page=False)
            found, more = await self.reader.page(persons, first, after)
            records = [
                await record_of(self.reader, each, member_identifier, persons) for each in found
            ]
        except LOG_FAILURES:
            raise log_unavailable() from None
        return AccessLogPage(records, more)

    async def one(
        self, member_identifier: str, sort_key: SortKey, numbers: Numbers = ()
    ) -> AccessRecord | None:
        """Return the citizen's access record with this sort key; None if there is none.

        Raises:
            HubError: `STORE_UNAVAILABLE`.
        """
        try:
            persons = await self._hashes(member_identifier, numbers)
            found = await self.reader.one(persons, sort_key) if persons else None
            if found is None:
                return None
            return await record_of(self.reader, found, member_identifier, persons)
        except LOG_FAILURES:
            raise log_unavailable() from None

    async def _hashes(self, member_identifier: str, numbers: Numbers) -> Collection[bytes]:
        if self._writer.failing:
            # Entries wait: a page without them would look complete.
            raise log_unavailable()
        identities = [member(member_identifier), *(numbered(*each) for each in numbers)]
        return list((await self.persons.existing(identities)).values())

    async def erase(self, member_identifier: str, numbers: Numbers = ()) -> int:
        """Delete the secrets of a person: nobody can find the person's entries any more.

        Returns: how many secrets were deleted.
        """
        identities = [member(member_identifier), *(numbered(*each) for each in numbers)]
        return await self.persons.erase(identities)

    async def checkpoint(self, tree: int | None = None) -> bytes | None:
        """Return the newest signed checkpoint of a tree; None if there is no such tree.

        Args:
            tree: number of the tree; None for that of this process.
        """
        if tree is None or tree == self._tree.tree:
            return self._tree.checkpoint
        try:
            return await newest_checkpoint(self._database, tree)
        except LOG_FAILURES:
            raise log_unavailable() from None

    async def delete_old(self) -> int:
        """Delete the content of entries that are older than the retention time."""
        return await delete_old(self._database, self._options.days)

    async def maintain(self) -> None:
        """Delete old content, and add the checkpoints of all trees to the parent tree."""
        await check_keys(self._database, self.persons.keys)
        await self.delete_old()
        await add_checkpoints(self._database, self._tree)

    async def close(self) -> None:
        """Write the waiting entries, or move them to the spill file, and close the database."""
        if self._maintenance is not None:
            self._maintenance.cancel()
        self.unwritten = await self._writer.close()
        with contextlib.suppress(*LOG_FAILURES):
            await self._database.close()

    async def _maintain(self) -> None:
        while True:
            try:
                await self.maintain()
            except MAINTENANCE_FAILURES as error:
                log.error("The access log can't be maintained: %s", reason_of(error))
            await asyncio.sleep(MAINTENANCE_SECONDS)
