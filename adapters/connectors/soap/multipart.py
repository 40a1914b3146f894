"""Replies with attachments: MTOM/XOP and SOAP with attachments (`multipart/related`, RFC 2387).

An `xop:Include` in the envelope is replaced by the attachment as base64, as if the department had
sent it inline. Attachments that the envelope does not include are ignored.

Old servers write a preamble before the first part, text after the last, and line feeds alone. RFC
2046, 5.1.1, says that both texts are ignored; line ends are accepted in any form.
"""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from urllib.parse import unquote

from lxml import etree

INCLUDE = "{http://www.w3.org/2004/08/xop/include}Include"
MOST_PARTS = 500
MOST_HEADER_BYTES = 1 << 16
"""Maximum size of the headers of one part."""
_LINE_END = rb"(?:\r\n|\n|\r(?!\n))"
_HEAD = re.compile(rb"(?:(.*?)%b)??%b" % (_LINE_END, _LINE_END), re.DOTALL)
"""The headers of a part, if it has any, and the empty line after them."""
_CONTINUATION = re.compile(rb"%b[ \t]+" % _LINE_END)
_REST_OF_LINE = re.compile(rb"(--)?[ \t]*(?:%b|\Z)" % _LINE_END)
_SPLIT_LINES = re.compile(_LINE_END)


class BadMultipartError(ValueError):
    """The parts can't be separated, one is missing, or together they are too large."""


Attachments = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Part:
    """A part: its headers by name in lower case, and its content, decoded."""

    headers: dict[str, str]
    content: bytes

    @property
    def content_id(self) -> str:
        return self.headers.get("content-id", "").strip("<>")


def is_multipart(content_type: str) -> bool:
    """Return True for `multipart/related` and other kinds of `multipart`."""
    return content_type.lower().lstrip().startswith("multipart/")


def take_apart(content_type: str, body: bytes) -> tuple[bytes, Attachments]:
    """Return the envelope, and the attachments by content id.

    Raises:
        BadMultipartError: the body can't be separated, or has too many parts.
    """
    described = Message()
    described["Content-Type"] = content_type
    parts = _parts(body, described.get_boundary(""))
    by_id = {part.content_id: part for part in reversed(parts)}
    start = str(described.get_param("start", "")).strip("<> ")
    root = by_id.get(start, parts[0]) if start else parts[0]
    attachments = {key: part.content for key, part in by_id.items() if key and part is not root}
    return root.content, attachments


def _parts(body: bytes, boundary: str) -> Sequence[Part]:
    if not boundary:
        raise BadMultipartError("their Content-Type names no boundary")
    delimiter = b"--" + boundary.encode("latin-1", "replace")
    if body.count(delimiter) > MOST_PARTS + 1:
        raise BadMultipartError(f"there are more than {MOST_PARTS} parts")
    parts: list[Part] = []
    begin: int | None = None
    for line_begin, line_end, is_last in _delimiters(body, delimiter):
        if begin is not None:
            parts.append(_part(body[begin:line_begin]))
        begin = None if is_last else line_end
        if is_last:
            break
    if begin is not None and body[begin:].strip():
        parts.append(_part(body[begin:]))
    if not parts:
        raise BadMultipartError("the boundary that their Content-Type names was not found")
    return parts


def _delimiters(body: bytes, delimiter: bytes) -> Iterator[tuple[int, int, bool]]:
    """Yield the byte range of each line between parts with its line ends, and if it is the last."""
    at = body.find(delimiter)
    while at >= 0:
        rest = _REST_OF_LINE.match(body, at + len(delimiter))
        if rest is not None and (at == 0 or body[at - 1] in b"\r\n"):
            line_end = 0 if at == 0 else 2 if body[at - 2 : at] == b"\r\n" else 1
            yield at - line_end, rest.end(), rest[1] is not None
        at = body.find(delimiter, at + len(delimiter))


def _part(content: bytes) -> Part:
    """Read a part, from the line after its delimiter to the line end before the next."""
    head = _HEAD.match(content, 0, MOST_HEADER_BYTES)
    if head is None:
        raise BadMultipartError("a part has no empty line after its headers")
    headers: dict[str, str] = {}
    for header in _SPLIT_LINES.split(_CONTINUATION.sub(b" ", head[1] or b"")):
        name, _, value = header.decode("latin-1").partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    encoding = headers.get("content-transfer-encoding", "").lower()
    return Part(headers, _decoded(content[head.end() :], encoding))


def _decoded(content: bytes, encoding: str) -> bytes:
    if encoding == "quoted-printable":
        return quopri.decodestring(content)
    if encoding == "base64":
        try:
            return base64.b64decode(content)
        except binascii.Error:
            raise BadMultipartError("a part is not in base64, as its headers say") from None
    return content


def put_in(root: etree._Element, attachments: Attachments, most_bytes: int) -> None:
    """Replace each `xop:Include` by its attachment as base64.

    Args:
        root: the envelope; changed in place.
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
            raise BadMultipartError("one that the envelope includes is missing")
        used += len(content)
        if used > most_bytes:
            raise BadMultipartError("together they are too large")
        holder.remove(include)
        holder.text = base64.b64encode(content).decode("ascii")
