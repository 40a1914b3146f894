"""Writes values in the encoding of SOAP 1.1, section 5."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

SOAP_ENC = "http://schemas.xmlsoap.org/soap/encoding/"
NAMESPACES = (
    'xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    f'xmlns:SOAP-ENC="{SOAP_ENC}"'
)

Fields = Mapping[str, tuple[str, str | None]]
"""XSD type and text by field name; None is written as nil."""


def value(name: str, xsi_type: str, text: str | None) -> str:
    """Return an element with its type."""
    if text is None:
        return f'<{name} xsi:nil="true"/>'
    return f'<{name} xsi:type="{xsi_type}">{escape(text)}</{name}>'


def struct(name: str, xsi_type: str, fields: Fields) -> str:
    """Return an object, with its fields as child elements."""
    inner = "".join(value(each, kind, text) for each, (kind, text) in fields.items())
    return f'<{name} xsi:type="{xsi_type}">{inner}</{name}>'


def array(
    name: str, xsi_type: str, item_type: str, items: Sequence[str], announced: int | None = None
) -> str:
    """Return an array of items that are already XML.

    Args:
        announced: number of items that the array announces; the actual number if None.
    """
    size = len(items) if announced is None else announced
    return (
        f'<{name} SOAP-ENC:arrayType="{item_type}[{size}]" xsi:type="{xsi_type}">'
        f"{''.join(items)}</{name}>"
    )


def fault(code: str, message: str, encoding: str = "UTF-8") -> bytes:
    """Return a fault envelope as PHP writes it, without a detail element."""
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<SOAP-ENV:Envelope {NAMESPACES}>'
        f"<SOAP-ENV:Body><SOAP-ENV:Fault><faultcode>SOAP-ENV:{code}</faultcode>"
        f"<faultstring>{escape(message)}</faultstring></SOAP-ENV:Fault>"
        "</SOAP-ENV:Body></SOAP-ENV:Envelope>\n"
    )
    return text.encode(encoding, "xmlcharrefreplace")


def envelope(body: str, namespace: str, encoding: str = "UTF-8") -> bytes:
    """Return a reply envelope. The prefix `ns1` stands for `namespace`."""
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>\n'
        f'<SOAP-ENV:Envelope {NAMESPACES} xmlns:ns1="{namespace}" '
        f'SOAP-ENV:encodingStyle="{SOAP_ENC}"><SOAP-ENV:Body>{body}</SOAP-ENV:Body>'
        "</SOAP-ENV:Envelope>\n"
    )
    return text.encode(encoding, "xmlcharrefreplace")
