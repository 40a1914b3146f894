"""Sends stored submissions to departments, and finds them there (`hub.durable.DeliveryPort`)."""

import asyncio
import datetime as dt
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from adapters.contract import (
    CallContext,
    Capability,
    DepartmentError,
    IncompleteReplyError,
    Rows,
)
from adapters.writes import WRITES, WriteDocument, WriteReply, WriteRequest
from hub.access import AccessLog
from hub.access.caller_tokens import CallerTokens
from hub.durable.attachments.model import Attachment
from hub.durable.model import EarlierSubmissionError, Sender, Submission
from hub.federation.attribution import Attribution
from hub.federation.crosswalk import CURRENT
from hub.federation.directory import Directory
from hub.federation.gateway import DepartmentGateway, PrincipalRequest
from hub.federation.registry import RegistryReader
from hub.federation.submission_messages import SubmissionMessages
from hub.federation.submitted_records import StoredSubmissions
from schema.application import Application
from schema.citizen import Citizen
from schema.codes import ErrorCode
from schema.errors import HubError
from schema.grievance import Grievance
from schema.needed_fields import NeededFields
from schema.person import IdentifierType
from schema.provenance import SourceState
from schema.status import ApplicationStatus
from schema.submission_state import SubmissionKind, SubmissionState

log = logging.getLogger(__name__)

FINDERS: Mapping[SubmissionKind, Capability] = {
    SubmissionKind.APPLICATION: Capability.FIND_SUBMISSION,
    SubmissionKind.GRIEVANCE: Capability.FIND_GRIEVANCE,
    # The status of the application says whether it was withdrawn.
    SubmissionKind.WITHDRAWAL: Capability.APPLICATIONS_BY_REFERENCE,
}
NUMBERS = NeededFields(
    {
        "Citizen": (),
        "Application": ("application_reference_number", "application_status"),
        "Grievance": ("registration_number",),
    }
)
"""What the delivery reads of the registry's and of departments' records."""
FIND_SECONDS = 20.0
UNDELIVERED = frozenset({SubmissionState.FAILED, SubmissionState.CANCELLED})


class StoredAttachments(Protocol):
    """The documents of submissions; see `hub.durable.attachments.Attachments`."""

    async def one(self, attachment_id: str) -> Attachment: ...
    async def read(self, attachment: Attachment) -> bytes: ...


