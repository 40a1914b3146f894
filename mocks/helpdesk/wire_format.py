"""JSON form of services and requests (Open311 GeoReport v2)."""

from typing import Any

from mocks.dirty_text import dirty, json_or_blank, padded
from mocks.population.citizen import Citizen
from mocks.population.clock import iso_instant
from mocks.population.grievances import OPEN_STATES
from mocks.population.records import Grievance
from mocks.population.services import GRIEVANCE_SERVICES, GRIEVANCE_STATES

AGENCY = "Chief Minister's Office, Grievance Cell"


def wire_service(code: str) -> dict[str, Any]:
    """Return one entry of the service list."""
    name, description = GRIEVANCE_SERVICES[code]
    return {
        "service_code": code,
        "service_name": name,
        "description": description,
        "metadata": True,
        "type": "realtime",
        "keywords": ",".join(word.lower() for word in name.split()),
        "group": "Grievances",
    }


def wire_definition(code: str) -> dict[str, Any]:
    """Return the attributes that a citizen must give for a service."""
    return {
        "service_code": code,
        "attributes": [
            {
                "variable": True,
                "code": "reference_number",
                "datatype": "string",
                "required": False,
                "datatype_description": "Number printed on the receipt",
                "order": 1,
                "description": "Application or pension number that this is about",
            },
            {
                "variable": True,
                "code": "since_when",
                "datatype": "datetime",
                "required": False,
                "datatype_description": "Day as yyyy-mm-dd",
                "order": 2,
                "description": "Since when does the trouble last?",
            },
        ],
    }


PLACES = {"Nissing": (29.682, 76.755), "Samalkha": (29.235, 77.013), "Barara": (30.213, 77.04)}
"""Coordinates of a few villages. Browsers and telephones send them with a grievance."""


def wire_request(grievance: Grievance, citizen: Citizen, hub_reference: str) -> dict[str, Any]:
    """Return one request with the vendor's extended attributes."""
    key = grievance.request_id
    label, _ = GRIEVANCE_STATES[grievance.status_code]
    address = citizen.address
    place = PLACES.get(address.village) if grievance.source in ("web", "mobileapp") else None
    return {
        "service_request_id": grievance.request_id,
        "status": request_status(grievance),
        "status_notes": json_or_blank(grievance.status_notes, f"{key} notes"),
        "service_name": padded(GRIEVANCE_SERVICES[grievance.service_code][0], f"{key} service"),
        "service_code": grievance.service_code,
        "description": dirty(grievance.description, f"{key} description"),
        "agency_responsible": AGENCY,
        "service_notice": None,
        "requested_datetime": iso_instant(grievance.requested_at),
        "updated_datetime": iso_instant(grievance.updated_at),
        "expected_datetime": iso_instant(grievance.expected_at) if grievance.expected_at else None,
        "address": f"{address.house}, {address.village}, {address.district.name}",
        "address_id": None,
        "zipcode": address.pin,
        "lat": place and place[0],
        "long": place and place[1],
        "media_url": None,
        "extended_attributes": {
            "account_id": grievance.owner,
            "registration_number": grievance.registration_number,
            "external_ref": hub_reference or None,
            "pgr_status": grievance.status_code,
            "pgr_label": padded(label, f"{key} label"),
            "pgr_source": grievance.source,
            "rating": grievance.rating,
        },
    }


def request_status(grievance: Grievance) -> str:
    """Return `open` or `closed`, the only states of Open311."""
    return "open" if grievance.status_code in OPEN_STATES else "closed"
