"""Which field of the schema reads what: data for `hub explain`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from adapters.contract import Capability


class Asks(Enum):
    """Which departments a field asks."""

    REGISTRY = "the registry"
    HOLDERS = "every department that knows the citizen"
    ISSUER = "the department whose number it is"
    NAMED = "the department that is named"
    BY_TYPE = "whoever keeps the type"
    HUB = "the hub itself"


@dataclass(frozen=True, slots=True)
class Reads:
    """What a field reads.

    Attributes:
        asks: which departments.
        capability: what they are asked.
        number: name of the argument that holds the number by which the issuer is known.
    """

    asks: Asks
    capability: Capability | None = None
    number: str | None = None


HUB = Reads(Asks.HUB)
_CITIZEN = Reads(Asks.REGISTRY, Capability.CITIZENS_BY_IDENTIFIER)
_FAMILY = Reads(Asks.REGISTRY, Capability.FAMILIES_BY_IDENTIFIER)

# Fields that wait, by type and name; a test keeps it whole.
PORTS: Mapping[tuple[str, str], Reads] = {
    ("Query", "me"): _CITIZEN,
    ("Query", "citizen"): _CITIZEN,
    ("Query", "citizens"): Reads(Asks.REGISTRY, Capability.CITIZENS_SEARCH),
    ("Query", "family"): _FAMILY,
    ("Query", "application"): Reads(Asks.ISSUER, Capability.APPLICATIONS_BY_REFERENCE, "reference"),
    ("Query", "trackApplication"): Reads(
        Asks.ISSUER, Capability.APPLICATIONS_BY_REFERENCE, "reference"
    ),
    ("Query", "applications"): Reads(Asks.NAMED, Capability.APPLICATIONS_SEARCH),
    ("Query", "grievance"): Reads(
        Asks.ISSUER, Capability.GRIEVANCES_BY_REGISTRATION_NUMBER, "registrationNumber"
    ),
    ("Query", "accessLog"): HUB,
    ("Query", "node"): Reads(Asks.BY_TYPE),
    ("Query", "nodes"): Reads(Asks.BY_TYPE),
    ("Citizen", "family"): _FAMILY,
    ("Citizen", "applications"): Reads(Asks.HOLDERS, Capability.APPLICATIONS_BY_CITIZEN),
    ("Citizen", "benefits"): Reads(Asks.HOLDERS, Capability.BENEFITS_BY_CITIZEN),
    ("Citizen", "certificates"): Reads(Asks.HOLDERS, Capability.CERTIFICATES_BY_CITIZEN),
    ("Citizen", "grievances"): Reads(Asks.HOLDERS, Capability.GRIEVANCES_BY_CITIZEN),
    ("Application", "applicant"): Reads(Asks.REGISTRY, Capability.CITIZENS_BY_DEPARTMENT_NUMBER),
    ("Mutation", "pauseDepartment"): HUB,
    ("Mutation", "resumeDepartment"): HUB,
    ("Mutation", "eraseCopies"): HUB,
}
