"""Success and failure in codes and prose; empty replies; texts with XML or packed fields."""

from pathlib import Path

import pytest

from adapters.adapter import ManifestAdapter
from adapters.contract import (
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    MalformedReplyError,
)
from adapters.manifest.problems import ManifestError
from tests.connectors.soap_department import (
    Reply,
    SoapServer,
    always,
    applications,
    department,
    envelope,
)
from tests.connectors.soap_wsdls import TEXT, WRAPPED, document_wsdl

FIND = 'operation: Find\narguments: {Owner: "{keys}"}'
ROW = "<Row><Number>N1</Number><Owner>A1</Owner><Status>01</Status></Row>"
WITH_CODE = WRAPPED.replace(
    '<xs:element name="Row" type="t:Row"',
    '<xs:element name="Code" type="xs:int" minOccurs="0"/>'
    '<xs:element name="Message" type="xs:string" minOccurs="0"/>'
    '<xs:element name="Row" type="t:Row"',
)


def found(inner: str) -> bytes:
    return envelope(f'<FindResponse xmlns="urn:forest">{inner}</FindResponse>')


async def outcome(adapter: ManifestAdapter) -> list[str] | type[DepartmentError]:
    """Return the numbers of the records, or the error."""
    try:
        return [str(each.application_reference_number) for each in await applications(adapter)]
    except DepartmentError as error:
        return type(error)
    finally:
        await adapter.close()


CODES = """outcome:
  code: Code
  message: Message
  ok: ["0", "00"]
  empty: ["1", "/no record/"]
  refused: [/access denied/]"""


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (f"<Code>0</Code>{ROW}", ["N1"]),
        (f"<Code>00</Code><Message>Done</Message>{ROW}", ["N1"]),
        ("<Code>1</Code><Message>Nothing here</Message>", []),
        ("<Code>7</Code><Message>Sorry, no  Record found for it</Message>", []),
        (f"<Code>7</Code><Message>Database down</Message>{ROW}", DepartmentFaultError),
        ("<Code>7</Code><Message>Access denied for user</Message>", DepartmentAuthError),
        (ROW, DepartmentFaultError),
    ],
)
async def test_a_code_reports_success_or_failure(
    inner: str, expected: object, server: SoapServer, tmp_path: Path
) -> None:
    server.answer = always(found(inner))
    wsdl = document_wsdl(WITH_CODE)
    adapter = department(tmp_path, server.url, wsdl, call=FIND, rows="Row", connector=CODES)
    assert await outcome(adapter) == expected


async def test_numbers_are_masked_in_the_departments_message(
    server: SoapServer, tmp_path: Path
) -> None:
    server.answer = always(found("<Code>7</Code><Message>Lock on 0199 9999 1234</Message>"))
    wsdl = document_wsdl(WITH_CODE)
    adapter = department(tmp_path, server.url, wsdl, call=FIND, rows="Row", connector=CODES)
    with pytest.raises(DepartmentFaultError) as caught:
        await applications(adapter)
    await adapter.close()
    assert caught.value.fault is not None
    assert (caught.value.fault.code, caught.value.fault.string) == ("7", "Lock on …")


PROSE = """outcome:
  code: FindResult
  ok: [OK, "/thank you for your feed ?back/", /already exists/]
  empty: [NO RECORD FOUND]"""


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("ok", []),
        ("Thank you for your feed back.", []),
        ("External system reference 7 already exists in database", []),
        ("NO RECORD  FOUND", []),
        ("NO RECORD FOUND, call 9", DepartmentFaultError),
        ("Error in line 7", DepartmentFaultError),
    ],
)
async def test_prose_reports_success_or_failure(
    message: str, expected: object, server: SoapServer, tmp_path: Path
) -> None:
    server.answer = always(found(f"<FindResult>{message}</FindResult>"))
    adapter = department(
        tmp_path, server.url, document_wsdl(TEXT), call=FIND, rows="Row", connector=PROSE
    )
    assert await outcome(adapter) == expected


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(b"", 500), []),
        (Reply(b"", 204), []),
        (Reply(b"", 503), DepartmentFaultError),
        (Reply(b"", 200), MalformedReplyError),
        (Reply(b"<x/>", 500), DepartmentFaultError),
    ],
)
async def test_an_empty_reply_can_mean_no_rows(
    reply: Reply, expected: object, server: SoapServer, tmp_path: Path
) -> None:
    server.answer = lambda _: reply
    connector = "empty_statuses: [500, 204]"
    adapter = department(
        tmp_path, server.url, document_wsdl(), call=FIND, rows="Row", connector=connector
    )
    assert await outcome(adapter) == expected


