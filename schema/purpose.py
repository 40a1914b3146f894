"""Purposes: what personal data may be used for (DPDP Act, section 6)."""

from collections.abc import Sequence

import strawberry
from strawberry import field

from schema.batch import Info
from schema.department import Department
from schema.language import Text, text_field


@strawberry.type(
    description="What personal data may be used for. A caller states its code in the header "
    "`Hub-Purpose`."
)
class Purpose:
    code: str = field(description="Code of the purpose. It never changes.")
    needs_consent: bool = field(
        description="True if the caller sees more when the citizen has consented."
    )
    title_text: strawberry.Private[Text]
    department_identifiers: strawberry.Private[Sequence[str]]
    title: str = text_field("title_text", description="The purpose, for citizens.")

    @strawberry.field(
        description="The departments that the purpose covers. The hub calls no other for it."
    )
    def departments(self, info: Info) -> list[Department]:
        return departments_of(info, self.department_identifiers)


def departments_of(info: Info, identifiers: Sequence[str]) -> list[Department]:
    """Return the departments with these identifiers that are configured."""
    found = map(info.context.sources.catalogue.department, identifiers)
    return [each for each in found if each is not None]
