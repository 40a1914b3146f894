"""Reads rpc/encoded calls as SOAP servers of 2005 did: by names, mostly ignoring types."""

from dataclasses import dataclass
from typing import Any

from lxml import etree
from starlette.types import Scope

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


class RpcFaultError(Exception):
    """A SOAP fault; `code` is the faultcode without its prefix, `status` the HTTP status."""

    def __init__(self, code: str, message: str, status: int = 500) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass(frozen=True, slots=True)
class RpcCall:
    """One call.

    Attributes:
        operation: local name of the wrapper element.
        namespace: namespace of the wrapper element.
        arguments: by name, in the order of the request: a text, a list of texts (an array), a
            list of mappings (an array of objects) or None (nil). An object is a list of the texts
            of its fields; `object` returns it with their names.
        wrapper: the element itself.
    """

    operation: str
    namespace: str
    arguments: dict[str, Any]
    wrapper: Any = None

    def text(self, name: str) -> str:
        """Return a text argument without blanks around it.

        Raises:
            RpcFaultError: it is missing or not a text.
        """
        value = self.arguments.get(name)
        if not isinstance(value, str):
            raise RpcFaultError("Client", f"Argument {name} is missing.")
        return value.strip()

    def optional_text(self, name: str) -> str:
        """Return a text argument without blanks around it; an empty text if it is missing."""
        value = self.arguments.get(name)
        return value.strip() if isinstance(value, str) else ""

    def optional_texts(self, name: str) -> list[str]:
        """Return the distinct texts of an array argument; none if it is missing."""
        return self.texts(name) if self.arguments.get(name) is not None else []

    def texts(self, name: str) -> list[str]:
        """Return the distinct texts of an array argument; a single text counts as one item.

        Raises:
            RpcFaultError: it is missing.
        """
        value = self.arguments.get(name)
        if value is None:
            raise RpcFaultError("Client", f"Argument {name} is missing.")
        found = value if isinstance(value, list) else [value]
        return list(dict.fromkeys(text.strip() for text in found))

    def object(self, name: str) -> dict[str, str]:
        """Return an argument that is an object, as texts by field.

        Raises:
            RpcFaultError: it is missing.
        """
        for each in self.wrapper if self.wrapper is not None else ():
            if etree.QName(each).localname == name and len(each):
                return _object(each)
        raise RpcFaultError("Client", f"Argument {name} is missing.")

    def optional_objects(self, name: str) -> list[dict[str, str]]:
        """Return the objects of an array argument, each as texts by field; none if it is missing.

        Raises:
            RpcFaultError: an item is not an object.
        """
        found = self.arguments.get(name) or []
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise RpcFaultError("Client", f"Argument {name} is not an array of objects.")
        return found


def read_xml(body: bytes, *, signed: bool = False) -> Any:
    """Parse a request and return its root element.

    Args:
        signed: keep blanks and comments, because the signature covers them too.

    Raises:
        ValueError: it is not XML, or it has a DTD.
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
    """Return the call in an envelope.

    Raises:
        RpcFaultError: it is not a SOAP 1.1 envelope with a call.
    """
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
    return RpcCall(name.localname, name.namespace or "", arguments, wrapper)


def _value(node: Any) -> Any:
    if node.get(_NIL) in ("true", "1"):
        return None
    if len(node):
        return [_object(child) if len(child) else child.text or "" for child in node]
    is_array = any(name.endswith("}arrayType") for name in node.attrib)
    return [] if is_array else (node.text or "")


def _object(node: Any) -> dict[str, str]:
    return {etree.QName(field).localname: (field.text or "").strip() for field in node}


def soap_action(scope: Scope) -> str:
    """Return the SOAPAction header without quotation marks; '' if there is none."""
    for name, value in scope["headers"]:
        if name == b"soapaction":
            action: str = value.decode("latin-1").strip().strip('"')
            return action
    return ""


def action_of(scope: Scope) -> str:
    """Return the operation that the SOAPAction ends with (`urn:x#getY`, `urn:x/getY`)."""
    return soap_action(scope).rpartition("#")[2].rpartition("/")[2]
