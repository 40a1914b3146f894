"""Details of a person: names, identifiers, addresses (SPDCI Person)."""

from enum import Enum

import strawberry
from strawberry import enum_value, field


@strawberry.enum(description="The script a name is written in.")
class Script(Enum):
    LATIN = enum_value("LATIN", description="Latin script.")
    DEVANAGARI = enum_value("DEVANAGARI", description="Devanagari script, as Unicode text.")
    LEGACY_FONT = enum_value(
        "LEGACY_FONT",
        description="Text for an old Hindi font (for example Kruti Dev). It is readable in "
        "that font only.",
    )


@strawberry.type(description="A person's name as one department records it (SPDCI Name).")
class PersonName:
    full_name: str = field(description="The whole name, with single spaces.")
    script: Script = field(description="The script it is written in.")
    given_name: str | None = field(default=None, description="Given name, if recorded separately.")
    surname: str | None = field(default=None, description="Surname, if recorded separately.")


@strawberry.enum(description="Sex, as recorded by the registry (SPDCI).")
class Sex(Enum):
    MALE = enum_value("MALE", description="Male.")
    FEMALE = enum_value("FEMALE", description="Female.")
    OTHER = enum_value("OTHER", description="Other.")
    UNKNOWN = enum_value("UNKNOWN", description="Not recorded, or the hub does not know the code.")


@strawberry.enum(description="Marital status (SPDCI codes).")
class MaritalStatus(Enum):
    S = enum_value("S", description="Single, never married.")
    M = enum_value("M", description="Married.")
    W = enum_value("W", description="Widowed.")
    A = enum_value("A", description="Marriage annulled.")
    D = enum_value("D", description="Divorced.")
    L = enum_value("L", description="Legally separated.")
    U = enum_value("U", description="Unknown.")


@strawberry.enum(description="How precisely a birth date is known.")
class BirthDatePrecision(Enum):
    DAY = enum_value("DAY", description="Day, month and year are known.")
    YEAR = enum_value("YEAR", description="Only the year is known. Day and month are placeholders.")


@strawberry.enum(description="How a person is related to the guardian.")
class GuardianRelation(Enum):
    WIFE_OF = enum_value("WIFE_OF", description="W/O: the person is the guardian's wife.")
    SON_OF = enum_value("SON_OF", description="S/O: the person is the guardian's son.")
    DAUGHTER_OF = enum_value(
        "DAUGHTER_OF", description="D/O: the person is the guardian's daughter."
    )
    UNKNOWN = enum_value("UNKNOWN", description="A code that the hub does not know.")


@strawberry.enum(description="Employment status, as recorded in the family registry.")
class EmploymentStatus(Enum):
    EMPLOYED = enum_value("EMPLOYED", description="Employed.")
    UNEMPLOYED = enum_value("UNEMPLOYED", description="Unemployed.")
    STUDENT = enum_value("STUDENT", description="In school or higher education.")
    RETIRED = enum_value("RETIRED", description="Retired.")
    UNKNOWN = enum_value("UNKNOWN", description="The hub does not know the registry's code.")


@strawberry.enum(description="Kind of identifier (SPDCI, and kinds that only this state uses).")
class IdentifierType(Enum):
    PPP = enum_value("PPP", description="Family ID (Parivar Pehchan Patra).")
    PPP_MEMBER = enum_value("PPP_MEMBER", description="Family ID and number of the member.")
    AADHAAR_REF = enum_value(
        "AADHAAR_REF",
        description="Reference key from the Aadhaar vault. The Aadhaar number is never shown.",
    )
    PENSION_PPO = enum_value("PENSION_PPO", description="Pension beneficiary number.")
    RATION_CARD = enum_value("RATION_CARD", description="Ration card number.")
    CONSUMER_NO = enum_value("CONSUMER_NO", description="Electricity consumer number.")
    VOTER = enum_value("VOTER", description="Voter card number.")
    KHEWAT = enum_value("KHEWAT", description="Land record (khewat) number.")
    DEPARTMENT_ID = enum_value("DEPARTMENT_ID", description="A number of one department only.")


@strawberry.type(description="A number that identifies a person (SPDCI Identifier).")
class Identifier:
    identifier_type: IdentifierType = field(description="Kind of identifier.")
    plain_value: strawberry.Private[str]
    issued_by: str | None = field(default=None, description="The issuing department's identifier.")

    @strawberry.field(description="The number. All but its last four characters are masked.")
    def identifier_value(self) -> str:
        return mask(self.plain_value)


def mask(value: str) -> str:
    """Replace all but the last four characters by X; a value of up to four is hidden completely."""
    shown = value[-4:] if len(value) > 4 else ""
    return "X" * (len(value) - len(shown)) + shown


@strawberry.type(description="Geographic coordinates (WGS 84).")
class GeoLocation:
    latitude: float = field(description="Latitude in degrees, north is positive.")
    longitude: float = field(description="Longitude in degrees, east is positive.")


@strawberry.type(description="A postal address (SPDCI Address).")
class Address:
    address_line1: str | None = field(default=None, description="House and street.")
    address_line2: str | None = field(default=None, description="Second line of the address.")
    locality: str | None = field(default=None, description="Village, ward or town.")
    sub_region_code: str | None = field(
        default=None, description="District code (Local Government Directory)."
    )
    sub_region_name: str | None = field(default=None, description="District name.")
    region_code: str | None = field(default=None, description="State code (ISO 3166-2, last part).")
    postal_code: str | None = field(default=None, description="Postal code (PIN).")
    country_code: str | None = field(default="IN", description="Country code (ISO 3166-1 alpha-2).")
