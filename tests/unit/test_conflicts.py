"""Conflicts: details of a person on which the records of departments disagree."""

import asyncio
import datetime as dt
from typing import Any

import pytest

from adapters.contract import Capability, LookUpReply
from hub.federation.conflicts import conflicts_in, score_of_dates, statements_of
from hub.federation.gateway import OperationReads
from schema.application import Application
from schema.benefit import Benefit, EnrollmentStatus
from schema.certificate import Certificate, CertificateStatus, CertificateType
from schema.citizen import Citizen
from schema.conflict import Conflict, PersonDetail
from schema.person import Address, BirthDatePrecision, PersonName, Script
from schema.provenance import Origin, Record
from schema.status import ApplicationStatus, DepartmentStatus

NOW = dt.datetime(2026, 11, 24, 4, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(hours=1)
ORDER = {name: n for n, name in enumerate(["registry", "pensions", "certificates", "power"])}
STATUS = DepartmentStatus(code="A")


def origin(department: str, as_of: dt.datetime = NOW) -> Origin:
    return Origin(department, "rest", as_of, 5, "test-1")


def latin(name: str) -> PersonName:
    return PersonName(full_name=name, script=Script.LATIN)


def citizen(**fields: Any) -> Citizen:
    return Citizen(
        member_identifier="7KNL042101",
        family_identifier="7KNL0421",
        origin=origin("registry"),
        **fields,
    )


def benefit(**fields: Any) -> Benefit:
    defaults = {"enrollment_status": EnrollmentStatus.SUSPENDED, "origin": origin("pensions")}
    return Benefit(
        benefit_number="PN-1",
        department_status=STATUS,
        department_identifier="pensions",
        holder_key="1",
        **{**defaults, **fields},
    )


def application(department: str = "power", as_of: dt.datetime = NOW, **fields: Any) -> Application:
    return Application(
        application_reference_number="A-1",
        application_status=ApplicationStatus.SUBMITTED,
        department_status=STATUS,
        department_identifier=department,
        origin=origin(department, as_of),
        **fields,
    )


def certificate(holder: str) -> Certificate:
    return Certificate(
        certificate_number="C-1",
        certificate_type=CertificateType.INCOME_CERTIFICATE,
        certificate_status=CertificateStatus.ISSUED,
        department_status=STATUS,
        department_identifier="certificates",
        holder_key="1",
        holder_name_local=PersonName(full_name=holder, script=Script.DEVANAGARI),
        origin=origin("certificates"),
    )


def conflicts_of(*records: Record) -> list[Conflict]:
    return conflicts_in([each for record in records for each in statements_of(record)], ORDER)


def shown(conflict: Conflict) -> list[tuple[str, str, int]]:
    return [(each.department_identifier, each.value, each.score) for each in conflict.values]


def test_every_departments_name_is_shown_with_its_score() -> None:
    (conflict,) = conflicts_of(
        certificate("रामो देवी"),
        citizen(person_name=latin("RAM DEVI")),
        benefit(holder_name=latin("Ram  Devee")),
    )
    assert conflict.detail is PersonDetail.NAME
    assert conflict.score == 80
    assert shown(conflict) == [
        ("registry", "RAM DEVI", 90),
        ("pensions", "Ram  Devee", 90),
        ("certificates", "रामो देवी", 80),
    ]
    assert [each.source_field for each in conflict.values] == [
        "Citizen.personName",
        "Benefit.holderName",
        "Certificate.holderName(lang: HI)",
    ]


def test_spellings_and_scripts_of_one_name_are_no_conflict() -> None:
    names = citizen(
        person_name=latin("RAM DEVI"),
        person_name_local=PersonName(full_name="राम देवी", script=Script.DEVANAGARI),
    )
    assert (
        conflicts_of(names, certificate("श्रीमती राम देवी"), application(applicant_name="R. DEVI"))
        == []
    )


def test_a_name_for_an_old_font_is_not_compared() -> None:
    old = PersonName(full_name="jke nsoh", script=Script.LEGACY_FONT)
    assert (
        conflicts_of(citizen(person_name=latin("RAM DEVI")), benefit(holder_name_local=old)) == []
    )


def test_of_equal_values_in_one_department_the_newest_is_shown() -> None:
    (conflict,) = conflicts_of(
        citizen(person_name=latin("RAM DEVI")),
        application(applicant_name="HARI SINGH"),
        application(applicant_name="HARI SINGH", as_of=LATER),
    )
    assert [each.as_of for each in conflict.values] == [NOW, LATER]


def test_birth_dates_and_life_status_conflict() -> None:
    born, alive = conflicts_of(
        citizen(birth_date=dt.date(1961, 1, 1), is_deceased=True),
        benefit(holder_birth_date=dt.date(1958, 1, 1), enrollment_status=EnrollmentStatus.ACTIVE),
    )
    assert born.detail is PersonDetail.BIRTH_DATE
    assert shown(born) == [("registry", "1961-01-01", 66), ("pensions", "1958-01-01", 66)]
    assert alive.detail is PersonDetail.LIFE_STATUS
    assert shown(alive) == [("registry", "DECEASED", 0), ("pensions", "ALIVE", 0)]


@pytest.mark.parametrize(
    ("status", "is_deceased"),
    [
        (EnrollmentStatus.SUSPENDED, True),
        (EnrollmentStatus.GRADUATED, True),
        (EnrollmentStatus.DECEASED, True),
        (EnrollmentStatus.ACTIVE, False),
        (EnrollmentStatus.ACTIVE, None),
    ],
)
def test_life_status_that_does_not_conflict(
    status: EnrollmentStatus, is_deceased: bool | None
) -> None:
    assert conflicts_of(citizen(is_deceased=is_deceased), benefit(enrollment_status=status)) == []


def test_a_birth_date_of_which_only_the_year_is_known_agrees_with_every_day_of_it() -> None:
    year = citizen(birth_date=dt.date(1961, 1, 1), birth_date_precision=BirthDatePrecision.YEAR)
    assert conflicts_of(year, benefit(holder_birth_date=dt.date(1961, 7, 9))) == []
    (conflict,) = conflicts_of(year, benefit(holder_birth_date=dt.date(1958, 1, 1)))
    assert shown(conflict) == [("registry", "1961", 0), ("pensions", "1958-01-01", 0)]
    assert score_of_dates("1961-02-01", "1961-01-01") < 100


def test_guardian_and_district_conflict() -> None:
    home = citizen(guardian_name="HARI SINGH", home_address=Address(sub_region_name="Karnal"))
    same = application(
        applicant_guardian_name="W/O LATE HARI SINGH", applicant_district="जिला करनाल"
    )
    assert conflicts_of(home, same) == []
    other = application(applicant_guardian_name="MOHAN LAL", applicant_district="HISSAR")
    guardian, district = conflicts_of(home, other)
    assert shown(guardian)[1][:2] == ("power", "MOHAN LAL")
    assert shown(district)[1][:2] == ("power", "HISSAR")


def test_a_person_who_is_known_by_numbers_only_says_nothing() -> None:
    unknown = Citizen(member_identifier="1", family_identifier="1")
    assert conflicts_of(unknown, application(applicant_name="RAM DEVI")) == []


async def test_an_operation_has_settled_after_the_calls_of_its_levels() -> None:
    reads = OperationReads()
    order: list[str] = []

    async def call(name: str) -> None:
        with reads.running():
            await asyncio.sleep(0.01)
        reads.note(name, Capability.APPLICATIONS_BY_CITIZEN, LookUpReply({}, 1, NOW))
        order.append(name)

    async def levels() -> None:
        await call("first")
        for _ in range(5):
            await asyncio.sleep(0)
        await asyncio.gather(call("second"), call("third"))

    async def wait() -> None:
        await reads.settled()
        order.append("settled")

    await asyncio.gather(wait(), levels())
    assert order == ["first", "second", "third", "settled"]
    assert [department for department, _, _ in reads.replies] == ["first", "second", "third"]
