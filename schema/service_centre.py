"""Service centres: offices where staff help citizens (CPSV-AP Channel, schema.org Place)."""

import strawberry
from strawberry import field

from schema.connections import Connection
from schema.enums import DescribedEnum, described
from schema.language import Text, text_field
from schema.node import Node
from schema.person import Address, GeoLocation
from schema.service import Money


@strawberry.enum(description="Kind of service centre.")
class ServiceCentreType(DescribedEnum):
    ANTYODAYA_KENDRA = described("District office for applications for welfare schemes.")
    SARAL_KENDRA = described("District office for applications for services.")
    ANTYODAYA_SARAL_KENDRA = described(
        "Sub-division or tehsil office for applications for schemes and services."
    )
    ATAL_SEVA_KENDRA = described(
        "Village Common Service Centre for applications for schemes and services."
    )


@strawberry.type(description="An office or counter where staff help citizens to apply.")
class ServiceCentre(Node):
    identifier: str = field(description="Short name of the centre. It never changes.")
    centre_type: ServiceCentreType = field(description="Kind of centre.")
    address: Address = field(description="Address of the centre.")
    geo_location: GeoLocation = field(description="Coordinates of the centre.")
    opening_hours: str = field(description="Opening hours (format of schema.org).")
    service_charge: Money = field(description="Fee that the centre charges for each application.")
    name_text: strawberry.Private[Text]
    distance_km: float | None = field(
        default=None,
        description="Distance in kilometres from the point in `near`, along a great circle. "
        "Null without `near`.",
    )
    name: str = text_field("name_text", description="Name of the centre.")

    def local_id(self) -> str:
        return self.identifier


@strawberry.type(description="One page of service centres. With `near`, the nearest come first.")
class ServiceCentreConnection(Connection[ServiceCentre]):
    pass


@strawberry.input(description="A point and a distance from it (WGS 84).")
class NearInput:
    latitude: float = field(description="Latitude in degrees, from -90 to 90.")
    longitude: float = field(description="Longitude in degrees, from -180 to 180.")
    within_km: float = field(default=50.0, description="Largest distance, in kilometres.")
