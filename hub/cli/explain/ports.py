"""The departments that each field of the schema calls, for `hub explain`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from adapters.contract import Capability


class FieldSource(Enum):
    """The source of a field's data."""

    REGISTRY = "the registry"
    HOLDERS = "every department that knows the citizen"
    ISSUER = "the department that issued the number"
    OF_CERTIFICATE = "the departments that issued the certificates"
    NAMED = "the department in the argument"
    BY_TYPE = "the departments with this type"
    OPERATION = "records of the operation, and the departments in the argument"
    HUB = "the hub itself"


@dataclass(frozen=True, slots=True)
class FieldRead:
    """The data that a field reads.

    Attributes:
        source: the departments that are called.
        capability: the capability that is called.
        number: name of the argument with the key, or with a list of keys.
    """

    source: FieldSource
    capability: Capability | None = None
    number: str | None = None


HUB = FieldRead(FieldSource.HUB)
_CITIZEN = FieldRead(FieldSource.REGISTRY, Capability.CITIZENS_BY_IDENTIFIER, "by")
_FAMILY = FieldRead(FieldSource.REGISTRY, Capability.FAMILIES_BY_IDENTIFIER, "by")

# Fields that call a port, by type and name. A test checks that none is missing.
PORTS: Mapping[tuple[str, str], FieldRead] = {
    ("Query", "me"): FieldRead(FieldSource.REGISTRY, Capability.CITIZENS_BY_IDENTIFIER),
    ("Query", "citizen"): _CITIZEN,
    ("Query", "citizens"): FieldRead(FieldSource.REGISTRY, Capability.CITIZENS_SEARCH),
    ("Query", "family"): _FAMILY,
    ("Query", "application"): FieldRead(
        FieldSource.ISSUER, Capability.APPLICATIONS_BY_REFERENCE, "reference"
    ),
    ("Query", "trackApplication"): FieldRead(
        FieldSource.ISSUER, Capability.APPLICATIONS_BY_REFERENCE, "reference"
    ),
    ("Query", "certificate"): FieldRead(
        FieldSource.ISSUER, Capability.CERTIFICATES_BY_NUMBER, "number"
    ),
    ("Query", "verifyCertificate"): FieldRead(
        FieldSource.ISSUER, Capability.CERTIFICATES_BY_NUMBER, "number"
    ),
    ("Query", "applications"): FieldRead(FieldSource.NAMED, Capability.APPLICATIONS_SEARCH),
    ("Query", "grievance"): FieldRead(
        FieldSource.ISSUER, Capability.GRIEVANCES_BY_REGISTRATION_NUMBER, "registrationNumber"
    ),
    ("Query", "accessLog"): HUB,
    ("Query", "consents"): HUB,
    ("Query", "nominations"): HUB,
    ("Query", "node"): FieldRead(FieldSource.BY_TYPE, number="id"),
    ("Query", "nodes"): FieldRead(FieldSource.BY_TYPE, number="ids"),
    ("Citizen", "family"): FieldRead(FieldSource.REGISTRY, Capability.FAMILIES_BY_IDENTIFIER),
    ("Citizen", "applications"): FieldRead(FieldSource.HOLDERS, Capability.APPLICATIONS_BY_CITIZEN),
    ("Citizen", "benefits"): FieldRead(FieldSource.HOLDERS, Capability.BENEFITS_BY_CITIZEN),
    ("Citizen", "certificates"): FieldRead(FieldSource.HOLDERS, Capability.CERTIFICATES_BY_CITIZEN),
    ("Citizen", "grievances"): FieldRead(FieldSource.HOLDERS, Capability.GRIEVANCES_BY_CITIZEN),
    ("Citizen", "conflicts"): FieldRead(FieldSource.OPERATION),
    ("Application", "applicant"): FieldRead(
        FieldSource.REGISTRY, Capability.CITIZENS_BY_DEPARTMENT_NUMBER
    ),
    ("Certificate", "application"): FieldRead(
        FieldSource.OF_CERTIFICATE, Capability.APPLICATIONS_BY_REFERENCE
    ),
    # The department of a submission is called after the response, by the delivery.
    ("Query", "submission"): HUB,
    ("Citizen", "submissions"): HUB,
    ("Citizen", "drafts"): HUB,
    ("Draft", "documents"): HUB,
    ("Draft", "review"): HUB,
    ("Submission", "documents"): HUB,
    ("Submission", "events"): HUB,
    ("Submission", "citizen"): FieldRead(FieldSource.REGISTRY, Capability.CITIZENS_BY_IDENTIFIER),
    ("Submission", "application"): FieldRead(
        FieldSource.ISSUER, Capability.APPLICATIONS_BY_REFERENCE
    ),
    ("Submission", "grievance"): FieldRead(
        FieldSource.ISSUER, Capability.GRIEVANCES_BY_REGISTRATION_NUMBER
    ),
    ("Mutation", "attachDocument"): HUB,
    ("Mutation", "saveDraft"): HUB,
    ("Mutation", "discardDraft"): HUB,
    ("Mutation", "submitApplication"): HUB,
    ("Mutation", "withdrawApplication"): HUB,
    ("Mutation", "respondToQuery"): HUB,
    ("Mutation", "fileGrievance"): HUB,
    ("Mutation", "fileAppeal"): HUB,
    ("Mutation", "giveFeedback"): HUB,
    ("Mutation", "requestCorrection"): HUB,
    ("Mutation", "pauseDepartment"): HUB,
    ("Mutation", "resumeDepartment"): HUB,
    ("Mutation", "eraseCopies"): HUB,
    ("Mutation", "requestConsent"): HUB,
    ("Mutation", "sendOneTimeCode"): HUB,
    ("Mutation", "confirmConsent"): HUB,
    ("Mutation", "grantConsent"): HUB,
    ("Mutation", "refuseConsent"): HUB,
    ("Mutation", "withdrawConsent"): HUB,
    ("Mutation", "nominate"): HUB,
    ("Mutation", "withdrawNomination"): HUB,
}
