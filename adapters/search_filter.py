"""Checks rows of a search against its criteria: departments ignore filters they do not support."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schema.application import Application
from schema.needed_fields import NeededFields
from schema.provenance import Record
from schema.status import ApplicationStatus


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """The criteria that each application of a search must meet.

    Attributes:
        statuses: the status is one of these; any status if empty.
        since: changed at or after this moment, as precisely as the department writes it, or on or
            after this day in the department's time zone; any time if None.
    """

    statuses: frozenset[ApplicationStatus]
    since: dt.date | dt.datetime | None

    @classmethod
    def of(cls, criteria: Mapping[str, Any]) -> "SearchFilter":
        """Return the filter for the criteria of `Adapter.search`."""
        return cls(frozenset(criteria.get("statuses") or ()), criteria.get("since"))

    def adding_its_fields(self, needed: NeededFields) -> NeededFields:
        """Return the needed fields, with those that `matching` reads."""
        names = {"application_status"} if self.statuses else set()
        names |= {"updated_datetime"} if self.since is not None else set()
        return needed.adding(Application, names) if names else needed

    def matching(self, records: list[Record]) -> list[Record]:
        """Return the records that meet the criteria."""
        if not self.statuses and self.since is None:
            return records
        return [record for record in records if self._matches(record)]

    def _matches(self, record: Record) -> bool:
        """Keep a row without the value: the department may have filtered it correctly."""
        if not isinstance(record, Application):
            return True
        status = record.application_status
        if self.statuses and status not in self.statuses | {ApplicationStatus.UNKNOWN}:
            return False
        changed = record.updated_datetime
        if self.since is None or changed is None:
            return True
        if isinstance(self.since, dt.datetime):
            return changed >= _in_precision_of(changed, self.since)
        return changed.date() >= self.since


def _in_precision_of(changed: dt.datetime, since: dt.datetime) -> dt.datetime:
    """Round a moment down to what the department writes: seconds, minutes or days.

    Otherwise, changes within the same second, minute or day would be lost.
    """
    since = since.astimezone(changed.tzinfo).replace(microsecond=0)
    if changed.second == changed.microsecond == 0:
        since = since.replace(second=0)
        if changed.hour == changed.minute == 0:
            since = since.replace(hour=0, minute=0)
    return since
