"""Rows of the fictional forest department in every style of SOAP."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from tests.connectors.soap_department import envelope
from tests.connectors.soap_wsdls import DATASET, TEXT, document_wsdl, rpc_wsdl

Row = Mapping[str, Any]
"""Texts or nested elements by column; None is nil, an absent column is missing."""

COLUMNS = ("Number", "Owner", "Status", "Notes", "Applied", "Changed", "Name")
FIND = 'operation: Find\narguments: {Owner: "{keys}"}'
FIND_RPC = 'operation: Find\narguments: {criteria: {Owner: "{key}"}}'


def elements(row: Row) -> str:
    return "".join(_element(name, value) for name, value in row.items())


def _element(name: str, value: Any) -> str:
    if value is None:
        return f'<{name} xsi:nil="true"/>'
    return f"<{name}>{elements(value) if isinstance(value, Mapping) else escape(value)}</{name}>"


def literal(found: Sequence[Row]) -> bytes:
    inner = "".join(f"<Row>{elements(row)}</Row>" for row in found)
    return envelope(f'<FindResponse xmlns="urn:forest">{inner}</FindResponse>')


def encoded(found: Sequence[Row]) -> bytes:
    items = "".join(f'<item xsi:type="f:Row">{elements(row)}</item>' for row in found)
    array = f'<rows enc:arrayType="f:Row[{len(found)}]" xsi:type="enc:Array">{items}</rows>'
    return envelope(f'<f:FindResponse xmlns:f="urn:forest">{array}</f:FindResponse>')


def multiref(found: Sequence[Row]) -> bytes:
    items = "".join(f'<item href="#r{nth}"/>' for nth in range(len(found)))
    objects = "".join(
        f'<multiRef id="r{nth}" xsi:type="f:Row" xmlns:f="urn:forest">{elements(row)}</multiRef>'
        for nth, row in enumerate(found)
    )
    wrapper = f'<f:FindResponse xmlns:f="urn:forest"><rows enc:arrayType="f:Row[]">{items}</rows>'
    return envelope(f"{wrapper}</f:FindResponse>{objects}")


def diffgram(found: Sequence[Row]) -> bytes:
    tables = "".join(
        f'<Table diffgr:id="Table{nth}" msdata:rowOrder="{nth}">{elements(row)}</Table>'
        for nth, row in enumerate(found)
    )
    dataset = f'<NewDataSet xmlns="">{tables}</NewDataSet>' if found else ""
    return envelope(
        '<FindResponse xmlns="urn:forest"><FindResult>'
        '<xs:schema id="NewDataSet" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns=""/>'
        '<diffgr:diffgram xmlns:diffgr="urn:schemas-microsoft-com:xml-diffgram-v1" '
        f'xmlns:msdata="urn:schemas-microsoft-com:xml-msdata">{dataset}</diffgr:diffgram>'
        "</FindResult></FindResponse>"
    )


def xml_text(found: Sequence[Row]) -> bytes:
    inner = "".join(f"<Row>{elements(row)}</Row>" for row in found)
    text = (
        '<?xml version="1.0" encoding="utf-16"?>'
        f'<Rows xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{inner}</Rows>'
    )
    result = f"<FindResult>{escape(text)}</FindResult>"
    return envelope(f'<FindResponse xmlns="urn:forest">{result}</FindResponse>')


def _fields(row: Row) -> list[str]:
    """Return the columns in order, and extra elements after them."""
    further = [str(value) for name, value in row.items() if name not in COLUMNS]
    return [*(str(row.get(name) or "-") for name in COLUMNS), *further]


def packed(found: Sequence[Row]) -> bytes:
    text = "^".join("~".join(_fields(row)) for row in found)
    result = f"<FindResult>1|OK|{escape(text)}</FindResult>"
    return envelope(f'<FindResponse xmlns="urn:forest">{result}</FindResponse>')


PACKED = """result: packed
packed:
  separator: "|"
  fields: [code, message, {name: rows, rows: ^, separator: "~", fields: [%s]}]
""" % ", ".join(COLUMNS)  # noqa: UP031


@dataclass(frozen=True, slots=True)
class Flavour:
    """A format of rows, and its description in a manifest."""

    write: Callable[[Sequence[Row]], bytes]
    wsdl: str
    call: str
    rows: str

    @property
    def at_once(self) -> int:
        """Maximum number of keys in a call."""
        return 1 if self.call.startswith(FIND_RPC) else 10


ENCODED = rpc_wsdl("encoded")
FLAVOURS = {
    "literal": Flavour(literal, document_wsdl(), FIND, "Row"),
    "encoded": Flavour(encoded, ENCODED, FIND_RPC, "rows"),
    "multiref": Flavour(multiref, ENCODED, FIND_RPC, "rows"),
    "diffgram": Flavour(diffgram, document_wsdl(DATASET), f"{FIND}\nresult: diffgram", "Table"),
    "any": Flavour(diffgram, document_wsdl(DATASET), FIND, "FindResult/diffgram/NewDataSet/Table"),
    "xml-text": Flavour(
        xml_text, document_wsdl(TEXT), f"{FIND}\nresult: xml-text\ntext: FindResult", "Rows/Row"
    ),
    "packed": Flavour(packed, document_wsdl(TEXT), f"{FIND}\n{PACKED}", "rows"),
}
