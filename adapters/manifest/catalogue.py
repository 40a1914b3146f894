"""The models of `services.yaml` and `service_centres.yaml`."""

from typing import Any, Literal

from pydantic import Field

from adapters.manifest.model import TwoScripts
from adapters.mapping.rules import StrictModel
from schema.person import Address, GeoLocation
from schema.service import (
    Audience,
    Cost,
    EvidenceType,
    Money,
    ProcessingTimeUnit,
    Service,
    ServiceAttribute,
    ServiceRequestType,
)
from schema.service_centre import ServiceCentre, ServiceCentreType
from schema.status import SubmissionChannel

Channel = Literal["PORTAL", "CSC", "KIOSK", "IVR"]


class CostModel(StrictModel):
    """A fee.

    Attributes:
        amount: amount in paise.
        description: what the fee is for.
        channel: channel to which it applies; all channels by default.
    """

    amount: int = Field(ge=0)
    description: str
    channel: Channel | None = None


class EvidenceModel(StrictModel):
    """A document to submit with an application."""

    name: str
    required: bool = True
    description: str | None = None


class AttributeModel(StrictModel):
    """A field of the application form."""

    code: str
    datatype: Literal[
        "string", "number", "datetime", "text", "singlevaluelist", "multivaluelist", "boolean"
    ] = "string"
    required: bool = False
    variable: bool = True
    description: str | None = None
    datatype_description: str | None = None
    values: list[str] = []


class OfficersModel(StrictModel):
    """The officers who are responsible under the Right to Service Act."""

    designated: str | None = None
    first_appeal: str | None = None
    second_appeal: str | None = None


class ServiceModel(StrictModel):
    """One service of `services.yaml`.

    Attributes:
        name: name in English and Hindi.
        produces: what the citizen receives.
        documents: documents to submit.
        attributes: fields of the application form.
        processing_time: number of days.
        notified: whether the Right to Service Act applies to it.
        online: whether citizens can apply online.
    """

    name: TwoScripts
    description: str
    produces: str
    keywords: list[str] = []
    group: str | None = None
    type: Literal["REALTIME", "BATCH", "BLACKBOX"] = "REALTIME"
    audience: list[
        Literal["CITIZEN", "SENIOR_CITIZEN", "WOMAN", "PERSON_WITH_DISABILITY", "STUDENT", "FAMILY"]
    ] = ["CITIZEN"]
    channels: list[Channel] = ["PORTAL", "CSC", "KIOSK"]
    costs: list[CostModel] = []
    documents: list[EvidenceModel] = []
    attributes: list[AttributeModel] = []
    processing_time: int | None = Field(default=None, ge=0)
    processing_time_unit: Literal["WORKING", "CALENDAR"] = "WORKING"
    officers: OfficersModel = OfficersModel()
    legal_resource: str | None = None
    notified: bool = True
    online: bool = True


class ServicesFile(StrictModel):
    """`services.yaml`.

    Attributes:
        services: services by code.
    """

    services: dict[str, ServiceModel] = {}


class CentreModel(StrictModel):
    """One service centre of `service_centres.yaml`.

    Attributes:
        opening_hours: opening hours in the format of OpenStreetMap.
        service_charge: charge per application, in paise.
    """

    type: Literal["ANTYODAYA_KENDRA", "SARAL_KENDRA", "ANTYODAYA_SARAL_KENDRA", "ATAL_SEVA_KENDRA"]
    name: str
    locality: str
    district: str
    postal_code: str
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    opening_hours: str
    service_charge: int = Field(ge=0)


class CentresFile(StrictModel):
    """`service_centres.yaml`.

    Attributes:
        service_centres: service centres by identifier.
    """

    service_centres: dict[str, CentreModel] = {}


def service_of(code: str, model: ServiceModel, department: str) -> Service:
    """Return the schema's service for an entry of `services.yaml`."""
    return Service(
        code=code,
        service_name=model.name.en,
        service_name_local=model.name.hi,
        description=model.description,
        keywords=model.keywords,
        group=model.group,
        request_type=ServiceRequestType[model.type],
        audience=[Audience[each] for each in model.audience],
        channels=[SubmissionChannel[each] for each in model.channels],
        costs=[
            Cost(
                value=Money(amount=cost.amount),
                description=cost.description,
                channel=SubmissionChannel[cost.channel] if cost.channel else None,
            )
            for cost in model.costs
        ],
        evidence=[EvidenceType(**_plain(document)) for document in model.documents],
        attributes=[_attribute_of(n, each) for n, each in enumerate(model.attributes, start=1)],
        produces=model.produces,
        processing_time=model.processing_time,
        processing_time_unit=ProcessingTimeUnit[model.processing_time_unit],
        designated_officer=model.officers.designated,
        first_grievance_redressal_authority=model.officers.first_appeal,
        second_grievance_redressal_authority=model.officers.second_appeal,
        legal_basis=model.legal_resource,
        is_notified=model.notified,
        is_online=model.online,
        department_identifier=department,
    )


def _attribute_of(order: int, model: AttributeModel) -> ServiceAttribute:
    return ServiceAttribute(order=order, **_plain(model))


def _plain(model: StrictModel) -> dict[str, Any]:
    return model.model_dump()


def centre_of(identifier: str, model: CentreModel) -> ServiceCentre:
    """Return the schema's service centre for an entry of `service_centres.yaml`."""
    return ServiceCentre(
        identifier=identifier,
        centre_type=ServiceCentreType[model.type],
        name=model.name,
        address=Address(
            locality=model.locality,
            sub_region_name=model.district,
            region_code="HR",
            postal_code=model.postal_code,
        ),
        geo_location=GeoLocation(latitude=model.latitude, longitude=model.longitude),
        opening_hours=model.opening_hours,
        service_charge=Money(amount=model.service_charge),
    )
