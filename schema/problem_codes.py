"""The codes of problems with what was submitted (`docs/submissions.md`). Codes do not change."""

import strawberry

from schema.codes import Code


@strawberry.enum(
    description="Why the hub did not accept a submission, a draft or a document. Codes are added, "
    "but never changed."
)
class ProblemCode(Code):
    REQUIRED = "REQUIRED", "A required field or document is missing."
    UNKNOWN_FIELD = "UNKNOWN_FIELD", "The form has no field with this code."
    NOT_SHOWN = "NOT_SHOWN", "The field is not visible with the other values of the form."
    NOT_A_NUMBER = "NOT_A_NUMBER", "The value is not a number, for example 250 or 12.5."
    NOT_A_DATE = "NOT_A_DATE", "The value is not a day, for example 2026-11-25."
    NOT_A_MOMENT = (
        "NOT_A_MOMENT",
        "The value is not a day with a time and time zone, for example 2026-11-25T06:00:00+05:30.",
    )
    TOO_SMALL = "TOO_SMALL", "The number is smaller than the field allows."
    TOO_LARGE = "TOO_LARGE", "The number is larger than the field allows."
    TOO_SHORT = "TOO_SHORT", "The text is shorter than the field allows."
    TOO_LONG = "TOO_LONG", "The text is longer than the field allows."
    WRONG_FORM = "WRONG_FORM", "The text does not match the field's pattern."
    UNREADABLE_TEXT = (
        "UNREADABLE_TEXT",
        "The text contains control characters, or line breaks where one line is required.",
    )
    NOT_AN_OPTION = "NOT_AN_OPTION", "The value is not one of the field's options."
    ONE_VALUE_ONLY = "ONE_VALUE_ONLY", "The field takes one value, but several were sent."
    REPEATED = "REPEATED", "The field, value or document was sent twice."
    TOO_LONG_FOR_DEPARTMENT = (
        "TOO_LONG_FOR_DEPARTMENT",
        "The department's field is too short for the value. It would be cut off.",
    )
    UNKNOWN_EVIDENCE = "UNKNOWN_EVIDENCE", "The service needs no such document."
    MEDIA_TYPE_NOT_ALLOWED = (
        "MEDIA_TYPE_NOT_ALLOWED",
        "The service does not accept the format of the document.",
    )
    FILE_TOO_LARGE = "FILE_TOO_LARGE", "The file is larger than the hub or the service allows."
    FILE_EMPTY = "FILE_EMPTY", "The file is empty."
    FILE_TYPE_NOT_ALLOWED = (
        "FILE_TYPE_NOT_ALLOWED",
        "The content of the file is of a type that is not accepted.",
    )
    FILE_DAMAGED = "FILE_DAMAGED", "The file is damaged or not complete."
    FILE_ADDED_CONTENT = "FILE_ADDED_CONTENT", "The file has hidden content of another type."
    FILE_IMAGE_TOO_LARGE = "FILE_IMAGE_TOO_LARGE", "The picture has too many pixels."
    FILE_INFECTED = "FILE_INFECTED", "The file contains a virus."
    ATTACHMENT_NOT_AVAILABLE = (
        "ATTACHMENT_NOT_AVAILABLE",
        "The attachment does not exist or has expired, or another submission contains it. Upload "
        "the document again.",
    )
    LIKELY_DUPLICATE = (
        "LIKELY_DUPLICATE",
        "There is an open application for the same service. Send `confirmDuplicate: true` to "
        "apply anyway.",
    )
    KEY_CONFLICT = (
        "KEY_CONFLICT",
        "The idempotency key was used for another input. Use a new key for each submission.",
    )
    NOT_ONLINE = "NOT_ONLINE", "Citizens cannot apply online for the service."
    NOT_OFFERED = "NOT_OFFERED", "The department does not take this through the hub."
    NOT_SENT_BACK = "NOT_SENT_BACK", "The department is not waiting for an answer."
    ALREADY_FINISHED = "ALREADY_FINISHED", "The department has finished the application."
    NOT_FINISHED = "NOT_FINISHED", "The department has not finished it yet."
    NOT_REFUSED_OR_OVERDUE = (
        "NOT_REFUSED_OR_OVERDUE",
        "An appeal is possible after a decision, or when the time limit has passed.",
    )
    OUT_OF_RANGE = "OUT_OF_RANGE", "The number is not in the allowed range."
