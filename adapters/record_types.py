"""The record types that the rows of each capability are mapped to."""

from collections.abc import Mapping

from adapters.contract import Capability
from schema.application import Application
from schema.benefit import Benefit
from schema.certificate import Certificate
from schema.certificate_document import CertificateFile
from schema.citizen import Citizen
from schema.family import Family
from schema.grievance import Grievance

RECORDS: Mapping[str, type] = {
    "citizens": Citizen,
    "families": Family,
    "applications": Application,
    "benefits": Benefit,
    "certificates": Certificate,
    "documents": CertificateFile,
    "grievances": Grievance,
}
FOUND: Mapping[Capability, type] = {
    Capability.FIND_SUBMISSION: Application,
    Capability.FIND_GRIEVANCE: Grievance,
}
"""Record types of capabilities with a name that does not begin with the record."""


def record_type_of(capability: Capability) -> type:
    """Return the record type of a capability's rows."""
    if capability in FOUND:
        return FOUND[capability]
    return RECORDS[capability.value.partition("_")[0]]
