"""Damaged and hostile XML, references, attachments."""

import base64
import quopri
from pathlib import Path

import pytest

from adapters.adapter import ManifestAdapter
from adapters.contract import DepartmentError, MalformedReplyError
from schema.codes import WarningCode
from tests.connectors.soap_department import (
    Reply,
    SoapServer,
    always,
    applications,
    department,
    envelope,
    rows,
)
from tests.connectors.soap_wsdls import document_wsdl, rpc_wsdl

FIND = 'operation: Find\narguments: {Owner: "{keys}"}'
FIND_RPC = 'operation: Find\narguments: {criteria: {Owner: "{key}"}}'
ROW = (
    "<Row><Number>N1</Number><Owner>A1</Owner><Status>01</Status><Notes>{notes}</Notes>"
    "<Name>{name}</Name></Row>"
)


def reply(notes: str = "", name: str = "") -> bytes:
    row = ROW.format(notes=notes, name=name)
    return envelope(f'<FindResponse xmlns="urn:forest">{row}</FindResponse>')


async def read(
    server: SoapServer, folder: Path
) -> tuple[str | None, str | None, list[WarningCode]]:
    """Return notes, name and the codes of the warnings."""
    adapter = department(folder, server.url, document_wsdl(), call=FIND, rows="Row")
    try:
        (record,) = await applications(adapter)
        warnings = [each.code for each in (await rows(adapter)).warnings]
        return record.status_notes, record.applicant_name, warnings
    finally:
        await adapter.close()


@pytest.mark.parametrize("sent", ["&#x0B;", "&#11;", "&#0;", "\x0b", "&#xFFFF;", "&#x110000;"])
async def test_characters_that_xml_forbids_are_removed_with_a_warning(
    sent: str, server: SoapServer, tmp_path: Path
) -> None:
    server.answer = always(reply(notes=f"in{sent} order &#x915;"))
    assert await read(server, tmp_path) == ("in order क", None, ["FORBIDDEN_CHARACTERS"])


async def test_blank_lines_and_a_byte_order_mark_before_the_declaration(
    server: SoapServer, tmp_path: Path
) -> None:
    server.answer = always(b"\xef\xbb\xbf" + reply(notes="क"))
    assert await read(server, tmp_path / "mark") == ("क", None, [])
    server.answer = always(b"\r\n\n" + reply(notes="क"))
    assert await read(server, tmp_path / "blank") == ("क", None, [])


async def test_a_wrong_charset_declaration_causes_a_warning(
    server: SoapServer, tmp_path: Path
) -> None:
    server.answer = always(reply(notes="caf\u00e9 \u2013 ok").decode().encode("cp1252"))
    assert await read(server, tmp_path) == ("café – ok", None, ["WRONG_CHARSET"])


async def test_utf_16_declared_as_utf_8(server: SoapServer, tmp_path: Path) -> None:
    server.answer = always(reply(name="राम").decode().encode("utf-16-le"))
    assert (await read(server, tmp_path))[1] == "राम"


async def test_damaged_utf_8_is_not_decoded_as_another_charset(
    server: SoapServer, tmp_path: Path
) -> None:
    server.answer = always(reply(name="राम देवी").replace("व".encode(), b"\xe0\xa4"))
    with pytest.raises(MalformedReplyError):
        await read(server, tmp_path)


DECLARED = (
    reply()
    .decode()
    .replace(
        "<FindResponse",
        '<FindResponse xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        + " ".join(f'xmlns:a{n}="urn:forest"' for n in range(300)),
    )
)
DECLARED = DECLARED.replace("<Row>", '<Row xsi:type="a7:Other">')
BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(8))


@pytest.mark.parametrize(
    "body",
    [
        f"<!DOCTYPE x [{BOMB}]><x>&e7;</x>".encode(),
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>',
        b"<a>" * 5_000 + b"</a>" * 5_000,
        b"<a>",
        b"",
        b'<?xml version="1.0" encoding="punycode"?><a>' + b"x" * 99_999 + b"-" + b"a" * 99_999,
        b'<?xml version="1.0" encoding="undefined"?><a>',
        b"<a>" + b"\0" * 20_000 + b"</a>",
        b"<a>" + b"&#1;" * 20_000 + b"</a>",
        DECLARED.encode(),
    ],
)
async def test_hostile_xml_is_an_error(body: bytes, server: SoapServer, tmp_path: Path) -> None:
    server.answer = always(body)
    with pytest.raises(MalformedReplyError):
        await read(server, tmp_path)


