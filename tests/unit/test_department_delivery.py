"""The calls that deliver submissions, and the messages to citizens about them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.contract import (
    Capability,
    DepartmentRefusedError,
    DepartmentTimeoutError,
    LookUpReply,
    Rows,
)
from adapters.writes import WriteCapability, WriteReply, WriteRequest
from hub.access import AccessEntry, Principal, Role
from hub.durable.attachments.model import Attachment
from hub.durable.model import Content, EarlierSubmissionError, Sender, Submission
from hub.durable.outcomes import Failure, judged
from hub.federation.crosswalk import Crosswalk
from hub.federation.delivery import DepartmentDelivery
from hub.federation.gateway import PrincipalRequest
from hub.federation.submission_messages import SubmissionMessages
from hub.notification import Notifier, Sms, read_messages
from schema.application import Application
from schema.citizen import Citizen, IdentityLink
from schema.codes import ErrorCode, WarningCode
from schema.department import Department
from schema.errors import HubError
from schema.language import Text
from schema.provenance import SourceState, SourceWarning
from schema.status import ApplicationStatus, DepartmentStatus
from schema.submission_state import SubmissionKind, SubmissionState

NOW = dt.datetime(2026, 11, 28, 11, 25, tzinfo=dt.UTC)
MEMBER, RECEIPT, EARLIER = "7KNL042101", "CH7K3M9QXT2VDAB", "CH3M9QXT2VDAB7K"
OPERATOR = Principal(Role.OPERATOR, subject="https://id|o-1", centre="ambala")
CITIZEN = Citizen(
    member_identifier=MEMBER,
    family_identifier=MEMBER[:8],
    links=[IdentityLink("PENSION_PPO", "PPO-1")],
    phone_number="5904210123",
)
REPLY = WriteReply("SJE/1", None, True, False, 12, NOW)
DOCUMENT = Attachment("a" * 32, "AGE", "age.pdf", "application/pdf", 4, "0" * 64, NOW, RECEIPT)


def ignored() -> None:
    """Stands for `on_sent` where the test does not look at it."""


def submission(
    kind: SubmissionKind = SubmissionKind.APPLICATION,
    state: SubmissionState = SubmissionState.NOT_SENT,
    reference: str | None = None,
    sender: Principal = OPERATOR,
    **content: Any,
) -> Submission:
    return Submission(
        number=1,
        receipt=RECEIPT,
        state=state,
        kind=kind,
        department="pensions",
        service="OAS",
        member=MEMBER,
        sender=Sender(sender, "ASSISTED_APPLICATION", "CONSENT", "c-1", "operation-1"),
        content=Content(**content),
        reference=reference,
        token=None,
        attempts=0,
        accepted_at=NOW,
        updated_at=NOW,
    )


class Gateway:
    """Keeps what is written and looked up."""

    def __init__(self, rows: Mapping[str, Rows] | None = None) -> None:
        self.rows = rows or {}
        self.writes: list[tuple[PrincipalRequest, WriteCapability, WriteRequest]] = []
        self.looked_up: list[tuple[Principal, Capability, Sequence[str], Sequence[str]]] = []
        self.links = {
            "pensions": SimpleNamespace(writes=frozenset({WriteCapability.SUBMIT_APPLICATION}))
        }
        self.error: HubError | None = None

    def note(self, request: PrincipalRequest) -> None:
        entry = AccessEntry("operation-1", 1, 2, "pensions", None, request.principal)  # type: ignore[arg-type]
        request.accesses.append(entry)

    async def write(
        self,
        request: PrincipalRequest,
        _: str,
        capability: WriteCapability,
        write: WriteRequest,
        subjects: Sequence[str],
    ) -> WriteReply:
        assert subjects == [MEMBER]
        self.note(request)
        self.writes.append((request, capability, write))
        assert request.call.on_sent is not None
        request.call.on_sent()
        if self.error is not None:
            raise self.error
        return REPLY

    async def look_up(
        self,
        request: PrincipalRequest,
        _: str,
        capability: Capability,
        keys: Sequence[str],
        subjects: Sequence[str],
    ) -> LookUpReply:
        self.note(request)
        self.looked_up.append((request.principal, capability, keys, subjects))
        if self.error is not None:
            raise self.error
        return LookUpReply({key: self.rows.get(key, Rows((), (), key)) for key in keys}, 5, NOW)


class Registry:
    """Knows one citizen, or fails."""

    def __init__(self, outcome: Citizen | HubError | None = CITIZEN) -> None:
        self.outcome = outcome
        self.crosswalk = Crosswalk(10, 60)

    async def citizens(self, request: PrincipalRequest, *_: Any) -> dict[str, Any]:
        assert request.call.on_sent is None, "a call to the registry must not count as sending"
        return {MEMBER: self.outcome}


class Attachments:
    async def one(self, attachment_id: str) -> Attachment:
        if attachment_id != DOCUMENT.attachment_id:
            raise HubError(ErrorCode.NOT_FOUND, "This document does not exist any more.")
        return DOCUMENT

    async def read(self, _: Attachment) -> bytes:
        return b"%PDF"


class Stored:
    def __init__(self, *submissions: Submission) -> None:
        self.submissions = submissions

    async def by_receipt(self, receipt: str) -> Submission | None:
        return next((each for each in self.submissions if each.receipt == receipt), None)


class AccessLog:
    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails
        self.entries: list[Any] = []

    async def commit(self, entries: Sequence[Any]) -> None:
        if self.fails:
            raise HubError(ErrorCode.STORE_UNAVAILABLE, "The access log can't be written.")
        self.entries += entries


class SmsGateway:
    def __init__(self) -> None:
        self.sent: list[Sms] = []

    async def send(self, sms: Sms) -> None:
        self.sent.append(sms)

    async def close(self) -> None:
        return


class Catalogue:
    def department(self, identifier: str) -> Department:
        name = Text("Social Justice & Empowerment", "सामाजिक न्याय विभाग")
        return Department(identifier=identifier, name_text=name)


def file_of(**more: Any) -> Any:
    limits = SimpleNamespace(deadline=5.0)
    identity = SimpleNamespace(scheme="PENSION_PPO")
    write = SimpleNamespace(settles_within=90.0, repeatable=True)
    writes = {WriteCapability.SUBMIT_APPLICATION: write}
    file = {"limits": limits, "identity": identity, "writes": writes, "forms": {"OAS": 1}, **more}
    return SimpleNamespace(file=SimpleNamespace(**file))


class Directory:
    def __init__(self, **more: Any) -> None:
        self.manifests = {"pensions": file_of(**more)}

    def scheme_of(self, _: str) -> str:
        return "PENSION_PPO"

    def with_capability(self, _: Capability) -> list[str]:
        return ["pensions"]


def delivery(
    gateway: Gateway | None = None,
    registry: Registry | None = None,
    stored: Stored | None = None,
    access_log: AccessLog | None = None,
    sms: SmsGateway | None = None,
    directory: Directory | None = None,
) -> DepartmentDelivery:
    reader: Any = registry or Registry()
    parts: list[Any] = [
        directory or Directory(),
        gateway or Gateway(),
        reader,
        SimpleNamespace(completed=list),
        stored or Stored(),
        Attachments(),
        SubmissionMessages(Notifier(sms, read_messages()), reader, Catalogue()),  # type: ignore[arg-type]
        SimpleNamespace(of=lambda *_: None),
        access_log,
    ]
    return DepartmentDelivery(*parts)


async def test_a_submission_is_sent_with_all_that_was_stored() -> None:
    gateway, access_log, sent = Gateway(), AccessLog(), list[str]()
    given = submission(
        values={"birth_date": "1954-05-17"},
        facts={"applicant_name": "RAM DEVI", "applicant_phone": None},
        documents=[DOCUMENT.attachment_id],
    )
    port = delivery(gateway, access_log=access_log)
    assert port.can_send(given)
    assert await port.send(given, lambda: sent.append("sent")) == REPLY
    ((request, capability, write),) = gateway.writes
    assert sent == ["sent"]
    assert capability is WriteCapability.SUBMIT_APPLICATION
    assert (write.receipt, write.submitted_at, write.service_code) == (RECEIPT, NOW, "OAS")
    assert (write.citizen, write.member, write.reference) == ("PPO-1", MEMBER, None)
    assert write.values == {"birth_date": "1954-05-17"}
    assert write.facts == {"applicant_name": "RAM DEVI"}
    assert [(each.evidence, each.name) for each in write.documents] == [("AGE", "age.pdf")]
    assert await write.documents[0].content() == b"%PDF"
    assert request.principal is OPERATOR
    assert request.purpose == "ASSISTED_APPLICATION"
    assert request.consents == {MEMBER: "c-1"}
    assert request.call.correlation_id == "operation-1"
    assert [each.principal for each in access_log.entries] == [OPERATOR]


async def test_a_citizen_without_a_number_at_the_department_is_sent_without_it() -> None:
    gateway = Gateway()
    await delivery(gateway, Registry(replace(CITIZEN, links=[]))).send(submission(), ignored)
    assert gateway.writes[0][2].citizen is None


async def test_the_registry_is_not_read_again_just_after_the_submission() -> None:
    gateway, registry = Gateway(), Registry(HubError(ErrorCode.INTERNAL, "must not be called"))
    registry.crosswalk.remember(CITIZEN)
    await delivery(gateway, registry).send(submission(), ignored)
    assert gateway.writes[0][2].citizen == CITIZEN.links[0].value


async def test_an_unclear_end_is_in_the_access_log_too() -> None:
    gateway, access_log = Gateway(), AccessLog()
    gateway.error = DepartmentTimeoutError("pensions", "It did not reply in time.")
    with pytest.raises(DepartmentTimeoutError):
        await delivery(gateway, access_log=access_log).send(submission(), ignored)
    assert len(access_log.entries) == 1


async def test_a_failure_of_the_access_log_does_not_undo_what_was_sent() -> None:
    port = delivery(access_log=AccessLog(fails=True))
    assert await port.send(submission(), ignored) == REPLY


@pytest.mark.parametrize(
    ("registry", "documents", "code"),
    [
        (
            Registry(HubError(ErrorCode.DEPARTMENT_TIMEOUT, "It is slow.", retryable=True)),
            [],
            ErrorCode.DEPARTMENT_TIMEOUT,
        ),
        (Registry(), ["b" * 32], ErrorCode.NOT_FOUND),
    ],
)
async def test_nothing_is_sent_if_something_is_missing(
    registry: Registry, documents: list[str], code: ErrorCode
) -> None:
    gateway = Gateway()
    with pytest.raises(HubError) as refusal:
        await delivery(gateway, registry).send(submission(documents=documents), ignored)
    assert refusal.value.code is code
    assert gateway.writes == []


async def test_a_registry_that_refuses_the_look_up_does_not_end_the_delivery() -> None:
    registry = Registry(DepartmentRefusedError("registry", "It does not know the path."))
    with pytest.raises(HubError) as refusal:
        await delivery(registry=registry).send(submission(), ignored)
    assert judged(refusal.value, was_sent=False) is Failure.HOLD


def earlier(state: SubmissionState, reference: str | None = None) -> Submission:
    return replace(submission(state=state, reference=reference), receipt=EARLIER)


ACT = submission(SubmissionKind.DOCUMENT, concerns=EARLIER)


async def test_an_act_waits_for_the_number_of_the_earlier_submission() -> None:
    gateway = Gateway()
    waiting = Stored(earlier(SubmissionState.MAYBE_SENT))
    with pytest.raises(EarlierSubmissionError) as refusal:
        await delivery(gateway, stored=waiting).send(ACT, ignored)
    assert refusal.value.receipt == EARLIER
    numbered = Stored(earlier(SubmissionState.ACKNOWLEDGED, "SJE/7"))
    await delivery(gateway, stored=numbered).send(ACT, ignored)
    assert [write.reference for _, _, write in gateway.writes] == ["SJE/7"]


@pytest.mark.parametrize(
    "stored",
    [
        Stored(earlier(SubmissionState.FAILED)),
        Stored(earlier(SubmissionState.CANCELLED)),
        Stored(earlier(SubmissionState.ACKNOWLEDGED)),
        Stored(),
    ],
)
async def test_an_act_on_what_never_gets_a_number_is_not_sent(stored: Stored) -> None:
    with pytest.raises(HubError) as refusal:
        await delivery(stored=stored).send(ACT, ignored)
    assert not refusal.value.retryable


def test_the_manifest_says_what_can_be_sent() -> None:
    assert not delivery().can_send(submission(SubmissionKind.GRIEVANCE))
    assert not delivery().can_send(replace(submission(), department="unknown"))
    assert not delivery(directory=Directory(forms={"WIDOW": 1})).can_send(submission())
    assert delivery(directory=Directory(forms={})).can_send(submission())
    assert delivery().may_repeat(submission())
    assert not delivery().may_repeat(submission(SubmissionKind.GRIEVANCE))
    assert delivery().settles_within(submission()) == dt.timedelta(seconds=90)
    assert not delivery().can_find(submission(SubmissionKind.FEEDBACK))


def application(number: str, status: ApplicationStatus = ApplicationStatus.SUBMITTED) -> Any:
    return Application(
        application_reference_number=number,
        application_status=status,
        department_status=DepartmentStatus(code="1"),
        department_identifier="pensions",
    )


UNUSABLE = SourceWarning(code=WarningCode.UNUSABLE_ROW)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (Rows([application("SJE/1")], (), RECEIPT), "SJE/1"),
        (Rows([application("SJE/1"), application("SJE/2")], (), RECEIPT), "SJE/1"),
        (Rows([], (), RECEIPT), None),
        (Rows([], (UNUSABLE,), RECEIPT), ErrorCode.DEPARTMENT_INCOMPLETE_REPLY),
        (Rows([], (), RECEIPT, SourceState.INCOMPLETE), ErrorCode.DEPARTMENT_INCOMPLETE_REPLY),
        (Rows([], (), RECEIPT, SourceState.STALE), ErrorCode.DEPARTMENT_INCOMPLETE_REPLY),
    ],
)
async def test_only_a_whole_reply_says_that_a_submission_is_not_there(
    rows: Rows, expected: object
) -> None:
    found = (await delivery(Gateway({RECEIPT: rows})).find([submission()]))[RECEIPT]
    if isinstance(found, WriteReply):
        assert found.is_final
        assert found.reference == expected
    elif isinstance(found, HubError):
        assert found.code is expected
    else:
        assert found is expected


async def test_a_department_that_does_not_reply_says_nothing() -> None:
    gateway = Gateway()
    gateway.error = DepartmentTimeoutError("pensions", "It did not reply in time.")
    found = await delivery(gateway).find([submission()])
    assert found == {RECEIPT: gateway.error}


async def test_submissions_are_found_as_their_senders() -> None:
    gateway = Gateway()
    own = Principal(Role.CITIZEN, MEMBER)
    second = replace(submission(), receipt=EARLIER)
    third = replace(submission(sender=own), receipt="CH00000000000T0")
    found = await delivery(gateway).find([submission(), second, third])
    assert found == dict.fromkeys([RECEIPT, EARLIER, third.receipt])
    assert gateway.looked_up == [
        (OPERATOR, Capability.FIND_SUBMISSION, [RECEIPT, EARLIER], [MEMBER]),
        (own, Capability.FIND_SUBMISSION, [third.receipt], [MEMBER]),
    ]


@pytest.mark.parametrize(
    ("status", "is_done"),
    [(ApplicationStatus.WITHDRAWN, True), (ApplicationStatus.UNDER_PROCESS, False)],
)
async def test_the_status_of_an_application_says_whether_it_was_withdrawn(
    status: ApplicationStatus, is_done: bool
) -> None:
    gateway = Gateway({"SJE/7": Rows([application("SJE/7", status)], (), "SJE/7")})
    act = submission(SubmissionKind.WITHDRAWAL, reference=None, concerns=EARLIER)
    stored = Stored(earlier(SubmissionState.ACKNOWLEDGED, "SJE/7"))
    port = delivery(gateway, stored=stored)
    assert port.can_find(act)
    found = (await port.find([act]))[RECEIPT]
    assert isinstance(found, WriteReply) is is_done
    assert gateway.looked_up[0][1] is Capability.APPLICATIONS_BY_REFERENCE


@pytest.mark.parametrize(
    ("state", "reference", "text"),
    [
        (SubmissionState.NOT_SENT, None, "We have received your request."),
        (SubmissionState.MAYBE_SENT, None, "We have received your request."),
        (SubmissionState.SENT, None, "Social Justice & Empowerment has received your request. R"),
        (SubmissionState.ACKNOWLEDGED, "SJE/1", "Its number: SJE/1."),
        (SubmissionState.ACKNOWLEDGED, None, "Social Justice & Empowerment has received"),
        (SubmissionState.FAILED, None, "could not be delivered to Social Justice & Empowerment."),
    ],
)
async def test_the_citizen_is_informed_about_each_state(
    state: SubmissionState, reference: str | None, text: str
) -> None:
    sms = SmsGateway()
    given = submission(state=state, reference=reference, language="en")
    await delivery(sms=sms).notify(given)
    await delivery(sms=sms).notify(given)
    first, again = sms.sent
    assert first == again, "the gateway finds repetitions by the id"
    assert text in first.text
    assert RECEIPT in first.text
    assert first.telephone == "+915904210123"


async def test_messages_are_in_the_language_of_the_submission() -> None:
    sms = SmsGateway()
    await delivery(sms=sms).notify(submission(state=SubmissionState.SENT, language="hi"))
    assert sms.sent[0].language == "hi"
    assert sms.sent[0].text.startswith("सामाजिक न्याय विभाग को")


@pytest.mark.parametrize(
    "outcome",
    [
        HubError(ErrorCode.DEPARTMENT_TIMEOUT, "It is slow.", retryable=True),
        replace(CITIZEN, phone_number=None),
        replace(CITIZEN, phone_number="0172-2711698"),
    ],
)
async def test_without_a_number_in_the_registry_the_submitted_one_is_used(
    outcome: Citizen | HubError,
) -> None:
    sms = SmsGateway()
    given = submission(state=SubmissionState.SENT, facts={"applicant_phone": "5904210199"})
    await delivery(registry=Registry(outcome), sms=sms).notify(given)
    assert [each.telephone for each in sms.sent] == ["+915904210199"]


@pytest.mark.parametrize(
    "outcome", [HubError(ErrorCode.DEPARTMENT_TIMEOUT, "It is slow.", retryable=True), None]
)
async def test_a_message_that_cannot_be_sent_is_no_error(outcome: HubError | None) -> None:
    sms = SmsGateway()
    await delivery(registry=Registry(outcome), sms=sms).notify(
        submission(state=SubmissionState.SENT)
    )
    assert sms.sent == []


async def test_a_withdrawn_submission_and_a_hub_without_sms_send_nothing() -> None:
    sms = SmsGateway()
    await delivery(sms=sms).notify(submission(state=SubmissionState.CANCELLED))
    await delivery(registry=Registry(HubError(ErrorCode.INTERNAL, ""))).notify(submission())
    assert sms.sent == []
