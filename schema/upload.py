"""The scalar `Upload`: a file of a multipart request."""

from dataclasses import dataclass

from strawberry.exceptions import StrawberryInputCoercionError

from schema.language import Text


@dataclass(frozen=True, slots=True)
class FileProblem:
    """Why a file is not accepted.

    Attributes:
        code: for programs, for example `TYPE_NOT_ALLOWED` (`hub.durable.attachments.problems`).
        message: for citizens, what is wrong and what to do.
    """

    code: str
    message: Text


@dataclass(slots=True)
class UploadedFile:
    """A file that the hub has received whole, but does not keep yet.

    It is deleted at the end of the request unless `SubmissionSource.attach` keeps it.

    Attributes:
        name: file name without folders and control characters; its ending fits the content.
        media_type: as the content shows it, not as the client declares it; empty if the hub does
            not know the content.
        size_bytes: size in bytes.
        sha256: SHA-256 of the content, 64 hexadecimal digits.
        problem: why the file is not accepted; None if it is.
    """

    name: str
    media_type: str = ""
    size_bytes: int = 0
    sha256: str = ""
    problem: FileProblem | None = None


def parse_upload(value: object) -> UploadedFile:
    if isinstance(value, UploadedFile):
        return value
    raise StrawberryInputCoercionError(
        "Send the file as a part of a multipart request, and null as the value of its variable "
        "(https://github.com/jaydenseric/graphql-multipart-request-spec)."
    )


def serialize_upload(_value: object) -> object:
    raise TypeError("An Upload is an input only.")
