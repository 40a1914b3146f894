"""The current revocations: read from the database, and watched for changes."""

import asyncio
import contextlib
import datetime as dt
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Protocol

from hub.access.principal import Principal
from hub.access.signing import Signer
from hub.store import STORE_FAILURES, Store
from hub.store.revocations import RevocationTable
from hub.store.store import failure_text

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
"""Time between two looks at the database, so that all processes refuse within two seconds."""
TIMEOUT_SECONDS = 5.0


class RevocationKind(StrEnum):
    """What is revoked."""

    TOKEN = "token"  # noqa: S105
    PERSON = "person"
    CENTRE = "centre"


class RevocationMetrics(Protocol):
    """Shows how old the list of revocations is."""

    def watch_age(self, age: Callable[[], float]) -> None:
        """Read the age in seconds whenever the metrics are shown."""


def stored_persons(signer: Signer, person: str) -> list[str]:
    """Return the keyed hashes under which a person can be stored; the first is for new rows.

    Args:
        signer: has the keys.
        person: a citizen's member number, or an issuer, `|` and the claim `sub`.
    """
    if "|" not in person:
        person = person.strip().upper()
    return [each.hex() for each in signer.pseudonyms(person)]


class Revocations:
    """Which tokens, persons and centres are cut off now.

    If the database does not reply, the last known list still holds.

    Args:
        store: the hub's database.
        signer: makes the hashes of persons.
        metrics: shows the age of the list.
    """

    def __init__(self, store: Store, signer: Signer, metrics: RevocationMetrics) -> None:
        self._table = RevocationTable(store)
        self._signer = signer
        # When each revocation ends, in seconds since 1970, by kind and value.
        self._ends: Mapping[tuple[str, str], float] = {}
        self._changes = -1
        self._read = time.monotonic()
        self._failing = False
        self._watcher: asyncio.Task[None] | None = None
        self._callbacks: list[Callable[[], None]] = []
        metrics.watch_age(lambda: time.monotonic() - self._read)

    def is_revoked(self, principal: Principal) -> bool:
        """Return whether the principal's token, person or centre is cut off."""
        if not self._ends:
            return False
        now = time.time()
        return any(self._ends.get(key, 0.0) > now for key in self._keys_of(principal))

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call `callback` after each change of the list."""
        self._callbacks.append(callback)

    async def open(self) -> None:
        """Read the list, and watch it from now on.

        Raises one of `STORE_FAILURES` if the database does not reply.
        """
        await self._refresh()
        self._watcher = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Stop watching."""
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher

    def _keys_of(self, principal: Principal) -> Iterator[tuple[str, str]]:
        if principal.token_id:
            yield RevocationKind.TOKEN, principal.token_id
        if principal.centre is not None:
            yield RevocationKind.CENTRE, principal.centre
        for person in (principal.subject, principal.member_identifier):
            if person:
                for stored in stored_persons(self._signer, person):
                    yield RevocationKind.PERSON, stored

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                async with asyncio.timeout(TIMEOUT_SECONDS):
                    await self._refresh()
            except Exception as error:
                if not self._failing:
                    self._failing = True
                    log.error(
                        "The revocations can't be read: %s. Tokens, persons and centres that are "
                        "revoked from now on still have access. Check the hub's database.",
                        failure_text(error) if isinstance(error, STORE_FAILURES) else repr(error),
                    )
                continue
            if self._failing:
                self._failing = False
                log.warning("The revocations can be read again")

    async def _refresh(self) -> None:
        changes = await self._table.changes()
        if changes != self._changes:
            await self._load()
            self._changes = changes
        self._read = time.monotonic()

    async def _load(self) -> None:
        found = await self._table.load(dt.datetime.now(dt.UTC))
        before = self._ends
        self._ends = {
            (each.kind, each.value): float("inf") if each.until is None else each.until.timestamp()
            for each in found
        }
        added = self._ends.keys() - before.keys()
        if added:
            log.warning("%d revocations were added; %d are in force", len(added), len(found))
        for callback in self._callbacks:
            callback()
