"""Reads a department's WSDL from files beside its manifest, never from the network."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import zeep
from lxml import etree
from zeep.exceptions import Error as ZeepError
from zeep.transports import Transport
from zeep.wsdl.bindings.soap import Soap12Binding, SoapBinding

from adapters.connectors.setup import SetupError
from adapters.connectors.soap.encoded import ENCODINGS
from adapters.connectors.soap.known_schemas import (
    KNOWN_SCHEMAS,
    SOAP_BODIES,
    with_known_schemas,
)
from adapters.connectors.soap.versions import BY_NAME, SOAP_11, SOAP_12, SoapVersion
from adapters.connectors.soap.wsdl_problems import SAVE_SCHEMA, explain, explain_warning
from adapters.mapping.rules import did_you_mean

KEY_PATH = ("connector", "wsdl")
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
XSD = "{http://www.w3.org/2001/XMLSchema}"


class ImportRefusedError(Exception):
    """A WSDL imports a file that is not beside it; the message says which."""


class _FolderTransport(Transport):
    """Loads files of one folder, and keeps the loaded documents."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder.resolve()
        self.documents: list[bytes] = []

    def load(self, url: str) -> bytes:
        if url in KNOWN_SCHEMAS:
            return KNOWN_SCHEMAS[url].read_bytes()
        parts = urlparse(url)
        if parts.scheme not in ("", "file"):
            raise ImportRefusedError(f"it imports {url}; save that file and import it by name")
        path = Path(unquote(parts.path)).resolve()
        if not path.is_relative_to(self._folder):
            raise ImportRefusedError(f"it imports {path.name} from another folder; save it here")
        try:
            content = with_known_schemas(path.read_bytes(), path.parent)
        except OSError:
            raise ImportRefusedError(f"it imports {path.name}, which is not beside it") from None
        self.documents.append(content)
        return content


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the chosen binding.

    Attributes:
        name: its name.
        action: soapAction in the WSDL.
        is_rpc: True if the Body contains a wrapper with a part for each parameter.
        encoded_input: True if requests are rpc/encoded.
        encoded_output: True if replies are rpc/encoded.
        zeep: zeep's object.
    """

    name: str
    action: str
    is_rpc: bool
    encoded_input: bool
    encoded_output: bool
    zeep: Any


class Wsdl:
    """A WSDL with the binding that the manifest chose.

    Args:
        folder: folder of the WSDL.
        name: name of its file.
        service: name of the service. None: the first with a SOAP port.
        port: name of the service's port. None: the first with this version.
        version: `1.1` or `1.2`. None: the port's version.

    Raises:
        SetupError: the WSDL can't be read, or lacks the service or port.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        service: str | None = None,
        port: str | None = None,
        version: str | None = None,
    ) -> None:
        self.file = name
        transport = _FolderTransport(folder)
        self.client, self._left_out = _read(folder, name, transport)
        self.binding = self._choose(service, port, version)
        own = SOAP_12 if isinstance(self.binding, Soap12Binding) else SOAP_11
        self.binding_version = own
        self.version: SoapVersion = BY_NAME[version] if version else own
        documents = [etree.fromstring(document) for document in transport.documents]
        self._declared = {
            each.get("name") for one in documents for each in one.iter(f"{WSDL}operation")
        }
        self.substitutes = _substitutes(documents)
        self.array_types = frozenset(n for each in documents for n in _array_types(each))
        encoded = _encoded_messages(documents, etree.QName(self.binding.name).localname)
        self.operations = {
            operation.name: Operation(
                name=operation.name,
                action=operation.soapaction or "",
                is_rpc=operation.style == "rpc",
                encoded_input=(operation.name, "input") in encoded,
                encoded_output=(operation.name, "output") in encoded,
                zeep=operation,
            )
            for operation in self.binding.all().values()
        }

    def operation(self, name: str, key_path: tuple[str, ...]) -> Operation:
        """Return an operation; `key_path` is where the manifest names it.

        Raises:
            SetupError: the WSDL has no such operation.
        """
        if name not in self.operations:
            if self._left_out and name in self._declared:
                reasons = "; ".join(self._left_out)
                message = f"{self.file}: the operation {name!r} can't be called: {reasons}"
                raise SetupError(key_path, message, SAVE_SCHEMA)
            raise SetupError(
                key_path,
                f"{self.file} has no operation {name!r}",
                did_you_mean(name, self.operations),
            )
        return self.operations[name]

    def _choose(self, service: str | None, port: str | None, version: str | None) -> Any:
        services = self.client.wsdl.services
        if service is not None and service not in services:
            message = f"{self.file} has no service {service!r}"
            raise SetupError(("connector", "service"), message, did_you_mean(service, services))
        chosen = [services[service]] if service is not None else list(services.values())
        bindings = {
            name: each.binding
            for one in chosen
            for name, each in one.ports.items()
            if isinstance(each.binding, SoapBinding)
        }
        if port is not None:
            if port not in bindings:
                message = f"{self.file} has no SOAP port {port!r}"
                raise SetupError(("connector", "port"), message, did_you_mean(port, bindings))
            return bindings[port]
        found = list(bindings.values()) or [
            each for each in self.client.wsdl.bindings.values() if isinstance(each, SoapBinding)
        ]
        if not found:
            raise SetupError(
                KEY_PATH, f"{self.file} has no SOAP binding", "save the WSDL of a SOAP service"
            )
        fitting = [each for each in found if isinstance(each, Soap12Binding) == (version == "1.2")]
        return fitting[0] if version and fitting else found[0]


