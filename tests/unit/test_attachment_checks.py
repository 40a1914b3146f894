"""Checks of uploaded files by their content, and their names."""

import io
import struct
import zipfile
import zlib

import pytest

from hub.durable.attachments.checks import check_content
from hub.durable.attachments.names import safe_name
from hub.durable.attachments.problems import FileRefusedError
from tests.support.uploads import jpeg, jpeg_segment, pdf, png, png_chunk, zip_file

BOMB = zlib.compress(b"\0" * (8 << 20), 9)


def type_of(content: bytes) -> str:
    return check_content(io.BytesIO(content)).media_type


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (pdf(), "application/pdf"),
        (pdf().rstrip(b"\n"), "application/pdf"),
        (pdf() + b"\r\n\0\0\0", "application/pdf"),
        (pdf(size=300_000), "application/pdf"),
        (png(), "image/png"),
        (png(8, 8, png_chunk(b"iCCP", b"name\0\0" + zlib.compress(b"x" * 1000))), "image/png"),
        (jpeg(), "image/jpeg"),
        (jpeg(16, 16, jpeg_segment(0xE1, b"Exif\0\0" + b"x" * 60_000)), "image/jpeg"),
        (jpeg(data=b"\xff\0" * 70_000 + b"\xff\xd0" + b"\xff\xff\xff\0"), "image/jpeg"),
        (b"II*\0" + b"\0" * 100, "image/tiff"),
    ],
)
def test_a_whole_file_is_recognised_by_its_content(content: bytes, media_type: str) -> None:
    assert type_of(content) == media_type


@pytest.mark.parametrize("length", range(65_530, 65_545))
def test_a_marker_of_a_jpeg_is_found_wherever_a_read_ends(length: int) -> None:
    for tail in (b"", b"\xff\0", b"\xff\xff\0", b"\xff\xd7"):
        content = jpeg(data=b"\x11" * length + tail)
        assert type_of(content) == "image/jpeg"
        with pytest.raises(FileRefusedError):
            type_of(content + b"\0")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "EMPTY"),
        (zip_file(), "TYPE_NOT_ALLOWED"),
        (zip_file(b"\0" * (20 << 20)), "TYPE_NOT_ALLOWED"),
        (zip_file(name="word/document.xml"), "TYPE_NOT_ALLOWED"),
        (b"MZ\x90\0" + b"\0" * 200, "TYPE_NOT_ALLOWED"),
        (b"\x7fELF\2\1\1" + b"\0" * 200, "TYPE_NOT_ALLOWED"),
        (b"#!/bin/sh\nrm -rf /\n", "TYPE_NOT_ALLOWED"),
        (b"<html><script>alert(1)</script></html>", "TYPE_NOT_ALLOWED"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "TYPE_NOT_ALLOWED"),
        (b"just some text", "TYPE_NOT_ALLOWED"),
        (b"\x1f\x8b\x08\0" + b"\0" * 100, "TYPE_NOT_ALLOWED"),
        (b"\n" + pdf(), "TYPE_NOT_ALLOWED"),
        (b"%PDF-9.9\n" + pdf(), "DAMAGED"),
        (pdf()[:-30], "DAMAGED"),
        (png()[:-1], "DAMAGED"),
        (png()[:60], "DAMAGED"),
        (png().replace(b"IDAT", b"IDAX"), "DAMAGED"),
        (png(8, 8, png_chunk(b"IHDR", b"\0" * 13)), "DAMAGED"),
        (png(0, 8), "DAMAGED"),
        (jpeg()[:-2], "DAMAGED"),
        (jpeg()[:40], "DAMAGED"),
        (jpeg(0, 16), "DAMAGED"),
        (b"\xff\xd8\xff\xd9", "DAMAGED"),
        (b"\xff\xd8\xff\xe0\0\1", "DAMAGED"),
    ],
)
def test_a_file_that_is_damaged_or_of_another_type_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(FileRefusedError) as refused:
        type_of(content)
    assert refused.value.problem.code == code


@pytest.mark.parametrize(
    "content",
    [
        png(60_000, 60_000),
        png(30_001, 1),
        png(10_000, 10_000),
        png(8, 8, png_chunk(b"zTXt", b"Comment\0\0" + BOMB)),
        png(8, 8, png_chunk(b"iTXt", b"Comment\0\1\0\0\0" + BOMB)),
        png(8, 8, png_chunk(b"iCCP", b"profile\0\0" + BOMB)),
        jpeg(65_535, 65_535),
        jpeg(20_000, 20_000),
    ],
)
def test_a_picture_that_would_fill_the_memory_is_refused(content: bytes) -> None:
    assert len(content) < 100_000
    with pytest.raises(FileRefusedError) as refused:
        type_of(content)
    assert refused.value.problem.code == "IMAGE_TOO_LARGE"


