"""What the principal of an operation sees of records that are found by their own numbers.

A record that the principal may not see gives the same result as a number without a record.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hub.access.policy import Relation
from hub.federation.disclosure import Disclosure
from hub.federation.relations import UNKNOWN, Person
from schema.batch import Outcome
from schema.codes import ErrorCode
from schema.errors import HubError

Key = tuple[str, str]
"""A department, and a number there."""


@dataclass(frozen=True, slots=True)
class OwnerAccess:
    """Decides by the owners of records.

    Attributes:
        disclosure: decides for the operation.
        record_type: type of the records.
    """

    disclosure: Disclosure
    record_type: type

    async def callable(self, departments: Iterable[str]) -> frozenset[str]:
        """Return the departments with some record that may be shown. Others are not called."""
        disclosure, names = self.disclosure, dict.fromkeys(departments)
        if disclosure.is_open(self.record_type):
            return frozenset(names)
        return frozenset(
            [name for name in names if await disclosure.may_be_shown(self.record_type, name)]
        )

    async def relations(self, owners: Iterable[Key]) -> dict[Key, Outcome[Relation]] | None:
        """Return the relation to the owner of each number; None if it does not matter."""
        disclosure = self.disclosure
        if disclosure.is_open(self.record_type):
            return None
        return {
            (department, number): self._relation(person, department)
            for (department, number), person in (await self._people(owners)).items()
        }

    def is_visible(self, relation: Outcome[Relation]) -> bool:
        return isinstance(relation, Relation) and not self.disclosure.is_hidden(
            self.record_type, relation
        )

    def shown(self, record: Outcome[Any], relation: Outcome[Relation]) -> Outcome[Any]:
        """Return what is shown of the outcome of a look-up."""
        if isinstance(relation, Exception):
            return relation
        if isinstance(record, self.record_type):
            return self.disclosure.show(record, relation)  # type: ignore[type-var]
        # Such an error would say that there is a record.
        return None if _is_unusable(record) and relation is Relation.UNRELATED else record

    async def all_shown(self, records: Mapping[Key, Outcome[Any]]) -> dict[Key, Outcome[Any]]:
        """Return what is shown of the outcomes of look-ups, by department and own number."""
        disclosure = self.disclosure
        if disclosure.is_open(self.record_type):
            return dict(records)
        owners = {key: _owner_of(key, each) for key, each in records.items()}
        people = await self._people(
            owner
            for key, owner in owners.items()
            if owner is not None and not self._is_own_area(key[0], records[key])
        )
        shown: dict[Key, Outcome[Any]] = {}
        for key, record in records.items():
            owner = owners[key]
            person = UNKNOWN if owner is None else people.get(owner, UNKNOWN)
            district = getattr(record, "applicant_district", None)
            shown[key] = self.shown(record, self._relation(person, key[0], district))
        return shown

    def _relation(
        self, person: Outcome[Person], department: str, district: str | None = None
    ) -> Outcome[Relation]:
        if isinstance(person, Exception):
            return person
        relation = self.disclosure.relations.at(person, department, district)
        if person.failure is not None and self.disclosure.is_hidden(self.record_type, relation):
            # The result for a number whose owner is not known either.
            return person.failure
        return relation

    def _is_own_area(self, department: str, record: Outcome[Any]) -> bool:
        district = getattr(record, "applicant_district", None)
        return self.disclosure.relations.is_own_area(department, district)

    async def _people(self, owners: Iterable[Key]) -> dict[Key, Outcome[Person]]:
        numbers: dict[str, list[str]] = defaultdict(list)
        for department, number in dict.fromkeys(owners):
            numbers[department].append(number)
        people: dict[Key, Outcome[Person]] = {}
        for department, each in numbers.items():
            if await self.disclosure.may_be_shown(self.record_type, department):
                found = await self.disclosure.relations.to_owners(department, each)
            else:
                found = dict.fromkeys(each, UNKNOWN)
            people |= {(department, number): person for number, person in found.items()}
        return people


def _owner_of(key: Key, record: Outcome[Any]) -> Key | None:
    """Return the number of the citizen that a record belongs to; None if that does not matter.

    If there is no record, or it has no owner, the record's own number is looked up instead: it must
    take as long, and fail with the same errors, as the number of another person's record.
    """
    if isinstance(record, Exception) and not _is_unusable(record):
        return None
    attribute = getattr(record, "OWNER", None)
    number = None if attribute is None else getattr(record, attribute)
    return key if number is None else (key[0], number)


def _is_unusable(record: Outcome[Any]) -> bool:
    return isinstance(record, HubError) and record.code == ErrorCode.UNUSABLE_ROW
