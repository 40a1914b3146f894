"""Certificates (DigiLocker Certificate, CPSV-AP Output)."""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar

import strawberry
from strawberry import Parent, field

from schema.batch import BatchOf, Info, batch_field, reads
from schema.certificate_document import CertificateDocument, StoredDocument
from schema.connections import SourcedConnection
from schema.department import Department
from schema.enums import DescribedEnum, described
from schema.labels import label_field
from schema.language import Text, optional_text_field
from schema.node import Node
from schema.person import PersonName, name_field
from schema.personal import FieldClass, classes
from schema.provenance import Record
from schema.status import DepartmentStatus

if TYPE_CHECKING:
    from schema.application import Application


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


async def load_application(
    parents: Parent[Sequence["Certificate"]], info: Info
) -> BatchOf["Application | None"]:
    return await info.context.sources.applications.of_certificates(parents)


@strawberry.type(description="A certificate that a department issued to a citizen.")
class Certificate(Node, Record):
    # These dates sort lists, and decide which of several rows with one number is the newest.
    ALWAYS_READ: ClassVar = frozenset({"issue_date", "updated_datetime"})
    # The access log finds the citizen by this number.
    OWNER: ClassVar = "holder_key"
    RECORD_CLASS: ClassVar = FieldClass.CERTIFICATE
    CLASSES: ClassVar = classes(
        {
            FieldClass.IDENTIFIER: ["certificate_number", "holder_key"],
            FieldClass.CERTIFICATE: [
                "certificate_type",
                "certificate_status",
                "department_status",
                "issue_date",
                "valid_to",
                "issued_by",
                "updated_datetime",
                "application_reference",
            ],
            FieldClass.NAME: ["holder_name", "holder_name_local"],
            FieldClass.DOCUMENT: ["verification_url", "digi_locker_uri", "stored_document"],
        }
    )
    NOT_PERSONAL: ClassVar = Record.NOT_PERSONAL | {"department_identifier"}
    # The hub finds the citizen by this number.
    KEYS: ClassVar = frozenset({"holder_key"})
    # Names in a manifest that are not the attribute's name.
    MANIFEST_NAMES: ClassVar = {"stored_document": "document"}
    # Few departments send it, so `hub check` does not require it.
    RARE: ClassVar = frozenset({"holder_name"})

    certificate_number: str = field(description="Number of the certificate.")
    certificate_type: CertificateType = field(description="What the certificate confirms.")
    certificate_status: CertificateStatus = field(
        description="Status, translated to a common code."
    )
    department_status: DepartmentStatus = field(description="Status as the department sent it.")
    issue_date: dt.date | None = field(default=None, description="When it was issued.")
    valid_to: dt.date | None = field(default=None, description="Last day of validity, if limited.")
    issued_by: strawberry.Private[Text | None] = None
    application_reference: str | None = field(
        default=None, description="Reference number of the application that led to the certificate."
    )
    updated_datetime: dt.datetime | None = field(default=None, description="When it last changed.")
    verification_url: str | None = field(
        default=None, description="Page of the department that confirms the certificate."
    )
    digi_locker_uri: str | None = field(
        default=None,
        description="Address of the certificate in DigiLocker: issuer, type of document and "
        "number, joined by hyphens.",
    )
    department_identifier: strawberry.Private[str]
    holder_key: strawberry.Private[str]
    holder_name: strawberry.Private[PersonName | None] = None
    holder_name_local: strawberry.Private[PersonName | None] = None
    stored_document: strawberry.Private[StoredDocument | None] = None

    holder_name_in_script: PersonName | None = name_field(
        "holder_name",
        "holder_name_local",
        name="holderName",
        description="The holder's name on the certificate.",
    )
    certificate_type_label: str = label_field("certificate_type", description="Label of the type.")
    certificate_status_label: str = label_field(
        "certificate_status", description="Label of the status."
    )
    issued_by_in: str | None = optional_text_field(
        "issued_by", name="issuedBy", description="Office that signed the certificate."
    )

    def local_id(self) -> str:
        if self.masking is not None:
            return self.masking.local_id
        return f"{self.department_identifier}|{self.holder_key}|{self.certificate_number}"

    application: Annotated["Application", strawberry.lazy("schema.application")] | None = (
        batch_field(
            load_application,
            description="The application that led to the certificate.",
            reads=("application_reference",),
        )
    )

    @strawberry.field(
        description="The certificate's file. Null if the department has none.",
        metadata=reads("stored_document"),
    )
    def document(self, info: Info) -> CertificateDocument | None:
        return info.context.sources.documents.document_of(self)

    @strawberry.field(description="The department that issued the certificate.", metadata=reads())
    def department(self, info: Info) -> Department | None:
        return info.context.sources.catalogue.department(self.department_identifier)


@strawberry.type(description="One page of certificates.")
class CertificateConnection(SourcedConnection[Certificate]):
    pass
