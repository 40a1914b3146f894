"""Purposes, consents and nominations, for the principal of one operation."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from hub.access import Principal, Role
from hub.access.consent import Consent, Consents, ConsentState, GivenBy, Nominations, Nominee
from hub.access.consent.codes import OneTimeCodes
from hub.access.consent.refusals import no_such_consent
from hub.access.policy import Action, Policy, Relation
from hub.federation.catalogue import Catalogue
from hub.federation.directory import Directory
from hub.federation.gateway import PrincipalRequest
from hub.federation.registry import RegistryReader
from hub.federation.relations import Relations
from hub.federation.telephones import telephone_of
from hub.notification import Notifier
from hub.notification.messages import CONSENT_CODE
from schema.access_record import LoggedRole
from schema.codes import ErrorCode
from schema.connections import SortKey
from schema.consent import Consent as ShownConsent
from schema.consent import ConsentGiver, ConsentPage, Nomination
from schema.consent import ConsentState as ShownState
from schema.errors import HubError
from schema.language import Language, Text
from schema.person import mask
from schema.personal import FieldClass
from schema.purpose import Purpose

GIVERS = {
    Relation.SELF: GivenBy.CITIZEN,
    Relation.GUARDIAN: GivenBy.GUARDIAN,
    Relation.NOMINEE: GivenBy.NOMINEE,
}
"""Who may decide about a citizen's consents, by the relation to the citizen."""
DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class ConsentServices:
    """What the consents of all operations share.

    Attributes:
        policy: the purposes, and what a consent opens.
        consents: the consents.
        codes: the one-time codes.
        nominations: the nominees of citizens.
        notifier: sends the codes.
        directory: the departments.
        catalogue: the service centres.
        registry: reads citizens and families.
    """

    policy: Policy
    consents: Consents
    codes: OneTimeCodes
    nominations: Nominations
    notifier: Notifier
    directory: Directory
    catalogue: Catalogue
    registry: RegistryReader

    def departments_of(self, purpose: str) -> list[str]:
        """Return the configured departments that a purpose covers."""
        return [each for each in self.directory.manifests if self.policy.covers(purpose, each)]


