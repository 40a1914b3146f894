"""Decides, for one operation, what its principal sees of each record.

Ports pass every record through `Disclosure` before a resolver gets it. A record is returned as it
is, as a masked copy, or not at all. Both executors, sort orders, filters, cursors and labels then
use what the principal may see. Records themselves are never changed: operations share them.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from hub.access.policy import Action, Level, Policy, Relation, View
from hub.access.policy.attributes import attributes_of
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
from schema.application import Application
from schema.citizen import Citizen
from schema.codes import ErrorCode
from schema.errors import HubError
from schema.personal import FieldClass
from schema.provenance import Record

RecordT = TypeVar("RecordT", bound=Record)

STAFF = frozenset({Role.OPERATOR, Role.OFFICER, Role.HELPDESK})
"""The roles that see lists masked, and plain values one record at a time."""
TURNS = 3
"""Turns of the event loop after which the other root fields of an operation have begun."""
SIGN_IN = "You may not read this. Sign in with a role that may."
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
    """

    policy: Policy
    consents: ConsentSource
    nominations: NominationSource
    directory: Directory
    crosswalk: Crosswalk
    registry: RegistryReader
    _open: dict[tuple[Role, str, type], bool] = field(default_factory=dict)
    _legal_basis: dict[tuple[Role, str], str] = field(default_factory=dict)
    _needs_consent: dict[tuple[Role, str], bool] = field(default_factory=dict)

    def is_open(self, role: Role, purpose: str, record_type: type) -> bool:
        """Return whether the role sees everybody's records of a type plain."""
        key = role, purpose, record_type
        found = self._open.get(key)
        if found is None:
            found = self._open[key] = all(
                self.policy.view(record_type, role, relation, purpose, in_list=in_list).is_plain
                for relation in Relation
                for in_list in (False, True)
            )
        return found

    def needs_consent(self, role: Role, purpose: str) -> bool:
        """Return whether a person's consent shows the role more."""
        key = role, purpose
        found = self._needs_consent.get(key)
        if found is None:
            found = self._needs_consent[key] = self.policy.needs_consent(role, purpose)
        return found

    def legal_basis_of(self, role: Role, purpose: str) -> str:
        """Return why the law allows a role's operations without consents; empty if nothing does."""
        key = role, purpose
        found = self._legal_basis.get(key)
        if found is None:
            bases = (
                self.policy.decision(each, role, relation, purpose, in_list=False).legal_basis
                for relation in Relation
                if relation is not Relation.ON_BEHALF
                for each in FieldClass
            )
            found = self._legal_basis[key] = next((str(each) for each in bases if each), "")
        return found

    def purpose_of(self, role: Role, stated: str) -> str:
        """Return the purpose of an operation.

        Args:
            stated: code of the purpose that the client states; empty if it states none.

        Raises:
            HubError: `PURPOSE_REQUIRED`, `PURPOSE_NOT_ALLOWED`, or `FORBIDDEN`: the role has no
                purpose for which it may read.
        """
        allowed = [each.code for each in self.policy.purposes_of(role)]
        if stated in allowed:
            return stated
        default = self.policy.default_purpose(role)
        if not stated and default is not None:
            return default.code
        if not allowed:
            raise HubError(ErrorCode.FORBIDDEN, SIGN_IN)
        codes = ", ".join(allowed)
        if stated:
            message = f"Your role may not use this purpose. It may use: {codes}."
            raise HubError(ErrorCode.PURPOSE_NOT_ALLOWED, message)
        message = f"State in the header `Hub-Purpose` what the data is used for: {codes}."
        raise HubError(ErrorCode.PURPOSE_REQUIRED, message)


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
            purpose = rules.purpose_of(self._role, request.purpose)
        except HubError as error:
            self._refusal, purpose = error, ""
        basis = rules.legal_basis_of(self._role, purpose)
        self.request = replace(request, purpose=purpose, legal_basis=basis)
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
            needs_consent=bool(purpose) and rules.needs_consent(self._role, purpose),
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
        return all(
            self._rules.is_open(self._role, self.request.purpose, each) for each in record_types
        )

    @property
    def in_list(self) -> bool:
        """Whether the records are several, as in a list."""
        return self._is_staff and (self._has_list or len(self._keys) > 1)

    def view(self, record_type: type, relation: Relation, purpose: str | None = None) -> View:
        """Return the view of a record type, for the operation's purpose or another."""
        return self._policy.view(
            record_type,
            self._role,
            relation,
            self.request.purpose if purpose is None else purpose,
            in_list=self.in_list,
        )

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
        return self._rules.needs_consent(self._role, self.request.purpose)

    def sees(
        self,
        record_type: type,
        relation: Relation,
        attributes: Iterable[str],
        least: Level = Level.PLAIN,
        purpose: str | None = None,
    ) -> bool:
        """Return whether the principal sees these attributes, one record at a time.

        Args:
            least: how much of each must be shown.
            purpose: another purpose than the operation's.
        """
        known = attributes_of(record_type)
        stated = self.request.purpose if purpose is None else purpose
        classes = {each for name in attributes for each in known[name].field_classes}
        # A record can be hidden although single attributes would be shown.
        if hasattr(record_type, "RECORD_CLASS"):
            classes.add(record_type.RECORD_CLASS)
        return all(
            self._policy.decision(each, self._role, relation, stated, in_list=False).level >= least
            for each in classes
        )

    def check_arguments(
        self,
        record_type: type,
        relation: Relation,
        arguments: Mapping[str, Sequence[str]],
        least: Level = Level.PLAIN,
        purpose: str | None = None,
    ) -> None:
        """Refuse filters and orders that would show what the principal does not see.

        Args:
            arguments: the attributes that each argument reads.
            least: how much of each must be shown.
            purpose: another purpose than the operation's.

        Raises:
            HubError: `FORBIDDEN`.
        """
        for name, attributes in arguments.items():
            if not self.sees(record_type, relation, attributes, least, purpose):
                message = f"You may not use `{name}`: you do not see the values that it reads."
                raise HubError(ErrorCode.FORBIDDEN, message)

    def show(
        self, record: RecordT, relation: Relation, purpose: str | None = None
    ) -> RecordT | None:
        """Return the record, a masked copy, or None."""
        view = self.view(type(record), relation, purpose)
        if view.is_plain:
            return record
        shown = view.apply(record)
        if shown is not None and shown is not record:
            # The copy is kept too, so that no other object gets its `id()`.
            self._originals[id(shown)] = shown, record
        return shown

    def show_all(self, records: Sequence[RecordT], relation: Relation) -> list[RecordT]:
        """Return what is shown of records of one type with the same relation."""
        if not records or self.view(type(records[0]), relation).is_plain:
            return list(records)
        shown = (self.show(each, relation) for each in records)
        return [each for each in shown if each is not None]

    def copied(self, original: RecordT, shown: RecordT, **changes: Any) -> RecordT:
        """Return a copy of what is shown of a record, with further changes."""
        copy = replace(shown, **changes)
        self._originals[id(copy)] = copy, original
        return copy

    def show_citizen(
        self, citizen: Citizen, relation: Relation, purpose: str | None = None
    ) -> Citizen | None:
        """Return what is shown of a citizen. The relation also applies to the family."""
        shown = self.show(citizen, relation, purpose)
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

    def request_of(self, root_field: str) -> PrincipalRequest:
        """Return the request of a root field, with the purpose that the policy fixes for it.

        Raises:
            HubError: as `begin`, if the policy fixes none for the role.
        """
        purpose = self._policy.purpose_of_root_field(root_field)
        if purpose is None or self._role not in purpose.roles:
            self.begin()
            return self.request
        basis = self._rules.legal_basis_of(self._role, purpose.code)
        return replace(self.request, purpose=purpose.code, legal_basis=basis)

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
