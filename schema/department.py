"""Departments (CPSV-AP PublicOrganization)."""

from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import field

from schema.batch import Info, reads_catalogue
from schema.language import Text, optional_text_field, text_field
from schema.node import Node
from schema.provenance import SourceStatus

if TYPE_CHECKING:
    from schema.service import Service


@strawberry.type(description="Contact details of a department (CPSV-AP ContactPoint).")
class ContactPoint:
    telephone: str | None = field(default=None, description="Telephone number.")
    email: str | None = field(default=None, description="E-mail address.")
    opening_hours: str | None = field(default=None, description="When the telephone is answered.")


@strawberry.type(description="What a complaint can be about.")
class GrievanceCategory:
    code: str = field(description="Code of the category (Open311), for `fileGrievance`.")
    name_text: strawberry.Private[Text]
    name: str = text_field("name_text", description="Name of the category.")


@strawberry.type(description="A government department that is connected to the hub.")
class Department(Node):
    identifier: str = field(description="Short name of the department. It never changes.")
    contact_point: ContactPoint | None = field(default=None, description="Contact details.")
    grievance_categories: list[GrievanceCategory] = field(
        default_factory=list,
        description="What complaints to this department can be about. Empty if it takes none "
        "through the hub, or has no categories.",
    )
    correctable_fields: list[str] | None = field(
        default=None,
        description="The fields of this schema of which the department takes corrections "
        "(`requestCorrection`), for example `Citizen.birthDate`, or `Citizen.personName(lang: HI)` "
        "for the text in one language. Null if a correction of any field can be sent: the "
        "department or the staff of the hub read what it is about.",
    )
    name_text: strawberry.Private[Text]
    spatial_text: strawberry.Private[Text | None] = None
    name: str = text_field("name_text", description="Name of the department.")
    spatial: str | None = optional_text_field("spatial_text", description="Area of responsibility.")

    def local_id(self) -> str:
        return self.identifier

    @strawberry.field(description="All services of the department.", metadata=reads_catalogue())
    def services(self, info: Info) -> list[Annotated["Service", strawberry.lazy("schema.service")]]:
        return info.context.sources.catalogue.services_of(self.identifier)

    @strawberry.field(description="Current state of its system. Null before the first call.")
    def source_status(self, info: Info) -> SourceStatus | None:
        return info.context.sources.catalogue.source_status(self.identifier)
