"""The files of certificates."""

import datetime as dt
from typing import ClassVar

import strawberry
from strawberry import field

from schema.personal import FieldClass, classes
from schema.provenance import Record


@strawberry.type(description="The file of a certificate, at an address of the hub.")
class CertificateDocument:
    RECORD_CLASS: ClassVar = FieldClass.DOCUMENT
    CLASSES: ClassVar = classes(
        {FieldClass.DOCUMENT: ["url", "expires_datetime", "media_type", "size_bytes"]}
    )

    url: str = field(
        description="Signed address of the file. Everybody who has the address can read the file "
        "until it expires."
    )
    expires_datetime: dt.datetime = field(
        description="When the address expires. Query it again for a new one."
    )
    media_type: str = field(description="Media type of the file: application/pdf.")
    size_bytes: int | None = field(
        default=None, description="Size of the file, if the department sends it."
    )


@strawberry.type
class StoredDocument:
    """What a department says about the file of a certificate."""

    RECORD_CLASS: ClassVar = FieldClass.DOCUMENT
    CLASSES: ClassVar = classes({FieldClass.DOCUMENT: ["media_type", "size_bytes"]})

    media_type: str
    size_bytes: int | None = None


@strawberry.type
class CertificateFile(Record):
    """The content of a certificate's file, as the department sent it."""

    # The access log finds the citizen by this number.
    OWNER: ClassVar = "holder_key"
    RECORD_CLASS: ClassVar = FieldClass.DOCUMENT
    CLASSES: ClassVar = classes(
        {
            FieldClass.DOCUMENT: ["content"],
            FieldClass.IDENTIFIER: ["certificate_number", "holder_key"],
        }
    )
    NOT_PERSONAL: ClassVar = Record.NOT_PERSONAL | {"department_identifier"}
    # The hub finds the certificate and the citizen by these numbers.
    KEYS: ClassVar = frozenset({"certificate_number", "holder_key"})

    certificate_number: strawberry.Private[str]
    content: strawberry.Private[bytes]
    department_identifier: strawberry.Private[str]
    holder_key: strawberry.Private[str]

    def local_id(self) -> str:
        """Return the local id of the certificate."""
        return f"{self.department_identifier}|{self.holder_key}|{self.certificate_number}"
