"""The identity crosswalk: the numbers that departments use for a citizen.

The registry's reply contains them for each citizen. The hub stores only the numbers, for a limited
time. If the registry fails, the hub can still call the other departments for a known citizen.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from cachetools import TTLCache

from adapters.contract import DepartmentError
from hub.link.status import failed_status
from schema.citizen import Citizen, IdentityLink
from schema.family import Family, FamilyMember, RelationshipType

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")

NUMBERS_PER_CITIZEN = 4
CURRENT = dt.timedelta(minutes=15)
"""Age up to which an entry is used instead of a call to the registry."""
REFRESH_AFTER = dt.timedelta(minutes=1)
"""An unchanged entry is not written again before this time."""


@dataclass(frozen=True, slots=True)
class KnownCitizen:
    """The crosswalk's entry for a citizen. `as_of` is the time of the registry's reply (UTC)."""

    family_identifier: str
    links: Sequence[IdentityLink]
    as_of: dt.datetime

    def numbers_in(self, scheme: str) -> list[str]:
        """Return the citizen's numbers in a numbering scheme, except the member number."""
        return [link.value for link in self.links if link.scheme == scheme]


@dataclass(frozen=True, slots=True)
class KnownFamily:
    """The crosswalk's entry for a family: its members' numbers and relations to the head."""

    head_identifier: str | None
    members: Sequence[tuple[str, RelationshipType]]
    as_of: dt.datetime


class _Citizens(TTLCache[str, KnownCitizen]):
    """A cache that calls `on_evict` for each citizen that it evicts because it is full."""

    def __init__(
        self, entries: int, seconds: float, on_evict: Callable[[str, KnownCitizen], None]
    ) -> None:
        super().__init__(entries, seconds)
        self._on_evict = on_evict

    def popitem(self) -> tuple[str, KnownCitizen]:
        member, known = super().popitem()
        self._on_evict(member, known)
        return member, known


class Crosswalk:
    """Stores the numbers of citizens and the members of families.

    Args:
        entries: maximum number of citizens; also the maximum number of families.
        seconds: how long an entry is stored.

    Attributes:
        erasures: how many times a citizen was erased. Replies that were requested before it last
            changed may contain an erased citizen, and must not be stored.
    """

    def __init__(self, entries: int, seconds: float) -> None:
        self._citizens = _Citizens(entries, seconds, self._delete_numbers)
        self._members: TTLCache[tuple[str, str], str] = TTLCache(
            NUMBERS_PER_CITIZEN * entries, seconds
        )
        self._families: TTLCache[str, KnownFamily] = TTLCache(entries, seconds)
        self.erasures = 0

    def remember(self, citizen: Citizen) -> None:
        """Store the numbers of a citizen, and delete numbers that the citizen no longer has."""
        as_of = _moment_of(citizen)
        known = _found(self._citizens, citizen.member_identifier)
        if known is not None and _is_unchanged(known, citizen, as_of):
            return
        member = citizen.member_identifier
        if known is not None:
            # Delete numbers that the registry has withdrawn, and a family that the citizen left.
            self._delete_numbers(member, known)
            if known.family_identifier != citizen.family_identifier:
                self._families.pop(known.family_identifier, None)
        self._citizens[member] = KnownCitizen(citizen.family_identifier, citizen.links, as_of)
        for link in citizen.links:
            self._members[link.scheme, link.value] = member

    def known(self, member_identifier: str, age: dt.timedelta) -> KnownCitizen | None:
        """Return a citizen's entry; None if there is none, or if it is older than `age`."""
        found = _found(self._citizens, member_identifier)
        if found is None or dt.datetime.now(dt.UTC) - found.as_of > age:
            return None
        return found

    def member_with(self, scheme: str, number: str) -> str | None:
        """Return the member number of the citizen with this number; None if it is not stored."""
        return _found(self._members, (scheme, number))

    def remember_family(self, family: Family) -> None:
        """Store the numbers of a family and of its members."""
        self._families[family.family_identifier] = KnownFamily(
            family.head_identifier,
            [(m.citizen.member_identifier, m.relationship) for m in family.members],
            _moment_of(family),
        )
        for entry in family.members:
            self.remember(entry.citizen)

    def forget(self, member_identifier: str) -> None:
        """Delete a citizen and the citizen's family."""
        self.erasures += 1
        known = self._citizens.pop(member_identifier, None)
        if known is not None:
            self._delete_numbers(member_identifier, known)
            self._families.pop(known.family_identifier, None)

    def numbers_of(self, member_identifier: str) -> frozenset[str]:
        """Return all numbers that are stored for a citizen."""
        known = self._citizens.get(member_identifier)
        return frozenset(link.value for link in known.links) if known is not None else frozenset()

    def _delete_numbers(self, member: str, known: KnownCitizen) -> None:
        for link in known.links:
            if self._members.get((link.scheme, link.value)) == member:
                del self._members[link.scheme, link.value]

    def citizen(self, member_identifier: str, error: DepartmentError) -> Citizen | None:
        """Return a citizen with numbers only, and the registry's error in `registry_status`.

        None if the citizen is not stored.
        """
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
        """Return a family with numbers only, without members that are no longer stored.

        None if the family is not stored.
        """
        known = self._families.get(family_identifier)
        if known is None:
            return None
        return Family(
            registry_status=failed_status(error, known.as_of),
            family_identifier=family_identifier,
            head_identifier=known.head_identifier,
            members=[
                FamilyMember(citizen=citizen, relationship=relation)
                for identifier, relation in known.members
                if (citizen := self.citizen(identifier, error)) is not None
            ],
        )


def _found(cache: TTLCache[KeyT, ValueT], key: KeyT) -> ValueT | None:
    """Return a cached value. Faster than `TTLCache.get`, which looks up the key twice."""
    try:
        return cache[key]
    except KeyError:
        return None


def _is_unchanged(known: KnownCitizen, citizen: Citizen, as_of: dt.datetime) -> bool:
    current = (citizen.family_identifier, citizen.links)
    return (known.family_identifier, known.links) == current and as_of - known.as_of < REFRESH_AFTER


def _moment_of(record: Citizen | Family) -> dt.datetime:
    return record.origin.retrieved_at if record.origin else dt.datetime.now(dt.UTC)
