"""The identity crosswalk: which numbers departments know a citizen by.

The registry tells it with every citizen. The hub remembers it (numbers only, bounded, for a limited
time), so that a citizen met before can still be answered for while the registry is down.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from cachetools import TTLCache

from adapters.contract import DepartmentError
from hub.link.errors import failed_status
from schema.citizen import Citizen, IdentityLink
from schema.family import Family, FamilyMember, RelationshipType

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")

NUMBERS_OF_A_CITIZEN = 4
NEWS = dt.timedelta(minutes=1)
"""What is remembered already is not written anew within so long."""


@dataclass(frozen=True, slots=True)
class KnownCitizen:
    """What the crosswalk holds of a citizen: numbers, and since when (UTC)."""

    family_identifier: str
    links: Sequence[IdentityLink]
    as_of: dt.datetime


@dataclass(frozen=True, slots=True)
class KnownFamily:
    """What the crosswalk holds of a family: its members' numbers and relations."""

    head_identifier: str | None
    members: Sequence[tuple[str, RelationshipType]]
    as_of: dt.datetime


class _Citizens(TTLCache[str, KnownCitizen]):
    """Tells of those that go because there are too many."""

    def __init__(
        self, entries: int, seconds: float, note: Callable[[str, KnownCitizen], None]
    ) -> None:
        super().__init__(entries, seconds)
        self._note = note

    def popitem(self) -> tuple[str, KnownCitizen]:
        member, known = super().popitem()
        self._note(member, known)
        return member, known


class Crosswalk:
    """Remembers numbers.

    Args:
        entries: most citizens, and most families, remembered.
        seconds: how long.
    """

    def __init__(self, entries: int, seconds: float) -> None:
        self._citizens = _Citizens(entries, seconds, self._drop_numbers)
        self._members: TTLCache[tuple[str, str], str] = TTLCache(
            NUMBERS_OF_A_CITIZEN * entries, seconds
        )
        self._families: TTLCache[str, KnownFamily] = TTLCache(entries, seconds)
        self.erasures = 0
        """How often a citizen was forgotten: what was asked before may tell of them again."""

    def remember(self, citizen: Citizen) -> None:
        as_of = _moment_of(citizen)
        known = _found(self._citizens, citizen.member_identifier)
        if known is not None and _is_no_news(known, citizen, as_of):
            return
        member = citizen.member_identifier
        if known is not None:
            # Numbers that were taken back and a family that was left are not remembered on.
            self._drop_numbers(member, known)
            if known.family_identifier != citizen.family_identifier:
                self._families.pop(known.family_identifier, None)
        self._citizens[member] = KnownCitizen(citizen.family_identifier, citizen.links, as_of)
        for link in citizen.links:
            self._members[link.scheme, link.value] = member

    def member_with(self, scheme: str, number: str) -> str | None:
        """The citizen whom the department with this scheme knows by the number."""
        return _found(self._members, (scheme, number))

    def remember_family(self, family: Family) -> None:
        self._families[family.group_identifier] = KnownFamily(
            family.head_identifier,
            [(m.member.member_identifier, m.relationship_type) for m in family.member_list],
            _moment_of(family),
        )
        for entry in family.member_list:
            self.remember(entry.member)

    def forget(self, member_identifier: str) -> None:
        """Drops what is remembered of a citizen, and the family that has such a member."""
        self.erasures += 1
        known = self._citizens.pop(member_identifier, None)
        if known is not None:
            self._drop_numbers(member_identifier, known)
            self._families.pop(known.family_identifier, None)

    def numbers_of(self, member_identifier: str) -> frozenset[str]:
        """Every number that is remembered of a citizen."""
        known = self._citizens.get(member_identifier)
        return frozenset(link.value for link in known.links) if known is not None else frozenset()

    def _drop_numbers(self, member: str, known: KnownCitizen) -> None:
        for link in known.links:
            if self._members.get((link.scheme, link.value)) == member:
                del self._members[link.scheme, link.value]

    def citizen(self, member_identifier: str, error: DepartmentError) -> Citizen | None:
        """The citizen as far as the crosswalk goes, marked with the registry's failure."""
        known = self._citizens.get(member_identifier)
        if known is None:
            return None
        return Citizen(
            member_identifier=member_identifier,
            family_identifier=known.family_identifier,
            links=known.links,
            registry_status=failed_status(error, known.as_of),
        )

    def family(self, family_identifier: str, error: DepartmentError) -> Family | None:
        """The family as far as the crosswalk goes; members it has lost are left out."""
        known = self._families.get(family_identifier)
        if known is None:
            return None
        return Family(
            group_identifier=family_identifier,
            head_identifier=known.head_identifier,
            member_list=[
                FamilyMember(member=citizen, relationship_type=relation)
                for identifier, relation in known.members
                if (citizen := self.citizen(identifier, error)) is not None
            ],
        )


def _found(cache: TTLCache[KeyT, ValueT], key: KeyT) -> ValueT | None:
    """What the cache holds: its `get` looks twice, and is asked for every row."""
    try:
        return cache[key]
    except KeyError:
        return None


def _is_no_news(known: KnownCitizen, citizen: Citizen, as_of: dt.datetime) -> bool:
    told = (citizen.family_identifier, citizen.links)
    return (known.family_identifier, known.links) == told and as_of - known.as_of < NEWS


def _moment_of(record: Citizen | Family) -> dt.datetime:
    return record.origin.retrieved_at if record.origin else dt.datetime.now(dt.UTC)