SCAN = jpeg_segment(0xDA, b"\1\1\0\0?\0") + b"\x12"


@pytest.mark.parametrize(
    "content",
    [
        jpeg(data=b"\x12" + SCAN * 5000),
        jpeg(16, 16, jpeg_segment(0xFE, b"") * 20_000),
        jpeg(16, 16, b"\xff" * 100_000),
        png(8, 8, png_chunk(b"tEXt") * 20_000),
    ],
    ids=["scans", "segments", "fill bytes", "chunks"],
)
def test_a_file_that_would_keep_the_hub_busy_is_refused(content: bytes) -> None:
    with pytest.raises(FileRefusedError):
        type_of(content)


@pytest.mark.parametrize("content", [pdf(), png(), jpeg()], ids=["pdf", "png", "jpeg"])
def test_a_file_that_was_cut_anywhere_is_refused(content: bytes) -> None:
    for length in range(len(content.rstrip(b"\n"))):
        with pytest.raises(FileRefusedError):
            type_of(content[:length])


def appended_zip(before: bytes) -> bytes:
    """Return a file with an archive behind it, whose offsets count from the file's start."""
    target = io.BytesIO(before)
    target.seek(0, 2)
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("evil.txt", "evil")
    return target.getvalue()


def zip_in_pdf() -> bytes:
    """Return a PDF with an archive before its end, where readers of both types find their marks."""
    head, tail = pdf().rsplit(b"startxref", 1)
    return head + b"%" + zip_file() + b"\nstartxref" + tail


FILM = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\x11" * 70_000


def samsung_block(content: bytes) -> bytes:
    """Return what Samsung telephones write behind a photo (SEFH, SEFT)."""
    entry = b"\0\0\x01\x0a" + struct.pack("<I", 4) + b"Note" + content
    directory = b"SEFH" + struct.pack("<IIHHII", 107, 1, 0, 0x0A01, len(entry), len(entry))
    return entry + directory + struct.pack("<I4s", len(directory), b"SEFT")


TELEPHONES = {
    "a second picture": jpeg(),
    "many pictures": jpeg() * 100,
    "a picture after zeros": b"\0" * 100 + jpeg(),
    "a film": FILM,
    "a picture and a film": jpeg() + FILM,
    "a block of Samsung's": samsung_block(b"1700000000000"),
    "a film in a block of Samsung's": samsung_block(FILM),
    "a picture and a block of Samsung's": jpeg() + samsung_block(b"1"),
}


@pytest.mark.parametrize("name", TELEPHONES)
def test_only_the_picture_is_kept_of_a_photo(name: str) -> None:
    photo = jpeg(data=b"\x12" * 70_000)
    found = check_content(io.BytesIO(photo + TELEPHONES[name]))
    assert (found.media_type, found.size_bytes) == ("image/jpeg", len(photo))


@pytest.mark.parametrize("content", [pdf(), png(), jpeg(), b"II*\0" + b"\0" * 100])
def test_all_is_kept_of_other_files(content: bytes) -> None:
    assert check_content(io.BytesIO(content)).size_bytes == len(content)


