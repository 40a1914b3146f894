"""Citizens and families, as far as the principal may see them."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import cast

from adapters.contract import Capability
from hub.access.policy import Action, Level, Relation
from hub.federation.directory import Directory
from hub.federation.disclosure import Disclosure
from hub.federation.gateway import DepartmentGateway, PrincipalRequest
from hub.federation.registry import RegistryReader
from hub.federation.relations import Person, with_home, with_inputs
from schema.application import Application
from schema.batch import Outcome
from schema.citizen import Citizen, CitizenSearchInput
from schema.codes import ErrorCode
from schema.errors import HubError, bad_input
from schema.family import Family, FamilyMember

MAX_MATCHES = 5
CRITERIA = {
    "name": ("name", "person_name"),
    "birth_date": ("birthDate", "birth_date"),
    "phone_number": ("phoneNumber", "phone_number"),
    "family_identifier": ("familyIdentifier", "family_identifier"),
    "district": ("district", "home_address"),
}
"""For each field of a search: its name in the schema, and the attribute that it is about."""


@dataclass(frozen=True, slots=True)
class BoundCitizens:
    """`schema.sources.CitizenSource` for one operation."""

    registry: RegistryReader
    directory: Directory
    gateway: DepartmentGateway
    request: PrincipalRequest
    disclosure: Disclosure

    async def by_identifier(
        self, member_identifiers: Sequence[str]
    ) -> list[Outcome[Citizen | None]]:
        disclosure = self.disclosure
        await disclosure.begin_look_up(member_identifiers)
        capability = Capability.CITIZENS_BY_IDENTIFIER
        if disclosure.is_open(Citizen):
            found = await self.registry.citizens(self.request, capability, member_identifiers)
            return [found[identifier] for identifier in member_identifiers]
        people = await disclosure.relations.to_people(member_identifiers)
        department = self.directory.registry(capability)
        wanted = [
            member
            for member, person in people.items()
            if isinstance(person, Person) and self._may_be_shown(person, department)
        ]
        found = await self.registry.citizens(self.request, capability, wanted) if wanted else {}
        outcomes: dict[str, Outcome[Citizen | None]] = {}
        for member, person in people.items():
            if isinstance(person, Exception):
                outcomes[member] = person
            elif member in found:
                outcomes[member] = self._shown(found[member], person, department)
            elif disclosure.needs_consent:
                outcomes[member] = await disclosure.consent_required(person)
            else:
                outcomes[member] = None
        return [outcomes[identifier] for identifier in member_identifiers]

    def _may_be_shown(self, person: Person, department: str) -> bool:
        relations = {self.disclosure.relations.at(person, department)}
        if self.disclosure.relations.is_own_department(department):
            relations.add(Relation.OWN_DEPARTMENT)
        return not self.disclosure.is_hidden(Citizen, *relations)

    def _shown(
        self, found: Outcome[Citizen | None], person: Person, department: str
    ) -> Outcome[Citizen | None]:
        if not isinstance(found, Citizen):
            return found
        relation = self.disclosure.relations.at(with_home(person, found), department)
        return self.disclosure.show_citizen(found, relation)

    async def applicants(
        self, applications: Sequence[Application]
    ) -> list[Outcome[Citizen | None]]:
        disclosure = self.disclosure
        disclosure.begin()
        originals = disclosure.originals(applications)
        if disclosure.is_open(Application, Citizen):
            return await self._applicants(originals)
        departments = {
            name: await self._applicants_may_be_shown(name)
            for name in {each.department_identifier for each in originals}
        }
        visible = [departments[each.department_identifier] for each in originals]
        found = iter(
            await self._applicants(
                [each for each, shown in zip(originals, visible, strict=True) if shown]
            )
        )
        outcomes = [next(found) if shown else None for shown in visible]
        people = await disclosure.relations.to_people(
            each.member_identifier for each in outcomes if isinstance(each, Citizen)
        )
        return [
            self._applicant(application, found_, people)
            for application, found_ in zip(originals, outcomes, strict=True)
        ]

    async def _applicants_may_be_shown(self, department: str) -> bool:
        """Return whether some applicant of the department may be shown. If not, nobody is looked
        up."""
        return await self.disclosure.may_be_shown(Citizen, department)

    def _applicant(
        self,
        application: Application,
        found: Outcome[Citizen | None],
        people: dict[str, Outcome[Person]],
    ) -> Outcome[Citizen | None]:
        if not isinstance(found, Citizen):
            return found
        person = people[found.member_identifier]
        if isinstance(person, Exception):
            return person
        # An officer is related to the applicants of the own applications.
        relation = self.disclosure.relations.at(
            with_home(person, found),
            application.department_identifier,
            application.applicant_district,
        )
        return self.disclosure.show_citizen(found, relation)

    async def _applicants(
        self, applications: Sequence[Application]
    ) -> list[Outcome[Citizen | None]]:
        keys = self._applicant_keys(applications)
        calls: dict[Capability, list[str]] = defaultdict(list)
        for capability, key in filter(None, keys):
            calls[capability].append(key)
        replies = await asyncio.gather(
            *(self.registry.citizens(self.request, *each) for each in calls.items())
        )
        found = dict(zip(calls, replies, strict=True))
        return [
            application.known_applicant if key is None else found[key[0]][key[1]]
            for application, key in zip(applications, keys, strict=True)
        ]

    def _applicant_keys(
        self, applications: Sequence[Application]
    ) -> list[tuple[Capability, str] | None]:
        """Return how the registry finds each applicant; None if no look-up is needed."""
        schemes: dict[str, str] = {}
        keys: list[tuple[Capability, str] | None] = []
        for application in applications:
            member, key = application.applicant_member, application.applicant_key
            if application.known_applicant is not None or (member is None and key is None):
                keys.append(None)
                continue
            if member is not None:
                keys.append((Capability.CITIZENS_BY_IDENTIFIER, member))
                continue
            department = application.department_identifier
            scheme = schemes.get(department)
            if scheme is None:
                scheme = schemes[department] = self.directory.scheme_of(department)
            keys.append((Capability.CITIZENS_BY_DEPARTMENT_NUMBER, f"{scheme}:{key}"))
        return keys

    async def search(self, criteria: CitizenSearchInput) -> list[Citizen]:
        disclosure = self.disclosure
        await disclosure.begin_list(Action.SEARCH_CITIZENS)
        given = {name: value for name, value in vars(criteria).items() if value not in (None, "")}
        if len(given) < 2:
            raise bad_input("`search` needs at least two fields. Add another identifying field.")
        standing = disclosure.standing_of("citizens")
        request = disclosure.request_with(standing)
        arguments = {name: (attribute,) for name, attribute in map(CRITERIA.__getitem__, given)}
        # The purpose allows the search. It must not test values of which it shows nothing.
        standing.check_arguments(Citizen, Relation.UNRELATED, arguments, Level.MASKED)
        registry = self.directory.registry(Capability.CITIZENS_SEARCH)
        reply = await self.gateway.search(request, registry, Capability.CITIZENS_SEARCH, given)
        found = cast("Sequence[Citizen]", reply.rows.records)
        if max(len(found), reply.total_count or 0) > MAX_MATCHES:
            raise HubError(
                ErrorCode.TOO_MANY_MATCHES,
                f"More than {MAX_MATCHES} people match. Add another identifying field.",
            )
        shown = (disclosure.show_citizen(each, Relation.UNRELATED, standing) for each in found)
        return [each for each in shown if each is not None]


@dataclass(frozen=True, slots=True)
class BoundFamilies:
    """`schema.sources.FamilySource` for one operation."""

    registry: RegistryReader
    request: PrincipalRequest
    disclosure: Disclosure

    async def by_identifier(
        self, family_identifiers: Sequence[str]
    ) -> list[Outcome[Family | None]]:
        disclosure = self.disclosure
        await disclosure.begin_look_up(
            each for each in family_identifiers if disclosure.reached(each) is None
        )
        if disclosure.is_open(Family, FamilyMember, Citizen):
            found = await self.registry.families(self.request, family_identifiers)
            return [found[identifier] for identifier in family_identifiers]
        relations = await self._relations(family_identifiers)
        wanted = [
            family
            for family, relation in relations.items()
            if isinstance(relation, Relation) and not disclosure.is_hidden(Family, relation)
        ]
        outcomes: dict[str, Outcome[Family | None]] = {
            family: relation if isinstance(relation, Exception) else None
            for family, relation in relations.items()
        }
        if wanted:
            found = await self.registry.families(with_inputs(self.request), wanted)
            for family, outcome in found.items():
                if isinstance(outcome, Family):
                    relation = cast("Relation", relations[family])
                    outcomes[family] = await self._shown(outcome, relation)
                else:
                    outcomes[family] = outcome
        return [outcomes[identifier] for identifier in family_identifiers]

    async def _relations(self, families: Iterable[str]) -> dict[str, Outcome[Relation]]:
        """Return the relation to each family: that of the citizen who sees it as the own family, or
        that to the person who led to it."""
        disclosure = self.disclosure
        relations: dict[str, Outcome[Relation]] = {
            each: disclosure.reached(each) or Relation.UNRELATED for each in families
        }
        if disclosure.relations.own is not None:
            own = await disclosure.relations.own_family_identifier()
            if isinstance(own, Exception):
                return dict.fromkeys(relations, own)
            if own in relations:
                relations[own] = Relation.SELF
        return relations

    async def _shown(self, family: Family, relation: Relation) -> Family | None:
        disclosure = self.disclosure
        numbers = [entry.citizen.member_identifier for entry in family.members]
        if disclosure.relations.own in numbers:
            disclosure.relations.note_own_family(family)
        shown = disclosure.show(family, relation)
        if shown is None:
            return None
        people = await disclosure.relations.to_people(numbers)
        members: list[FamilyMember] = []
        for entry in family.members:
            person = people[entry.citizen.member_identifier]
            if isinstance(person, Exception):
                continue
            to_member = disclosure.reached(entry.citizen.member_identifier) or person.relation
            if person.consent is not None and person.consent.covers(_department_of(family)):
                to_member = Relation.ON_BEHALF
            citizen = disclosure.show_citizen(entry.citizen, to_member)
            member = disclosure.view(FamilyMember, to_member).apply(entry)
            if citizen is not None and member is not None:
                members.append(replace(member, citizen=citizen))
        return disclosure.copied(family, shown, members=members)


def _department_of(family: Family) -> str:
    if family.origin is not None:
        return family.origin.department
    status = family.registry_status
    return status.department_identifier if status is not None else ""
