"""Inputs of the mutations that submit something, and the limits on their lengths."""

from dataclasses import fields
from typing import Any

import strawberry
from strawberry import UNSET, field
from strawberry.utils.str_converters import to_camel_case

from schema.enums import DescribedEnum, described
from schema.errors import bad_input
from schema.keys import CitizenKeyInput
from schema.language import Language
from schema.upload import UploadedFile

MAX_KEY = 100
MAX_CODE = 100
MAX_ID = 1_000
MAX_TEXT = 4_000
MAX_VALUE = 10_000
MAX_ATTRIBUTES = 200
MAX_VALUES = 100
MAX_DOCUMENTS = 20

KEY = (
    f"A text that the client makes for each submission, for example a UUID; 1 to {MAX_KEY} "
    "characters. A repeated request with the same key and input returns the same answer, and "
    "nothing is submitted twice."
)
REQUEST = "The department's reference number of the application, or the hub's receipt number."
LANGUAGE = "Language of the messages to the citizen about it."


def idempotency_key() -> Any:
    return field(description=KEY)


def documents() -> Any:
    return field(
        default_factory=list,
        description="Ids of the documents to send with it, from `attachDocument`.",
    )


def language() -> Any:
    return field(default=Language.HI, description=LANGUAGE)


@strawberry.enum(description="Who decides about an appeal (Haryana Right to Service Act 2014).")
class AppealLevel(DescribedEnum):
    FIRST = described("The first grievance redressal authority of the service.")
    SECOND = described("The second grievance redressal authority of the service.")
    COMMISSION = described("The Haryana Right to Service Commission.")


@strawberry.input(description="The value of one field of a form. Set `value` or `values`.")
class AttributeValueInput:
    code: str = field(description="Code of the form field (`Service.attributes`).")
    value: str | None = field(
        default=None,
        description="The value: a text, a number such as 12.5, a day, a moment, or the key of an "
        "option. Null or empty if the field is empty.",
    )
    values: list[str] | None = field(
        default=None, description="The keys of the chosen options of a MULTI_VALUE_LIST."
    )


@strawberry.input(description="An application for a service.")
class SubmitApplicationInput:
    citizen: CitizenKeyInput = field(description="The citizen who applies.")
    service: str = field(description="Code of the service in the catalogue.")
    attributes: list[AttributeValueInput] = field(
        description="The values of the form. Leave out fields that are empty or not visible."
    )
    documents: list[strawberry.ID] = documents()
    confirm_duplicate: bool = field(
        default=False,
        description="True to apply although the citizen has an open application for the service.",
    )
    draft: strawberry.ID | None = field(
        default=None, description="Id of the draft that it was. The hub deletes it."
    )
    language: Language = language()
    idempotency_key: str = idempotency_key()


@strawberry.input(description="A form that has been begun.")
class SaveDraftInput:
    draft: strawberry.ID | None = field(
        default=None, description="Id of the draft to replace. If null, make a new one."
    )
    citizen: CitizenKeyInput = field(description="The citizen who will apply.")
    service: str = field(description="Code of the service in the catalogue.")
    attributes: list[AttributeValueInput] = field(
        description="The values of the form so far. They are not checked."
    )
    documents: list[strawberry.ID] = documents()
    idempotency_key: str = idempotency_key()


@strawberry.input(
    description="A document. Set `citizen` for a document of a new submission, and `application` "
    "to send it to the department that has the application."
)
class AttachDocumentInput:
    file: UploadedFile = field(description="The file.")
    evidence: str | None = field(
        default=None, description="Code of the document that it is (`Service.evidence`)."
    )
    citizen: CitizenKeyInput | None = field(
        default=None, description="The citizen whose document it is."
    )
    application: str | None = field(default=None, description=REQUEST)
    language: Language = language()
    idempotency_key: str = idempotency_key()


@strawberry.input(description="The answer to a department's query about an application.")
class RespondToQueryInput:
    application: str = field(description=REQUEST)
    answer: str = field(description=f"The answer; at most {MAX_TEXT} characters.")
    documents: list[strawberry.ID] = documents()
    language: Language = language()
    idempotency_key: str = idempotency_key()


@strawberry.input(description="An application to withdraw.")
class WithdrawApplicationInput:
    application: str = field(description=REQUEST)
    reason: str | None = field(default=None, description=f"Why; at most {MAX_TEXT} characters.")
    language: Language = language()
    idempotency_key: str = idempotency_key()


