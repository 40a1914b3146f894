"""The application form of a service: its fields, and the documents to submit with it."""

import strawberry
from strawberry import field

from schema.certificate import CertificateType
from schema.enums import DescribedEnum, described
from schema.language import Text, optional_text_field, text_field


@strawberry.enum(description="Type of a form field (Open311 datatype, and DATE).")
class AttributeType(DescribedEnum):
    STRING = described("One line of text.")
    NUMBER = described("A number.")
    DATE = described("A day, without a time (ISO 8601).")
    DATETIME = described("A day with a time (ISO 8601).")
    TEXT = described("Several lines of text.")
    SINGLE_VALUE_LIST = described("One of the options.")
    MULTI_VALUE_LIST = described("Any number of the options.")


@strawberry.enum(description="A field of `Citizen` with which a portal can fill in a form field.")
class MemberField(DescribedEnum):
    PERSON_NAME = described("`personName`.")
    GUARDIAN_NAME = described("`guardianName`.")
    BIRTH_DATE = described("`birthDate`. The form field is a DATE.")
    SEX = described("`sex`. The keys of the options are values of the enum.")
    MARITAL_STATUS = described("`maritalStatus`. The keys of the options are values of the enum.")
    PHONE_NUMBER = described("`phoneNumber`.")
    EMAIL = described("`email`.")
    HOME_ADDRESS = described("`homeAddress`.")
    OCCUPATION = described("`occupation`.")


@strawberry.type(
    description="A condition on another form field. It is met if the applicant chose one of "
    "these values there."
)
class AttributeCondition:
    attribute: str = field(description="Code of the other form field.")
    one_of: list[str] = field(description="The values that meet the condition.")


@strawberry.type(description="A value that the applicant can choose in a form field.")
class AttributeOption:
    key: str = field(description="Value that is sent to the department.")
    name_text: strawberry.Private[Text]
    name: str = text_field("name_text", description="Text for the applicant.")


@strawberry.type(description="One field of the application form (Open311 attribute).")
class ServiceAttribute:
    code: str = field(description="Code of the field, unique in the form.")
    datatype: AttributeType = field(description="Type of the value.")
    required: bool = field(
        description="True if the applicant must fill in the field, whenever it is visible."
    )
    variable: bool = field(
        description="True if the applicant enters a value. False if the form only shows the label."
    )
    order: int = field(description="Position on the form, starting with 1.")
    options: list[AttributeOption] = field(
        description="Values to choose from. Empty unless the type is a list."
    )
    min: float | None = field(default=None, description="Smallest value of a number.")
    max: float | None = field(default=None, description="Largest value of a number.")
    min_length: int | None = field(
        default=None, description="Smallest number of characters of a text."
    )
    max_length: int | None = field(
        default=None, description="Largest number of characters of a text."
    )
    pattern: str | None = field(
        default=None,
        description="Regular expression that the whole text must match. It means the same in "
        "JavaScript and Python.",
    )
    visible_if: AttributeCondition | None = field(
        default=None,
        description="The field is visible only if this condition on an earlier field is met. "
        "Null if it is always visible.",
    )
    prefill_from: MemberField | None = field(
        default=None, description="The applicant's data with which a portal fills in the field."
    )
    label_text: strawberry.Private[Text]
    help_text: strawberry.Private[Text | None] = None
    label: str = text_field("label_text", description="The question, or the text to show.")
    help: str | None = optional_text_field("help_text", description="How to fill in the field.")


@strawberry.type(description="A group of documents. One document of the group is enough.")
class EvidenceGroup:
    key: str = field(description="Key of the group, unique in the service.")
    name_text: strawberry.Private[Text]
    name: str = text_field("name_text", description="What the documents of the group show.")


@strawberry.type(description="A document that the citizen must provide (CPSV-AP Evidence Type).")
class EvidenceType:
    code: str = field(
        description="Code of the document. The same document has this code in all services."
    )
    required: bool = field(
        description="True if the document is required, whenever it is visible. Of a group, only "
        "one document is required."
    )
    group: EvidenceGroup | None = field(
        default=None,
        description="Group of alternatives that the document belongs to. Null if it has none.",
    )
    media_types: list[str] = field(description="Allowed formats of the file (media types).")
    max_size_bytes: int = field(description="Largest size of the file, in bytes.")
    satisfied_by_certificate: CertificateType | None = field(
        default=None,
        description="Type of certificate that replaces the document, if the citizen has a valid "
        "one in `Citizen.certificates`.",
    )
    visible_if: AttributeCondition | None = field(
        default=None,
        description="The document is needed only if this condition on a form field is met. Null "
        "if it is always needed.",
    )
    name_text: strawberry.Private[Text]
    description_text: strawberry.Private[Text | None] = None
    name: str = text_field("name_text", description="Name of the document.")
    description: str | None = optional_text_field(
        "description_text", description="What the document must show."
    )
