"""Service centres: offices where staff help citizens (CPSV-AP Channel, schema.org Place)."""

from collections.abc import Mapping
from dataclasses import dataclass

import strawberry
from strawberry import field

from schema.batch import Info, reads, reads_catalogue
from schema.connections import Connection, Edge
from schema.enums import DescribedEnum, described
from schema.labels import label_field
from schema.language import Language, LanguageArgument, Text, text_field
from schema.node import Node
from schema.person import Address, GeoLocation
from schema.service import Money, Service


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
    geo_location: GeoLocation = field(description="Coordinates of the centre.")
    telephone: str = field(description="Telephone number of the counter.")
    opening_hours: str = field(description="Opening hours (format of schema.org).")
    service_charge: Money = field(description="Fee that the centre charges for each application.")
    name_text: strawberry.Private[Text]
    addresses: strawberry.Private[Mapping[Language, Address]]
    service_codes: strawberry.Private[tuple[str, ...]]
    centre_type_label: str = label_field("centre_type", description="Label of the kind of centre.")
    name: str = text_field("name_text", description="Name of the centre.")

    def local_id(self) -> str:
        return self.identifier

    @strawberry.field(description="Address of the centre.", metadata=reads("addresses"))
    def address(self, lang: LanguageArgument = Language.EN) -> Address:
        return self.addresses[lang]

    @strawberry.field(
        description="The services that citizens can apply for at the centre.",
        metadata=reads_catalogue(),
    )
    def services(self, info: Info) -> list[Service]:
        found = map(info.context.sources.catalogue.service, self.service_codes)
        return [each for each in found if each is not None]


@strawberry.type(description="One service centre of a page, with its cursor (Relay).")
class ServiceCentreEdge(Edge[ServiceCentre]):
    distance_km: float | None = field(
        default=None,
        description="Distance in kilometres from the point in `near`, along a great circle. "
        "Null without `near`.",
    )


@strawberry.type(description="One page of service centres. With `near`, the nearest come first.")
class ServiceCentreConnection(Connection[ServiceCentre]):
    distances: strawberry.Private[Mapping[str, float]]

    @strawberry.field(description="The rows of this page, each with its cursor and distance.")
    def edges(self) -> list[ServiceCentreEdge]:
        return [
            ServiceCentreEdge(
                node=node,
                key=self.key_of(node),
                distance_km=self.distances.get(node.identifier),
            )
            for node in self.nodes
        ]


@dataclass(frozen=True, slots=True)
class CentreCriteria:
    """What service centres must match. None matches all.

    Attributes:
        service: code of a service that the centre offers.
        district: name of the district, in either language.
    """

    near: "NearInput | None" = None
    service: str | None = None
    district: str | None = None
    postal_code: str | None = None
    centre_type: ServiceCentreType | None = None


@dataclass(frozen=True, slots=True)
class FoundCentre:
    """A service centre, and its distance from a point in kilometres; None without a point."""

    centre: ServiceCentre
    distance_km: float | None


@strawberry.input(description="A point and a distance from it (WGS 84).")
class NearInput:
    latitude: float = field(description="Latitude in degrees, from -90 to 90.")
    longitude: float = field(description="Longitude in degrees, from -180 to 180.")
    within_km: float = field(default=50.0, description="Largest distance, in kilometres.")
