"""Each submission has exactly one row in the citizen's list: the department's, or the hub's.

Departments list it or not, answer from old copies, lose rows, fail, or cannot be asked for it.
"""

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.contract import (
    Capability,
    DepartmentError,
    DepartmentTimeoutError,
    LookUpReply,
    Rows,
)
from hub.access import Principal, Role
from hub.durable.model import Content, Sender, Submission
from hub.durable.receipts import new_receipt
from hub.federation.hub_rows import APPLICATIONS, HUB
from hub.federation.merge import DepartmentReply, merge
from hub.federation.submitted_records import SubmittedRecords
from schema.application import Application
from schema.citizen import Citizen, IdentityLink
from schema.codes import ErrorCode
from schema.errors import HubError
from schema.provenance import Origin, SourceState
from schema.sources import SourcedRows
from schema.status import ApplicationStatus, DepartmentStatus
from schema.submission_state import SubmissionKind, SubmissionState

MEMBER = "7KNL042101"
ACCEPTED = dt.datetime(2026, 11, 28, 11, 25, tzinfo=dt.UTC)
IST = dt.timezone(dt.timedelta(hours=5, minutes=30))
BY_REFERENCE = Capability.APPLICATIONS_BY_REFERENCE
DEPARTMENTS: Mapping[str, frozenset[Capability]] = {
    "with-receipts": frozenset({BY_REFERENCE, Capability.FIND_SUBMISSION}),
    "that-finds": frozenset({BY_REFERENCE, Capability.FIND_SUBMISSION}),
    "without-find": frozenset({BY_REFERENCE}),
    "that-only-lists": frozenset(),
}
"""The departments, each with its look-ups of single applications."""
FINDING = ("with-receipts", "that-finds")
STATES = {
    "waiting": (SubmissionState.NOT_SENT, False, False, False),
    "being sent": (SubmissionState.NOT_SENT, True, False, False),
    "being sent, received": (SubmissionState.NOT_SENT, True, True, False),
    "lost on the way": (SubmissionState.MAYBE_SENT, False, False, False),
    "reply lost": (SubmissionState.MAYBE_SENT, False, True, False),
    "without a number": (SubmissionState.SENT, False, True, False),
    "confirmed": (SubmissionState.ACKNOWLEDGED, False, True, True),
    "never numbered": (SubmissionState.ACKNOWLEDGED, False, True, False),
    "refused": (SubmissionState.FAILED, False, False, False),
    "withdrawn": (SubmissionState.CANCELLED, False, False, False),
}
"""State, whether it is being sent, whether the department has it, whether the hub knows its number.
"""


@dataclass(frozen=True)
class Case:
    """A submission, and what its department shows of it.

    Attributes:
        submission: what the hub has stored.
        row: the department's row; None if the department does not have it.
        is_listed: whether the row is in the department's reply.
    """

    submission: Submission
    row: Application | None
    is_listed: bool

    @property
    def listed(self) -> Application | None:
        return self.row if self.is_listed else None


def application(department: str, number: int, service: str, receipt: str | None) -> Application:
    return Application(
        application_reference_number=f"REF/{number}",
        application_status=ApplicationStatus.UNDER_PROCESS,
        department_status=DepartmentStatus(code="02"),
        department_identifier=department,
        service_code=service,
        requested_datetime=dt.datetime(2026, 11, 28, tzinfo=IST),
        receipt_number=receipt,
        origin=Origin(department, "rest", ACCEPTED, 5, "test"),
    )


@st.composite
def cases(draw: st.DrawFn) -> list[Case]:
    found = []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        department = draw(st.sampled_from(sorted(DEPARTMENTS)))
        state, is_sending, is_received, is_known = STATES[draw(st.sampled_from(sorted(STATES)))]
        receipt = new_receipt()
        service = draw(st.sampled_from(["PENSION", "LICENCE"]))
        shown = draw(st.sampled_from([receipt, receipt.lower(), f"{receipt[:6]}-{receipt[6:]}"]))
        row = application(
            department, number, service, shown if department == "with-receipts" else None
        )
        written = draw(st.sampled_from([f"REF/{number}", f" ref/{number}"]))
        submission = Submission(
            number=number,
            receipt=receipt,
            state=state,
            kind=SubmissionKind.APPLICATION,
            department=department,
            service=service,
            member=MEMBER,
            sender=Sender(Principal(Role.CITIZEN, MEMBER)),
            content=Content(facts={"applicant_name": "RAM DEVI", "channel": "KIOSK"}),
            reference=written if is_known else None,
            token=None,
            attempts=1,
            accepted_at=ACCEPTED,
            updated_at=ACCEPTED,
            is_sending=is_sending,
        )
        is_listed = is_received and draw(st.booleans())
        found.append(Case(submission, row if is_received else None, is_listed))
    return found


class Directory:
    """Knows the departments of this test only."""

    manifests = dict.fromkeys(DEPARTMENTS)

    def scheme_of(self, department: str) -> str:
        return department

    def with_capability(self, capability: Capability) -> list[str]:
        return [name for name, able in DEPARTMENTS.items() if capability in able]


