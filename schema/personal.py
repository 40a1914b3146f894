"""Classes of personal data. The policy decides for each class how much of it a principal sees.

A type with personal data declares:

* `CLASSES`: the class of each attribute with personal data, written with `classes`;
* `NOT_PERSONAL`: its other attributes. They are not personal, or they are as personal as the
  attribute or record that holds the object, which decides for the whole object;
* `KEYS`: attributes by which the hub finds other records. They stay in a masked record, because no
  field returns them as they are;
* `RECORD_CLASS`: the class of the record itself. A principal who may not see it does not learn
  that the record exists;
* `OWN_VIEW`: attributes that hold a record of a person, who can have another relation to the
  principal. The record in it is masked by a view of its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import strawberry

from schema.enums import DescribedEnum, described


@strawberry.enum(description="A class of personal data. The hub's policy decides on each.")
class FieldClass(DescribedEnum):
    IDENTIFIER = described(
        "Numbers that identify a person, a family, a benefit or a certificate. Masked: X, except "
        "for the last four characters."
    )
    AADHAAR = described("Reference key from the Aadhaar vault. Masked like IDENTIFIER.")
    NAME = described("Names of the person and of the guardian. Masked: `R** D***`.")
    BIRTH_DATE = described("Date of birth. Masked: 1 January of the year, with precision YEAR.")
    DEMOGRAPHIC = described("Sex, marital status, occupation, education.")
    FAMILY = described("The family, its members, and how they are related.")
    ADDRESS = described("Address and location. Masked: the district and the state only.")
    DISTRICT = described("District and state of the address.")
    CONTACT = described(
        "Telephone number and e-mail address. Masked: the last four digits of the telephone number."
    )
    DISABILITY = described("Whether the person has a disability.")
    LIFE_STATUS = described("Whether and when the person died.")
    INCOME = described("Income and poverty of the family.")
    APPLICATION = described("An application: reference, service, status, dates and history.")
    REMARKS = described("Text that officers or citizens wrote. It can contain any personal data.")
    BENEFIT = described("A benefit: programme, status, dates and amount.")
    PAYMENT = described("Payments of a benefit.")
    CERTIFICATE = described("A certificate: type, status and dates.")
    DOCUMENT = described("The file of a certificate, and addresses at which it can be read.")
    GRIEVANCE = described("A grievance: category, status, dates and rating.")
    ACCESS_LOG = described("Records of who accessed the person's data.")


MASKABLE = frozenset(
    {
        FieldClass.IDENTIFIER,
        FieldClass.AADHAAR,
        FieldClass.NAME,
        FieldClass.BIRTH_DATE,
        FieldClass.ADDRESS,
        FieldClass.CONTACT,
    }
)
"""The classes that have a masked form. The others are shown whole or not at all."""

Classes = Mapping[str, FieldClass]
"""The class of each attribute with personal data."""


def classes(attributes: Mapping[FieldClass, Iterable[str]]) -> Classes:
    """Return the class of each attribute, from the attributes of each class."""
    return {name: each for each, names in attributes.items() for name in names}


@dataclass(frozen=True, slots=True)
class Masking:
    """What a masked record no longer holds, but its fields need.

    Attributes:
        local_id: local id of the record. The number in it can be masked.
        hidden: the classes of which the principal sees nothing.
    """

    local_id: str
    hidden: frozenset[FieldClass]
