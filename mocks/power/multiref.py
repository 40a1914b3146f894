"""Writes replies as Axis 1 does: all objects at the end of the body, with references to them."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from mocks.soap.encoding import SOAP_ENC

_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
)
_TAIL = "</soapenv:Body></soapenv:Envelope>"
CONTENT_TYPE = "text/xml;charset=utf-8"


class MultiRefs:
    """The objects of one reply."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace
        self._written: list[str] = []

    def add(self, type_name: str, inner: str) -> str:
        """Add an object and return its id.

        Args:
            inner: XML of its fields.
        """
        key = f"id{len(self._written)}"
        self._written.append(
            f'<multiRef id="{key}" soapenc:root="0" soapenv:encodingStyle="{SOAP_ENC}" '
            f'xsi:type="ns2:{type_name}" xmlns:soapenc="{SOAP_ENC}" '
            f'xmlns:ns2="{self._namespace}">{inner}</multiRef>'
        )
        return key

    def envelope(self, operation: str, result: str) -> bytes:
        """Return the reply envelope of an operation, with all added objects."""
        wrapper = (
            f'<ns1:{operation}Response soapenv:encodingStyle="{SOAP_ENC}" '
            f'xmlns:ns1="{self._namespace}">{result}</ns1:{operation}Response>'
        )
        return f"{_HEAD}{wrapper}{''.join(self._written)}{_TAIL}".encode()


def string(name: str, text: str | None) -> str:
    """Return a string element. Axis uses the type of the SOAP encoding, not of XML Schema."""
    if text is None:
        return f'<{name} xsi:type="soapenc:string" xsi:nil="true"/>'
    return f'<{name} xsi:type="soapenc:string">{escape(text)}</{name}>'


def number(name: str, amount: int) -> str:
    return f'<{name} xsi:type="xsd:int">{amount}</{name}>'


def array(name: str, item_type: str, references: Sequence[str]) -> str:
    """Return an array of references to objects."""
    items = "".join(f'<{name} href="#{key}"/>' for key in references)
    return (
        f'<{name} soapenc:arrayType="ns2:{item_type}[{len(references)}]" '
        f'xsi:type="soapenc:Array" xmlns:soapenc="{SOAP_ENC}" '
        f'xmlns:ns2="urn:power:connections">{items}</{name}>'
    )


def fault(code: str, message: str) -> bytes:
    """Return a fault envelope with the detail element of Axis."""
    text = escape(message)
    return (
        f"{_HEAD}<soapenv:Fault><faultcode>soapenv:{code}</faultcode>"
        f"<faultstring>{text}</faultstring><detail>"
        '<ns1:hostname xmlns:ns1="http://xml.apache.org/axis/">pwrapp01</ns1:hostname>'
        f"</detail></soapenv:Fault>{_TAIL}"
    ).encode()
