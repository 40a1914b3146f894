"""Verification of certificates, for callers who are not signed in."""

import datetime as dt
from collections.abc import Sequence
from typing import ClassVar

import strawberry
from strawberry import field

from schema.batch import Info, Outcome
from schema.certificate import Certificate, CertificateStatus, CertificateType
from schema.codes import ErrorCode
from schema.department import Department
from schema.enums import DescribedEnum, described
from schema.errors import HubError, bad_input
from schema.labels import label_field, optional_label_field
from schema.language import Text, optional_text_field
from schema.personal import FieldClass, classes
from schema.tracked_application import mask_name
from schema.tries import bounded_tries


@strawberry.enum(description="Result of verifying a certificate.")
class VerificationStatus(DescribedEnum):
    VALID = described("The department issued it, and it is valid today.")
    REVOKED = described("The department issued it, and has revoked it.")
    EXPIRED = described("The department issued it, and its last day of validity has passed.")
    NOT_FOUND = described(
        "No department has issued a certificate with this number on this date. It may be forged."
    )
    UNKNOWN = described("The hub does not know the department's code. Ask the department.")


@strawberry.type(
    description="The part of a certificate that the hub shows without signing in. The caller must "
    "know the number and the date of issue. All fields except the status are null if the status is "
    "NOT_FOUND."
)
class CertificateVerification:
    RECORD_CLASS: ClassVar = FieldClass.CERTIFICATE
    CLASSES: ClassVar = classes(
        {
            FieldClass.CERTIFICATE: [
                "verification_status",
                "certificate_type",
                "valid_to",
                "department",
                "office",
            ],
            FieldClass.NAME: ["holder_name"],
        }
    )

    verification_status: VerificationStatus = field(description="Result of the verification.")
    certificate_type: CertificateType | None = field(
        default=None, description="What the certificate confirms."
    )
    holder_name: str | None = field(
        default=None, description="The holder's name, masked: `R** D***`."
    )
    valid_to: dt.date | None = field(default=None, description="Last day of validity, if limited.")
    department: Department | None = field(
        default=None, description="The department that issued the certificate."
    )
    office: strawberry.Private[Text | None] = None

    verification_status_label: str = label_field(
        "verification_status", description="Label of the result."
    )
    certificate_type_label: str | None = optional_label_field(
        "certificate_type", description="Label of the type."
    )
    issued_by: str | None = optional_text_field(
        "office", description="Office that signed the certificate."
    )


MAX_TRIES = 5
"""Maximum number of verifications in one operation."""
NOT_FOUND = CertificateVerification(verification_status=VerificationStatus.NOT_FOUND)
_STATUSES = {
    CertificateStatus.ISSUED: VerificationStatus.VALID,
    CertificateStatus.REVOKED: VerificationStatus.REVOKED,
    CertificateStatus.EXPIRED: VerificationStatus.EXPIRED,
    CertificateStatus.UNKNOWN: VerificationStatus.UNKNOWN,
}


@bounded_tries("verifyCertificate", is_wrong=lambda outcome: outcome is NOT_FOUND)
async def find_verifications(
    keys: Sequence[tuple[str, dt.date]], info: Info
) -> list[Outcome[CertificateVerification | None]]:
    """Return the verification of each certificate.

    Errors: `BAD_USER_INPUT` for all, if there are more than `MAX_TRIES`. `RATE_LIMITED` for all,
    if there were too many wrong tries.

    Args:
        keys: the number and the date of issue. Wrong numbers, numbers of an unknown form and wrong
            dates have the same result.
    """
    if len(keys) > MAX_TRIES:
        # Numbers are easy to guess, and so is a date with enough tries.
        error = bad_input(f"Verify at most {MAX_TRIES} certificates in one operation.")
        return [error] * len(keys)
    numbers = list(dict.fromkeys(number for number, _ in keys))
    batch = await info.context.sources.certificates.verified(numbers)
    found = dict(zip(numbers, batch, strict=True))

    def outcome_of(number: str, issue_date: dt.date) -> Outcome[CertificateVerification | None]:
        certificate = found[number]
        if isinstance(certificate, HubError) and certificate.code == ErrorCode.BAD_USER_INPUT:
            return NOT_FOUND
        if isinstance(certificate, Exception):
            return certificate
        if certificate is None or certificate.issue_date != issue_date:
            return NOT_FOUND
        return _verification(certificate, info)

    return [outcome_of(*key) for key in keys]


def _verification(certificate: Certificate, info: Info) -> CertificateVerification:
    status = _STATUSES[certificate.certificate_status]
    has_ended = certificate.valid_to is not None and certificate.valid_to < info.context.today
    if status is VerificationStatus.VALID and has_ended:
        status = VerificationStatus.EXPIRED
    name = certificate.holder_name or certificate.holder_name_local
    return CertificateVerification(
        verification_status=status,
        certificate_type=certificate.certificate_type,
        holder_name=mask_name(name.full_name) if name else None,
        valid_to=certificate.valid_to,
        department=info.context.sources.catalogue.department(certificate.department_identifier),
        office=certificate.issued_by,
    )
