"""The models of `service_centres.yaml`, and the schema's service centres."""

from typing import Literal

from pydantic import Field

from adapters.manifest.texts import WrittenText
from adapters.mapping.rules import StrictModel
from schema.person import Address, GeoLocation
from schema.service import Money
from schema.service_centre import ServiceCentre, ServiceCentreType


class CentreModel(StrictModel):
    """One service centre of `service_centres.yaml`.

    Attributes:
        opening_hours: opening hours in the format of OpenStreetMap.
        service_charge: charge per application, in paise.
    """

    type: Literal["ANTYODAYA_KENDRA", "SARAL_KENDRA", "ANTYODAYA_SARAL_KENDRA", "ATAL_SEVA_KENDRA"]
    name: WrittenText
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


def centre_of(identifier: str, model: CentreModel) -> ServiceCentre:
    """Return the schema's service centre for an entry of `service_centres.yaml`."""
    return ServiceCentre(
        identifier=identifier,
        centre_type=ServiceCentreType[model.type],
        name_text=model.name.text,
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
