"""Drafts: forms that a citizen has begun to fill in, and what the hub says about them."""

import datetime as dt
from collections.abc import Sequence
from typing import ClassVar

import strawberry
from strawberry import Parent, field

from schema.attachment import Attachment
from schema.batch import BatchOf, Info, batch_field, reads
from schema.language import Text, optional_text_field, text_field
from schema.node import Node
from schema.personal import FieldClass, classes
from schema.service import Service
from schema.submission_problem import Problem


@strawberry.type(description="The value of one field of a form.")
class AttributeValue:
    CLASSES: ClassVar = classes({FieldClass.APPLICATION: ["code", "value", "values"]})

    code: str = field(description="Code of the form field.")
    value: str | None = field(description="The value. Null for a list of values.")
    values: list[str] | None = field(description="The values of a list. Null for one value.")


@strawberry.type(
    description="A condition of the service that the family registry's record of the citizen does "
    "not meet. The record can be wrong, so the citizen may apply anyway."
)
class EligibilityHint:
    CLASSES: ClassVar = {
        "found_text": (FieldClass.BIRTH_DATE, FieldClass.DEMOGRAPHIC, FieldClass.INCOME)
    }
    NOT_PERSONAL: ClassVar = frozenset({"condition_text"})

    condition_text: strawberry.Private[Text]
    found_text: strawberry.Private[Text | None]
    condition: str = text_field("condition_text", description="The condition, in words.")
    found: str | None = optional_text_field(
        "found_text", description="What the registry's record says, for example the age."
    )


@strawberry.type(description="What the hub would say if the draft were submitted now.")
class DraftReview:
    NOT_PERSONAL: ClassVar = frozenset({"problems", "hints"})

    problems: list[Problem] = field(
        description="Why it would not be accepted. Empty if it would be."
    )
    hints: list[EligibilityHint] = field(
        description="Conditions of the service that the registry's record does not meet."
    )


async def load_reviews(
    parents: Parent[Sequence["Draft"]], info: Info
) -> BatchOf[DraftReview | None]:
    return await info.context.sources.submissions.reviews_of(parents)


async def load_draft_documents(
    parents: Parent[Sequence["Draft"]], info: Info
) -> BatchOf[list[Attachment] | None]:
    return await info.context.sources.submissions.documents_of_drafts(parents)


@strawberry.type(
    description="A form that was saved and not submitted yet. Only the person who saved it sees it."
)
class Draft(Node):
    RECORD_CLASS: ClassVar = FieldClass.APPLICATION
    CLASSES: ClassVar = classes(
        {
            FieldClass.APPLICATION: [
                "service_code",
                "attributes",
                "saved_datetime",
                "expiry_datetime",
                "identifier",
                "member_identifier",
                "attachments",
            ]
        }
    )
    # The hub finds the citizen and the documents by these.
    KEYS: ClassVar = frozenset({"identifier", "member_identifier", "attachments"})

    service_code: str = field(
        graphql_type=str | None, description="Code of the service in the catalogue. Never null."
    )
    attributes: list[AttributeValue] = field(
        name="attributeValues", description="The values of the form, as they were."
    )
    saved_datetime: dt.datetime = field(description="When it was saved last.")
    expiry_datetime: dt.datetime = field(
        graphql_type=dt.datetime | None,
        description="When the hub deletes it, unless it is saved again. Never null.",
    )
    identifier: strawberry.Private[str]
    member_identifier: strawberry.Private[str]
    attachments: strawberry.Private[Sequence[str]] = ()

    def local_id(self) -> str:
        return self.identifier

    @strawberry.field(
        description="The service. Null if the catalogue no longer has it.",
        metadata=reads("service_code"),
    )
    def service(self, info: Info) -> Service | None:
        return info.context.sources.catalogue.service(self.service_code)

    documents: list[Attachment] | None = batch_field(
        load_draft_documents,
        description="The documents that were uploaded for it and have not expired.",
        reads=("identifier", "attachments"),
    )
    review: DraftReview | None = batch_field(
        load_reviews,
        description="What the hub would say if the draft were submitted now. It calls the "
        "departments that have the citizen's applications and certificates.",
        reads=("identifier", "member_identifier", "service_code", "attributes", "attachments"),
        whole=("Application", "Certificate", "Citizen", "Family", "PersonName", "Address"),
    )
