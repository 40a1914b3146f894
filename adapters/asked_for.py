"""Which of a search's rows were asked for: departments ignore filters that they do not like."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.contract import NeededFields
from schema.application import Application
from schema.provenance import Record
from schema.status import ApplicationStatus


@dataclass(frozen=True, slots=True)
class AskedFor:
    """What the applications of a search must be.

    Attributes:
        statuses: any of these; every one when empty.
        since: changed then or later; of a day, in the department's own zone. None: whenever.
    """

    statuses: frozenset[ApplicationStatus]
    since: dt.date | dt.datetime | None

    @classmethod
    def by(cls, criteria: Mapping[str, Any]) -> "AskedFor":
        """The criteria of `Adapter.search`, as far as rows can be held against them."""
        return cls(frozenset(criteria.get("statuses") or ()), criteria.get("since"))

    def reads(self, needed: NeededFields) -> NeededFields:
        """The fields that are needed and those that `among` looks at."""
        wanted = needed.get(Application.__name__)
        if wanted is None or self._is_everything:
            return needed
        looked_at = {"application_status"} if self.statuses else set()
        looked_at |= {"updated_datetime"} if self.since is not None else set()
        return {**needed, Application.__name__: wanted | looked_at}

    def among(self, records: list[Record]) -> list[Record]:
        """Those of the records that were asked for."""
        return records if self._is_everything else [each for each in records if self._fits(each)]

    @property
    def _is_everything(self) -> bool:
        return not self.statuses and self.since is None

    def _fits(self, record: Record) -> bool:
        """A row that does not tell is believed: the department may know what the hub does not."""
        if not isinstance(record, Application):
            return True
        status = record.application_status
        if self.statuses and status not in self.statuses | {ApplicationStatus.UNKNOWN}:
            return False
        changed = record.updated_datetime
        if self.since is None or changed is None:
            return True
        if isinstance(self.since, dt.datetime):
            return changed >= self.since
        return changed.date() >= self.since
