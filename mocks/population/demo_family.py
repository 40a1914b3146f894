"""The family of the demo: Ram Devi, a widow of 65 in Nissing, and her five relatives.

She gets an old age pension; a widow pension was refused as a second benefit. Her Scheduled Caste
certificate was sent back once because a document was blurred. Two grandchildren have
scholarships. The Family ID register wrongly shows her as dead, because of her husband's death
certificate. Departments also record her name and her birth date differently.
"""

from dataclasses import replace
from datetime import date, datetime

from mocks.population.aadhaar import with_wrong_check_digit
from mocks.population.citizen import (
    BOCW_NO,
    CONSUMER_NO,
    EMPLOYMENT_REG_NO,
    HELPDESK_ACCOUNT,
    PENSION_PPO,
    RATION_CARD,
    REVENUE_PERSON_NO,
    STUDENT_ID,
    ULB_PERSON_NO,
    WATER_CONSUMER_NO,
    Address,
    Citizen,
    Family,
    Guardian,
    Links,
)
from mocks.population.districts import DISTRICTS
from mocks.population.families import DEMO_FAMILY_ID
from mocks.population.names import Name

KARNAL = DISTRICTS[0]
HOME = Address("112", "Nissing", KARNAL, "132024")
PENSION_REFERENCE = "SJE-OAS/2026/000123"
CERTIFICATE_NUMBER = "HR-SCC-2026-001234"
CERTIFICATE_ISSUED_ON = date(2026, 9, 14)
CERTIFICATE_REFERENCE = "REV-SCC/2026/0012345"
GRIEVANCE_NUMBER = "CMOFF/2026/0001234"
RAM_DEVI = Name("RAM DEVI", "राम देवी")
RAM_DEVI_PPO = "0613/04/002381"
RAM_DEVI_PENSION = "PN-000123"
BORN_ACCORDING_TO_PENSIONS = date(1958, 1, 1)
NAME_ON_CERTIFICATE = "रामो देवी"
POWER_REFERENCE = "PWR-NEW/2026/000777"
NAME_ON_POWER_ACCOUNT = "HARI SINGH"
"""The electricity connection is still in her husband's name."""


def _member(
    number: int,
    relation: str,
    name: Name,
    gender: str,
    born: date,
    marital_status: str,
    guardian: Guardian,
    mobile: str | None,
    links: Links,
) -> Citizen:
    return Citizen(
        member_id=f"{DEMO_FAMILY_ID}{number:02d}",
        family_id=DEMO_FAMILY_ID,
        member_no=number,
        relation=relation,
        name=name,
        name_local_known=True,
        gender=gender,
        born=born,
        birth_precision="DAY",
        life_status="ALIVE",
        died=None,
        marital_status=marital_status,
        guardian=guardian,
        mobile=mobile,
        email=None,
        aadhaar_like=with_wrong_check_digit(f"0421000091{number}"),
        aadhaar_reference=f"7e1f0421-0000-4000-8000-00000000000{number}",
        address=HOME,
        occupation=None,
        employment="NA",
        disabled="N",
        education=None,
        links=links,
        registered_on=date(2020, 7, 2),
        updated_at=datetime.fromisoformat("2026-10-02T11:20:00"),
    )


def demo_family() -> Family:
    """Return the family 7KNL0421 with its six members."""
    late_husband = Guardian("HARI SINGH", "W/O")
    father = "SURESH KUMAR"
    ram_devi = replace(
        _member(
            1, "SELF", RAM_DEVI, "F", date(1961, 1, 1), "W", late_husband, "5904210123",
            {
                PENSION_PPO: (RAM_DEVI_PPO,),
                REVENUE_PERSON_NO: ("104233",),
                HELPDESK_ACCOUNT: ("AC000123",),
                RATION_CARD: ("0699000001",),
                CONSUMER_NO: ("50600000421",),
            },
        ),
        life_status="DECEASED",
        died=date(2026, 11, 15),
        birth_precision="YEAR",
        employment="RETIRED",
        education="ILLITERATE",
    )  # fmt: skip
    suresh = replace(
        _member(
            2, "SON", Name(father, "सुरेश कुमार"), "M", date(1985, 3, 14), "M",
            Guardian("HARI SINGH", "S/O"), "5904210124",
            {
                REVENUE_PERSON_NO: ("104234",),
                HELPDESK_ACCOUNT: ("AC000124",),
                BOCW_NO: ("BOCW/KNL/000021",),
                WATER_CONSUMER_NO: ("WS-KNL-00042",),
            },
        ),
        occupation="LABOURER",
        employment="EMPLOYED",
        education="MATRIC",
    )  # fmt: skip
    sunita = _member(
        3, "DAUINLAW", Name("SUNITA DEVI", "सुनीता देवी"), "F", date(1988, 8, 2), "M",
        Guardian(father, "W/O"), "5904210125",
        {REVENUE_PERSON_NO: ("104235",), ULB_PERSON_NO: ("UP0000042",)},
    )  # fmt: skip
    ankit = _member(
        4, "GRNDSON", Name("ANKIT KUMAR", "अंकित कुमार"), "M", date(2007, 5, 21), "S",
        Guardian(father, "S/O"), "5904210126",
        {STUDENT_ID: ("STU2024000123",), EMPLOYMENT_REG_NO: ("KNL/2026/00042",)},
    )  # fmt: skip
    pooja = _member(
        5, "GRNDDAU", Name("POOJA", "पूजा"), "F", date(2010, 1, 30), "S",
        Guardian(father, "D/O"), None, {STUDENT_ID: ("STU2025000124",)},
    )  # fmt: skip
    rohit = _member(
        6, "GRNDSON", Name("ROHIT KUMAR", "रोहित कुमार"), "M", date(2015, 11, 9), "S",
        Guardian(father, "S/O"), None, {},
    )  # fmt: skip
    students = [replace(child, employment="STUDENT") for child in (ankit, pooja, rohit)]
    return Family(
        family_id=DEMO_FAMILY_ID,
        district=KARNAL,
        income_annual=84_000,
        income_verified=False,
        poverty_score=31,
        members=(ram_devi, suresh, sunita, *students),
    )
