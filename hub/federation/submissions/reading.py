"""What the principal of one operation sees of submissions and drafts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from adapters.contract import Capability
from hub.access.policy import Relation
from hub.durable import model
from hub.durable.receipts import parse_receipt
from hub.federation.disclosure import Disclosure
from hub.federation.gateway import PrincipalRequest
from hub.federation.relations import UNKNOWN, Person, with_home
from hub.federation.submissions.services import SubmissionServices
from hub.federation.submissions.shown import (
    shown_attachment,
    shown_draft,
    shown_event,
    shown_submission,
)
from schema.attachment import Attachment
from schema.batch import Outcome
from schema.citizen import Citizen
from schema.draft import Draft
from schema.errors import HubError
from schema.personal import FieldClass
from schema.submission import Submission, SubmissionEvent
from schema.submission_state import SubmissionKind

NOBODY = "-"
"""Member number for a receipt number that does not exist. With it the hub makes the same calls as
for the submission of another person."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads submissions and drafts.

    Attributes:
        relations: the principal's relation to the citizens of the shown submissions, by member
            number.
    """

    services: SubmissionServices
    request: PrincipalRequest
    disclosure: Disclosure
    relations: dict[str, Relation]

    async def by_receipt(self, receipts: Sequence[str]) -> list[Outcome[Submission | None]]:
        """Return what is shown of the submission with each receipt number."""
        await self.disclosure.begin_look_up(receipts)
        found: list[Outcome[Submission | None]] = []
        for written in receipts:
            receipt = parse_receipt(written)
            stored = None
            if receipt is not None:
                stored = await self.services.stores.submissions.by_receipt(receipt)
            found.append(await self._shown(stored))
        return found

    async def by_citizen(
        self, citizens: Sequence[Citizen], kinds: Collection[SubmissionKind], first: int
    ) -> list[Outcome[list[Submission]]]:
        """Return what is shown of the newest submissions of each citizen."""
        self.disclosure.begin()
        originals = self.disclosure.originals(citizens)
        members = [each.member_identifier for each in originals]
        people = await self._people(members)
        stored = await self.services.stores.submissions.of_citizens(members, kinds)
        outcomes: list[Outcome[list[Submission]]] = []
        for citizen in originals:
            person = people[citizen.member_identifier]
            if isinstance(person, Exception):
                outcomes.append(person)
                continue
            at_home = with_home(person, citizen)
            shown = []
            for each in stored.get(citizen.member_identifier, ()):
                submission = self._visible(each, at_home)
                if submission is not None:
                    shown.append(submission)
                if len(shown) == first:
                    break
            outcomes.append(shown)
        return outcomes

    async def drafts_of(self, citizens: Sequence[Citizen]) -> list[Outcome[list[Draft]]]:
        """Return the principal's drafts for each citizen."""
        self.disclosure.begin()
        members = [each.member_identifier for each in self.disclosure.originals(citizens)]
        drafts = self.services.stores.drafts
        found = await drafts.of_citizens(self.request.principal, members)
        people = await self._people(list(found))
        return [
            [
                shown_draft(each)
                for each in found.get(member, ())
                if self._may_apply_for(people[member], each.content.service)
            ]
            for member in members
        ]

    async def drafts(self, draft_ids: Sequence[str]) -> list[Outcome[Draft | None]]:
        """Return the principal's draft with each id."""
        self.disclosure.begin()
        found = await self.services.stores.drafts.of(self.request.principal, draft_ids)
        people = await self._people([each.content.member for each in found.values()])

        def one(draft_id: str) -> Draft | None:
            stored = found.get(draft_id)
            if stored is None:
                return None
            content = stored.content
            is_allowed = self._may_apply_for(people[content.member], content.service)
            return shown_draft(stored) if is_allowed else None

        return [one(each) for each in draft_ids]

    async def events_of(self, submissions: Sequence[Submission]) -> list[list[SubmissionEvent]]:
        """Return the events of submissions that are shown."""
        events = self.services.stores.submissions.events
        return [
            [shown_event(event) for event in await events(each.receipt_number)]
            for each in submissions
        ]

    async def documents_of(
        self, submissions: Sequence[Submission]
    ) -> list[Outcome[list[Attachment] | None]]:
        """Return the documents in submissions that are shown.

        A repeated request returns its submission always, but the documents only if the principal
        may see them still. An operator's consent can have ended.
        """
        of_receipt = self.services.stores.attachments.of_receipt
        people = await self._people(
            [
                each.member_identifier
                for each in submissions
                if each.member_identifier not in self.relations
            ]
        )
        documents: list[Outcome[list[Attachment] | None]] = []
        for each in submissions:
            person = people.get(each.member_identifier)
            if isinstance(person, Exception):
                documents.append(person)
            elif person is not None and self._is_hidden(person, each.department_identifier):
                documents.append(None)
            else:
                stored = await of_receipt(each.receipt_number)
                documents.append([shown_attachment(one) for one in stored])
        return documents

    def _is_hidden(self, person: Person, department: str) -> bool:
        if self.disclosure.is_open(Submission):
            return False
        relation = self.disclosure.relations.at(person, department)
        return self.disclosure.is_hidden(Submission, relation)

    async def documents_of_drafts(self, drafts: Sequence[Draft]) -> list[list[Attachment]]:
        """Return the documents of drafts that are shown."""
        attachments = self.services.stores.attachments
        documents = []
        for each in drafts:
            found = await attachments.of(each.attachments, each.member_identifier)
            kept = (found.get(attachment_id) for attachment_id in each.attachments)
            documents.append([shown_attachment(stored) for stored in kept if stored is not None])
        return documents

    def receipt_url(self, submission: Submission) -> str:
        """Return the address of a receipt, which shows the name as the principal may see it."""
        relation = self.relations.get(submission.member_identifier, Relation.UNRELATED)
        level = self.services.policy.decision(
            FieldClass.NAME,
            self.request.principal.role,
            relation,
            self.request.purpose,
            in_list=False,
        ).level
        return self.services.stores.receipts.address_of(submission.receipt_number, level)[0]

    async def _people(self, members: Sequence[str]) -> Mapping[str, Outcome[Person]]:
        """Return the relation to each person; no relation if all are shown to everybody."""
        if self.disclosure.is_open(Submission):
            return dict.fromkeys(members, UNKNOWN)
        return await self.disclosure.relations.to_people(members)

    async def _shown(self, stored: model.Submission | None) -> Outcome[Submission | None]:
        member = NOBODY if stored is None or not stored.member else stored.member
        try:
            person = (await self._people([member]))[member]
        except HubError as error:
            return error
        if isinstance(person, Exception):
            return person
        return None if stored is None else self._visible(stored, person)

    def _visible(self, stored: model.Submission, person: Person) -> Submission | None:
        """Return what is shown of a submission; None if nothing. Note it in the access log."""
        if not self.disclosure.covers(stored.department):
            return None
        district = stored.content.facts.get("applicant_district")
        relation = self.disclosure.relations.at(
            person, stored.department, district if isinstance(district, str) else None
        )
        submission = shown_submission(stored)
        if self.disclosure.view(Submission, relation).apply(submission) is None:
            return None
        self.relations[stored.member] = relation
        is_grievance = stored.kind is SubmissionKind.GRIEVANCE
        capability = Capability.FIND_GRIEVANCE if is_grievance else Capability.FIND_SUBMISSION
        self.services.gateway.note_stored(
            self.request, stored.department, capability, [stored.member]
        )
        return submission

    def _may_apply_for(self, person: Outcome[Person], service_code: str) -> bool:
        """Return whether the principal may still apply for the citizen."""
        service = self.services.catalogue.service(service_code)
        if isinstance(person, Exception) or service is None:
            return False
        role, purpose = self.request.principal.role, self.request.purpose
        allowed = self.services.policy.submits_for(SubmissionKind.APPLICATION, role, purpose)
        if len(allowed) == len(Relation):
            return True
        relation = self.disclosure.relations.at(person, service.department_identifier)
        return relation in allowed
