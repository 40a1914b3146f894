"""Departments, services and service centres, as the manifests describe them."""

import re
from collections.abc import Mapping
from math import asin, cos, radians, sin, sqrt
from typing import TYPE_CHECKING

from hub.federation.directory import Directory
from hub.federation.names import district_keys
from hub.federation.service_facets import facets_of, matches
from hub.federation.service_search import ServiceSearch
from hub.link import DepartmentLink
from schema.department import Department
from schema.errors import bad_input
from schema.ids import IdCipher
from schema.language import Language
from schema.node import local_id_of
from schema.person import GeoLocation
from schema.provenance import LinkState, SourceStatus
from schema.service import Service
from schema.service_centre import CentreCriteria, FoundCentre, NearInput, ServiceCentre
from schema.service_search import ServiceCriteria, ServiceFacets
from schema.working_days import WorkingDays

if TYPE_CHECKING:
    import strawberry

EARTH_RADIUS_KM = 6371.0
MOST_LETTERS = 200
"""Maximum length of a search."""
_PIN = re.compile("[1-9][0-9]{5}")


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
        self._search = ServiceSearch(self._services.values(), self._departments)

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
            raise bad_input(f"There is no such department. Departments: {known}.")
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

    def services_of(self, department: str) -> list[Service]:
        return [
            each for each in self._services.values() if each.department_identifier == department
        ]

    def services(self, criteria: ServiceCriteria) -> list[Service]:
        return [each for each in self._found(criteria) if matches(each, criteria)]

    def service_facets(self, criteria: ServiceCriteria) -> ServiceFacets:
        return facets_of(self._found(criteria), criteria, self._departments)

    def _found(self, criteria: ServiceCriteria) -> list[Service]:
        """Return the services that match the search, best first, before the filters."""
        search = criteria.search
        if search is None or not search.strip():
            return list(self._services.values())
        if len(search) > MOST_LETTERS:
            raise bad_input(f"`search` has {len(search)} characters; the limit is {MOST_LETTERS}.")
        return self._search.find(search)

    def service_centre(self, identifier: str) -> ServiceCentre | None:
        return self._centres.get(identifier)

    def service_centres(self, criteria: CentreCriteria) -> list[FoundCentre]:
        service = criteria.service
        if service is not None and service not in self._services:
            raise bad_input("`service`: the catalogue has no service with this code.")
        postal_code = criteria.postal_code
        if postal_code is not None and not _PIN.fullmatch(postal_code):
            raise bad_input("`postalCode` must have six digits.")
        district = None if criteria.district is None else district_keys(criteria.district)
        found = [
            each
            for each in self._centres.values()
            if (service is None or service in each.service_codes)
            and postal_code in (None, each.addresses[Language.EN].postal_code)
            and criteria.centre_type in (None, each.centre_type)
            and (district is None or _is_in(each, district))
        ]
        near = criteria.near
        if near is None:
            return [FoundCentre(each, None) for each in found]
        if not (-90 <= near.latitude <= 90 and -180 <= near.longitude <= 180):
            raise bad_input("`near`: latitude must be -90 to 90 and longitude -180 to 180.")
        distances = [(distance_km(each.geo_location, near), each) for each in found]
        return [
            FoundCentre(centre, round(distance, 1))
            for distance, centre in sorted(distances, key=lambda each: each[0])
            if distance <= near.within_km
        ]


def _is_in(centre: ServiceCentre, district: tuple[str, ...]) -> bool:
    names = {each.sub_region_name for each in centre.addresses.values()}
    return any(name is not None and district_keys(name) == district for name in names)


def distance_km(location: GeoLocation, near: NearInput) -> float:
    """Return the great-circle distance in kilometres (haversine formula)."""
    lat1, lat2 = radians(location.latitude), radians(near.latitude)
    half_lat = (lat2 - lat1) / 2
    half_long = radians(near.longitude - location.longitude) / 2
    chord = sin(half_lat) ** 2 + cos(lat1) * cos(lat2) * sin(half_long) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(chord))
