"""Files and requests for the tests of uploads."""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence

BOUNDARY = "----citizen-hub-test"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def pdf(text: bytes = b"Income certificate", size: int = 0) -> bytes:
    """Return a PDF file of one page, filled up to `size` bytes."""
    stream = b"BT /F1 24 Tf 72 700 Td (" + text + b") Tj ET"
    stream += b"\n% " + b"x" * max(size - 700, 0)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> "
        b">>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    content = b"%PDF-1.4\n"
    offsets = []
    for number, each in enumerate(objects, 1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(content)
    content += b"xref\n0 5\n0000000000 65535 f \n"
    content += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return content + b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start


def png_chunk(name: bytes, content: bytes = b"") -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + checksum


def png(width: int = 8, height: int = 8, *more: bytes) -> bytes:
    """Return a white PNG file. `more` are chunks between its header and its data."""
    rows = zlib.compress((b"\0" + b"\xff" * width) * min(height, 64))
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        + b"".join(more)
        + png_chunk(b"IDAT", rows)
        + png_chunk(b"IEND")
    )


def jpeg_segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def jpeg(width: int = 16, height: int = 16, *more: bytes, data: bytes = b"\x12\xff\0\x34") -> bytes:
    """Return a JPEG file with the right structure. `more` are segments after its first one."""
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0"
    return (
        b"\xff\xd8"
        + jpeg_segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
        + b"".join(more)
        + jpeg_segment(0xC0, frame)
        + jpeg_segment(0xDA, b"\1\1\0\0?\0")
        + data
        + b"\xff\xd9"
    )


def zip_file(content: bytes = b"hello", name: str = "a.txt") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return target.getvalue()


def part(name: str, content: bytes, file_name: str | None = None, *headers: str) -> bytes:
    """Return one part of a multipart request."""
    file = "" if file_name is None else f'; filename="{file_name}"'
    lines = [f'Content-Disposition: form-data; name="{name}"{file}', *headers]
    start = "\r\n".join([f"--{BOUNDARY}", *lines, "", ""])
    return start.encode() + content + b"\r\n"


def body(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def request_body(
    operations: object,
    files: Sequence[tuple[str, bytes]],
    paths: Mapping[str, object] | None = None,
) -> bytes:
    """Return a request after the GraphQL multipart request convention.

    Args:
        operations: the JSON of `operations`.
        files: names and contents.
        paths: `map`; by default, the first file is `variables.file`.
    """
    paths = paths if paths is not None else {"0": ["variables.file"]}
    return body(
        part("operations", json.dumps(operations).encode()),
        part("map", json.dumps(paths).encode()),
        *(part(str(number), content, name) for number, (name, content) in enumerate(files)),
    )
