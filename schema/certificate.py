"""Certificates (DigiLocker Certificate, CPSV-AP Output)."""

import datetime as dt
from enum import Enum
from typing import ClassVar

import strawberry
from strawberry import enum_value, field

from schema.batch import Info, reads
from schema.connections import SourcedConnection
from schema.department import Department
from schema.node import Node
from schema.provenance import Record
from schema.status import DepartmentStatus


@strawberry.enum(description="What a certificate certifies.")
class CertificateType(Enum):
    SCHEDULED_CASTE_CERTIFICATE = enum_value(
        "SCHEDULED_CASTE_CERTIFICATE", description="Membership of a scheduled caste."
    )
    RESIDENT_CERTIFICATE = enum_value("RESIDENT_CERTIFICATE", description="Residence in the state.")
    INCOME_CERTIFICATE = enum_value("INCOME_CERTIFICATE", description="Income of the family.")
    RECORD_OF_RIGHTS = enum_value(
        "RECORD_OF_RIGHTS", description="Certified copy of the land record (Jamabandi)."
    )
    UNKNOWN = enum_value("UNKNOWN", description="A type the hub does not know.")


@strawberry.enum(description="Whether a certificate holds.")
class CertificateStatus(Enum):
    ISSUED = enum_value("ISSUED", description="Issued and not revoked.")
    REVOKED = enum_value("REVOKED", description="Taken back by the department.")
    EXPIRED = enum_value("EXPIRED", description="Past its last day.")
    UNKNOWN = enum_value("UNKNOWN", description="A code the hub does not know.")


@strawberry.type(description="A certificate that a department issued to a citizen.")
class Certificate(Node, Record):
    # What lists are sorted by, and what tells the newer of two rows with one number.
    ALWAYS_READ: ClassVar = frozenset({"issue_date", "updated_datetime"})
    # Whose it is, for the access log.
    OWNER: ClassVar = "holder_key"

    number: str = field(description="Number of the certificate.")
    type: CertificateType = field(description="What it certifies.")
    status: CertificateStatus = field(description="Whether it holds, in common words.")
    department_status: DepartmentStatus = field(description="Whether it holds, as told.")
    issue_date: dt.date | None = field(default=None, description="When it was issued.")
    valid_to: dt.date | None = field(default=None, description="Its last day; null if it has none.")
    issued_by: str | None = field(default=None, description="The office that signed it.")
    issued_to: str | None = field(default=None, description="The holder's name as written on it.")
    application_reference_number: str | None = field(
        default=None, description="The application that it came of."
    )
    updated_datetime: dt.datetime | None = field(default=None, description="When it last changed.")
    department_identifier: strawberry.Private[str]
    holder_key: strawberry.Private[str]

    def local_id(self) -> str:
        return f"{self.department_identifier}|{self.holder_key}|{self.number}"

    @strawberry.field(
        description="The department that issued it.",
        metadata=reads(),
    )
    def department(self, info: Info) -> Department | None:
        return info.context.sources.catalogue.department(self.department_identifier)


@strawberry.type(description="One page of certificates, newest first.")
class CertificateConnection(SourcedConnection[Certificate]):
    pass
