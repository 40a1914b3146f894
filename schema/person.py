"""What describes a person: names in scripts, identifiers, addresses (SPDCI Person)."""

from enum import Enum

import strawberry
from strawberry import enum_value, field


@strawberry.enum(description="The script a name is written in.")
class Script(Enum):
    LATIN = enum_value("LATIN", description="Latin letters.")
    DEVANAGARI = enum_value("DEVANAGARI", description="Devanagari, in Unicode.")
    LEGACY_FONT = enum_value(
        "LEGACY_FONT", description="Bytes that look like Hindi only in one old font (Kruti Dev)."
    )


@strawberry.type(description="A person's name as one department writes it (SPDCI Name).")
class PersonName:
    full_name: str = field(description="The whole name, blanks squeezed.")
    script: Script = field(description="The script it is written in.")
    given_name: str | None = field(default=None, description="Given name, where kept apart.")
    surname: str | None = field(default=None, description="Surname, where kept apart.")


@strawberry.enum(description="Sex as recorded (SPDCI).")
class Sex(Enum):
    MALE = enum_value("MALE", description="male")
    FEMALE = enum_value("FEMALE", description="female")
    OTHER = enum_value("OTHER", description="other")
    UNKNOWN = enum_value("UNKNOWN", description="Not recorded, or a code the hub does not know.")


@strawberry.enum(description="Marital status (SPDCI codes).")
class MaritalStatus(Enum):
    S = enum_value("S", description="Single, never married.")
    M = enum_value("M", description="Married.")
    W = enum_value("W", description="Widowed.")
    A = enum_value("A", description="Marriage annulled.")
    D = enum_value("D", description="Divorced.")
    L = enum_value("L", description="Legally separated.")
    U = enum_value("U", description="Unknown.")


@strawberry.enum(description="How exactly a birth date is known.")
class BirthDatePrecision(Enum):
    DAY = enum_value("DAY", description="To the day.")
    YEAR = enum_value("YEAR", description="Only the year; day and month are placeholders.")


@strawberry.enum(description="How the guardian named beside a person is related to them.")
class GuardianRelation(Enum):
    WIFE_OF = enum_value("WIFE_OF", description="W/O: the person is the guardian's wife.")
    SON_OF = enum_value("SON_OF", description="S/O: the person is the guardian's son.")
    DAUGHTER_OF = enum_value(
        "DAUGHTER_OF", description="D/O: the person is the guardian's daughter."
    )
    UNKNOWN = enum_value("UNKNOWN", description="A relation the hub does not know.")


@strawberry.enum(description="Employment status as recorded in the family registry.")
class EmploymentStatus(Enum):
    EMPLOYED = enum_value("EMPLOYED", description="In work.")
    UNEMPLOYED = enum_value("UNEMPLOYED", description="Out of work.")
    STUDENT = enum_value("STUDENT", description="In education.")
    RETIRED = enum_value("RETIRED", description="Retired.")
    UNKNOWN = enum_value("UNKNOWN", description="A code the hub does not know.")


@strawberry.enum(description="What kind of number an identifier is (SPDCI, and the state's own).")
class IdentifierType(Enum):
    PPP = enum_value("PPP", description="Family ID (Parivar Pehchan Patra) of the family.")
    PPP_MEMBER = enum_value("PPP_MEMBER", description="Family ID and number of the member in it.")
    AADHAAR_REF = enum_value(
        "AADHAAR_REF", description="Reference key of the Aadhaar vault; never the number itself."
    )
    PENSION_PPO = enum_value("PENSION_PPO", description="Pension beneficiary number.")
    RATION_CARD = enum_value("RATION_CARD", description="Ration card number.")
    CONSUMER_NO = enum_value("CONSUMER_NO", description="Electricity consumer number.")
    VOTER = enum_value("VOTER", description="Voter card number.")
    KHEWAT = enum_value("KHEWAT", description="Land record (khewat) number.")
    DEPARTMENT_ID = enum_value("DEPARTMENT_ID", description="A number of one department's own.")


@strawberry.type(description="A number by which somebody knows a person (SPDCI Identifier).")
class Identifier:
    identifier_type: IdentifierType = field(description="What kind of number it is.")
    plain_value: strawberry.Private[str]
    issued_by: str | None = field(default=None, description="Identifier of the issuing department.")

    @strawberry.field(description="The number, all but its last four characters masked.")
    def identifier_value(self) -> str:
        return mask(self.plain_value)


def mask(value: str) -> str:
    """Hides all but the last four characters; a value of up to four is hidden whole."""
    shown = value[-4:] if len(value) > 4 else ""
    return "X" * (len(value) - len(shown)) + shown


@strawberry.type(description="A point on the earth (WGS 84).")
class GeoLocation:
    latitude: float = field(description="Degrees north.")
    longitude: float = field(description="Degrees east.")


@strawberry.type(description="A postal address (SPDCI Address).")
class Address:
    address_line1: str | None = field(default=None, description="House and street.")
    address_line2: str | None = field(default=None, description="Further line.")
    locality: str | None = field(default=None, description="Village, ward or town.")
    sub_region_code: str | None = field(default=None, description="District code (LGD).")
    sub_region_name: str | None = field(default=None, description="District name.")
    region_code: str | None = field(default=None, description="State code (ISO 3166-2, last part).")
    postal_code: str | None = field(default=None, description="PIN code.")
    country_code: str | None = field(default="IN", description="ISO 3166-1 alpha-2.")