def encoded(folder: Path, server: SoapServer) -> ManifestAdapter:
    """Return a department with rpc/encoded replies."""
    return department(
        folder, server.url, rpc_wsdl("encoded"), call=FIND_RPC, rows="rows", at_once=1
    )


@pytest.mark.parametrize(
    "rows",
    [
        '<rows href="#a"/><x id="a" href="#a"/>',
        '<rows enc:arrayType="x[1]"><item href="#a"/></rows><x id="a"><y href="#a"/></x>',
        '<rows href="#nowhere"/>',
        f"<rows>{'<y>' * 60}{'</y>' * 60}</rows>",
    ],
)
async def test_circular_references_are_an_error(
    rows: str, server: SoapServer, tmp_path: Path
) -> None:
    server.answer = always(envelope(f"<FindResponse>{rows}</FindResponse>"))
    adapter = encoded(tmp_path, server)
    with pytest.raises(MalformedReplyError):
        await applications(adapter)
    await adapter.close()


CHAIN = "".join(f'<x id="n{n}"><l href="#n{n + 1}"/><r href="#n{n + 1}"/></x>' for n in range(20))
CHAIN += '<x id="n20"><Number>N1</Number></x>'
"""Each object refers twice to the next: 2^20 values if all were expanded."""
LONG_LIST = f'<x id="n0" enc:arrayType="y[9999]">{"<y>1</y>" * 9_999}</x>'


@pytest.mark.parametrize(
    ("field", "elsewhere", "times"),
    [("d", CHAIN, 1), ("Name", CHAIN, 1), ("Number", CHAIN, 1), ("d", LONG_LIST, 200)],
)
async def test_references_to_references_cannot_expand_without_limit(
    field: str, elsewhere: str, times: int, server: SoapServer, tmp_path: Path
) -> None:
    row = f'<rows><Owner>A1</Owner><Status>01</Status><{field} href="#n0"/></rows>'
    server.answer = always(envelope(f"<FindResponse>{row * times}</FindResponse>{elsewhere}"))
    adapter = encoded(tmp_path, server)
    with pytest.raises(MalformedReplyError):
        await applications(adapter)
    await adapter.close()


async def test_a_shared_element_appears_in_each_row(server: SoapServer, tmp_path: Path) -> None:
    rows = "".join(
        f'<rows><Number>N{n}</Number><Owner>A1</Owner><Status>01</Status><Name href="#n"/></rows>'
        for n in range(300)
    )
    shared = '<x id="n">RAM DEVI</x>'
    server.answer = always(envelope(f"<FindResponse>{rows}</FindResponse>{shared}"))
    adapter = encoded(tmp_path, server)
    found = await applications(adapter)
    await adapter.close()
    assert [each.applicant_name for each in found] == ["RAM DEVI"] * 300


async def test_a_map_of_php(server: SoapServer, tmp_path: Path) -> None:
    items = "".join(
        f"<item><key>{key}</key><value>{value}</value></item>"
        for key, value in {"Number": "N1", "Owner": "A1", "Status": "01"}.items()
    )
    rows = f'<rows xsi:type="a:Map" xmlns:a="http://xml.apache.org/xml-soap">{items}</rows>'
    server.answer = always(envelope(f"<FindResponse>{rows}</FindResponse>"))
    adapter = encoded(tmp_path, server)
    (record,) = await applications(adapter)
    await adapter.close()
    assert record.application_reference_number == "N1"


XOP = '<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:{id}"/>'
RELATED = 'multipart/related; type="application/xop+xml"; start="<root@x>"; boundary="b-1"'


def multipart(root: bytes, **attachments: bytes) -> bytes:
    parts = {"root@x": root, **{f"{name}@x": content for name, content in attachments.items()}}
    written = b"".join(
        b"--b-1\r\nContent-Type: application/octet-stream\r\nContent-ID: <%s>\r\n\r\n%s\r\n"
        % (name.encode(), content)
        for name, content in parts.items()
    )
    return written + b"--b-1--\r\n"


