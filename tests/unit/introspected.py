"""Small WSDLs and OpenAPI documents, and what `hub introspect` makes of them."""

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from adapters.manifest.document import read_document
from hub.cli.introspection import introspect

RECORD = ("applicationNumber", "status", "applicantName")
ENCODING = 'encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"'


@dataclass(frozen=True, slots=True)
class Introspected:
    """The folder that `hub introspect` wrote, and what it printed."""

    folder: Path
    printed: str

    @property
    def text(self) -> str:
        return (self.folder / "department.yaml").read_text(encoding="utf-8")

    @property
    def content(self) -> Any:
        return read_document(self.folder / "department.yaml").content

    @property
    def calls(self) -> dict[str, Any]:
        """The guessed calls by capability."""
        return {name: each["call"] for name, each in self.content["capabilities"].items()}

    @property
    def record(self) -> dict[str, Any]:
        """The rules of the application."""
        return dict(self.content["records"]["application"])

    @property
    def loads(self) -> bool:
        return "It loads" in self.printed


def read(kind: str, source: Path | str, to: Path, name: str = "min") -> Introspected:
    """Run `hub introspect` without colours."""
    stream = io.StringIO()
    folder = introspect(kind, str(source), to, name, None, Console(file=stream, width=400))
    return Introspected(folder, stream.getvalue())


def openapi(path: Path, document: dict[str, Any], **more: str) -> Introspected:
    """Write an OpenAPI document, and other files beside it, and introspect it."""
    path.mkdir(exist_ok=True)
    first = path / "openapi.json"
    first.write_text(json.dumps(document), encoding="utf-8")
    for name, text in more.items():
        (path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return read("openapi", first, path / "out")


def schema(*names: str, **more: Any) -> dict[str, Any]:
    """Return a schema with texts of these names, and other properties."""
    properties = {**{name: {"type": "string"} for name in names}, **more}
    return {"type": "object", "properties": properties}


def document(
    operation: dict[str, Any],
    path: str = "/applications/{applicationNumber}",
    method: str = "get",
    **more: Any,
) -> dict[str, Any]:
    """Return an OpenAPI 3 document with one operation, by default one that reads an application."""
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in ("applicationNumber",)
        if f"{{{name}}}" in path
    ]
    reply = {"description": "one", "content": {"application/json": {"schema": schema(*RECORD)}}}
    given = {"operationId": "getApplication", "parameters": parameters, "responses": {"200": reply}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Min", "version": "1"},
        "servers": [{"url": "http://127.0.0.1:1/v1"}],
        "paths": {path: {method: {**given, **operation}}},
        **more,
    }


def replying(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a document whose operation replies with an object of these properties."""
    content = {"application/json": {"schema": {"type": "object", "properties": properties}}}
    return document({"responses": {"200": {"description": "one", "content": content}}, **more})


WSDL = """<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"
  xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="http://www.w3.org/2001/XMLSchema"
  xmlns:t="urn:min" {namespaces} targetNamespace="urn:min" name="Min">
<types><x:schema targetNamespace="urn:min" elementFormDefault="qualified">
{before}
<x:element name="{operation}"><x:complexType><x:sequence>{request}</x:sequence></x:complexType>
</x:element>
<x:element name="{operation}Response"><x:complexType><x:sequence>{reply}</x:sequence>
</x:complexType></x:element></x:schema></types>
<message name="I">{parts}<part name="p" element="t:{operation}"/></message>
<message name="O"><part name="p" element="t:{operation}Response"/></message>{messages}
<portType name="P"><operation name="{operation}"><input message="t:I"/><output message="t:O"/>
</operation></portType>
<binding name="B" type="t:P"><s:binding transport="http://schemas.xmlsoap.org/soap/http"/>
<operation name="{operation}"><s:operation soapAction="u"/>
<input>{headers}<s:body use="literal"{body}/></input><output><s:body use="literal"/></output>
</operation></binding>
<service name="S"><port name="Q" binding="t:B"><s:address location="http://127.0.0.1:1/"/></port>
</service></definitions>"""
TEXT = '<x:element name="{}" type="x:string"/>'
APPLICATION = "".join(map(TEXT.format, ("ApplicationNo", "Status", "ApplicantName")))


def wsdl(**given: str) -> str:
    """Return a WSDL with one operation, by default one that reads an application."""
    parts = {
        "operation": "GetApplication", "namespaces": "", "before": "", "parts": "",
        "messages": "", "headers": "", "body": "",
        "request": TEXT.format("ApplicationNo"), "reply": APPLICATION,
    }  # fmt: skip
    return WSDL.format(**{**parts, **given})


def soap(path: Path, text: str, **more: str) -> Introspected:
    """Write a WSDL, and schemas beside it, and introspect it."""
    path.mkdir(exist_ok=True)
    (path / "min.wsdl").write_text(text, encoding="utf-8")
    for name, content in more.items():
        (path / f"{name}.xsd").write_text(content, encoding="utf-8")
    return read("wsdl", path / "min.wsdl", path / "out")
