"""Checks who may submit something for a citizen, and collects what the department learns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from adapters.contract import Capability, DepartmentError
from hub.access import Role
from hub.access.policy import Relation
from hub.federation.disclosure import Disclosure
from hub.federation.gateway import PrincipalRequest, purpose_not_covered
from hub.federation.relations import Person, with_home, with_inputs
from hub.federation.submissions.services import SubmissionServices
from schema.citizen import Citizen
from schema.codes import ErrorCode
from schema.errors import HubError, not_found
from schema.form import MemberField, ServiceAttribute
from schema.look_ups import NO_CITIZEN
from schema.person import Address, PersonName
from schema.service_centre import ServiceCentreType
from schema.status import SubmissionChannel
from schema.submission_state import SubmissionKind

FACTS_READ: Mapping[type, frozenset[str]] = {
    Citizen: frozenset(
        {
            "person_name",
            "person_name_local",
            "birth_date",
            "birth_date_precision",
            "sex",
            "phone_number",
            "home_address",
        }
    ),
    PersonName: frozenset({"full_name", "script"}),
    Address: frozenset({"sub_region_name"}),
}
"""Fields that are read from the registry's record, besides those that the operation selects."""
KNOWN = frozenset({Relation.FAMILY, Relation.FAMILY_HEAD, Relation.GUARDIAN, Relation.NOMINEE})
"""The relations in which the principal knows that the citizen exists."""
NOT_ALLOWED = "You may not submit this. Sign in with a role that may."
NOT_FOR_THEM = "You may not submit this for this person."


@dataclass(frozen=True, slots=True)
class Applicant:
    """The citizen that something is submitted for.

    Attributes:
        member: Family ID member number.
        relation: relation of the principal to the citizen.
        record: the registry's record; if the registry does not reply, what the hub knows.
    """

    member: str
    relation: Relation
    record: Citizen


@dataclass(frozen=True, slots=True)
class Applicants:
    """Finds the citizen that the principal of one operation submits something for."""

    services: SubmissionServices
    request: PrincipalRequest
    disclosure: Disclosure

    async def find(
        self,
        kind: SubmissionKind,
        member: str,
        department: str,
        district: str | None = None,
    ) -> Applicant:
        """Return the citizen, if the principal may submit something for them.

        Args:
            department: identifier of the department that gets it.
            district: district of the record that it concerns; None for the home district.

        Raises:
            HubError: `FORBIDDEN`, `PURPOSE_NOT_COVERED`, `CONSENT_REQUIRED`; `NOT_FOUND`, there is
                no such citizen or the principal is not related to them; or an error of the
                registry.
        """
        self.disclosure.begin()
        allowed = self._relations_for(kind)
        if not self.disclosure.covers(department):
            raise purpose_not_covered(department)
        if len(allowed) == len(Relation):
            return Applicant(member, Relation.UNRELATED, await self._known(member))
        people = await self.disclosure.relations.to_people([member])
        person = people[member]
        if isinstance(person, Exception):
            raise person
        may_depend_on_home = self.disclosure.relations.is_own_department(department)
        record: Citizen | HubError | None = None
        if may_depend_on_home:
            record = await self._record(member)
        if isinstance(record, Citizen):
            person = with_home(person, record)
        relation = self.disclosure.relations.at(person, department, district)
        if relation not in allowed:
            raise await self._refusal(person, relation, allowed)
        if not isinstance(record, Citizen):
            record = await self._known(member)
        return Applicant(member, relation, record)

    async def _known(self, member: str) -> Citizen:
        """Return the registry's record; if the registry does not reply, one without details.

        What the citizen submits is stored even while the registry does not reply.

        Raises:
            HubError: `NOT_FOUND`.
        """
        record = await self._record(member)
        if isinstance(record, DepartmentError):
            return Citizen(member_identifier=member, family_identifier="")
        if isinstance(record, HubError):
            raise record
        return record

    def _relations_for(self, kind: SubmissionKind) -> frozenset[Relation]:
        role, purpose = self.request.principal.role, self.request.purpose
        allowed = self.services.policy.submits_for(kind, role, purpose)
        if not allowed:
            raise HubError(ErrorCode.FORBIDDEN, NOT_ALLOWED)
        return allowed

    async def _refusal(
        self, person: Person, relation: Relation, allowed: Iterable[Relation]
    ) -> HubError:
        """Return the error, which does not say whether a stranger exists."""
        if Relation.ON_BEHALF in allowed and self.disclosure.needs_consent:
            return await self.disclosure.consent_required(person)
        if relation in KNOWN:
            return HubError(ErrorCode.FORBIDDEN, NOT_FOR_THEM)
        return not_found(NO_CITIZEN)

    async def _record(self, member: str) -> Citizen | HubError:
        """Return the registry's record, or the error of the registry."""
        request = with_facts(self.request)
        by_identifier = Capability.CITIZENS_BY_IDENTIFIER
        citizens = self.services.registry.citizens
        try:
            found = (await citizens(request, by_identifier, [member]))[member]
        except HubError as error:
            return error
        if found is None:
            return not_found(NO_CITIZEN)
        if isinstance(found, HubError | Citizen):
            return found
        raise found

    def facts_of(
        self,
        applicant: Applicant,
        attributes: Iterable[ServiceAttribute] = (),
        values: Mapping[str, object] | None = None,
    ) -> dict[str, object]:
        """Return what the department learns about the citizen, by placeholder.

        If the registry does not reply, the form's own values are used.

        Args:
            attributes: the fields of the form.
            values: their values.
        """
        record = applicant.record
        address, born = record.home_address, record.birth_date
        facts: dict[str, object | None] = {
            "applicant_name": _name(record.person_name),
            "applicant_name_local": _name(record.person_name_local),
            "applicant_birth_date": None if born is None else born.isoformat(),
            "applicant_phone": record.phone_number,
            "applicant_district": None if address is None else address.sub_region_name,
        }
        for attribute in attributes:
            fact = _FACT_OF.get(attribute.prefill_from) if attribute.prefill_from else None
            if fact is not None and facts[fact] is None:
                facts[fact] = (values or {}).get(attribute.code)
        known = {name: each for name, each in facts.items() if each is not None}
        return {**known, "channel": self.channel().name}

    def channel(self) -> SubmissionChannel:
        """Return how the principal submits something."""
        principal = self.request.principal
        if principal.role is Role.HELPDESK:
            return SubmissionChannel.IVR
        if principal.role is not Role.OPERATOR:
            return SubmissionChannel.PORTAL
        centre = self.services.catalogue.service_centre(principal.centre or "")
        if centre is None or centre.centre_type is ServiceCentreType.ATAL_SEVA_KENDRA:
            return SubmissionChannel.CSC
        return SubmissionChannel.KIOSK


_FACT_OF = {
    MemberField.PERSON_NAME: "applicant_name",
    MemberField.BIRTH_DATE: "applicant_birth_date",
    MemberField.PHONE_NUMBER: "applicant_phone",
}
"""The fact that a form field with this source also contains."""


def _name(name: PersonName | None) -> str | None:
    return None if name is None else name.full_name


def with_facts(request: PrincipalRequest) -> PrincipalRequest:
    """Return the request, so that it also reads what departments learn about a citizen."""
    request = with_inputs(request)
    needed = request.call.needed
    for record_type, names in FACTS_READ.items():
        needed = needed.adding(record_type, names)
    return replace(request, call=replace(request.call, needed=needed))
