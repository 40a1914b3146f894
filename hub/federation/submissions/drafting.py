"""The drafts that the principal of one operation saves."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.access.log import Act
from hub.durable.drafts import DraftContent, StoredDraft
from hub.federation.submissions.evidence import local_ids
from hub.federation.submissions.inputs import digest_of
from hub.federation.submissions.mutations import NO_DRAFT, Mutations
from hub.federation.submissions.shown import shown_draft
from schema.batch import Outcome
from schema.draft import Draft, DraftReview
from schema.errors import HubError, not_found
from schema.node import local_id_in, to_global_id
from schema.submission_inputs import AttributeValueInput, SaveDraftInput
from schema.submission_payloads import SaveDraftPayload
from schema.submission_problem import key_conflict
from schema.submission_state import SubmissionKind


@dataclass(frozen=True, slots=True)
class Drafting:
    """Saves, discards and reviews drafts."""

    mutations: Mutations

    async def save(self, given: SaveDraftInput) -> SaveDraftPayload:
        mutations = self.mutations
        services, principal = mutations.services, mutations.acceptance.request.principal
        mutations.applicants.disclosure.begin()
        service = mutations.service(given.service)
        member = given.citizen.number(services.ids)
        applicant = await mutations.applicants.find(
            SubmissionKind.APPLICATION, member, service.department_identifier
        )
        if (closed := mutations.closed(service)) is not None:
            return SaveDraftPayload(problems=[closed])
        drafts, digest = services.stores.drafts, digest_of("saveDraft", given, services.ids).hex()
        if given.draft is None:
            draft_id = drafts.id_of(principal, given.idempotency_key)
        else:
            draft_id = local_id_in(services.ids, "Draft", given.draft)
        before = (await drafts.of(principal, [draft_id])).get(draft_id)
        if given.draft is None and before is not None:
            if before.content.digest != digest:
                return SaveDraftPayload(problems=[key_conflict()])
            return SaveDraftPayload(draft=shown_draft(before))
        if given.draft is not None:
            digest = self._digest_of_first(before, member)
        content = DraftContent(
            member,
            service.code,
            [
                {"code": each.code, "value": each.value, "values": each.values}
                for each in given.attributes
            ],
            [each for each in local_ids(services.ids, given.documents) if each is not None],
            digest,
        )
        saved = await drafts.save(principal, draft_id, content)
        mutations.acceptance.relations[member] = applicant.relation
        await mutations.acceptance.note(Act.SAVE_DRAFT, draft_id, member)
        return SaveDraftPayload(draft=shown_draft(saved))

    def _digest_of_first(self, before: StoredDraft | None, member: str) -> str:
        """Return the digest of the input that made a draft.

        Raises:
            HubError: `NOT_FOUND`, the principal has no such draft for the citizen.
        """
        if before is None or before.content.member != member:
            raise not_found(NO_DRAFT)
        return before.content.digest

    async def discard(self, draft_id: str) -> None:
        """Delete a draft of the principal."""
        acceptance, drafts = self.mutations.acceptance, self.mutations.services.stores.drafts
        self.mutations.applicants.disclosure.begin()
        principal = acceptance.request.principal
        found = (await drafts.of(principal, [draft_id])).get(draft_id)
        if found is not None and await drafts.discard(principal, draft_id):
            await acceptance.note(Act.DISCARD_DRAFT, draft_id, found.content.member)

    async def reviews_of(self, drafts: Sequence[Draft]) -> list[Outcome[DraftReview | None]]:
        """Return what the hub would say about each draft if it were submitted now."""
        reviews: list[Outcome[DraftReview | None]] = []
        for draft in drafts:
            try:
                reviews.append(await self._review(draft))
            except HubError as error:
                reviews.append(error)
        return reviews

    async def _review(self, draft: Draft) -> DraftReview | None:
        mutations = self.mutations
        service = mutations.services.catalogue.service(draft.service_code)
        if service is None:
            return None
        applicant = await mutations.applicants.find(
            SubmissionKind.APPLICATION, draft.member_identifier, service.department_identifier
        )
        ids = mutations.services.ids
        checked = await mutations.checks.check(
            service,
            applicant,
            [
                AttributeValueInput(code=each.code, value=each.value, values=each.values)
                for each in draft.attributes
            ],
            [to_global_id(ids, "Attachment", each) for each in draft.attachments],
            may_be_duplicate=False,
        )
        closed = mutations.closed(service)
        problems = checked.problems if closed is None else [closed, *checked.problems]
        return DraftReview(problems=problems, hints=checked.hints)