class Departments:
    """Stands for the gateway: looks up single applications."""

    def __init__(self, found: Sequence[Case], failing: Collection[str]) -> None:
        self.found = found
        self.failing = failing

    async def look_up(
        self, _: Any, department: str, capability: Capability, keys: Sequence[str], *__: Any
    ) -> LookUpReply:
        if department in self.failing:
            raise DepartmentTimeoutError(department, "It is slow.")

        def records(key: str) -> list[Application]:
            return [
                each.row
                for each in self.found
                if each.row is not None
                and each.submission.department == department
                and key
                in (
                    (each.submission.receipt,)
                    if capability is Capability.FIND_SUBMISSION
                    else (each.submission.reference, each.row.application_reference_number)
                )
            ]

        return LookUpReply({key: Rows(records(key), (), key) for key in keys}, 5, ACCEPTED)

    def note_stored(self, *_: Any) -> None:
        pass


class Stored:
    """The submissions that the hub has stored."""

    def __init__(self, submissions: Sequence[Submission]) -> None:
        self.submissions = submissions

    def may_have(self, members: Iterable[str]) -> bool:
        return MEMBER in members

    async def by_receipt(self, receipt: str) -> Submission | None:
        return next((each for each in self.submissions if each.receipt == receipt), None)

    async def by_reference(self, department: str, reference: str) -> Submission | None:
        return None

    async def of_citizens(
        self, _: Collection[str], kinds: Collection[SubmissionKind]
    ) -> dict[str, list[Submission]]:
        return {MEMBER: [each for each in self.submissions if each.kind in kinds]}


class Open:
    """Shows everything."""

    def covers(self, _: str) -> bool:
        return True


def reply_of(department: str, state: SourceState, found: Sequence[Case]) -> DepartmentReply | None:
    """Return what a department replies; None if it is not called.

    PENDING stands for a department that is not called, and UNAVAILABLE for one that fails.
    """
    if state is SourceState.PENDING:
        return None
    if state is SourceState.UNAVAILABLE:
        return DepartmentReply(department, [["1"]], DepartmentError(department, "It is down."))
    rows: list[Any] = [
        each.listed
        for each in found
        if each.submission.department == department and each.listed is not None
    ]
    rows.append(application(department, 900, "OTHER", None))
    reply = LookUpReply({"1": Rows(rows, (), "1", state)}, 5, ACCEPTED)
    return DepartmentReply(department, [["1"]], reply)


ANSWERING = (
    SourceState.LIVE,
    SourceState.CACHED,
    SourceState.INCOMPLETE,
    SourceState.PENDING,
)
REPLIES = (*ANSWERING, SourceState.STALE, SourceState.UNAVAILABLE)
NEVER_LISTED = (SubmissionState.FAILED, SubmissionState.CANCELLED)


@settings(max_examples=400, deadline=None)
@given(
    found=cases(),
    states=st.fixed_dictionaries({name: st.sampled_from(REPLIES) for name in DEPARTMENTS}),
    failing=st.sets(st.sampled_from(sorted(DEPARTMENTS))),
)
def test_each_submission_has_exactly_one_row(
    found: list[Case], states: dict[str, SourceState], failing: set[str]
) -> None:
    citizen = Citizen(
        member_identifier=MEMBER,
        family_identifier=MEMBER[:8],
        links=[IdentityLink(name, "1") for name in DEPARTMENTS],
    )
    replies = [reply for name, state in states.items() if (reply := reply_of(name, state, found))]
    for each in found:
        is_shown = isinstance(
            next((r.reply for r in replies if r.department == each.submission.department), None),
            LookUpReply,
        )
        object.__setattr__(each, "is_listed", each.is_listed and is_shown)
    records = SubmittedRecords(
        APPLICATIONS,
        Stored([each.submission for each in found]),
        Directory(),  # type: ignore[arg-type]
        Departments(found, failing),  # type: ignore[arg-type]
        None,  # type: ignore[arg-type]
        Open(),  # type: ignore[arg-type]
    )
    (outcome,) = asyncio.run(records.merged([citizen], merge([citizen], replies), replies))
    assert isinstance(outcome, SourcedRows)
    rows: Sequence[Application] = outcome.rows

    for each in found:
        (mine,) = [row for row in rows if row.receipt_number == each.submission.receipt]
        assert mine.submission_state is not None
        department = each.submission.department
        may_find = (
            department in FINDING and department not in failing and states[department] in ANSWERING
        )
        if each.listed is not None and (each.submission.reference or may_find):
            assert mine.application_reference_number == f"REF/{each.submission.number}"
            assert mine.submission_state is SubmissionState.ACKNOWLEDGED
        if each.row is None and (may_find or each.submission.state in NEVER_LISTED):
            assert mine.department_status.code == HUB
    others = [row for row in rows if row.submission_state is None]
    assert all(row.service_code == "OTHER" for row in others), "a submission has two rows"
    listed = sum(each.listed is not None for each in found)
    without = sum(each.listed is None for each in found)
    assert len(rows) == len(others) + listed + without
    assert max(Counter(row.local_id() for row in rows).values()) == 1
    for each in found:
        if each.row is not None:
            assert each.row.submission_state is None, "a shared row was changed"


def test_an_error_of_the_store_is_not_an_empty_list() -> None:
    class Broken(Stored):
        async def of_citizens(self, *_: Any) -> Any:
            raise HubError(ErrorCode.STORE_UNAVAILABLE, "The database does not reply.")

    records = SubmittedRecords(
        APPLICATIONS,
        Broken([]),
        Directory(),  # type: ignore[arg-type]
        Departments([], ()),  # type: ignore[arg-type]
        None,  # type: ignore[arg-type]
        Open(),  # type: ignore[arg-type]
    )
    citizen = Citizen(member_identifier=MEMBER, family_identifier=MEMBER[:8], links=[])
    with pytest.raises(HubError, match="does not reply"):
        asyncio.run(records.merged([citizen], merge([citizen], []), []))
