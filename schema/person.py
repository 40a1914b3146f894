"""Details of a person: names, identifiers, addresses (SPDCI Person)."""

from typing import Annotated, Any, ClassVar

import strawberry
from strawberry import argument, field

from schema.batch import reads
from schema.enums import DescribedEnum, described
from schema.labels import label_field
from schema.language import Language
from schema.personal import FieldClass, classes

NameLanguage = Annotated[
    Language,
    argument(
        name="lang",
        description="EN for the name in Latin script, HI for the name in Devanagari. If it is not "
        "recorded, the name in the other script. `script` says which it is.",
    ),
]
"""Type of the argument `lang` of names. Its default value is `Language.EN`."""


@strawberry.enum(description="The script a name is written in.")
class Script(DescribedEnum):
    LATIN = described("Latin script.")
    DEVANAGARI = described("Devanagari script, as Unicode text.")
    LEGACY_FONT = described(
        "Text for an old Hindi font (for example Kruti Dev). It is readable in that font only."
    )


@strawberry.type(description="A person's name as one department records it (SPDCI Name).")
class PersonName:
    CLASSES: ClassVar = classes({FieldClass.NAME: ["full_name"]})
    NOT_PERSONAL: ClassVar = frozenset({"script"})

    full_name: str = field(description="The whole name, with single spaces.")
    script: Script = field(description="The script it is written in.")


def name_field(latin: str, local: str, *, name: str, description: str) -> Any:
    """Declare a field that returns a person's name in the script of its argument `lang`.

    Args:
        latin: name of the private attribute that holds the `PersonName` in Latin script.
        local: name of the private attribute that holds the one in Devanagari.
        name: name of the field in the schema.
        description: description of the field in the schema.
    """

    def resolve(self: Any, lang: NameLanguage = Language.EN) -> PersonName | None:
        first, second = (local, latin) if lang is Language.HI else (latin, local)
        found: PersonName | None = getattr(self, first) or getattr(self, second)
        return found

    return strawberry.field(
        resolver=resolve, name=name, description=description, metadata=reads(latin, local)
    )


@strawberry.enum(description="Sex, as recorded by the registry (SPDCI).")
class Sex(DescribedEnum):
    MALE = described("Male.")
    FEMALE = described("Female.")
    OTHER = described("Other.")
    UNKNOWN = described("Not recorded, or the hub does not know the code.")


@strawberry.enum(description="Marital status (SPDCI).")
class MaritalStatus(DescribedEnum):
    SINGLE = described("Single, never married.")
    MARRIED = described("Married.")
    WIDOWED = described("Widowed.")
    ANNULLED = described("Marriage annulled.")
    DIVORCED = described("Divorced.")
    SEPARATED = described("Legally separated.")
    UNKNOWN = described("Unknown.")


@strawberry.enum(description="How precisely a birth date is known.")
class BirthDatePrecision(DescribedEnum):
    DAY = described("Day, month and year are known.")
    YEAR = described("Only the year is known. Day and month are placeholders.")


@strawberry.enum(description="How a person is related to the guardian.")
class GuardianRelation(DescribedEnum):
    WIFE_OF = described("W/O: the person is the guardian's wife.")
    SON_OF = described("S/O: the person is the guardian's son.")
    DAUGHTER_OF = described("D/O: the person is the guardian's daughter.")
    UNKNOWN = described("A code that the hub does not know.")


@strawberry.enum(description="Employment status, as recorded in the family registry.")
class EmploymentStatus(DescribedEnum):
    EMPLOYED = described("Employed.")
    UNEMPLOYED = described("Unemployed.")
    STUDENT = described("In school or higher education.")
    RETIRED = described("Retired.")
    UNKNOWN = described("The hub does not know the registry's code.")


@strawberry.enum(description="Kind of identifier (SPDCI, and kinds that only this state uses).")
class IdentifierType(DescribedEnum):
    PPP = described("Family ID (Parivar Pehchan Patra).")
    PPP_MEMBER = described("Family ID and number of the member.")
    AADHAAR_REF = described(
        "Reference key from the Aadhaar vault. The Aadhaar number is never shown."
    )
    PENSION_PPO = described("Pension beneficiary number.")
    RATION_CARD = described("Ration card number.")
    CONSUMER_NO = described("Electricity consumer number.")
    VOTER = described("Voter card number.")
    KHEWAT = described("Land record (khewat) number.")
    DEPARTMENT_ID = described("A number of one department only.")


@strawberry.type(description="A number that identifies a person (SPDCI Identifier).")
class Identifier:
    CLASSES: ClassVar = classes({FieldClass.IDENTIFIER: ["plain_value"]})
    NOT_PERSONAL: ClassVar = frozenset({"identifier_type", "issued_by"})

    identifier_type: IdentifierType = field(description="Kind of identifier.")
    identifier_type_label: str = label_field(
        "identifier_type", description="Label of the kind of identifier."
    )
    plain_value: strawberry.Private[str]
    issued_by: str | None = field(default=None, description="The issuing department's identifier.")

    @strawberry.field(
        description="The number. All but its last four characters are masked.",
        metadata=reads("plain_value"),
    )
    def identifier_value(self) -> str:
        return mask(self.plain_value)


def mask(value: str) -> str:
    """Replace all but the last four characters by X; a value of up to four is hidden completely."""
    shown = value[-4:] if len(value) > 4 else ""
    return "X" * (len(value) - len(shown)) + shown


@strawberry.type(description="Geographic coordinates (WGS 84).")
class GeoLocation:
    NOT_PERSONAL: ClassVar = frozenset({"latitude", "longitude"})

    latitude: float = field(description="Latitude in degrees, north is positive.")
    longitude: float = field(description="Longitude in degrees, east is positive.")


@strawberry.type(description="A postal address (SPDCI Address).")
class Address:
    CLASSES: ClassVar = classes(
        {
            FieldClass.ADDRESS: ["address_line1", "locality", "postal_code"],
            FieldClass.DISTRICT: ["sub_region_code", "sub_region_name", "region_code"],
        }
    )
    NOT_PERSONAL: ClassVar = frozenset({"country_code"})

    address_line1: str | None = field(default=None, description="House and street.")
    locality: str | None = field(default=None, description="Village, ward or town.")
    sub_region_code: str | None = field(
        default=None, description="District code (Local Government Directory)."
    )
    sub_region_name: str | None = field(default=None, description="District name.")
    region_code: str | None = field(default=None, description="State code (ISO 3166-2, last part).")
    postal_code: str | None = field(default=None, description="Postal code (PIN).")
    country_code: str | None = field(default="IN", description="Country code (ISO 3166-1 alpha-2).")
