"""Citizens and families of the invented population: the true data, before any wire format."""

from dataclasses import dataclass
from datetime import date, datetime

from mocks.population.districts import District
from mocks.population.names import Name

PENSION_PPO = "PENSION_PPO"
STUDENT_ID = "STUDENT_ID"
REVENUE_PERSON_NO = "REVENUE_PERSON_NO"
HELPDESK_ACCOUNT = "HELPDESK_ACCOUNT"
ULB_PERSON_NO = "ULB_PERSON_NO"
WATER_CONSUMER_NO = "WATER_CONSUMER_NO"
RATION_CARD = "RATION_CARD"
CONSUMER_NO = "CONSUMER_NO"
BOCW_NO = "BOCW_NO"
LWB_NO = "LWB_NO"
EMPLOYMENT_REG_NO = "EMPLOYMENT_REG_NO"
SERVICEPLUS_ID = "SERVICEPLUS_ID"
SCHEMES = (PENSION_PPO, STUDENT_ID, REVENUE_PERSON_NO, HELPDESK_ACCOUNT)
FURTHER_SCHEMES = (
    ULB_PERSON_NO,
    WATER_CONSUMER_NO,
    RATION_CARD,
    CONSUMER_NO,
    BOCW_NO,
    LWB_NO,
    EMPLOYMENT_REG_NO,
    SERVICEPLUS_ID,
)
"""Numbers of later departments, generated from a separate seed so that older data do not change."""

Links = dict[str, tuple[str, ...]]
"""The person's numbers by scheme, in the order of issue."""


@dataclass(frozen=True, slots=True)
class Guardian:
    """Husband or father, to distinguish people of the same name; relation is W/O, S/O or D/O."""

    name: str
    relation: str


@dataclass(frozen=True, slots=True)
class Address:
    """An address in a village; `pin` is the postal code of six digits."""

    house: str
    village: str
    district: District
    pin: str


@dataclass(frozen=True, slots=True)
class Citizen:
    """One member of a family, with the codes of the Family ID register.

    Attributes:
        relation: relation to the head of the family, an HL7 code.
        name_local_known: whether departments know the name in Devanagari.
        gender: F, M, T or "" (unknown).
        birth_precision: DAY or YEAR.
        life_status: ALIVE or DECEASED, according to the register.
        marital_status: an SPDCI code.
        aadhaar_like: a number that cannot be a real Aadhaar number.
        aadhaar_reference: its reference key (UUID).
        links: numbers in the departments.
    """

    member_id: str
    family_id: str
    member_no: int
    relation: str
    name: Name
    name_local_known: bool
    gender: str
    born: date
    birth_precision: str
    life_status: str
    died: date | None
    marital_status: str
    guardian: Guardian | None
    mobile: str | None
    email: str | None
    aadhaar_like: str
    aadhaar_reference: str
    address: Address
    occupation: str | None
    employment: str
    disabled: str
    education: str | None
    links: Links
    registered_on: date
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Family:
    """A family, the head first.

    Attributes:
        income_annual: income in rupees a year.
        poverty_score: None if the family was not surveyed.
    """

    family_id: str
    district: District
    income_annual: int
    income_verified: bool
    poverty_score: int | None
    members: tuple[Citizen, ...]