@pytest.mark.parametrize(
    ("message", "expected"), [("No data for owner 7", []), ("Disk full", DepartmentFaultError)]
)
async def test_a_fault_can_mean_no_rows(
    message: str, expected: object, server: SoapServer, tmp_path: Path
) -> None:
    fault = (
        f"<s:Fault><faultcode>s:Server</faultcode><faultstring>{message}</faultstring></s:Fault>"
    )
    server.answer = always(envelope(fault), status=500)
    connector = "empty_faults: [/^no data/]"
    adapter = department(
        tmp_path, server.url, document_wsdl(), call=FIND, rows="Row", connector=connector
    )
    assert await outcome(adapter) == expected


XML = "<Rows><Row><Number>N1</Number><Owner>A1</Owner><Status>01</Status></Row></Rows>"
ESCAPED = XML.replace("<", "&lt;").replace(">", "&gt;")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ESCAPED, ["N1"]),
        (f"<![CDATA[{XML}]]>", ["N1"]),
        (f'<![CDATA[<?xml version="1.0" encoding="utf-16"?>\n{XML}]]>', ["N1"]),
        ("<![CDATA[<Rows/>]]>", []),
        ("", []),
        ("&lt;Rows&gt;&lt;Row", MalformedReplyError),
        ('<![CDATA[<!DOCTYPE x [<!ENTITY e "y">]><Rows>&e;</Rows>]]>', MalformedReplyError),
    ],
)
async def test_xml_in_a_text(
    text: str, expected: object, server: SoapServer, tmp_path: Path
) -> None:
    server.answer = always(found(f"<FindResult>{text}</FindResult>"))
    call = f"{FIND}\nresult: xml-text"
    adapter = department(tmp_path, server.url, document_wsdl(TEXT), call=call, rows="Rows/Row")
    assert await outcome(adapter) == expected


async def test_several_roots_in_a_text(server: SoapServer, tmp_path: Path) -> None:
    one = "<Row Number='N{0}' Owner='A1' Status='01'/>"
    text = f"<![CDATA[{one.format(1)}{one.format(2)}]]>"
    server.answer = always(found(f"<FindResult>{text}</FindResult>"))
    call = f"{FIND}\nresult: xml-text\ntext: FindResult"
    adapter = department(tmp_path, server.url, document_wsdl(TEXT), call=call, rows="Row")
    assert await outcome(adapter) == ["N1", "N2"]


PACKED = f"""{FIND}
result: packed
packed:
  separator: "|"
  fields:
    - code
    - message
    - Owner
    - "-"
    - name: rows
      rows: ^
      separator: "~"
      fields: [Number, Status, {{name: Place, separator: ",", fields: [Village, Pin]}}]
      with: [Owner]
outcome:
  code: code
  message: message
  ok: ["1"]
  empty: [NO RECORD FOUND]"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1|SUCCESS|A1|x|N1~01~Nissing,132024^N2~02~-^", ["N1", "N2"]),
        ("1|SUCCESS|A1|x|N1~01~Nissing,132024|more|and more", ["N1"]),
        ("1|SUCCESS|A1|x|N1~01", ["N1"]),
        ("1|SUCCESS|A1", []),
        ("0|NO RECORD FOUND", []),
        ("0|DATABASE ERROR", DepartmentFaultError),
        ("no such format", DepartmentFaultError),
    ],
)
async def test_packed_fields(
    text: str, expected: object, server: SoapServer, tmp_path: Path
) -> None:
    server.answer = always(found(f"<FindResult>{text}</FindResult>"))
    adapter = department(tmp_path, server.url, document_wsdl(TEXT), call=PACKED, rows="rows")
    assert await outcome(adapter) == expected


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (f"{FIND}\nresult: packed", "go together"),
        (f"{FIND}\ntext: FindResult", "`text` goes with"),
        (f"{FIND}\noutcome: {{ok: ['/(/']}}", "not a regular expression"),
        (f"{FIND}\nresult: packed\npacked: {{separator: '|', fields: []}}", "packed.fields"),
        (
            f"{FIND}\nresult: packed\n"
            "packed: {separator: '|', fields: [{name: x, fields: [y]}]}",
            "`fields` and their `separator` go together",
        ),
    ],
)
def test_inconsistent_descriptions_are_refused(call: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=message):
        department(tmp_path, "http://203.0.113.1", document_wsdl(TEXT), call=call, rows="Row")


async def test_a_few_codes_of_a_faults_detail_are_shown(server: SoapServer, tmp_path: Path) -> None:
    codes = "".join(f"<code{n}>x</code{n}>" for n in range(2_000))
    fault = (
        "<s:Fault><faultcode>s:Server</faultcode><faultstring>x</faultstring>"
        f"<detail><code_123456789012>7</code_123456789012><name>RAM</name>{codes}</detail></s:Fault>"
    )
    server.answer = always(envelope(fault), status=500)
    adapter = department(tmp_path, server.url, document_wsdl(), call=FIND, rows="Row")
    with pytest.raises(DepartmentFaultError) as caught:
        await applications(adapter)
    await adapter.close()
    assert caught.value.fault is not None
    assert caught.value.fault.detail == {"code_…": "7", **{f"code{n}": "x" for n in range(9)}}
