"""Compares the calls of a manifest with the WSDL or OpenAPI document beside it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from adapters.connectors.database import DatabaseCall, DatabaseSettings
from adapters.connectors.files import FilesSettings
from adapters.connectors.graphql import GraphqlSettings
from adapters.connectors.rest import RestSettings
from adapters.connectors.rest.settings import RestCall
from adapters.connectors.setup import SetupError
from adapters.connectors.soap import SoapSettings
from adapters.connectors.soap.writer import parts_of
from adapters.connectors.soap.wsdl import Operation, Wsdl
from adapters.contract import Capability
from adapters.manifest.document import KeyPath
from adapters.manifest.model import Manifest
from adapters.workbench.check.findings import Findings, Severity
from adapters.workbench.check.reply_trees import (
    OPEN,
    Names,
    closest,
    described_inputs,
    names_of_file,
    names_of_output,
    names_of_query,
    names_of_shape,
)
from adapters.workbench.check.statements import selected_columns
from adapters.workbench.introspection import IntrospectionError, Source
from adapters.workbench.introspection.description import DescribedOperation, ValueShape
from adapters.workbench.introspection.openapi import describe_openapi

DOCUMENTS = ("*.yaml", "*.yml", "*.json")
_IS_OPENAPI = re.compile(rb'(?m)(^|[{,])\s*["\']?(openapi|swagger)["\']?\s*:')
_TEMPLATE = re.compile(r"\{[^}]*\}")
EXTENSION = "{http://www.w3.org/2001/XMLSchema}extension"
ELEMENT = "{http://www.w3.org/2001/XMLSchema}element"


@dataclass(frozen=True, slots=True)
class DescribedReply:
    """The facts about the replies of a capability.

    Attributes:
        source: what describes it, for messages.
        root: the names in the reply.
        may_be_incomplete: True if replies may have names that the source lacks.
        further: names that may occur anywhere, for example in types that extend others.
    """

    source: str
    root: Names
    may_be_incomplete: bool = False
    further: frozenset[str] = frozenset()

    def gap(self, names: Names, path: str) -> tuple[str, list[str]] | None:
        """Return the step that is missing and the names there; None if nothing is missing."""
        found = names.missing(path)
        return None if found is None or found[0] in self.further else found


UNKNOWN = DescribedReply("", OPEN, may_be_incomplete=True)


def described_reply(manifest: Manifest, capability: Capability) -> DescribedReply:
    """Return what the files beside the manifest say about the capability's replies."""
    settings, call = manifest.file.connector, manifest.file.capabilities[capability].call
    if isinstance(settings, SoapSettings) and call.get("result", "described") == "described":
        operation = _operation(manifest, settings, call)
        if operation is None:
            return UNKNOWN
        source = f"the reply of {operation.name} in {settings.wsdl}"
        names = names_of_output(operation)
        return DescribedReply(source, names, further=_extensions(manifest.folder))
    if isinstance(settings, DatabaseSettings):
        columns = selected_columns(DatabaseCall.model_validate(call), settings.url)
        return DescribedReply("the statement", columns) if columns != OPEN else UNKNOWN
    if isinstance(settings, FilesSettings):
        return DescribedReply("the layout of the file", names_of_file(settings, call["file"]))
    if isinstance(settings, GraphqlSettings):
        names = names_of_query(call["query"])
        if call.get("each_key") and len(names.inner) == 1:
            (names,) = names.inner.values()
        return DescribedReply("the query", names)
    if isinstance(settings, RestSettings):
        found = _rest_operation(manifest, settings, RestCall.model_validate(call))
        path, described = found if found is not None else (None, None)
        if path is not None and described is not None and described.reply is not None:
            names = names_of_shape(described.reply)
            source = f"the reply of {described.name} in {path.name}"
            return DescribedReply(source, names, may_be_incomplete=True)
    return UNKNOWN


def check_described_calls(findings: Findings) -> None:
    """Report operations, arguments and paths that the department's document does not have."""
    manifest = findings.manifest
    settings = manifest.file.connector
    if isinstance(settings, SoapSettings) and settings.session is not None:
        for name in ("login", "logoff"):
            rule = getattr(settings.session, name)
            if rule is not None:
                _check_soap(findings, settings, rule.model_dump(), ("connector", "session", name))
    for capability, model in manifest.file.capabilities.items():
        here: KeyPath = ("capabilities", capability.value, "call")
        if isinstance(settings, SoapSettings):
            _check_soap(findings, settings, model.call, here)
        elif isinstance(settings, RestSettings):
            _check_rest(findings, settings, RestCall.model_validate(model.call), here)


def _operation(
    manifest: Manifest, settings: SoapSettings, call: Mapping[str, Any]
) -> Operation | None:
    stamp = (manifest.folder / settings.wsdl).stat().st_mtime_ns
    try:
        wsdl = _wsdl(
            manifest.folder,
            stamp,
            settings.wsdl,
            settings.service,
            settings.port,
            settings.version,
        )
    except SetupError:
        return None
    return wsdl.operations.get(str(call.get("operation")))


@lru_cache(maxsize=2)
def _wsdl(
    folder: Path,
    _stamp: int,
    name: str,
    service: str | None,
    port: str | None,
    version: str | None,
) -> Wsdl:
    return Wsdl(folder, name, service, port, version)


def _extensions(folder: Path) -> frozenset[str]:
    """Return the elements of types that extend others: `xsi:type` may put them into a reply."""
    names: set[str] = set()
    for path in (*folder.glob("*.wsdl"), *folder.glob("*.xsd")):
        try:
            root = etree.fromstring(path.read_bytes(), etree.XMLParser(resolve_entities=False))
        except (OSError, etree.XMLSyntaxError, ValueError):
            continue
        for extension in root.iter(EXTENSION):
            names |= {str(each.get("name")) for each in extension.iter(ELEMENT)}
    return frozenset(names - {"None"})