def _read(folder: Path, name: str, transport: Transport) -> tuple[zeep.Client, list[str]]:
    """Return zeep's client, and why messages are left out of it."""
    path = folder / name
    if not path.is_file():
        message = f"there is no file {name} beside the manifest"
        raise SetupError(KEY_PATH, message, "save the department's WSDL there")
    settings = zeep.Settings(forbid_dtd=True, forbid_entities=True)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            client = zeep.Client(str(path), transport=transport, settings=settings)
        return client, _left_out(caught)
    except ImportRefusedError as error:
        raise SetupError(KEY_PATH, f"{name} can't be read: {error}", "save the file") from None
    except (
        ZeepError,
        etree.XMLSyntaxError,
        ValueError,
        LookupError,
        AttributeError,
        TypeError,
        NotImplementedError,
        RecursionError,
        AssertionError,
    ) as error:
        reason, remedy = explain(error)
        if reason.startswith("the definition"):
            # zeep leaves out a message with an undeclared part, and then misses the message.
            reason = "; ".join(_left_out(caught)) or reason
        raise SetupError(KEY_PATH, f"{name} can't be read: {reason}", remedy) from None


def _left_out(caught: Iterable[warnings.WarningMessage]) -> list[str]:
    """Return why messages are left out, from the warnings of zeep."""
    reasons = (explain_warning(str(warning.message)) for warning in caught)
    return [reason for reason in dict.fromkeys(reasons) if reason is not None]


def _encoded_messages(documents: list[etree._Element], binding: str) -> set[tuple[str, str]]:
    """Return the operations and directions that the binding declares as `use="encoded"`."""
    return {
        (str(operation.get("name")), direction)
        for document in documents
        for element in document.iter(f"{WSDL}binding")
        if element.get("name") == binding
        for operation in element.iterfind(f"{WSDL}operation")
        for direction in ("input", "output")
        for message in operation.iterfind(f"{WSDL}{direction}")
        for body in message.iter(*SOAP_BODIES)
        if body.get("use") == "encoded"
    }


def _substitutes(documents: list[etree._Element]) -> dict[str, list[str]]:
    """Return the elements that may occur in place of another one, also those of its substitutes."""
    direct: dict[str, list[str]] = {}
    for document in documents:
        for schema in document.iter(f"{XSD}schema"):
            uri = schema.get("targetNamespace")
            for element in schema.iterfind(f"{XSD}element[@substitutionGroup]"):
                prefix, _, head = (element.get("substitutionGroup") or "").rpartition(":")
                head_uri = element.nsmap.get(prefix or None)
                name = f"{{{uri}}}{element.get('name')}" if uri else str(element.get("name"))
                direct.setdefault(f"{{{head_uri}}}{head}" if head_uri else head, []).append(name)
    found: dict[str, list[str]] = {}
    for head in direct:
        members = list(direct[head])
        for member in members:
            # The list grows while it is read: substitutes may have substitutes.
            members += [each for each in direct.get(member, ()) if each not in members]
        found[head] = members
    return found


def _array_types(document: etree._Element) -> set[str]:
    """Return the names of complex types that restrict `soapenc:Array`."""
    found: set[str] = set()
    for defined in document.iter(f"{XSD}complexType"):
        for restriction in defined.iter(f"{XSD}restriction"):
            prefix, _, base = (restriction.get("base") or "").rpartition(":")
            if base == "Array" and restriction.nsmap.get(prefix or None) in ENCODINGS:
                found.add(str(defined.get("name")))
    return found - {"None"}
