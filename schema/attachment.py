"""Documents that citizens upload."""

import datetime as dt
from typing import ClassVar

import strawberry
from strawberry import field

from schema.batch import Info, reads
from schema.node import to_global_id
from schema.personal import FieldClass, classes


@strawberry.type(description="A document that was uploaded with `attachDocument`.")
class Attachment:
    RECORD_CLASS: ClassVar = FieldClass.APPLICATION
    CLASSES: ClassVar = classes(
        {
            FieldClass.APPLICATION: [
                "evidence",
                "name",
                "media_type",
                "size_bytes",
                "sha256",
                "uploaded_datetime",
                "expiry_datetime",
                "identifier",
            ]
        }
    )

    evidence: str | None = field(
        description="Code of the document that it is (`Service.evidence`). Null if it is another "
        "document."
    )
    name: str = field(description="Name of the file.")
    media_type: str = field(description="Format of the file, as its content shows it.")
    size_bytes: int = field(description="Size of the file, in bytes.")
    sha256: str = field(name="sha256", description="SHA-256 of the file, in 64 hexadecimal digits.")
    uploaded_datetime: dt.datetime = field(description="When it was uploaded.")
    expiry_datetime: dt.datetime | None = field(
        description="When the hub deletes it. Null once a submission contains it."
    )
    identifier: strawberry.Private[str]

    @strawberry.field(
        description="Id of the attachment. Pass it back unchanged.", metadata=reads("identifier")
    )
    def attachment_id(self, info: Info) -> strawberry.ID:
        return to_global_id(info.context.sources.ids, "Attachment", self.identifier)

    @strawberry.field(
        description="Address of the file. Whoever has the address can read the file until the "
        "address expires.",
        metadata=reads("identifier"),
    )
    def url(self, info: Info) -> str:
        return info.context.sources.submissions.attachment_url(self)
