"""The service catalogue (CPSV-AP PublicService, Open311 service, Right to Service Act)."""

from enum import Enum

import strawberry
from strawberry import enum_value, field

from schema.batch import Info
from schema.connections import Connection
from schema.department import Department
from schema.node import Node
from schema.status import SubmissionChannel


@strawberry.type(description="An amount of money.")
class Money:
    amount: int = field(
        description="The amount in minor units: paise for INR, so 300000 is Rs 3,000.00."
    )
    currency_code: str = field(default="INR", description="ISO 4217 code of the currency.")


@strawberry.enum(description="When a department tells the number of a new application (Open311).")
class ServiceRequestType(Enum):
    REALTIME = enum_value("REALTIME", description="At once.")
    BATCH = enum_value("BATCH", description="Later; a token until then.")
    BLACKBOX = enum_value("BLACKBOX", description="Never.")


@strawberry.enum(description="Which days a time limit counts.")
class ProcessingTimeUnit(Enum):
    WORKING = enum_value("WORKING", description="Working days.")
    CALENDAR = enum_value("CALENDAR", description="Calendar days.")


@strawberry.enum(description="Who a service is for.")
class Audience(Enum):
    CITIZEN = enum_value("CITIZEN", description="Any resident.")
    SENIOR_CITIZEN = enum_value("SENIOR_CITIZEN", description="People of 60 and over.")
    WOMAN = enum_value("WOMAN", description="Women.")
    PERSON_WITH_DISABILITY = enum_value(
        "PERSON_WITH_DISABILITY", description="People with a certified disability."
    )
    STUDENT = enum_value("STUDENT", description="Pupils and students.")
    FAMILY = enum_value("FAMILY", description="A family as a whole.")


@strawberry.type(description="What a service costs the citizen (CPSV-AP Cost).")
class Cost:
    value: Money = field(description="The amount.")
    description: str = field(description="What it is for.")
    channel: SubmissionChannel | None = field(
        default=None, description="Charged only there; null means everywhere."
    )


@strawberry.type(description="A document to be brought (CPSV-AP Evidence Type).")
class EvidenceType:
    name: str = field(description="Name of the document.")
    required: bool = field(default=True, description="False: one of several that will do.")
    description: str | None = field(default=None, description="What it must show.")


@strawberry.type(description="A question of the application form (Open311 service definition).")
class ServiceAttribute:
    code: str = field(description="Name of the attribute.")
    datatype: str = field(description="string, number, datetime, text, singlevaluelist, …")
    required: bool = field(description="Whether it must be answered.")
    variable: bool = field(default=True, description="False: a text to show, not a question.")
    order: int = field(description="Place on the form, from 1.")
    description: str = field(description="The question.")
    datatype_description: str | None = field(default=None, description="How to answer it.")
    values: list[str] = field(default_factory=list, description="Answers to choose from.")


@strawberry.type(description="A public service that a citizen can apply for.")
class Service(Node):
    service_code: str = field(description="Code of the service, unique in the state.")
    service_name: str = field(description="Its name in English.")
    service_name_local: str | None = field(default=None, description="Its name in Hindi.")
    description: str = field(description="What the citizen gets, in a sentence or two.")
    keywords: list[str] = field(default_factory=list, description="Words to find it by.")
    group: str | None = field(default=None, description="Group of services it belongs to.")
    type: ServiceRequestType = field(description="When the department tells the number.")
    audience: list[Audience] = field(description="Who it is for.")
    available_channel: list[SubmissionChannel] = field(description="Where one can apply.")
    has_cost: list[Cost] = field(default_factory=list, description="What it costs.")
    has_input: list[EvidenceType] = field(default_factory=list, description="Documents to bring.")
    attributes: list[ServiceAttribute] = field(
        default_factory=list, description="Questions of the application form."
    )
    produces: str = field(description="What the citizen has in hand at the end.")
    processing_time: int | None = field(
        default=None, description="The time limit of the Right to Service notification, in days."
    )
    processing_time_unit: ProcessingTimeUnit = field(description="Which days the limit counts.")
    designated_officer: str | None = field(
        default=None, description="Who must deliver (Haryana Right to Service Act 2014)."
    )
    first_grievance_redressal_authority: str | None = field(
        default=None, description="Who hears the first appeal."
    )
    second_grievance_redressal_authority: str | None = field(
        default=None, description="Who hears the second appeal."
    )
    has_legal_resource: str | None = field(
        default=None, description="The notification it rests on."
    )
    is_notified: bool = field(description="Whether the Right to Service Act covers it.")
    is_online: bool = field(description="Whether one can apply through the hub's portals.")
    department_identifier: strawberry.Private[str]

    def local_id(self) -> str:
        return self.service_code

    @strawberry.field(description="The department that answers for it (hasCompetentAuthority).")
    def department(self, info: Info) -> Department | None:
        return info.context.sources.catalogue.department(self.department_identifier)


@strawberry.type(description="One page of services.")
class ServiceConnection(Connection[Service]):
    pass
