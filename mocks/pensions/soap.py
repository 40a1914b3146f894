"""SOAP 1.1 envelopes of the pensions department."""

from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from mocks.soap.calls import read_xml

NAMESPACE = "urn:sje:pension:v1"
ENVELOPE_NAMESPACE = "http://schemas.xmlsoap.org/soap/envelope/"
SCHEMA_NAMESPACE = "http://www.w3.org/2001/XMLSchema"
CONTENT_TYPE = "text/xml; charset=utf-8"

_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>'
    f'<soap:Envelope xmlns:soap="{ENVELOPE_NAMESPACE}" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soap:Body>'
)
_TAIL = "</soap:Body></soap:Envelope>"


class SoapFaultError(Exception):
    """An invalid request, reported as a `soap:Client` fault; `code` is for instance E-INVALID."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    def envelope(self) -> bytes:
        """Return the fault as a SOAP envelope."""
        return fault_envelope("Client", self.code, str(self))


def reply_envelope(operation: str, content: str) -> bytes:
    """Return the reply envelope of an operation.

    Args:
        content: XML content of its Result element.
    """
    return (
        f'{_HEAD}<{operation}Response xmlns="{NAMESPACE}"><{operation}Result>{content}'
        f"</{operation}Result></{operation}Response>{_TAIL}"
    ).encode()


def fault_envelope(actor: str, code: str, message: str) -> bytes:
    """Return a fault envelope with the department's own detail element."""
    text = escape(message)
    return (
        f"{_HEAD}<soap:Fault><faultcode>soap:{actor}</faultcode><faultstring>{text}</faultstring>"
        f'<detail><ServiceFault xmlns="{NAMESPACE}"><Code>{code}</Code>'
        f"<Message>{text}</Message></ServiceFault></detail></soap:Fault>{_TAIL}"
    ).encode()


class RequestReader:
    """Parses requests and validates them against the schema in a WSDL."""

    def __init__(self, wsdl: bytes) -> None:
        types = etree.fromstring(wsdl).find(f".//{{{SCHEMA_NAMESPACE}}}schema")
        if types is None:
            raise ValueError("The WSDL has no schema.")
        # Serialized and parsed again, to include namespaces declared on parent elements.
        self._schema = etree.XMLSchema(etree.fromstring(etree.tostring(types)))

    def payload(self, body: bytes) -> Any:
        """Return the valid element in the SOAP body.

        Raises:
            SoapFaultError: the request is not valid.
        """
        try:
            envelope = read_xml(body)
        except ValueError as error:
            raise SoapFaultError("E-XML", f"The request is not XML: {error}") from error
        if envelope.tag != f"{{{ENVELOPE_NAMESPACE}}}Envelope":
            raise SoapFaultError("E-SOAP", "The request is not a SOAP 1.1 envelope.")
        soap_body = envelope.find(f"{{{ENVELOPE_NAMESPACE}}}Body")
        if soap_body is None or len(soap_body) != 1:
            raise SoapFaultError("E-SOAP", "The SOAP body must hold exactly one element.")
        payload = soap_body[0]
        try:
            self._schema.assertValid(payload)
        except etree.DocumentInvalid as error:
            raise SoapFaultError(
                "E-INVALID", f"The request does not fit the schema: {error}"
            ) from error
        return payload