def _check_soap(
    findings: Findings, settings: SoapSettings, call: Mapping[str, Any], here: KeyPath
) -> None:
    operation = _operation(findings.manifest, settings, call)
    if operation is None or operation.zeep.input is None:
        return
    parts = parts_of(operation)
    for name in call.get("headers") or {}:
        if not name.startswith("{") and name not in parts:
            message = f"{operation.name} has no header part {name!r}"
            at = (*here, "headers", name)
            findings.add(Severity.ERROR, "arguments", at, message, closest(name, sorted(parts)))
    body = operation.zeep.input.body
    if body is None:
        return
    values = call.get("arguments") or {}
    own = {settings.session.argument} if settings.session is not None else set()
    at = (*here, "arguments")
    for key, message, remedy in _argument_gaps(body.type, values, own - {None}, operation.name):
        findings.add(Severity.ERROR, "arguments", (*at, *key), message, remedy)


def _argument_gaps(
    xsd_type: Any, values: Mapping[str, Any], given: set[str | None], name: str
) -> Iterator[tuple[KeyPath, str, str]]:
    """Yield key path, message and remedy for arguments that are unknown or missing."""
    inputs = list(described_inputs(xsd_type))
    names = {each for each, _, _ in inputs} | {
        each for each, _ in getattr(xsd_type, "attributes", ())
    }
    if not inputs:
        return
    is_open = any(each.startswith("_value_") for each in names)
    for key in values:
        if key not in names and not is_open:
            yield (key,), f"{name} has no argument {key!r}", closest(key, sorted(names))
    for key, element, required in inputs:
        value = values.get(key)
        if value is None and required and key not in given:
            remedy = f"add {key!r}: a value, a placeholder or a reference"
            yield (), f"{name} requires the argument {key!r}", remedy
        for number, each in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(each, Mapping):
                inner: KeyPath = (key, number) if isinstance(value, list) else (key,)
                for at, message, remedy in _argument_gaps(element.type, each, set(), key):
                    yield (*inner, *at), message, remedy


def _rest_operation(
    manifest: Manifest, settings: RestSettings, call: RestCall
) -> tuple[Path, DescribedOperation | None] | None:
    """Return the document and the operation of a call in it; None if there is no document."""
    document = openapi_document(manifest.folder)
    if document is None:
        return None
    try:
        operations = _operations(document, document.stat().st_mtime_ns)
    except (IntrospectionError, OSError):
        return None
    full = urlsplit(settings.base_url).path.rstrip("/") + call.path.partition("?")[0]
    fitting = [
        each
        for each in operations
        if each.call.get("method") == call.method and _is_path(str(each.call["path"]), full)
    ]
    # The longest path fits best, and of several the one with the fewest parameters.
    fitting.sort(key=lambda each: (*_length(str(each.call["path"])), each.name))
    return document, fitting[0] if fitting else None


def openapi_document(folder: Path) -> Path | None:
    """Return the OpenAPI document in a folder; None if there is none."""
    for pattern in DOCUMENTS:
        for path in sorted(folder.glob(pattern)):
            if _IS_OPENAPI.search(path.read_bytes()[:4096]):
                return path
    return None


@lru_cache(maxsize=2)
def _operations(document: Path, _stamp: int) -> list[DescribedOperation]:
    return describe_openapi(Source(str(document))).operations


def _length(template: str) -> tuple[int, int]:
    """Return the number of steps of a path, negative, and that of its parameters."""
    return -len(template.strip("/").split("/")), len(_TEMPLATE.findall(template))


def _is_path(template: str, path: str) -> bool:
    """Return True if the path of a call ends with a path template, such as `/a/{id}`."""
    wanted, given = template.strip("/").split("/"), path.strip("/").split("/")
    if len(wanted) > len(given):
        return False
    for expected, step in zip(wanted, given[-len(wanted) :], strict=True):
        pattern = "[^/]+".join(map(re.escape, _TEMPLATE.split(expected)))
        if not re.fullmatch(pattern, _TEMPLATE.sub("x", step)) and expected != step:
            return False
    return True


def _check_rest(findings: Findings, settings: RestSettings, call: RestCall, here: KeyPath) -> None:
    found = _rest_operation(findings.manifest, settings, call)
    if found is None:
        return
    document, operation = found
    if operation is None:
        message = f"{document.name} has no {call.method} {call.path}"
        remedy = "correct `method` and `path`, or bring the document up to date"
        findings.add(Severity.ERROR, "arguments", (*here, "path"), message, remedy)
        return
    by_name = {each.name: each for each in operation.arguments}
    own_query = {call.path.partition("?")[2].partition("=")[0]}
    in_path = set(re.findall(r"\{([^}]*)\}", str(operation.call["path"])))
    sent = {*call.query, *(call.body or {}), *call.headers, *in_path, *own_query}
    for part, names in (("query", call.query), ("body", call.body or {})):
        for name in names:
            if name not in by_name and by_name:
                message = f"{operation.name} in {document.name} has no argument {name!r}"
                at = (*here, part, name)
                findings.add(Severity.ERROR, "arguments", at, message, closest(name, [*by_name]))
    for name in _required(operation.arguments):
        if name not in sent and name not in settings.headers:
            message = f"{operation.name} in {document.name} requires the argument {name!r}"
            remedy = f"add {name!r} to the call: a value, a placeholder or a reference"
            findings.add(Severity.ERROR, "arguments", here, message, remedy)


def _required(arguments: list[ValueShape]) -> list[str]:
    return [each.name for each in arguments if each.required]
