"""Departments, services and service centres, as the manifests describe them."""

from collections.abc import Mapping
from dataclasses import replace
from math import asin, cos, radians, sin, sqrt
from typing import TYPE_CHECKING

from hub.federation.directory import Directory
from hub.link import DepartmentLink
from schema.department import Department
from schema.errors import bad_input
from schema.ids import IdCipher
from schema.node import local_id_of
from schema.person import GeoLocation
from schema.provenance import LinkState, SourceStatus
from schema.service import Audience, Service
from schema.service_centre import NearInput, ServiceCentre
from schema.working_days import WorkingDays

if TYPE_CHECKING:
    import strawberry

EARTH_RADIUS_KM = 6371.0


class Catalogue:
    """`schema.sources.CatalogueSource`, shared by all operations."""

    def __init__(
        self,
        directory: Directory,
        links: Mapping[str, DepartmentLink],
        working_days: WorkingDays,
        ids: IdCipher,
    ) -> None:
        self._ids = ids
        self.working_days = working_days
        self._directory = directory
        self._links = links
        manifests = directory.manifests
        self._departments = {name: each.department for name, each in manifests.items()}
        self._services = {
            service.code: service for each in manifests.values() for service in each.services
        }
        self._centres = {
            centre.identifier: centre
            for each in manifests.values()
            for centre in each.service_centres
        }
        self._texts = {code: _searchable(service) for code, service in self._services.items()}

    def departments(self) -> list[Department]:
        return list(self._departments.values())

    def department(self, identifier: str) -> Department | None:
        return self._departments.get(identifier)

    def department_identifier(self, department: "strawberry.ID | None") -> str | None:
        if department is None:
            return None
        identifier = local_id_of(self._ids, "Department", department)
        if identifier not in self._departments:
            known = ", ".join(self._departments)
            raise bad_input(f"There is no department {identifier[:60]!r}. Departments: {known}.")
        return identifier

    def source_status(self, department: str) -> SourceStatus | None:
        return self._links[department].status()

    def link_state(self, department: str) -> LinkState | None:
        link = self._links.get(department)
        return link.state() if link is not None else None

    def issuer_of(self, scheme: str) -> str | None:
        return self._directory.issuer_of(scheme)

    def service(self, service_code: str | None) -> Service | None:
        return self._services.get(service_code) if service_code else None

    def services(
        self,
        *,
        search: str | None = None,
        department: str | None = None,
        audience: Audience | None = None,
        online: bool | None = None,
    ) -> list[Service]:
        words = search.casefold().split() if search else []
        return [
            service
            for code, service in self._services.items()
            if all(word in self._texts[code] for word in words)
            and department in (None, service.department_identifier)
            and (audience is None or audience in service.audience)
            and online in (None, service.is_online)
        ]

    def service_centre(self, identifier: str) -> ServiceCentre | None:
        return self._centres.get(identifier)

    def service_centres(self, near: NearInput | None) -> list[ServiceCentre]:
        if near is None:
            return list(self._centres.values())
        if not (-90 <= near.latitude <= 90 and -180 <= near.longitude <= 180):
            raise bad_input("`near`: latitude must be -90 to 90 and longitude -180 to 180.")
        distances = [
            (distance_km(centre.geo_location, near), centre) for centre in self._centres.values()
        ]
        return [
            replace(centre, distance_km=round(distance, 1))
            for distance, centre in sorted(distances, key=lambda each: each[0])
            if distance <= near.within_km
        ]


def _searchable(service: Service) -> str:
    texts = [service.name_text, service.description_text]
    words = [word for text in texts for word in (text.en, text.hi or "")]
    return " ".join([service.code, *words, *service.keywords]).casefold()


def distance_km(location: GeoLocation, near: NearInput) -> float:
    """Return the great-circle distance in kilometres (haversine formula)."""
    lat1, lat2 = radians(location.latitude), radians(near.latitude)
    half_lat = (lat2 - lat1) / 2
    half_long = radians(near.longitude - location.longitude) / 2
    chord = sin(half_lat) ** 2 + cos(lat1) * cos(lat2) * sin(half_long) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(chord))
