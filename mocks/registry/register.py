"""Finds citizens and families of the Family ID register."""

from collections.abc import Mapping
from typing import Any

from mocks.population import Population
from mocks.population.citizen import Citizen, Family
from mocks.registry.corrections import Corrections

SEARCH_FIELDS = frozenset({"name", "birthDate", "mobile", "familyId", "district"})


class Register:
    """Finds citizens by any identifier or by fields, and families by id."""

    def __init__(self, population: Population, corrections: Corrections) -> None:
        self._corrections = corrections
        self._citizens = population.citizens
        self._families = population.by_family_id
        self._by_identifier: dict[str, Citizen] = {}
        for citizen in population.citizens:
            self._by_identifier[f"PPP_MEMBER:{citizen.member_id}"] = citizen
            self._by_identifier[f"AADHAAR_REF:{citizen.aadhaar_reference}"] = citizen
            for scheme, numbers in citizen.links.items():
                for number in numbers:
                    self._by_identifier[f"{scheme}:{number}"] = citizen

    def citizen(self, identifier: str) -> Citizen | None:
        """Return the citizen with the identifier `SCHEME:value`."""
        found = self._by_identifier.get(identifier)
        return self._corrections.applied_to(found) if found is not None else None

    def family(self, family_id: str) -> Family | None:
        """Return the family with this id of 8 characters."""
        found = self._families.get(family_id)
        return self._corrections.applied_to_family(found) if found is not None else None

    def search(self, wanted: Mapping[str, Any]) -> list[Citizen]:
        """Return the citizens that match all fields.

        Args:
            wanted: values by name of `SEARCH_FIELDS`; a name matches if it has all given words.
        """
        family_id = wanted.get("familyId")
        pool: list[Citizen] | tuple[Citizen, ...] = self._citizens
        if family_id is not None:
            family = self._families.get(str(family_id))
            pool = family.members if family else ()
        return [
            citizen for citizen in map(self._corrections.applied_to, pool) if _fits(citizen, wanted)
        ]


def _fits(citizen: Citizen, wanted: Mapping[str, Any]) -> bool:
    if "birthDate" in wanted and citizen.born.isoformat() != wanted["birthDate"]:
        return False
    if "mobile" in wanted and citizen.mobile != wanted["mobile"]:
        return False
    if "district" in wanted:
        district = citizen.address.district
        given = str(wanted["district"]).casefold()
        if given not in {district.code, district.name.casefold()}:
            return False
    if "name" in wanted:
        words = str(wanted["name"]).casefold().split()
        has = f"{citizen.name.latin} {citizen.name.devanagari}".casefold().split()
        return bool(words) and all(word in has for word in words)
    return True
