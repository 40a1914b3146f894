"""Decisions about the records of one operation."""

import asyncio
import copy
from pathlib import Path
from typing import Any

import pytest

import hub.access
from adapters.contract import CallContext
from hub.access import Principal, Role
from hub.access.policy import Policy, Relation, load_policy
from hub.federation import Directory
from hub.federation.crosswalk import Crosswalk
from hub.federation.disclosure import AccessRules, Disclosure
from hub.federation.gateway import PrincipalRequest
from hub.federation.standing import Standings
from schema.access_record import AccessRecord
from schema.application import Application
from schema.benefit import Benefit
from schema.certificate import Certificate
from schema.citizen import Citizen
from schema.codes import WarningCode
from schema.errors import HubError
from schema.family import Family, FamilyMember
from schema.grievance import Grievance
from schema.provenance import SourceWarning
from schema.status import ApplicationStatus, DepartmentStatus

POLICY_OFF = Path(hub.access.__file__).with_name("policy_off.yaml")
RECORDS = (
    AccessRecord, Application, Benefit, Certificate, Citizen, Family, FamilyMember, Grievance,
)  # fmt: skip
NOBODY: Any = None


def disclosure(
    role: Role, purpose: str = "", policy: Policy | None = None, **principal: Any
) -> Disclosure:
    policy = policy or load_policy()
    rules = AccessRules(
        policy, NOBODY, NOBODY, Directory([]), Crosswalk(1, 1), NOBODY, Standings(policy)
    )
    request = PrincipalRequest(
        Principal(role, **principal), CallContext("test", 0.0), purpose=purpose
    )
    return Disclosure(rules, request)


def application() -> Application:
    return Application(
        application_reference_number="SJE-OAS/2026/000001",
        application_status=ApplicationStatus.UNDER_PROCESS,
        department_status=DepartmentStatus(code="1"),
        department_identifier="pensions",
        applicant_name="RAM DEVI",
        applicant_key="0613/04/000001",
        row_warnings=(
            SourceWarning(code=WarningCode.INVALID_VALUE, field_path="applicantName", raw="R@M"),
        ),
    )


@pytest.mark.parametrize("role", list(Role))
def test_with_access_off_every_role_sees_everything(role: Role) -> None:
    off = disclosure(role, policy=load_policy(POLICY_OFF))
    off.begin()
    assert off.is_open(*RECORDS)
    assert off.covers("pensions")


@pytest.mark.parametrize("role", list(Role))
def test_the_built_in_policy_opens_no_type_of_record_to_a_role(role: Role) -> None:
    for purpose in load_policy().purposes:
        guarded = disclosure(role, purpose)
        assert not any(guarded.is_open(each) for each in RECORDS)


def test_a_masked_record_is_a_copy_and_leads_to_its_original() -> None:
    record = application()
    before = copy.deepcopy(record)
    shown = disclosure(Role.HELPDESK, "HELPDESK_SUPPORT")
    masked = shown.show(record, Relation.UNRELATED)
    assert masked is not None
    assert masked.applicant_name == "R** D***"
    assert masked.local_id() == record.local_id()
    assert [each.raw for each in masked.row_warnings] == [None]
    assert shown.original(masked) is record
    assert shown.original(record) is record
    assert record == before


def test_a_plain_record_is_not_copied() -> None:
    record = application()
    own = disclosure(Role.CITIZEN, member_identifier="7KNL042101")
    assert own.show(record, Relation.SELF) is record
    assert own.show(record, Relation.UNRELATED) is None


async def test_staff_see_two_look_ups_of_one_operation_as_a_list() -> None:
    officer = disclosure(Role.OFFICER, "APPLICATION_PROCESSING", department="pensions")
    await officer.begin_look_up(["1"])
    await officer.begin_look_up(["1"])
    assert not officer.in_list
    await officer.begin_look_up(["2"])
    assert officer.in_list


async def test_look_ups_that_begin_together_are_counted_before_the_first_is_shown() -> None:
    officer = disclosure(Role.OFFICER, "APPLICATION_PROCESSING", department="pensions")

    async def look_up(key: str) -> bool:
        await officer.begin_look_up([key])
        return officer.in_list

    assert await asyncio.gather(*(look_up(str(number)) for number in range(5))) == [True] * 5


async def test_citizens_have_no_lists() -> None:
    own = disclosure(Role.CITIZEN, member_identifier="7KNL042101")
    await own.begin_look_up(["1", "2", "3"])
    assert not own.in_list


@pytest.mark.parametrize(
    ("role", "purpose", "code"),
    [
        (Role.ANONYMOUS, "", "FORBIDDEN"),
        (Role.APPLICATION, "OWN_DATA", "FORBIDDEN"),
        (Role.OFFICER, "", "PURPOSE_REQUIRED"),
        (Role.OFFICER, "OWN_DATA", "PURPOSE_NOT_ALLOWED"),
        (Role.HELPDESK, "PERSON_SEARCH", "PURPOSE_NOT_ALLOWED"),
        (Role.CITIZEN, "PUBLIC_TRACKING", "PURPOSE_NOT_ALLOWED"),
    ],
)
def test_an_operation_without_an_allowed_purpose_is_refused(
    role: Role, purpose: str, code: str
) -> None:
    refused = disclosure(role, purpose)
    with pytest.raises(HubError) as caught:
        refused.begin()
    assert caught.value.code == code
    assert not refused.covers("registry")


@pytest.mark.parametrize(
    ("districts", "district", "expected"),
    [
        ((), None, True),
        (("Hisar",), "Hisar", True),
        (("Hisar",), "HISSAR", True),
        (("Hisar",), "हिसार", True),
        (("Hisar",), "Sirsa", False),
        (("Hisar",), None, False),
        (("Hisar", "Sirsa"), "District Sirsa", True),
    ],
)
def test_a_record_without_a_known_district_is_not_in_an_officers_districts(
    districts: tuple[str, ...], district: str | None, expected: bool
) -> None:
    officer = disclosure(
        Role.OFFICER,
        "APPLICATION_PROCESSING",
        department="pensions",
        districts=frozenset(districts),
    )
    assert officer.relations.is_own_area("pensions", district) is expected
    assert not officer.relations.is_own_area("scholarships", district)


def test_principals_do_not_share_copies_of_replies() -> None:
    scopes = {
        Principal(Role.CITIZEN, "7KNL042101", subject="https://id|1").scope,
        Principal(Role.CITIZEN, "7KNL042102", subject="https://id|2").scope,
        Principal(Role.OFFICER, subject="https://id|1").scope,
        Principal(Role.ANONYMOUS).scope,
    }
    assert len(scopes) == 4
