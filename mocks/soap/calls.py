"""Reads rpc/encoded calls as the SOAP servers of 2005 did: by names, hardly by types."""

from dataclasses import dataclass
from typing import Any

from lxml import etree
from starlette.types import Scope

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


class RpcFaultError(Exception):
    """A refusal; `code` is the faultcode without its prefix, `status` the HTTP status."""

    def __init__(self, code: str, message: str, status: int = 500) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass(frozen=True, slots=True)
class RpcCall:
    """One call.

    Attributes:
        operation: local name of the wrapper.
        namespace: of the wrapper.
        arguments: in the order that they came; an array is a list of texts.
    """

    operation: str
    namespace: str
    arguments: dict[str, Any]

    def text(self, name: str) -> str:
        """An argument that is a text; raises RpcFaultError when it is missing or an array."""
        value = self.arguments.get(name)
        if not isinstance(value, str):
            raise RpcFaultError("Client", f"Argument {name} is missing.")
        return value.strip()

    def texts(self, name: str) -> list[str]:
        """An argument that is an array; a single text is taken for one of one."""
        value = self.arguments.get(name)
        if value is None:
            raise RpcFaultError("Client", f"Argument {name} is missing.")
        found = value if isinstance(value, list) else [value]
        return list(dict.fromkeys(text.strip() for text in found))


def read_xml(body: bytes, *, signed: bool = False) -> Any:
    """The root of a request; raises ValueError for what is no XML, or has a DTD.

    Blanks and comments are left out, unless it is `signed`: they are signed as well.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        remove_blank_text=not signed,
        remove_comments=not signed,
        remove_pis=not signed,
    )
    try:
        root: Any = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error
    if root.getroottree().docinfo.doctype:
        raise ValueError("a DTD is not allowed")
    return root


def read_call(body: bytes) -> RpcCall:
    """The one call in an envelope; raises RpcFaultError."""
    try:
        envelope = read_xml(body)
    except ValueError as error:
        raise RpcFaultError("Client", "Bad Request") from error
    if envelope.tag != f"{{{ENVELOPE}}}Envelope":
        raise RpcFaultError("VersionMismatch", "Wrong Version")
    holder = envelope.find(f"{{{ENVELOPE}}}Body")
    if holder is None or len(holder) == 0:
        raise RpcFaultError("Client", "Body must be present in a SOAP envelope")
    wrapper = holder[0]
    name = etree.QName(wrapper)
    arguments = {etree.QName(each).localname: _value(each) for each in wrapper}
    return RpcCall(name.localname, name.namespace or "", arguments)


def _value(node: Any) -> Any:
    if node.get(_NIL) in ("true", "1"):
        return None
    if len(node):
        return [child.text or "" for child in node]
    is_array = any(name.endswith("}arrayType") for name in node.attrib)
    return [] if is_array else (node.text or "")


def action_of(scope: Scope) -> str:
    """The operation that a SOAPAction ends in, as `urn:x#getY` or `urn:x/getY`; else ''."""
    for name, value in scope["headers"]:
        if name == b"soapaction":
            action: str = value.decode("latin-1").strip().strip('"')
            return action.rpartition("#")[2].rpartition("/")[2]
    return ""
