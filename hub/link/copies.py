"""Copies of what a department told: how old they are, whose they are, and how they are shown."""

import copy
import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from adapters.contract import Capability, DepartmentError, Rows
from schema.citizen import Citizen
from schema.family import Family
from schema.provenance import Origin, Record, SourceState

CopyKey = tuple[str, Capability, str]
"""Whose question it was, what was asked, and the key."""


RecordT = TypeVar("RecordT", bound=Record)


@dataclass(frozen=True, slots=True)
class Copy:
    """What a department held for one key when it was asked.

    Attributes:
        rows: what it told.
        taken_at: when (UTC).
    """

    rows: Rows
    taken_at: dt.datetime

    def age(self, now: dt.datetime) -> float:
        """Seconds since it was taken."""
        return (now - self.taken_at).total_seconds()

    def shown_as(self, state: SourceState, failure: DepartmentError | None = None) -> Rows:
        """The rows for one request, with records of its own that it may add to."""
        return replace(
            self.rows,
            records=detached(self.rows.records, lambda origin: replace(origin, state=state)),
            state=state,
            as_of=self.taken_at,
            failure=failure,
        )


@dataclass(frozen=True, slots=True)
class Found:
    """What a store has for some keys.

    Attributes:
        copies: in the order of the keys; None where there is none.
        erasures: how often citizens had been erased from it by then; None where it can't be told.
    """

    copies: Sequence[Copy | None]
    erasures: int | None


def detached(
    records: Sequence[Record], change: Callable[[Origin], Origin] | None = None
) -> list[Record]:
    """Copies of records, because each request adds to its own; origins changed on the way."""
    origins: dict[int, Origin] = {}

    def detach(record: RecordT) -> RecordT:
        mine = copy.copy(record)
        if change is not None and record.origin is not None:
            known = origins.get(id(record.origin))
            if known is None:
                known = origins[id(record.origin)] = change(record.origin)
            mine.origin = known
        if isinstance(mine, Family):
            mine.member_list = [
                replace(entry, member=detach(entry.member)) for entry in mine.member_list
            ]
        return mine

    return [detach(record) for record in records]


OWNER_OF_ONE: Mapping[Capability, str] = {
    Capability.APPLICATIONS_BY_REFERENCE: "applicant_key",
    Capability.GRIEVANCES_BY_REGISTRATION_NUMBER: "account_key",
}
"""What tells whose a record is that was asked for by its own number."""


def is_attributed(capability: Capability, rows: Rows) -> bool:
    """Whether it can be told of every record whose it is: else a copy could not be erased."""
    attribute = OWNER_OF_ONE.get(capability)
    return attribute is None or all(
        getattr(record, attribute, None) is not None for record in rows.records
    )


def owners_of(key: str, rows: Rows) -> frozenset[str]:
    """The numbers of the citizens that an answer tells of, in whatever scheme it tells them."""
    # `scheme:number`, where the key is a department's number at another department.
    numbers = {key, key.rpartition(":")[2]}
    for record in rows.records:
        numbers.update(_numbers_of(record))
    return frozenset(numbers)


def _numbers_of(record: Any) -> Iterable[str]:
    if isinstance(record, Family):
        yield record.group_identifier
        for entry in record.member_list:
            yield from _numbers_of(entry.member)
    elif isinstance(record, Citizen):
        yield record.member_identifier
        for link in record.links:
            yield link.value
    else:
        for attribute in ("applicant_key", "holder_key", "account_key"):
            number = getattr(record, attribute, None)
            if number is not None:
                yield number
