"""One person and one family of the made-up population: the truth, before any wire."""

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
"""Drawn from dice of their own, so that they shift nothing else."""

Links = dict[str, tuple[str, ...]]
"""Scheme -> the person's numbers there, in the order of their issue."""


@dataclass(frozen=True, slots=True)
class Guardian:
    """Husband or father, by which clerks tell namesakes apart; relation as `W/O`, `S/O`, `D/O`."""

    name: str
    relation: str


@dataclass(frozen=True, slots=True)
class Address:
    """A village address; `pin` has six digits."""

    house: str
    village: str
    district: District
    pin: str


@dataclass(frozen=True, slots=True)
class Citizen:
    """One member of a family. Codes are those of the Family ID register.

    `relation` is an HL7 code, `gender` one of F, M, T or "" (unknown), `marital_status` an SPDCI
    code, `birth_precision` DAY or YEAR, `occupation`, `mobile`, `email`, `education` None where
    nobody knows.
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
    """A family; `income_annual` in rupees, `poverty_score` None where never surveyed."""

    family_id: str
    district: District
    income_annual: int
    income_verified: bool
    poverty_score: int | None
    members: tuple[Citizen, ...]