async def test_an_attachment_replaces_its_include(server: SoapServer, tmp_path: Path) -> None:
    scan = bytes(range(256)) + b"\r\n--b"
    body = multipart(reply(notes=XOP.format(id="scan%40x"), name="राम"), scan=scan)
    server.answer = lambda _: Reply(body, content_type=RELATED)
    assert await read(server, tmp_path) == (base64.b64encode(scan).decode(), "राम", [])


@pytest.mark.parametrize(
    "reply_of",
    [
        lambda: multipart(reply(notes=XOP.format(id="other@x")), scan=b"x"),
        lambda: multipart(reply(notes=XOP.format(id="scan@x") * 40), scan=b"x" * 200_000),
        lambda: b"no parts at all",
        lambda: b"--b-1\r\nno empty line",
        lambda: b"\r\n--b-1\r\nx:\r\n\r\n" * 30_000,
    ],
)
async def test_unusable_attachments_are_an_error(
    reply_of: object, server: SoapServer, tmp_path: Path
) -> None:
    body: bytes = reply_of()  # type: ignore[operator]
    server.answer = lambda _: Reply(body, content_type=RELATED)
    with pytest.raises(DepartmentError) as caught:
        await read(server, tmp_path)
    assert isinstance(caught.value, MalformedReplyError)


PART = b"Content-Type: text/xml; charset=UTF-8\r\n\r\n"


def one_part(headers: bytes = PART, content: bytes | None = None, end: bytes = b"--") -> bytes:
    body = reply(name="राम") if content is None else content
    return b"--b-1\r\n" + headers + body + b"\r\n--b-1" + end + b"\r\n"


UNUSUAL_PARTS = {
    "preamble": b"This is a multi-part message in MIME format.\r\n\r\n--b-12\r\n" + one_part(),
    "empty line first": b"\r\n" + one_part(),
    "epilogue": one_part() + b"--b-1\r\nThe end",
    "line feeds": one_part().replace(b"\r\n", b"\n"),
    "carriage returns": one_part().replace(b"\r\n", b"\r"),
    "line feeds in the headers only": one_part(PART.replace(b"\r\n", b"\n")),
    "folded header": one_part(b"Content-Type: text/xml;\r\n\tcharset=UTF-8\r\n\r\n"),
    "no headers": one_part(b"\r\n"),
    "blanks after the boundary": one_part().replace(b"--b-1\r\n", b"--b-1 \t\r\n"),
    "no last boundary": one_part(end=b""),
    "nothing after the last part": one_part().removesuffix(b"\r\n--b-1--\r\n"),
    "base64": one_part(
        b"content-transfer-encoding: BASE64\r\n\r\n", base64.encodebytes(reply(name="राम"))
    ),
    "quoted-printable": one_part(
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n",
        quopri.encodestring(reply(name="राम")),
    ),
}


@pytest.mark.parametrize("name", UNUSUAL_PARTS)
@pytest.mark.parametrize(
    "content_type",
    [
        'multipart/related; boundary="b-1"; type="text/xml"',
        'Multipart/Related;boundary=b-1;start-info="a; b"',
        'multipart/mixed; type="text/xml"; boundary=b-1',
    ],
)
async def test_parts_of_old_servers_are_read(
    name: str, content_type: str, server: SoapServer, tmp_path: Path
) -> None:
    server.answer = lambda _: Reply(UNUSUAL_PARTS[name], content_type=content_type)
    assert await read(server, tmp_path) == (None, "राम", [])


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        (one_part(), "multipart/related", "Content-Type names no boundary"),
        (one_part(), "multipart/related; boundary=b-2", "was not found"),
        (b"--b-1\r\nno empty line", RELATED, "no empty line after its headers"),
        (b"--b-1\r\n\r\n" * 600, RELATED, "more than 500 parts"),
        (multipart(reply(notes=XOP.format(id="other@x"))), RELATED, "includes is missing"),
        (
            one_part(b"Content-Transfer-Encoding: base64\r\n\r\n", b"<x>"),
            RELATED,
            "not in base64",
        ),
    ],
)
async def test_the_error_says_why_parts_cannot_be_read(
    body: bytes, content_type: str, words: str, server: SoapServer, tmp_path: Path
) -> None:
    server.answer = lambda _: Reply(body, content_type=content_type)
    with pytest.raises(MalformedReplyError, match=words):
        await read(server, tmp_path)
