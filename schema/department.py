"""Departments (CPSV-AP PublicOrganization)."""

from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import field

from schema.batch import Info
from schema.node import Node
from schema.provenance import SourceStatus

if TYPE_CHECKING:
    from schema.service import Service


@strawberry.type(description="How to reach a department (CPSV-AP ContactPoint).")
class ContactPoint:
    telephone: str | None = field(default=None, description="Telephone number.")
    email: str | None = field(default=None, description="E-mail address.")
    opening_hours: str | None = field(default=None, description="When somebody answers.")


@strawberry.type(description="A public organisation whose systems the hub speaks to.")
class Department(Node):
    identifier: str = field(description="Short name of the department, stable.")
    preferred_label: str = field(description="Its name in English.")
    preferred_label_local: str | None = field(default=None, description="Its name in Hindi.")
    spatial: str | None = field(default=None, description="The area it is responsible for.")
    contact_point: ContactPoint | None = field(default=None, description="How to reach it.")

    def local_id(self) -> str:
        return self.identifier

    @strawberry.field(description="The services it offers, notified or not, online or not.")
    def services(self, info: Info) -> list[Annotated["Service", strawberry.lazy("schema.service")]]:
        return info.context.sources.catalogue.services(department=self.identifier)

    @strawberry.field(description="How its systems answered last; null if not asked yet.")
    def source_status(self, info: Info) -> SourceStatus | None:
        return info.context.sources.catalogue.source_status(self.identifier)