@dataclass(frozen=True, slots=True)
class BoundConsents:
    """`schema.sources.ConsentSource` for one operation."""

    services: ConsentServices
    request_of_principal: PrincipalRequest
    relations: Relations

    @property
    def _principal(self) -> Principal:
        return self.request_of_principal.principal

    def purposes(self) -> list[Purpose]:
        role = self._principal.role
        return [self._purpose(each.code) for each in self.services.policy.purposes_of(role)]

    async def page(
        self,
        member_identifier: str,
        states: Collection[ShownState],
        first: int,
        after: SortKey | None,
    ) -> ConsentPage:
        await self._giver(member_identifier)
        stored_states = [ConsentState(each.name) for each in states]
        found, more = await self.services.consents.page(
            member_identifier, stored_states, first, after
        )
        return ConsentPage([self._shown(each, member_identifier) for each in found], more)

    async def one(self, consent_id: str, member_identifier: str) -> ShownConsent:
        await self._giver(member_identifier)
        found = await self.services.consents.one(consent_id, member_identifier)
        return self._shown(found, member_identifier)

    async def request(
        self,
        member_identifier: str,
        purpose: str,
        departments: Sequence[str] | None,
        days: int | None,
    ) -> str:
        self._check_purpose(purpose)
        covered = self.services.departments_of(purpose)
        if departments is None:
            departments = covered
        for each in departments:
            if each not in covered:
                message = f"The purpose {purpose} does not cover this department."
                raise HubError(ErrorCode.PURPOSE_NOT_COVERED, message, department=each)
        return await self.services.consents.request_for(
            self._principal,
            member_identifier,
            purpose,
            departments,
            None if days is None else days * DAY_SECONDS,
        )

    async def send_code(self, request_id: str, lang: Language) -> dt.datetime:
        self._check_operator()
        services = self.services
        services.notifier.check_available()
        consent, member_identifier = await services.consents.requested(self._principal, request_id)
        # Before the code is stored: if the registry fails, no try is lost.
        # Without a number nothing is sent, and the operator sees no difference.
        request = replace(self.request_of_principal, purpose=consent.purpose)
        telephone = await telephone_of(services.registry, request, member_identifier)
        made = await services.codes.make(self._principal, request_id)
        values = {
            "code": made.code,
            "centre": self._centre_name(lang),
            "purpose": self._title(consent.purpose).in_language(lang),
        }
        services.notifier.start_sending(telephone, CONSENT_CODE, lang, values)
        return made.expires_at

    async def confirm(self, request_id: str, code: str) -> tuple[dt.datetime, str]:
        self._check_operator()
        given = await self.services.codes.confirm(self._principal, request_id, code.strip())
        assert given.expires_at is not None
        assert given.artefact is not None
        return given.expires_at, given.artefact

    async def grant(self, consent_id: str) -> ShownConsent:
        _, member_identifier = self.services.consents.parts_of(consent_id)
        giver = await self._giver(member_identifier)
        given = await self.services.consents.give(self._principal, consent_id, giver)
        return self._shown(given, member_identifier)

    async def refuse(self, consent_id: str) -> ShownConsent:
        _, member_identifier = self.services.consents.parts_of(consent_id)
        await self._giver(member_identifier)
        refused = await self.services.consents.refuse(self._principal, consent_id)
        return self._shown(refused, member_identifier)

    async def withdraw(self, consent_id: str) -> ShownConsent:
        _, member_identifier = self.services.consents.parts_of(consent_id)
        await self._giver(member_identifier)
        withdrawn = await self.services.consents.withdraw(self._principal, consent_id)
        return self._shown(withdrawn, member_identifier)

    async def nominations(self) -> list[Nomination]:
        found = await self.services.nominations.of_citizen(self._own())
        return [_nomination(each) for each in found]

    async def nominate(self, member_identifier: str) -> Nomination:
        own = self._own()
        return _nomination(
            await self.services.nominations.nominate(self._principal, own, member_identifier)
        )

    async def withdraw_nomination(self, nomination_id: str) -> Nomination:
        own = self._own()
        return _nomination(
            await self.services.nominations.withdraw(self._principal, own, nomination_id)
        )

    async def _giver(self, member_identifier: str) -> GivenBy:
        """Return in which capacity the principal decides about the citizen's consents.

        Raises:
            HubError: `NOT_FOUND`, the principal may not, or there is no such citizen.
        """
        if self._principal.role is not Role.CITIZEN:
            raise no_such_consent()
        person = (await self.relations.to_people([member_identifier]))[member_identifier]
        if isinstance(person, Exception):
            raise person
        giver = GIVERS.get(person.relation)
        if giver is None:
            raise no_such_consent()
        return giver

    def _own(self) -> str:
        own = self._principal.member_identifier
        if self._principal.role is not Role.CITIZEN or own is None:
            raise HubError(ErrorCode.FORBIDDEN, "Only a citizen may do this. Sign in as a citizen.")
        return own

    def _check_operator(self) -> None:
        role = self._principal.role
        if role is not Role.OPERATOR or not self.services.policy.may(role, Action.REQUEST_CONSENT):
            raise HubError(
                ErrorCode.FORBIDDEN, "Only an operator of a service centre may use one-time codes."
            )

    def _check_purpose(self, code: str) -> None:
        """Check that the principal may request consent for a purpose."""
        policy, role = self.services.policy, self._principal.role
        allowed = [
            each.code for each in policy.purposes_of(role) if policy.needs_consent(role, each.code)
        ]
        if not allowed or not policy.may(role, Action.REQUEST_CONSENT):
            raise HubError(ErrorCode.FORBIDDEN, "Your role may not request consent.")
        if code not in allowed:
            message = f"You may request consent for these purposes only: {', '.join(allowed)}."
            raise HubError(ErrorCode.PURPOSE_NOT_ALLOWED, message)

    def _centre_name(self, lang: Language) -> str:
        """Return the name of the operator's centre, or its identifier."""
        identifier = self._principal.centre or ""
        centre = self.services.catalogue.service_centre(identifier)
        return identifier if centre is None else centre.name_text.in_language(lang)

    def _purpose(self, code: str) -> Purpose:
        services = self.services
        return Purpose(
            code=code,
            title_text=self._title(code),
            needs_consent=services.policy.needs_consent(self._principal.role, code),
            department_identifiers=services.departments_of(code),
        )

    def _title(self, code: str) -> Text:
        purpose = self.services.policy.purpose(code)
        # A policy file can lose a purpose that a stored consent has.
        return Text(code) if purpose is None else purpose.title

    def _shown(self, consent: Consent, member_identifier: str) -> ShownConsent:
        services = self.services
        now = services.consents.clock()
        role = Role(consent.role)
        purpose = Purpose(
            code=consent.purpose,
            title_text=self._title(consent.purpose),
            needs_consent=services.policy.needs_consent(role, consent.purpose),
            department_identifiers=services.departments_of(consent.purpose),
        )
        given_by = consent.given_by
        return ShownConsent(
            identifier=consent.consent_id,
            state=ShownState[consent.state_at(now).name],
            purpose=purpose,
            field_classes=[
                FieldClass[each]
                for each in services.consents.scope_of(role, consent.purpose).classes
            ],
            requester_role=LoggedRole.__members__.get(role.name, LoggedRole.UNKNOWN),
            requester_portal=consent.client or None,
            requested_datetime=consent.requested_at,
            lapse_datetime=consent.lapses_at,
            duration_seconds=consent.seconds,
            given_by=None if given_by is None else ConsentGiver[given_by.name],
            given_datetime=consent.given_at,
            expiry_datetime=consent.expires_at,
            ended_datetime=consent.ended_at,
            artefact=consent.artefact,
            purpose_title=purpose.title_text,
            department_identifiers=sorted(consent.departments),
            requester_department_identifier=consent.department,
            requester_centre_identifier=consent.centre,
            member_identifier=member_identifier,
        )


def _nomination(nominee: Nominee) -> Nomination:
    number = nominee.nominee_identifier
    return Nomination(
        nominee_identifier=None if number is None else mask(number),
        nominated_datetime=nominee.nominated_at,
        withdrawn_datetime=nominee.withdrawn_at,
        nomination_id=nominee.nomination_id,
    )
