"""How the principal of one operation is related to people and to their records."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from adapters.contract import Capability
from hub.access.consent.records import Consent
from hub.access.policy import Relation
from hub.access.principal import Principal, Role
from hub.federation.crosswalk import CURRENT, Crosswalk
from hub.federation.directory import Directory
from hub.federation.family_relations import INPUTS, relation_in_family
from hub.federation.gateway import PrincipalRequest
from hub.federation.names import district_keys
from hub.federation.registry import RegistryReader
from hub.link.status import error_of
from schema.batch import Outcome
from schema.citizen import Citizen
from schema.errors import HubError
from schema.family import Family
from schema.person import IdentifierType
from schema.working_days import today_in_india

NEAREST_FIRST = (
    Relation.SELF,
    Relation.GUARDIAN,
    Relation.NOMINEE,
    Relation.FAMILY_HEAD,
    Relation.FAMILY,
    Relation.UNRELATED,
)


class ConsentSource(Protocol):
    """The consents that citizens have given."""

    async def active_among(
        self, principal: Principal, member_identifiers: Collection[str], purpose: str
    ) -> Mapping[str, Consent]:
        """Return the citizens' valid consents for the principal and purpose, by member number."""

    async def has_active(self, principal: Principal, purpose: str) -> bool:
        """Return whether anybody has given a valid consent for the principal and purpose."""

    async def request_for(
        self,
        principal: Principal,
        member_identifier: str,
        purpose: str,
        departments: Collection[str],
    ) -> str:
        """Return the id of the open request for consent; make it if there is none."""


class NominationSource(Protocol):
    """The people whom citizens have named for the time after their death."""

    async def is_nominee(self, nominee: str, citizen: str) -> bool:
        """Return whether the citizen has named this person. Both are member numbers."""


@dataclass(frozen=True, slots=True)
class Person:
    """How the principal is related to a person, before the department of a record is known.

    Attributes:
        relation: for staff UNRELATED; it depends on the department.
        member: Family ID member number; None if it is not known.
        consent: the person's consent for this principal and purpose.
        district: name of the home district; None if it is not known.
        failure: the registry's error, if the person is known from a copy only.
    """

    relation: Relation = Relation.UNRELATED
    member: str | None = None
    consent: Consent | None = None
    district: str | None = None
    failure: HubError | None = None


UNKNOWN = Person()


