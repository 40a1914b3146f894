"""Ports, overloads and parts of the bindings of a WSDL."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lxml import etree

from adapters.workbench.introspection.xml_names import Name, local, name_of, namespace, position_of

SOAP11 = "http://schemas.xmlsoap.org/wsdl/soap/"
SOAP12 = "http://schemas.xmlsoap.org/wsdl/soap12/"
HTTP = "http://schemas.xmlsoap.org/wsdl/http/"
SOAP_KINDS = ("1.1", "1.2")
DIRECTIONS = ("input", "output")


@dataclass(frozen=True, slots=True)
class Port:
    """A SOAP port.

    Attributes:
        service: name of its service; empty if there is none.
        name: its name, or that of its binding if there is no service.
        binding: its binding.
        version: version of SOAP.
        address: its URL.
    """

    service: str
    name: str
    binding: etree._Element
    version: str
    address: str

    @property
    def title(self) -> str:
        where = f"service {self.service}, port {self.name}" if self.service else self.name
        return f"{where} (SOAP {self.version})"


def overload(bound: etree._Element, named: list[etree._Element]) -> etree._Element | None:
    """Return the operation of the port type, among those of the same name, that is bound here."""
    fitting = [
        wanted
        for wanted in named
        if all(_direction(wanted, what) == _direction(bound, what) for what in DIRECTIONS)
    ]
    if len(fitting) == 1:
        return fitting[0]
    siblings = [
        each
        for each in bound.itersiblings(preceding=True)
        if local(each) == "operation" and each.get("name") == bound.get("name")
    ]
    return named[min(len(siblings), len(named) - 1)] if named else None


def _direction(operation: etree._Element, what: str) -> str | None:
    return next((each.get("name") for each in operation if local(each) == what), None)


def body_parts(
    node: etree._Element, bound: etree._Element, message: Name
) -> Callable[[str | None], bool]:
    """Return a function: is this part of the message in the body?"""
    direction = next((each for each in bound if local(each) == local(node)), None)
    listed: set[str] | None = None
    headers: set[str | None] = set()
    for each in direction.iter() if direction is not None and direction is not node else ():
        if local(each) == "body" and each.get("parts") is not None:
            listed = (listed or set()) | set(str(each.get("parts")).split())
        if local(each) == "header" and name_of(each, each.get("message") or "") == message:
            headers.add(each.get("part"))
    return lambda part: part in listed if listed is not None else part not in headers


def kind_of(binding: etree._Element) -> str:
    for child in binding:
        if local(child) == "binding":
            uri = namespace(child)
            return {SOAP11: "1.1", SOAP12: "1.2", HTTP: "http"}.get(uri, "")
    return ""


def documentation_of(node: etree._Element) -> str:
    for child in node:
        if local(child) == "documentation":
            return " ".join("".join(str(text) for text in child.itertext()).split())[:200]
    return ""


def given(element: etree._Element, attribute: str) -> str:
    """Return the value of an attribute for a message."""
    value = element.get(attribute)
    return repr(value) if value else "without a name"


def ports_of(
    declared: Mapping[tuple[str, Name], etree._Element], add_note: Callable[[str, str], None]
) -> list[Port]:
    """Return the SOAP ports of all services, and the SOAP bindings that no port uses."""
    found: list[Port] = []
    for (what, (_, service_name)), service in declared.items():
        for port in service if what == "service" else ():
            if local(port) != "port":
                continue
            binding = declared.get(("binding", name_of(port, port.get("binding") or "")))
            if binding is None:
                add_note(
                    position_of(port),
                    f"its binding {given(port, 'binding')} is missing",
                )
                continue
            kind = kind_of(binding)
            address = next((n.get("location") or "" for n in port if local(n) == "address"), "")
            if kind in ("http", ""):
                what_kind = "HTTP GET/POST" if kind == "http" else "unknown"
                add_note(position_of(port), f"an {what_kind} binding is not supported")
                continue
            found.append(Port(service_name, port.get("name") or "", binding, kind, address))
    bound = {id(port.binding) for port in found}
    is_served = bool(found)
    for (what, (_, name)), binding in declared.items():
        if what == "binding" and id(binding) not in bound and kind_of(binding) in SOAP_KINDS:
            add_note(position_of(binding), "no port uses this binding")
            if not is_served:
                found.append(Port("", name, binding, kind_of(binding), ""))
    return found