@strawberry.input(description="A complaint.")
class FileGrievanceInput:
    citizen: CitizenKeyInput = field(description="The citizen who complains.")
    category: str = field(
        description="Code of the category, from `Department.grievanceCategories` of the department "
        f"that receives it; at most {MAX_CODE} characters."
    )
    text: str = field(description=f"The complaint; at most {MAX_TEXT} characters.")
    department: strawberry.ID | None = field(
        default=None,
        description="Id or identifier of the department that it is about. It receives the "
        "complaint if it takes complaints itself; otherwise the state's helpdesk does.",
    )
    service: str | None = field(default=None, description="Code of the service that it is about.")
    documents: list[strawberry.ID] = documents()
    language: Language = language()
    idempotency_key: str = idempotency_key()


@strawberry.input(description="An appeal about an application.")
class FileAppealInput:
    application: str = field(description=REQUEST)
    level: AppealLevel = field(description="Who decides about it.")
    grounds: str = field(
        description=f"Why the decision or the delay is wrong; at most {MAX_TEXT} characters."
    )
    documents: list[strawberry.ID] = documents()
    language: Language = language()
    idempotency_key: str = idempotency_key()


@strawberry.input(description="A rating of an application or grievance that is finished.")
class GiveFeedbackInput:
    request: str = field(
        description="Reference number of the application, registration number of the grievance, or "
        "the hub's receipt number."
    )
    rating: int = field(description="From 1, very bad, to 5, very good.")
    comments: str | None = field(
        default=None, description=f"Comments; at most {MAX_TEXT} characters."
    )
    language: Language = language()
    idempotency_key: str = idempotency_key()


@strawberry.input(description="A mistake in a record.")
class RequestCorrectionInput:
    citizen: CitizenKeyInput = field(description="The citizen whose record it is.")
    department: strawberry.ID | None = field(
        default=None,
        description="Id or identifier of the department that has the record. If null, the family "
        "registry.",
    )
    record_field: str = field(
        description="The field of the schema that is wrong, for example `Citizen.birthDate`. If "
        "the department has `Department.correctableFields`, one of them; at most "
        f"{MAX_CODE} characters."
    )
    old_value: str | None = field(
        default=None, description=f"What the record says; at most {MAX_TEXT} characters."
    )
    new_value: str = field(description=f"What is right; at most {MAX_TEXT} characters.")
    reason: str | None = field(
        default=None, description=f"How the citizen knows; at most {MAX_TEXT} characters."
    )
    documents: list[strawberry.ID] = documents()
    language: Language = language()
    idempotency_key: str = idempotency_key()


LIMITS = {
    "idempotency_key": MAX_KEY,
    "member_identifier": MAX_CODE,
    "id": MAX_ID,
    "draft": MAX_ID,
    "department": MAX_ID,
    "service": MAX_CODE,
    "application": MAX_CODE,
    "request": MAX_CODE,
    "category": MAX_CODE,
    "record_field": MAX_CODE,
    "evidence": MAX_CODE,
    "code": MAX_CODE,
    "value": MAX_VALUE,
    "values": MAX_VALUE,
    "documents": MAX_ID,
}
"""Most characters of a text by the name of its field; `MAX_TEXT` for other fields."""
SIZES = {"attributes": MAX_ATTRIBUTES, "documents": MAX_DOCUMENTS, "values": MAX_VALUES}
"""Most entries of a list by the name of its field."""


def check_lengths(given: Any) -> None:
    """Check the lengths of all texts and lists in an input.

    Raises:
        HubError: `BAD_USER_INPUT`, one is too long, or the idempotency key is empty.
    """
    for each in fields(given):
        value = getattr(given, each.name)
        if value is UNSET or value is None:
            continue
        name = to_camel_case(each.name)
        if isinstance(value, list):
            _check(name, len(value), SIZES[each.name], "entries")
            for inner in value:
                if isinstance(inner, str):
                    _check(name, len(inner), LIMITS[each.name], "characters")
                else:
                    check_lengths(inner)
        elif isinstance(value, CitizenKeyInput):
            check_lengths(value)
        elif isinstance(value, str):
            _check(name, len(value), LIMITS.get(each.name, MAX_TEXT), "characters")
    if getattr(given, "idempotency_key", "-") == "":
        raise bad_input("`idempotencyKey` is empty. Make a new text for each submission.")


def _check(name: str, length: int, most: int, what: str) -> None:
    if length > most:
        raise bad_input(f"`{name}` has {length} {what}; the limit is {most}.")
