"""Consents in a database of their own, with a clock that tests move."""

import datetime as dt
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from hub.access.consent import (
    ConsentAct,
    ConsentEvent,
    Consents,
    ConsentScope,
    Nominations,
    OneTimeCodes,
)
from hub.access.consent.counts import HourlyLimits
from hub.access.principal import Principal, Role
from hub.access.signing import Signer
from hub.store import Store, open_store
from schema.codes import ErrorCode
from schema.errors import HubError
from schema.ids import KEY_BYTES, IdCipher
from schema.language import Text

T = TypeVar("T")

START = dt.datetime(2026, 11, 28, 10, tzinfo=dt.UTC)
SCOPE = ConsentScope(Text("Help with applications", "आवेदन में सहायता"), ["NAME", "ADDRESS"])
OPERATOR = Principal(Role.OPERATOR, subject="https://id.example|op-1", centre="CSC-1", client="csc")
OTHER_OPERATOR = Principal(Role.OPERATOR, subject="https://id.example|op-2", centre="CSC-1")
OFFICER = Principal(Role.OFFICER, subject="https://id.example|off-1", department="revenue")
CITIZEN = "7KNL042101"
NOBODY = "9ZZZ999999"
PURPOSE = "ASSISTED_APPLICATION"
SIGNER = Signer([b"s" * 32])


@dataclass(slots=True)
class ConsentBench:
    """Consents, with what they recorded.

    Attributes:
        now: the time of the consents.
        events: the acts, oldest first.
        altered: number of altered rows that were read.
    """

    store: Store
    signer: Signer = SIGNER
    limits: HourlyLimits = field(default_factory=HourlyLimits)
    now: dt.datetime = START
    events: list[ConsentEvent] = field(default_factory=list)
    altered: int = 0
    consents: Consents = field(init=False)
    codes: OneTimeCodes = field(init=False)
    nominations: Nominations = field(init=False)

    def __post_init__(self) -> None:
        ids = IdCipher([b"i" * KEY_BYTES])
        self.consents = Consents(
            self.store,
            self.signer,
            ids,
            lambda _role, _purpose: SCOPE,
            issuer="https://hub.example",
            limits=self.limits,
            record=self._record,
            altered=self._count_altered,
            clock=lambda: self.now,
        )
        self.codes = OneTimeCodes(self.consents)
        self.nominations = Nominations(
            self.store, self.signer, ids, self._record, self._count_altered, lambda: self.now
        )

    @property
    def acts(self) -> list[ConsentAct]:
        return [each.act for each in self.events]

    def wait(self, **time: float) -> None:
        self.now += dt.timedelta(**time)

    async def _record(self, event: ConsentEvent) -> None:
        self.events.append(event)

    def _count_altered(self) -> None:
        self.altered += 1


@asynccontextmanager
async def consent_bench(
    folder: Path, limits: HourlyLimits | None = None, url: str | None = None
) -> AsyncIterator[ConsentBench]:
    """Open a database, by default in the folder, and yield consents in it."""
    store = await open_store(url or f"sqlite+aiosqlite:///{folder}/hub.db")
    try:
        yield ConsentBench(store, limits=limits or HourlyLimits())
    finally:
        await store.close()


async def outcome_of(act: Awaitable[T]) -> T | ErrorCode:
    """Return the result of an act, or the code of its error."""
    try:
        return await act
    except HubError as error:
        return error.code
