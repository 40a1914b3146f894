"""Decides, for one operation, what its principal sees of each record.

Ports pass every record through `Disclosure` before a resolver gets it. A record is returned as it
is, as a masked copy, or not at all. Both executors, sort orders, filters, cursors and labels then
use what the principal may see. Records themselves are never changed: operations share them.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from hub.access.policy import Action, Policy, Relation, View
from hub.access.principal import Role
from hub.federation.crosswalk import Crosswalk
from hub.federation.directory import Directory
from hub.federation.gateway import PrincipalRequest
from hub.federation.registry import RegistryReader
from hub.federation.relations import (
    ConsentSource,
    NominationSource,
    Person,
    Relations,
    with_inputs,
)
from hub.federation.standing import SIGN_IN, Standing, Standings
from schema.application import Application
from schema.citizen import Citizen
from schema.codes import ErrorCode
from schema.errors import HubError
from schema.provenance import Record

RecordT = TypeVar("RecordT", bound=Record)

STAFF = frozenset({Role.OPERATOR, Role.OFFICER, Role.HELPDESK})
"""The roles that see lists masked, and plain values one record at a time."""
TURNS = 3
"""Turns of the event loop after which the other root fields of an operation have begun."""
NOT_YOURS = "You may not read these records of this person."


@dataclass(frozen=True, slots=True)
class AccessRules:
    """What the decisions of all operations share.

    Attributes:
        policy: what each role sees.
        consents: the consents of citizens.
        nominations: the nominees of citizens.
        directory: the departments.
        crosswalk: knows the numbers of citizens.
        registry: reads citizens and families.
        standings: what each role sees for each purpose.
    """

    policy: Policy
    consents: ConsentSource
    nominations: NominationSource
    directory: Directory
    crosswalk: Crosswalk
    registry: RegistryReader
    standings: Standings


class Disclosure:
    """What the principal of one operation sees.

    Attributes:
        request: the operation, with its purpose.
        relations: how the principal is related to people.
    """

    def __init__(self, rules: AccessRules, request: PrincipalRequest) -> None:
        self._rules = rules
        self._policy = rules.policy
        self._role = request.principal.role
        self._refusal: HubError | None = None
        try:
            self._standing = rules.standings.stated(self._role, request.purpose)
        except HubError as error:
            self._refusal, self._standing = error, rules.standings.of(self._role, "")
        self.request = request.with_purpose(self._standing.purpose, self._standing.legal_basis)
        self._is_staff = self._role in STAFF
        self._keys: set[object] = set()
        self._has_list = False
        self._originals: dict[int, tuple[object, Any]] = {}
        self._reached: dict[str, Relation] = {}
        self.relations = Relations(
            self.request,
            rules.directory,
            rules.crosswalk,
            rules.registry,
            rules.consents,
            rules.nominations,
            needs_consent=self._standing.needs_consent,
        )
        if self.relations.reads_districts:
            # The district of a record decides, also if no field shows it.
            request = with_inputs(self.request)
            needed = request.call.needed.adding(Application, {"applicant_district"})
            self.request = replace(request, call=replace(request.call, needed=needed))

    def begin(self) -> None:
        """Check that the operation has a purpose. Every port does this before it calls anything.

        Raises:
            HubError: `PURPOSE_REQUIRED`, `PURPOSE_NOT_ALLOWED`, `FORBIDDEN`.
        """
        if self._refusal is not None:
            raise HubError(self._refusal.code, self._refusal.message)

    async def begin_look_up(self, keys: Iterable[object]) -> None:
        """Check the purpose, and count the keys: staff see several records as in a list.

        Raises:
            HubError: as `begin`.
        """
        self.begin()
        if self._is_staff:
            self._keys.update(keys)
            await self._others_begun()

    async def begin_list(self, action: Action) -> None:
        """Check whether the role may do this. All records of the operation are as in a list.

        Raises:
            HubError: `FORBIDDEN`.
        """
        if not self.may(action):
            raise HubError(ErrorCode.FORBIDDEN, SIGN_IN)
        if self._is_staff:
            self._has_list = True
            await self._others_begun()

    async def _others_begun(self) -> None:
        # Otherwise a record from a copy would be shown before other root fields are counted.
        for _ in range(TURNS):
            await asyncio.sleep(0)

    def may(self, action: Action) -> bool:
        """Return whether the role may do the action."""
        return self._policy.may(self._role, action)

    def covers(self, department: str) -> bool:
        """Return whether the purpose covers the department."""
        return self._policy.covers(self.request.purpose, department)

    def is_open(self, *record_types: type) -> bool:
        """Return whether the principal sees everybody's records of these types plain."""
        return all(map(self._standing.is_open, record_types))

    @property
    def in_list(self) -> bool:
        """Whether the records are several, as in a list."""
        return self._is_staff and (self._has_list or len(self._keys) > 1)

    def view(self, record_type: type, relation: Relation) -> View:
        """Return the view of a record type."""
        return self._standing.view(record_type, relation, in_list=self.in_list)

    def is_hidden(self, record_type: type, *relations: Relation) -> bool:
        """Return whether the principal sees nothing of such a record in any of these relations."""
        return all(self.view(record_type, each).is_hidden for each in relations)

    async def may_be_shown(self, record_type: type, department: str) -> bool:
        """Return whether some record at the department may be shown. If not, it is not called."""
        if self.relations.own is not None:
            return not self.is_hidden(record_type, *Relation)
        relations = [Relation.UNRELATED]
        if self.relations.is_own_department(department):
            relations.append(Relation.OWN_DEPARTMENT)
        if not self.is_hidden(record_type, *relations):
            return True
        return (
            self.needs_consent
            and not self.is_hidden(record_type, Relation.ON_BEHALF)
            and await self.relations.has_consents()
        )

    @property
    def needs_consent(self) -> bool:
        """Whether a person's consent would show the principal more."""
        return self._standing.needs_consent

    def sees(self, record_type: type, relation: Relation, attributes: Iterable[str]) -> bool:
        """Return whether the principal sees these attributes plain, one record at a time."""
        return self._standing.sees(record_type, relation, attributes)

    def check_arguments(
        self, record_type: type, relation: Relation, arguments: Mapping[str, Sequence[str]]
    ) -> None:
        """Refuse filters and orders that would show what the principal does not see.

        Args:
            arguments: the attributes that each argument reads.

        Raises:
            HubError: `FORBIDDEN`.
        """
        self._standing.check_arguments(record_type, relation, arguments)

    def show(
        self, record: RecordT, relation: Relation, standing: Standing | None = None
    ) -> RecordT | None:
        """Return the record, a masked copy, or None.

        Args:
            standing: that of a root field with a purpose of its own; None for the operation's.
        """
        decisive = self._standing if standing is None else standing
        view = decisive.view(type(record), relation, in_list=self.in_list)
        if view.is_plain:
            return record
        shown = view.apply(record)
        if shown is not None and shown is not record:
            # The copy is kept too, so that no other object gets its `id()`.
            self._originals[id(shown)] = shown, record
        return shown

    def copied(self, original: RecordT, shown: RecordT, **changes: Any) -> RecordT:
        """Return a copy of what is shown of a record, with further changes."""
        copy = replace(shown, **changes)
        self._originals[id(copy)] = copy, original
        return copy

    def show_citizen(
        self, citizen: Citizen, relation: Relation, standing: Standing | None = None
    ) -> Citizen | None:
        """Return what is shown of a citizen. The relation also applies to the family."""
        shown = self.show(citizen, relation, standing)
        if shown is not None:
            self._note_reached(citizen.member_identifier, relation)
            if relation is not Relation.FAMILY:
                self._note_reached(citizen.family_identifier, relation)
        return shown

    def _note_reached(self, key: str, relation: Relation) -> None:
        if self._reached.get(key, Relation.UNRELATED) is Relation.UNRELATED:
            self._reached[key] = relation

    def original(self, record: RecordT) -> RecordT:
        """Return the record that a masked copy was made of. Its numbers find other records."""
        found = self._originals.get(id(record))
        if found is None:
            return record
        original: RecordT = found[1]
        return original

    def originals(self, records: Sequence[RecordT]) -> Sequence[RecordT]:
        """Return the original of each record."""
        if not self._originals:
            return records
        return [self.original(record) for record in records]

    def reached(self, key: str) -> Relation | None:
        """Return the relation that led to a person or a family; None if no record did."""
        return self._reached.get(key)

    def standing_of(self, root_field: str) -> Standing:
        """Return the standing for a root field with a purpose of its own.

        It is the operation's standing if the policy has no such purpose for the role.

        Raises:
            HubError: as `begin`, in that case.
        """
        purpose = self._policy.purpose_of_root_field(root_field)
        if purpose is None or self._role not in purpose.roles:
            self.begin()
            return self._standing
        return self._rules.standings.of(self._role, purpose.code)

    def request_with(self, standing: Standing) -> PrincipalRequest:
        """Return the request with the purpose of a standing."""
        return self.request.with_purpose(standing.purpose, standing.legal_basis)

    async def consent_required(self, person: Person) -> HubError:
        """Return why a person's data is not shown: without consent, or at all."""
        if not self.needs_consent or person.member is None:
            return HubError(ErrorCode.FORBIDDEN, NOT_YOURS)
        departments = [each for each in self._rules.directory.manifests if self.covers(each)]
        try:
            consent_request = await self._rules.consents.request_for(
                self.request.principal, person.member, self.request.purpose, departments
            )
        except HubError as error:
            return error
        return ConsentRequiredError(consent_request)


class ConsentRequiredError(HubError):
    """The person's consent is required."""

    def __init__(self, consent_request: str) -> None:
        super().__init__(
            ErrorCode.CONSENT_REQUIRED,
            "This needs the person's consent. `extensions.consentRequestId` is the request.",
        )
        self.consent_request = consent_request

    @property
    def extensions(self) -> dict[str, object]:
        return {**super().extensions, "consentRequestId": self.consent_request}