@dataclass(frozen=True, slots=True)
class DepartmentDelivery:
    """`hub.durable.model.DeliveryPort` over the departments' links.

    Attributes:
        directory: the departments.
        gateway: calls departments.
        registry: knows the citizen's number at each department.
        attribution: finds the citizens in replies, for the access log.
        submissions: the stored submissions.
        attachments: the documents of submissions.
        messages: informs citizens.
        tokens: makes tokens that name the caller.
        access_log: the access log; None if accesses are not logged.
    """

    directory: Directory
    gateway: DepartmentGateway
    registry: RegistryReader
    attribution: Attribution
    submissions: StoredSubmissions
    attachments: StoredAttachments
    messages: SubmissionMessages
    tokens: CallerTokens
    access_log: AccessLog | None

    def can_send(self, submission: Submission) -> bool:
        """See `DeliveryPort`."""
        link = self.gateway.links.get(submission.department)
        if link is None or WRITES[submission.kind] not in link.writes:
            return False
        forms = self.directory.manifests[submission.department].file.forms
        is_application = submission.kind is SubmissionKind.APPLICATION
        return not is_application or not forms or submission.service in forms

    def can_find(self, submission: Submission) -> bool:
        """See `DeliveryPort`."""
        capability = FINDERS.get(submission.kind)
        if capability is None:
            return False
        return submission.department in self.directory.with_capability(capability)

    def settles_within(self, submission: Submission) -> dt.timedelta:
        """See `DeliveryPort`."""
        write = self._manifest_write(submission)
        return dt.timedelta(seconds=60.0 if write is None else write.settles_within)

    def may_repeat(self, submission: Submission) -> bool:
        """See `DeliveryPort`."""
        write = self._manifest_write(submission)
        return write is not None and write.repeatable

    def _manifest_write(self, submission: Submission) -> Any:
        manifest = self.directory.manifests.get(submission.department)
        if manifest is None:
            return None
        return manifest.file.writes.get(WRITES[submission.kind])

    async def send(self, submission: Submission, on_sent: Callable[[], None]) -> WriteReply:
        """See `DeliveryPort`."""
        department, content = submission.department, submission.content
        reference = await self._reference_of(submission)
        seconds = self.directory.manifests[department].file.limits.deadline
        async with self._request(submission.sender, submission.member) as request:
            number = await self._number_at(department, submission.member, request)
            write = WriteRequest(
                receipt=submission.receipt,
                submitted_at=submission.accepted_at,
                service_code=submission.service or "",
                citizen=number,
                member=submission.member,
                reference=reference,
                values=content.values,
                facts={name: each for name, each in content.facts.items() if each is not None},
                documents=[await self._document(each) for each in content.documents],
            )
            deadline = asyncio.get_running_loop().time() + seconds
            call = replace(request.call, deadline=deadline, on_sent=on_sent)
            return await self.gateway.write(
                replace(request, call=call),
                department,
                WRITES[submission.kind],
                write,
                [submission.member],
            )

    async def _reference_of(self, submission: Submission) -> str | None:
        """Return the department's number of what the submission concerns; None if nothing.

        Raises:
            EarlierSubmissionError: it concerns a submission that has no number yet.
            HubError: it never will have one.
        """
        content = submission.content
        if content.reference is not None or content.concerns is None:
            return content.reference
        earlier = await self.submissions.by_receipt(content.concerns)
        if earlier is not None and earlier.reference is not None:
            return earlier.reference
        if earlier is None or earlier.state in UNDELIVERED:
            message = f"{content.concerns} was not delivered, so {submission.receipt} has no use."
            raise HubError(ErrorCode.NOT_FOUND, message)
        if earlier.state is SubmissionState.ACKNOWLEDGED:
            message = f"{submission.department} assigns no number to {content.concerns}."
            raise HubError(ErrorCode.NOT_FOUND, message)
        raise EarlierSubmissionError(earlier.receipt)

    async def _number_at(
        self, department: str, member: str, request: PrincipalRequest
    ) -> str | None:
        """Return the citizen's number at the department; None if there is none.

        The registry is not called if it was read some minutes ago, when the citizen submitted.

        Raises:
            HubError: the family registry does not reply, and the number is not known.
        """
        scheme = self.directory.scheme_of(department)
        if scheme == IdentifierType.PPP_MEMBER.name:
            return member
        if (known := self.registry.crosswalk.known(member, CURRENT)) is not None:
            return next(iter(known.numbers_in(scheme)), None)
        by_identifier = Capability.CITIZENS_BY_IDENTIFIER
        found = (await self.registry.citizens(request, by_identifier, [member]))[member]
        if isinstance(found, DepartmentError):
            # A registry that refuses the look-up has not refused the submission.
            raise HubError(found.code, found.message, department=found.department, retryable=True)
        if isinstance(found, Exception):
            raise found
        if not isinstance(found, Citizen):
            return None
        return next(iter(found.numbers_in(scheme)), None)

    async def _document(self, attachment_id: str) -> WriteDocument:
        """Return a document with its content, so that nothing is sent if it can't be read."""
        attachment = await self.attachments.one(attachment_id)
        read = await self.attachments.read(attachment)

        async def content() -> bytes:
            return read

        return WriteDocument(
            evidence=attachment.evidence,
            name=attachment.name,
            media_type=attachment.media_type,
            size_bytes=attachment.size_bytes,
            sha256=attachment.sha256,
            content=content,
        )

    async def find(
        self, submissions: Sequence[Submission]
    ) -> Mapping[str, WriteReply | Exception | None]:
        """See `DeliveryPort`. Submissions of one sender are looked up together."""
        by_sender: dict[Any, list[Submission]] = defaultdict(list)
        for each in submissions:
            sender = each.sender
            by_sender[sender.principal, sender.purpose, sender.consent].append(each)
        found: dict[str, WriteReply | Exception | None] = {}
        for some in await asyncio.gather(*map(self._find, by_sender.values())):
            found |= some
        return found

    async def _find(
        self, submissions: Sequence[Submission]
    ) -> dict[str, WriteReply | Exception | None]:
        department, kind = submissions[0].department, submissions[0].kind
        keys: dict[str, str] = {}
        answers: dict[str, WriteReply | Exception | None] = {}
        for each in submissions:
            try:
                reference = await self._reference_of(each)
            except (HubError, EarlierSubmissionError) as error:
                answers[each.receipt] = error
                continue
            is_withdrawal = kind is SubmissionKind.WITHDRAWAL
            key = reference if is_withdrawal else each.receipt
            if key is not None:
                keys[each.receipt] = key
        if not keys:
            return answers
        members = list(dict.fromkeys(each.member for each in submissions))
        distinct = list(dict.fromkeys(keys.values()))
        try:
            async with self._request(submissions[0].sender, submissions[0].member) as request:
                reply = await self.gateway.look_up(
                    request, department, FINDERS[kind], distinct, members
                )
        except HubError as error:
            return answers | dict.fromkeys(keys, error)
        latency, replied = reply.latency_ms, reply.retrieved_at
        for receipt, key in keys.items():
            rows = reply.results[key]
            number = rows if isinstance(rows, Exception) else _number_in(rows, kind, department)
            if isinstance(number, str):
                answers[receipt] = WriteReply(number, None, True, True, latency, replied)
            else:
                answers[receipt] = number
        return answers

    async def notify(self, submission: Submission) -> bool:
        """See `DeliveryPort`."""
        if not self.messages.has_message(submission):
            return False
        try:
            async with self._request(submission.sender, submission.member) as request:
                await self.messages.send(submission, request)
        except Exception as error:
            # The text of the error may contain personal data.
            log.warning("No message about %s: %s", submission.receipt, type(error).__name__)
        return True

    @asynccontextmanager
    async def _request(self, sender: Sender, member: str) -> AsyncIterator[PrincipalRequest]:
        """Act as the person who submitted, and log all accesses at the end.

        What the department has received can't be taken back, so a failure of the access log does
        not become one of the delivery.
        """
        deadline = asyncio.get_running_loop().time() + FIND_SECONDS
        principal = sender.principal
        call = CallContext(
            sender.correlation_id,
            deadline,
            NUMBERS,
            principal.scope,
            principal.caller,
            caller_token=self.tokens.of(principal, sender.purpose),
        )
        request = PrincipalRequest(
            principal,
            call,
            purpose=sender.purpose,
            legal_basis=sender.legal_basis,
            consents={member: sender.consent} if sender.consent else {},
        )
        try:
            yield request
        finally:
            await self._log(request)

    async def _log(self, request: PrincipalRequest) -> None:
        if self.access_log is None:
            return
        try:
            await self.access_log.commit(self.attribution.completed(request.accesses))
        except HubError as error:
            log.error("Accesses of a delivery are not in the access log: %s", error.message)


def _number_in(rows: Rows, kind: SubmissionKind, department: str) -> str | Exception | None:
    """Return the number of the record that was looked up; None if the department has none.

    An exception means that the reply does not say it.
    """
    records = list(rows.records)
    if kind is SubmissionKind.WITHDRAWAL:
        records = [
            each
            for each in records
            if isinstance(each, Application)
            and each.application_status is ApplicationStatus.WITHDRAWN
        ]
    for record in records:
        if isinstance(record, Application) and record.application_reference_number:
            return record.application_reference_number
        if isinstance(record, Grievance) and record.registration_number:
            return record.registration_number
    if rows.warnings or rows.state is not SourceState.LIVE:
        return IncompleteReplyError(department, f"{department} did not send all rows.")
    return None
