"""Service centres: where a citizen meets a person (CPSV-AP Channel, schema.org Place)."""

from enum import Enum

import strawberry
from strawberry import enum_value, field

from schema.connections import Connection
from schema.node import Node
from schema.person import Address, GeoLocation
from schema.service import Money


@strawberry.enum(description="Kinds of service centre.")
class ServiceCentreType(Enum):
    ANTYODAYA_KENDRA = enum_value("ANTYODAYA_KENDRA", description="District office, for schemes.")
    SARAL_KENDRA = enum_value("SARAL_KENDRA", description="District office, for services.")
    ANTYODAYA_SARAL_KENDRA = enum_value(
        "ANTYODAYA_SARAL_KENDRA", description="Sub-division or tehsil office, for both."
    )
    ATAL_SEVA_KENDRA = enum_value(
        "ATAL_SEVA_KENDRA", description="Village Common Service Centre, for both."
    )


@strawberry.type(description="An office or counter where a citizen can apply with help.")
class ServiceCentre(Node):
    identifier: str = field(description="Short name of the centre, stable.")
    type: ServiceCentreType = field(description="Its kind.")
    name: str = field(description="Its name.")
    address: Address = field(description="Where it is.")
    geo_location: GeoLocation = field(description="Where it is on the map.")
    opening_hours: str = field(description="When it is open (schema.org openingHours).")
    service_charge: Money = field(description="What the counter charges for one application.")
    distance_km: float | None = field(
        default=None, description="Distance from the point asked about, along a great circle."
    )

    def local_id(self) -> str:
        return self.identifier


@strawberry.type(description="One page of service centres, nearest first when asked near a point.")
class ServiceCentreConnection(Connection[ServiceCentre]):
    pass


@strawberry.input(description="A point to be near to (WGS 84).")
class NearInput:
    latitude: float = field(description="Degrees north.")
    longitude: float = field(description="Degrees east.")
    within_km: float = field(default=50.0, description="How far, in kilometres.")