class Relations:
    """Finds the relations of one operation's principal.

    A citizen's own records need no call. The own family is read at most once.

    Args:
        request: the operation.
        directory: the departments.
        crosswalk: knows the numbers of citizens.
        registry: reads families, and the owners of numbers.
        consents: the consents of citizens.
        nominations: the nominees of citizens.
        needs_consent: whether a consent would show the principal more.
    """

    def __init__(
        self,
        request: PrincipalRequest,
        directory: Directory,
        crosswalk: Crosswalk,
        registry: RegistryReader,
        consents: ConsentSource,
        nominations: NominationSource,
        *,
        needs_consent: bool,
    ) -> None:
        principal = request.principal
        self._request = request
        self._directory = directory
        self._crosswalk = crosswalk
        self._registry = registry
        self._consents = consents
        self._nominations = nominations
        self._needs_consent = needs_consent
        self.own = principal.member_identifier if principal.role is Role.CITIZEN else None
        self._is_officer = principal.role is Role.OFFICER
        self._districts = frozenset(map(district_keys, principal.districts))
        self._has_consents: bool | None = None
        self._family: asyncio.Future[Outcome[Family | None]] | None = None

    def at(self, person: Person, department: str, district: str | None = None) -> Relation:
        """Return the relation to a person's record at a department.

        Args:
            district: district in the record; if None, the person's home district decides.
        """
        if self.is_own_area(department, district or person.district):
            return Relation.OWN_DEPARTMENT
        if person.consent is not None and person.consent.covers(department):
            return Relation.ON_BEHALF
        return person.relation

    def is_own_department(self, department: str) -> bool:
        """Return whether the principal is an officer of the department."""
        return self._is_officer and department == self._request.principal.department

    def is_own_area(self, department: str, district: str | None) -> bool:
        """Return whether the principal is the officer of a department and district."""
        if not self.is_own_department(department):
            return False
        return not self._districts or (
            district is not None and district_keys(district) in self._districts
        )

    @property
    def reads_districts(self) -> bool:
        """Whether the principal is an officer for some districts only."""
        return self._is_officer and bool(self._districts)

    async def to_people(self, members: Iterable[str]) -> dict[str, Outcome[Person]]:
        """Return the relation to each person, by member number.

        An outcome is an error if the registry, which knows the family, does not reply.
        """
        distinct = list(dict.fromkeys(members))
        if self.own is not None:
            return await self._in_family(self.own, distinct)
        return dict(await self._with_consents(distinct))

    async def _in_family(self, own: str, members: Sequence[str]) -> dict[str, Outcome[Person]]:
        people: dict[str, Outcome[Person]] = {}
        for member in members:
            if member == own:
                people[member] = Person(Relation.SELF, own)
                continue
            family = await self.own_family()
            if isinstance(family, Exception):
                people[member] = family
            else:
                people[member] = Person(await self._relation_to(family, own, member), member)
        return people

    async def _relation_to(self, family: Family | None, own: str, member: str) -> Relation:
        relation = Relation.UNRELATED
        if family is not None:
            relation = relation_in_family(family, own, member, today_in_india())
        if relation not in (Relation.FAMILY, Relation.UNRELATED):
            return relation
        if await self._nominations.is_nominee(own, member) and await self._is_deceased(member):
            return Relation.NOMINEE
        return relation

    async def _is_deceased(self, member: str) -> bool:
        by_identifier = Capability.CITIZENS_BY_IDENTIFIER
        request = with_inputs(self._request)
        found = (await self._registry.citizens(request, by_identifier, [member]))[member]
        return isinstance(found, Citizen) and found.is_deceased is True

    async def has_consents(self) -> bool:
        """Return whether anybody's consent can show the principal more."""
        if self._has_consents is None:
            principal, purpose = self._request.principal, self._request.purpose
            self._has_consents = self._needs_consent and await self._consents.has_active(
                principal, purpose
            )
        return self._has_consents

    async def _with_consents(self, members: Collection[str]) -> dict[str, Person]:
        found: Mapping[str, Consent] = {}
        if self._needs_consent and members:
            principal, purpose = self._request.principal, self._request.purpose
            found = await self._consents.active_among(principal, members, purpose)
        for member, consent in found.items():
            self._request.consents[member] = consent.consent_id
        return {each: Person(member=each, consent=found.get(each)) for each in members}

    async def own_family(self) -> Outcome[Family | None]:
        """Return the family of the citizen who is signed in, or the registry's error."""
        if self._family is None:
            self._family = asyncio.ensure_future(self._read_own_family())
        return await asyncio.shield(self._family)

    def note_own_family(self, family: Family) -> None:
        """Use this record of the own family, which the operation has read anyway."""
        if self._family is None:
            self._family = asyncio.get_running_loop().create_future()
            self._family.set_result(family)

    async def own_family_identifier(self) -> Outcome[str | None]:
        """Return the Family ID of the citizen who is signed in; None if the registry has none."""
        assert self.own is not None
        known = self._crosswalk.known(self.own, CURRENT)
        if known is not None:
            return known.family_identifier
        by_identifier = Capability.CITIZENS_BY_IDENTIFIER
        found = (await self._registry.citizens(self._request, by_identifier, [self.own]))[self.own]
        return found.family_identifier if isinstance(found, Citizen) else found

    async def _read_own_family(self) -> Outcome[Family | None]:
        try:
            identifier = await self.own_family_identifier()
            if not isinstance(identifier, str):
                return identifier
            request = with_inputs(self._request)
            return (await self._registry.families(request, [identifier]))[identifier]
        except HubError as error:
            return error

    async def to_owners(
        self, department: str, numbers: Iterable[str]
    ) -> dict[str, Outcome[Person]]:
        """Return the relation to the owner of each number of a department."""
        scheme = self._directory.scheme_of(department)
        distinct = list(dict.fromkeys(numbers))
        if self.own is not None:
            return await self._own_numbers(self.own, scheme, distinct)
        if not distinct or (not self._needs_consent and not self.reads_districts):
            return dict.fromkeys(distinct, UNKNOWN)
        keys = {number: f"{scheme}:{number}" for number in distinct}
        by_number = Capability.CITIZENS_BY_DEPARTMENT_NUMBER
        try:
            found = await self._registry.citizens(
                with_inputs(self._request), by_number, list(keys.values())
            )
        except HubError as error:
            return dict.fromkeys(distinct, error)
        citizens = [each for each in found.values() if isinstance(each, Citizen)]
        people = await self._with_consents({each.member_identifier for each in citizens})

        def owner(citizen: Outcome[Citizen | None]) -> Outcome[Person]:
            if isinstance(citizen, Exception):
                return citizen
            if citizen is None:
                return UNKNOWN
            person = with_home(people[citizen.member_identifier], citizen)
            status = citizen.registry_status
            return person if status is None else replace(person, failure=error_of(status))

        return {number: owner(found[key]) for number, key in keys.items()}

    async def _own_numbers(
        self, own: str, scheme: str, numbers: Sequence[str]
    ) -> dict[str, Outcome[Person]]:
        known = self._crosswalk.known(own, CURRENT)
        mine = [own] if scheme == IdentifierType.PPP_MEMBER.name else []
        if known is not None:
            mine += known.numbers_in(scheme)
        people: dict[str, Outcome[Person]] = {}
        for number in numbers:
            if number in mine:
                people[number] = Person(Relation.SELF, own)
            else:
                people[number] = await self._owner_in_family(own, scheme, number)
        return people

    async def _owner_in_family(self, own: str, scheme: str, number: str) -> Outcome[Person]:
        family = await self.own_family()
        if isinstance(family, Exception):
            return family
        members = [] if family is None else [entry.citizen for entry in family.members]
        owners = [
            Person(
                await self._relation_to(family, own, each.member_identifier), each.member_identifier
            )
            for each in members
            if number in each.numbers_in(scheme)
        ]
        # Members of a family can share a number, for example that of a ration card.
        return min(owners, key=lambda each: NEAREST_FIRST.index(each.relation), default=UNKNOWN)


def with_home(person: Person, citizen: Citizen) -> Person:
    """Return the person with the home district in the registry's record."""
    address = citizen.home_address
    return person if address is None else replace(person, district=address.sub_region_name)


def with_inputs(request: PrincipalRequest) -> PrincipalRequest:
    """Return the request, so that it also reads what decisions about people need."""
    needed = request.call.needed
    for record_type, names in INPUTS.items():
        needed = needed.adding(record_type, names)
    return replace(request, call=replace(request.call, needed=needed))
