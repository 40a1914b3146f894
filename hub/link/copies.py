"""Copies of department replies: their age, their owners, and the rows made from them."""

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
"""Scope, capability and key."""


RecordT = TypeVar("RecordT", bound=Record)


@dataclass(frozen=True, slots=True)
class Copy:
    """The rows that a department had for one key.

    Attributes:
        rows: the rows.
        taken_at: when the department returned them (UTC).
    """

    rows: Rows
    taken_at: dt.datetime

    def age(self, now: dt.datetime) -> float:
        """Return the seconds since the department returned the rows."""
        return (now - self.taken_at).total_seconds()

    def shown_as(self, state: SourceState, failure: DepartmentError | None = None) -> Rows:
        """Return the rows for one operation, with copied records that it may change."""
        return replace(
            self.rows,
            records=detached(self.rows.records, lambda origin: replace(origin, state=state)),
            state=state,
            as_of=self.taken_at,
            failure=failure,
        )


@dataclass(frozen=True, slots=True)
class Found:
    """The copies that a store has for some keys.

    Attributes:
        copies: in the order of the keys; None where the store has none.
        erasures: the store's erasure counter; None if it is unknown.
    """

    copies: Sequence[Copy | None]
    erasures: int | None


def detached(
    records: Sequence[Record], change: Callable[[Origin], Origin] | None = None
) -> list[Record]:
    """Copy records, because each operation changes its own; apply `change` to their origins."""
    origins: dict[int, Origin] = {}

    def detach(record: RecordT) -> RecordT:
        mine = copy.copy(record)
        if change is not None and record.origin is not None:
            known = origins.get(id(record.origin))
            if known is None:
                known = origins[id(record.origin)] = change(record.origin)
            mine.origin = known
        if isinstance(mine, Family):
            mine.members = [replace(entry, citizen=detach(entry.citizen)) for entry in mine.members]
        return mine

    return [detach(record) for record in records]


OWNER_OF_ONE: Mapping[Capability, str] = {
    Capability.APPLICATIONS_BY_REFERENCE: "applicant_key",
    Capability.GRIEVANCES_BY_REGISTRATION_NUMBER: "account_key",
}
"""The attribute that holds the owner of a record that is looked up by its own number."""


def is_attributed(capability: Capability, rows: Rows) -> bool:
    """Return whether the owner of every record is known. Otherwise a copy could not be erased."""
    attribute = OWNER_OF_ONE.get(capability)
    return attribute is None or all(
        getattr(record, attribute, None) is not None for record in rows.records
    )


def owners_of(key: str, rows: Rows) -> frozenset[str]:
    """Return the numbers of the citizens in a reply, in all schemes that occur in it."""
    # A key may be `scheme:number`, with the number of another department.
    numbers = {key, key.rpartition(":")[2]}
    for record in rows.records:
        numbers.update(_numbers_of(record))
    return frozenset(numbers)


def _numbers_of(record: Any) -> Iterable[str]:
    if isinstance(record, Family):
        yield record.family_identifier
        for entry in record.members:
            yield from _numbers_of(entry.citizen)
    elif isinstance(record, Citizen):
        yield record.member_identifier
        for link in record.links:
            yield link.value
    else:
        for attribute in ("applicant_key", "holder_key", "account_key"):
            number = getattr(record, attribute, None)
            if number is not None:
                yield number