POLYGLOTS = {
    "a ZIP behind a PDF": pdf() + zip_file(),
    "a ZIP whose comment is the end of a PDF": zip_in_pdf(),
    "a ZIP behind a PNG": png() + zip_file(),
    "a ZIP in a chunk of a PNG": png(8, 8, png_chunk(b"puNk", zip_file())),
    "a ZIP in a comment of a JPEG": jpeg(16, 16, jpeg_segment(0xFE, zip_file())),
    "a ZIP behind a JPEG, with offsets of the whole file": appended_zip(jpeg()),
    "a RAR behind a PDF": pdf() + b"Rar!\x1a\x07\0" + b"\0" * 50,
    "a RAR in a PDF": zip_in_pdf().replace(b"PK\3\4", b"Rar!\x1a\x07\0"),
    "a 7z in a JPEG": jpeg(16, 16, jpeg_segment(0xFE, b"7z\xbc\xaf\x27\x1c\0\4")),
    "a PDF in a comment of a JPEG": jpeg(16, 16, jpeg_segment(0xFE, pdf())),
    "a PDF in a chunk of a PNG": png(8, 8, png_chunk(b"tEXt", b"Comment\0" + pdf())),
    "a script in a comment of a JPEG": jpeg(
        16, 16, jpeg_segment(0xFE, b"<script>alert(1)</script>")
    ),
    "PHP in a chunk of a PNG": png(8, 8, png_chunk(b"tEXt", b"c\0<?php system($_GET[0]); ?>")),
    "a page in a PDF": pdf().replace(b"%PDF-1.4\n", b"%PDF-1.4\n<html><script>x</script></html>"),
    "a TAR that is a PDF": pdf()[:9] + b"%" + b"x" * 247 + b"ustar" + b"\n" + pdf()[9:],
    "a PNG behind a JPEG": jpeg() + png(),
    "a JPEG behind a PNG": png() + jpeg(),
    "text behind a PNG": png() + b"hidden",
    "text behind a JPEG": jpeg() + b"hidden",
    "zeros behind a JPEG": jpeg() + b"\0" * 5000,
    "a page behind a JPEG": jpeg() + b"<html><body>x</body></html>",
    "a PDF behind a JPEG": jpeg() + pdf(),
    "a program behind a JPEG": jpeg() + b"#!/bin/sh\nreboot\n",
    "a ZIP behind the film of a photo": appended_zip(jpeg() + FILM),
    "a RAR behind the second picture of a photo": jpeg() + jpeg() + b"Rar!\x1a\x07\0",
    "a page in the block of a photo": jpeg() + samsung_block(b"<script>alert(1)</script>"),
    "the end of a block without its directory": jpeg() + b"x" * 40 + b"\x10\0\0\0SEFT",
    "a directory that begins in the picture": jpeg() + b"\xff\xff\0\0SEFT",
    "a directory of the greatest size": jpeg() + b"x" * 40 + b"\xff\xff\xff\xffSEFT",
    "a film alone with a JPEG's first bytes": b"\xff\xd8\xff" + FILM,
    "a program behind a PDF": pdf() + b"MZ\x90\0",
    "a disk image in a PDF": pdf(size=60_000)[:0x8001] + b"CD001" + pdf(size=60_000)[0x8006:],
}


@pytest.mark.parametrize("name", POLYGLOTS)
def test_a_file_of_two_types_is_refused(name: str) -> None:
    with pytest.raises(FileRefusedError) as refused:
        type_of(POLYGLOTS[name])
    assert refused.value.problem.code in ("ADDED_CONTENT", "DAMAGED")


def test_the_mark_of_an_archive_alone_does_not_refuse_a_file() -> None:
    assert type_of(pdf(b"PK\5\6" + b"x" * 40)) == "application/pdf"
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, 46, 9, 0)
    assert type_of(png(8, 8, png_chunk(b"tEXt", b"c\0" + end))) == "image/png"


@pytest.mark.parametrize(
    ("given", "media_type", "name"),
    [
        ("income.pdf", "application/pdf", "income.pdf"),
        ("../../etc/passwd", "application/pdf", "passwd.pdf"),
        ("..\\..\\windows\\system32\\evil.exe", "image/png", "evil.png"),
        ("C:\\fakepath\\scan.jpeg", "image/jpeg", "scan.jpg"),
        ("/", "image/png", "document.png"),
        ("..", "image/png", "document.png"),
        (".htaccess", "image/png", "htaccess.png"),
        ("", "application/pdf", "document.pdf"),
        ("a\0b\r\nc\x1b[31m.pdf", "application/pdf", "abc[31m.pdf"),
        ("photo\u202egpj.exe", "image/jpeg", "photogpj.jpg"),
        ("\u2066x\u2069.pdf", "application/pdf", "x.pdf"),
        ("आय प्रमाण\u200dपत्र.pdf", "application/pdf", "आय_प्रमाण\u200dपत्र.pdf"),
        ("shell.php.jpg", "image/jpeg", "shell_php.jpg"),
        ("CON.pdf", "application/pdf", "document_CON.pdf"),
        ('a"b;c|d*e?.pdf', "application/pdf", "a_b_c_d_e.pdf"),
        ("$(reboot)`id`&.pdf", "application/pdf", "(reboot)_id.pdf"),
        ("\ud800bad.pdf", "application/pdf", "bad.pdf"),
        ("unknown.bin", "", "unknown"),
    ],
)
def test_names_of_files_are_made_safe(given: str, media_type: str, name: str) -> None:
    assert safe_name(given, media_type) == name


@pytest.mark.parametrize("character", ["a", "क", "😀", "."])
def test_long_names_are_cut(character: str) -> None:
    name = safe_name(character * 5000 + ".pdf", "application/pdf")
    assert len(name.encode()) <= 255
    assert name.endswith(".pdf")
