"""Certificates (DigiLocker Certificate, CPSV-AP Output)."""

import datetime as dt
from typing import ClassVar

import strawberry
from strawberry import field

from schema.batch import Info, reads
from schema.connections import SourcedConnection
from schema.department import Department
from schema.enums import DescribedEnum, described
from schema.node import Node
from schema.provenance import Record
from schema.status import DepartmentStatus


@strawberry.enum(description="What a certificate confirms.")
class CertificateType(DescribedEnum):
    SCHEDULED_CASTE_CERTIFICATE = described("Membership of a scheduled caste.")
    RESIDENT_CERTIFICATE = described("Residence in the state.")
    INCOME_CERTIFICATE = described("Income of the family.")
    RECORD_OF_RIGHTS = described("Land rights: certified copy of the land record (Jamabandi).")
    UNKNOWN = described("The hub does not know the department's code.")


@strawberry.enum(description="Whether a certificate is valid.")
class CertificateStatus(DescribedEnum):
    ISSUED = described("Issued, and not revoked.")
    REVOKED = described("Revoked by the department.")
    EXPIRED = described("The last day of validity has passed.")
    UNKNOWN = described("The hub does not know the department's code.")


@strawberry.type(description="A certificate that a department issued to a citizen.")
class Certificate(Node, Record):
    # These dates sort lists, and decide which of several rows with one number is the newest.
    ALWAYS_READ: ClassVar = frozenset({"issue_date", "updated_datetime"})
    # The access log finds the citizen by this number.
    OWNER: ClassVar = "holder_key"

    certificate_number: str = field(description="Number of the certificate.")
    certificate_type: CertificateType = field(description="What the certificate confirms.")
    certificate_status: CertificateStatus = field(
        description="Status, translated to a common code."
    )
    department_status: DepartmentStatus = field(description="Status as the department sent it.")
    issue_date: dt.date | None = field(default=None, description="When it was issued.")
    valid_to: dt.date | None = field(default=None, description="Last day of validity, if limited.")
    issued_by: str | None = field(default=None, description="Office that signed the certificate.")
    issued_to: str | None = field(default=None, description="Holder's name on the certificate.")
    application_reference: str | None = field(
        default=None, description="Reference number of the application that led to the certificate."
    )
    updated_datetime: dt.datetime | None = field(default=None, description="When it last changed.")
    department_identifier: strawberry.Private[str]
    holder_key: strawberry.Private[str]

    def local_id(self) -> str:
        return f"{self.department_identifier}|{self.holder_key}|{self.certificate_number}"

    @strawberry.field(description="The department that issued the certificate.", metadata=reads())
    def department(self, info: Info) -> Department | None:
        return info.context.sources.catalogue.department(self.department_identifier)


@strawberry.type(description="One page of certificates, newest first.")
class CertificateConnection(SourcedConnection[Certificate]):
    pass
