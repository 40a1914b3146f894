"""Rows of one number, warnings of a reply and missing rows: alike in lists and in look-ups."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any, cast

import pytest

from adapters.contract import (
    CallContext,
    Capability,
    DepartmentError,
    DepartmentTimeoutError,
    IncompleteReplyError,
    LateFileError,
    LookUpReply,
    Rows,
    SearchReply,
)
from hub.access import Principal, Role
from hub.federation import Directory
from hub.federation.bound_records import BoundRecords
from hub.federation.crosswalk import Crosswalk
from hub.federation.gateway import DepartmentGateway, PrincipalRequest
from hub.federation.records import BoundApplications, BoundGrievances
from hub.federation.registry import RegistryReader
from hub.link.status import replied_status
from schema.application import Application
from schema.benefit import Benefit, EnrollmentStatus
from schema.citizen import Citizen, IdentityLink
from schema.citizen_records import connect
from schema.codes import ErrorCode, WarningCode
from schema.connections import PageArguments, SourcedConnection
from schema.errors import HubError
from schema.grievance import Grievance
from schema.list_order import newest_first
from schema.provenance import Origin, SourceState, SourceStatus, SourceWarning
from schema.sources import SourcedRows
from schema.status import ApplicationStatus, DepartmentStatus, GrievanceStatus
from tests.support.disclosure import open_disclosure
from tests.support.own_manifests import MANIFESTS

DIRECTORY = Directory(MANIFESTS)
NOW = dt.datetime(2026, 11, 24, 4, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
ORIGIN = Origin("pensions", "soap", NOW, 5, "test-1")
REFERENCE, PPO, MEMBER = "SJE-OAS/2026/000123", "0613/04/002381", "7KNL042101"
STATUS = DepartmentStatus(code="A")
GAP = SourceWarning(code=WarningCode.INCOMPLETE, raw="1 of 2 rows was received")
REQUEST = PrincipalRequest(Principal(Role.OFFICER), CallContext("test", 0.0))


class Reply:
    """A gateway to departments that all send the same rows."""

    def __init__(self, *results: Rows | HubError) -> None:
        self.results = results

    async def look_up(
        self, _request: object, _department: str, _capability: Capability, keys: Sequence[str],
        _subjects: object = None, _wait_until: object = None,
    ) -> LookUpReply:  # fmt: skip
        given = self.results * len(keys) if len(self.results) == 1 else self.results
        found: Mapping[str, Any] = dict(zip(keys, given, strict=True))
        return LookUpReply(found, 5, NOW)

    async def search(self, *_: object) -> SearchReply:
        rows = self.results[0]
        assert isinstance(rows, Rows)
        return SearchReply(rows, 40, 5, NOW)


def gateway(*results: Rows | HubError) -> DepartmentGateway:
    return cast("DepartmentGateway", Reply(*results))


def applications(*results: Rows | HubError) -> BoundApplications:
    capability = Capability.APPLICATIONS_BY_CITIZEN
    return BoundApplications(
        Application,
        capability,
        DIRECTORY,
        gateway(*results),
        REQUEST,
        open_disclosure(REQUEST, DIRECTORY),
    )


def application(notes: str, changed: dt.datetime | None, *warnings: SourceWarning) -> Application:
    return Application(
        application_reference_number=REFERENCE,
        application_status=ApplicationStatus.SUBMITTED,
        department_status=STATUS,
        status_notes=notes,
        updated_datetime=changed,
        department_identifier="pensions",
        origin=ORIGIN,
        row_warnings=warnings,
    )


def warnings_of(record: Any) -> list[str]:
    return [each.code for each in record.provenance().warnings]


async def found_by_number(*results: Rows | DepartmentError) -> Any:
    (found,) = await applications(*results).by_reference([REFERENCE])
    return found


async def listed(*results: Rows | DepartmentError) -> SourcedRows[Application]:
    citizen = Citizen(
        member_identifier=MEMBER,
        family_identifier=MEMBER[:8],
        links=[IdentityLink("PENSION_PPO", f"{PPO}{n}") for n in range(len(results))],
    )
    (found,) = await applications(*results).by_citizen([citizen], department="pensions")
    assert isinstance(found, SourcedRows)
    return found


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_of_several_rows_with_one_number_the_newest_is_shown(order: tuple[int, ...]) -> None:
    rows = [application("old", NOW - DAY), application("new", NOW), application("undated", None)]
    arrived = Rows([rows[n] for n in order])
    (row,) = (await listed(arrived)).rows
    assert row.status_notes == "new"
    found = await found_by_number(arrived)
    assert found.status_notes == "new"
    assert warnings_of(found) == ["DUPLICATE_ROW"]


async def test_of_rows_that_changed_at_the_same_time_the_first_is_shown() -> None:
    arrived = Rows([application("first", NOW), application("second", NOW)])
    (row,) = (await listed(arrived)).rows
    found = await found_by_number(arrived)
    assert (row.status_notes, found.status_notes) == ("first", "first")


async def test_a_look_up_by_id_shows_the_newest_of_the_holders_rows() -> None:
    def pension(number: str, changed: dt.date | None) -> Benefit:
        return Benefit(
            benefit_number=number,
            enrollment_status=EnrollmentStatus.ACTIVE,
            department_status=STATUS,
            status_change_date=changed,
            department_identifier="pensions",
            holder_key=PPO,
            origin=ORIGIN,
        )

    old, new, other = (
        pension("PN-1", NOW.date() - DAY),
        pension("PN-1", NOW.date()),
        pension("PN-2", None),
    )
    records: BoundRecords[Benefit] = BoundRecords(
        Benefit,
        Capability.BENEFITS_BY_CITIZEN,
        DIRECTORY,
        gateway(Rows([other, old, new])),
        REQUEST,
        open_disclosure(REQUEST, DIRECTORY),
    )
    found = await records.by_local_id([f"pensions|{PPO}|PN-1", f"pensions|{PPO}|PN-2"] * 2)
    assert found == [new, other, new, other]
    assert (warnings_of(new), warnings_of(other)) == (["DUPLICATE_ROW"], [])


async def test_a_single_look_up_shows_the_replys_warnings_and_its_own() -> None:
    own, others = (
        SourceWarning(code=WarningCode.INVALID_VALUE),
        SourceWarning(code=WarningCode.UNKNOWN_CODE),
    )
    reply = [
        SourceWarning(code=code)
        for code in (
            WarningCode.UNREQUESTED_ROW,
            WarningCode.FORBIDDEN_CHARACTERS,
            WarningCode.BAD_LINE,
            WarningCode.LATE_FILE,
        )
    ]
    rows = [application("new", NOW, own), application("old", NOW - DAY, others)]
    found = await found_by_number(Rows(rows, [own, others, *reply]))
    codes = [each.code for each in [own, *reply]]
    assert warnings_of(found) == [*codes, "DUPLICATE_ROW"]


async def test_a_grievance_shows_the_replys_warnings() -> None:
    grievance = Grievance(
        registration_number="CMOFF/2026/0001234",
        grievance_status=GrievanceStatus.RESOLVED,
        department_status=STATUS,
        department_identifier="helpdesk",
        origin=ORIGIN,
    )
    rows = Rows([grievance], [SourceWarning(code=WarningCode.WRONG_CHARSET)])
    port = BoundGrievances(
        Grievance,
        Capability.GRIEVANCES_BY_CITIZEN,
        DIRECTORY,
        gateway(rows),
        REQUEST,
        open_disclosure(REQUEST, DIRECTORY),
    )
    (found,) = await port.by_registration_number([str(grievance.registration_number)])
    assert warnings_of(found) == ["WRONG_CHARSET"]


async def test_a_number_that_is_requested_twice_is_warned_of_once() -> None:
    rows = Rows([application("new", NOW)], [SourceWarning(code=WarningCode.LATE_FILE)])
    first, second = await applications(rows).by_reference([REFERENCE, REFERENCE])
    assert first is second
    assert warnings_of(first) == ["LATE_FILE"]


async def test_a_citizen_shows_the_newest_row_and_the_replys_warnings() -> None:
    old, new = (
        Citizen(
            member_identifier=MEMBER,
            family_identifier=MEMBER[:8],
            updated_datetime=at,
            origin=ORIGIN,
        )
        for at in (NOW - DAY, NOW)
    )
    rows = Rows([old, new], [SourceWarning(code=WarningCode.UNREQUESTED_ROW)])
    reader = RegistryReader(DIRECTORY, gateway(rows), Crosswalk(10, 60))
    found = await reader.citizens(REQUEST, Capability.CITIZENS_BY_IDENTIFIER, [MEMBER])
    assert found == {MEMBER: new}
    assert warnings_of(new) == ["UNREQUESTED_ROW", "DUPLICATE_ROW"]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (
            Rows(
                (), [SourceWarning(code=WarningCode.UNUSABLE_ROW, field_path="applicationStatus")]
            ),
            "UNUSABLE_ROW",
        ),
        (Rows((), [GAP], state=SourceState.INCOMPLETE), "DEPARTMENT_INCOMPLETE_REPLY"),
    ],
)
async def test_a_record_that_may_exist_is_not_reported_as_absent(rows: Rows, code: str) -> None:
    found = await found_by_number(rows)
    assert isinstance(found, HubError)
    assert (found.code, found.department) == (code, "pensions")
    if isinstance(found, IncompleteReplyError):
        assert "1 of 2 rows was received" in found.message
    else:
        assert "lacks `applicationStatus`" in found.message
    assert await found_by_number(Rows(())) is None


async def test_a_record_of_an_incomplete_reply_says_so() -> None:
    found = await found_by_number(INCOMPLETE)
    assert found.provenance().state is SourceState.INCOMPLETE
    assert warnings_of(found) == ["INCOMPLETE"]


async def test_a_late_file_with_missing_rows_reports_both() -> None:
    late = LateFileError("pensions", "pensions has not delivered its file.")
    rows = replace(INCOMPLETE, as_of=NOW - DAY, failure=late)
    (status,) = (await listed(rows)).sources
    assert (status.state, status.as_of) == (SourceState.INCOMPLETE, NOW - DAY)
    assert status.message == (
        "Rows are missing: 1 of 2 rows was received. pensions has not delivered its file."
    )


async def test_a_known_citizen_is_used_when_the_registrys_reply_is_incomplete() -> None:
    crosswalk = Crosswalk(10, 60)
    crosswalk.remember(Citizen(member_identifier=MEMBER, family_identifier=MEMBER[:8]))
    incomplete = Rows((), [GAP], state=SourceState.INCOMPLETE)
    reader = RegistryReader(DIRECTORY, gateway(incomplete), crosswalk)
    found = await reader.citizens(REQUEST, Capability.CITIZENS_BY_IDENTIFIER, [MEMBER])
    citizen = found[MEMBER]
    assert isinstance(citizen, Citizen)
    status = citizen.source_status()
    assert status is not None
    assert status.error_code is ErrorCode.DEPARTMENT_INCOMPLETE_REPLY
    assert status.state is SourceState.UNAVAILABLE


DOWN = DepartmentTimeoutError("pensions", "pensions did not reply.")
WHOLE = Rows([application("new", NOW)])
CACHED = Rows((), state=SourceState.CACHED, as_of=NOW - DAY)
STALE = Rows(
    (),
    state=SourceState.STALE,
    as_of=NOW - DAY,
    failure=DOWN,
)
INCOMPLETE = Rows([application("new", NOW)], [GAP], state=SourceState.INCOMPLETE)


@pytest.mark.parametrize(
    ("results", "state"),
    [
        ([WHOLE], "LIVE"),
        ([WHOLE, CACHED], "CACHED"),
        ([CACHED, STALE], "STALE"),
        ([INCOMPLETE], "INCOMPLETE"),
        ([WHOLE, INCOMPLETE], "INCOMPLETE"),
        ([STALE, INCOMPLETE], "INCOMPLETE"),
        ([INCOMPLETE, CACHED, WHOLE], "INCOMPLETE"),
    ],
)
async def test_missing_rows_are_reported_before_old_ones(results: list[Rows], state: str) -> None:
    found = await listed(*results)
    (status,) = found.sources
    assert status.state is SourceState[state]
    assert found.is_complete == (state != "INCOMPLETE")
    if not found.is_complete:
        assert GAP in status.warnings
        assert status.message == "Rows are missing: 1 of 2 rows was received."
        assert len(found.rows) == 1


async def test_a_list_with_missing_rows_has_no_total_count() -> None:
    def total(found: SourcedRows[Any]) -> int | None:
        (page,) = connect(
            SourcedConnection, [found], lambda row: newest_first(None, row), PageArguments(20)
        )
        assert page.is_complete == (page.total_count is not None)
        return cast("int | None", page.total_count)

    assert total(await listed(WHOLE)) == 1
    assert total(await listed(WHOLE, CACHED)) == 1
    assert total(await listed(STALE)) == 0
    assert total(await listed(INCOMPLETE)) is None
    assert total(await listed(WHOLE, DOWN)) is None


async def test_a_department_with_missing_rows_is_shown_as_incomplete() -> None:
    reply = LookUpReply({"1": WHOLE, "2": CACHED, "3": INCOMPLETE}, 5, NOW)
    status = replied_status("pensions", reply)
    assert (status.state, status.as_of, status.warnings) == (SourceState.INCOMPLETE, NOW, [GAP])
    search = SearchReply(INCOMPLETE, None, 5, NOW)
    assert replied_status("pensions", search).state is SourceState.INCOMPLETE
    assert replied_status("pensions", SearchReply(WHOLE, None, 5, NOW)) == SourceStatus(
        department_identifier="pensions", state=SourceState.LIVE, as_of=NOW, latency_ms=5
    )
