"""The model of `forms` and `writes` in `department.yaml`, and the placeholders of writes."""

from typing import Any

from adapters.connectors.write_replies import WriteReplyRule
from adapters.mapping.rules import StrictModel
from adapters.units import Seconds
from adapters.write_filling import DOCUMENT_VALUES

FACTS = frozenset(
    {
        "applicant_name",
        "applicant_name_local",
        "applicant_birth_date",
        "applicant_phone",
        "applicant_district",
        "channel",
        "text",
        "category",
        "grounds",
        "level",
        "rating",
        "comments",
        "record_field",
        "old_value",
        "new_value",
        "answer",
        "reason",
    }
)
"""Placeholders for `WriteRequest.facts`. `channel` is a word of `SubmissionChannel`; the date
`applicant_birth_date` takes a format."""
COMMON = frozenset({"receipt", "service", "citizen", "member", "reference", "submitted_at"})
"""Placeholders that every write may contain."""
WHOLE = frozenset({"fields", "documents"})
"""Placeholders for the filled form (a mapping) and the documents (a list of mappings)."""
PLACEHOLDERS = COMMON | FACTS | DOCUMENT_VALUES | WHOLE
"""Placeholders of the call of a write, besides `REQUEST_VALUES`."""
STANDARD_DOCUMENT = {
    "type": "{document_type}",
    "name": "{document_name}",
    "mediaType": "{media_type}",
    "sha256": "{sha256}",
    "content": "{content}",
}
"""The fields of a document in `{documents}`, unless the write names others."""


class FormModel(StrictModel):
    """The application form of one service, as the department receives it.

    Attributes:
        service: the department's code of the service, for `{service}`; the hub's code by default.
        fields: the department's fields, in their order. Values are templates with placeholders:
            codes of the service's attributes, facts about the applicant, and constants.
        blank: value of a field that the citizen left empty. By default, the field is left out.
    """

    service: str | None = None
    fields: dict[str, Any]
    blank: str | None = None


class WriteModel(StrictModel):
    """One write that the department accepts.

    Attributes:
        call: the call, with the keys of its connector.
        documents: the fields of a document in `{documents}`, with placeholders; by default `type`,
            `name`, `mediaType`, `sha256` and `content` (base64).
        reply: how the reply is read.
        repeatable: true if the department recognises the hub's receipt number and ignores a second
            copy. Then an unclear write may be sent again.
        settles_within: time after which a write that arrived can be found.
    """

    call: dict[str, Any]
    documents: dict[str, Any] = STANDARD_DOCUMENT
    reply: WriteReplyRule = WriteReplyRule()
    repeatable: bool = False
    settles_within: Seconds = 60.0
