"""Replies with attachments: MTOM/XOP and SOAP with attachments (`multipart/related`, RFC 2387).

An `xop:Include` in the envelope is replaced by the attachment as base64, as if the department had
sent it inline. Attachments that the envelope does not include are ignored.
"""

import base64
from urllib.parse import unquote

from lxml import etree
from requests_toolbelt.multipart.decoder import (
    BodyPart,
    ImproperBodyPartContentException,
    MultipartDecoder,
    NonMultipartContentTypeException,
)

INCLUDE = "{http://www.w3.org/2004/08/xop/include}Include"
MOST_PARTS = 500


class BadMultipartError(ValueError):
    """The parts can't be separated, one is missing, or together they are too large."""


Attachments = dict[str, bytes]


def is_multipart(content_type: str) -> bool:
    """Return True for `multipart/related`."""
    return content_type.lower().lstrip().startswith("multipart/related")


def take_apart(content_type: str, body: bytes) -> tuple[bytes, Attachments]:
    """Return the envelope, and the attachments by content id.

    Raises:
        BadMultipartError: the body is not multipart, or has too many parts.
    """
    boundary = _parameter(content_type, "boundary").encode("latin-1", "replace")
    if boundary and body.count(b"--" + boundary) > MOST_PARTS + 1:
        raise BadMultipartError("too many parts")
    try:
        parts = MultipartDecoder(body, content_type, encoding="latin-1").parts
    except (
        ImproperBodyPartContentException,
        NonMultipartContentTypeException,
        AttributeError,
        ValueError,
    ):
        raise BadMultipartError("not multipart") from None
    if not parts or len(parts) > MOST_PARTS:
        raise BadMultipartError("no parts, or too many parts")
    by_id = {_content_id(part): part for part in reversed(parts)}
    start = _parameter(content_type, "start").strip("<>")
    root = by_id.get(start, parts[0]) if start else parts[0]
    attachments = {
        key: bytes(part.content) for key, part in by_id.items() if key and part is not root
    }
    return bytes(root.content), attachments


def put_in(root: etree._Element, attachments: Attachments, most_bytes: int) -> None:
    """Replace each `xop:Include` by its attachment as base64.

    Args:
        root: the envelope; changed in place.
        attachments: attachments by content id.
        most_bytes: maximum size of all inserted attachments in bytes.

    Raises:
        BadMultipartError: an attachment is missing, or they are too large.
    """
    used = 0
    for include in list(root.iter(INCLUDE)):
        reference = include.get("href") or ""
        content = attachments.get(unquote(reference.removeprefix("cid:")))
        holder = include.getparent()
        if content is None or holder is None or not reference.startswith("cid:"):
            raise BadMultipartError("an attachment is missing")
        used += len(content)
        if used > most_bytes:
            raise BadMultipartError("attachments that are too large together")
        holder.remove(include)
        holder.text = base64.b64encode(content).decode("ascii")


def _content_id(part: BodyPart) -> str:
    value: bytes = part.headers.get(b"Content-ID", b"")
    return value.decode("latin-1").strip().strip("<>")


def _parameter(content_type: str, name: str) -> str:
    for each in content_type.split(";")[1:]:
        key, _, value = each.strip().partition("=")
        if key.lower() == name:
            return value.strip().strip('"')
    return ""
