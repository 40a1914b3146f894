"""Describes a REST department from its OpenAPI document: 2.0 (Swagger), 3.0 or 3.1, JSON or YAML.

Reads the document directly and follows references with limits, so that a document that violates
the specification is read as far as possible.
"""

import re
from typing import Any

from adapters.workbench.introspection.description import (
    MOST_OPERATIONS,
    DescribedOperation,
    Description,
    IntrospectionError,
    ValueShape,
)
from adapters.workbench.introspection.openapi_documents import OpenApiDocuments
from adapters.workbench.introspection.openapi_shapes import OpenApiShapes, list_of, object_of
from adapters.workbench.introspection.source import Source

METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
READS = ("get", "post")
JSON_TYPES = re.compile(r"(?i)^(application/(.+\+)?json|text/json|\*/\*|application/\*)")
XML_TYPES = re.compile(r"(?i)(application|text)/(.+\+)?xml")


def describe_openapi(source: Source) -> Description:
    """Read the OpenAPI document.

    Raises:
        IntrospectionError: there is no OpenAPI document to read.
    """
    return _OpenApiReader(source).describe()


class _OpenApiReader:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._found = Description("rest", "", {})
        self._documents = OpenApiDocuments(source, self._found)
        self._shapes = OpenApiShapes(self._documents, self._found)

    def describe(self) -> Description:
        found, address = self._found, self._source.address
        document = self._documents.read_first()
        if not isinstance(document, dict):
            raise IntrospectionError(f"{address} is not an OpenAPI document: it is not an object")
        version = str(document.get("openapi") or document.get("swagger") or "")
        if not version:
            raise IntrospectionError(
                f"{address} is not an OpenAPI document: it has neither `openapi` nor `swagger`"
            )
        if not version.startswith(("2.", "3.0", "3.1")):
            found.note("/", f"version {version} is not known; read as 3.1")
        info = object_of(document.get("info"))
        found.title = str(info.get("title") or "department")
        found.make = f"OpenAPI {version}" + (
            f", {document['x-generator']}" if "x-generator" in document else ""
        )
        found.connector = {"kind": "rest", "base_url": self._base_url(document)}
        self._security(document)
        for feature in ("webhooks", "x-webhooks"):
            for name in object_of(document.get(feature)):
                found.note(f"/{feature}/{name}", "webhooks are left out")
        for path, item in object_of(document.get("paths")).items():
            self._path(str(path), item, document)
        return found

    def _base_url(self, document: dict[str, Any]) -> str:
        servers = document.get("servers")
        if isinstance(servers, list) and servers:
            first = object_of(servers[0])
            url = str(first.get("url") or "")
            for name, variable in object_of(first.get("variables")).items():
                url = url.replace(f"{{{name}}}", str(object_of(variable).get("default", "")))
            if len(servers) > 1:
                self._found.comments.append(
                    f"The document lists {len(servers)} servers; the first is used."
                )
        else:
            schemes = document.get("schemes")
            scheme = str(schemes[0]) if isinstance(schemes, list) and schemes else "https"
            host = document.get("host")
            url = f"{scheme}://{host}{document.get('basePath') or ''}" if host else ""
        if not url.lower().startswith(("http://", "https://")):
            self._found.note("/servers", f"no HTTP address of a server ({url or 'none'})")
            return ""
        return url.rstrip("/")

    def _security(self, document: dict[str, Any]) -> None:
        components = object_of(document.get("components"))
        schemes = document.get("securityDefinitions") or components.get("securitySchemes")
        for name, given in object_of(schemes).items():
            scheme = object_of(self._documents.resolved(given, f"/securitySchemes/{name}"))
            kind, where = str(scheme.get("type")), scheme.get("in")
            if kind == "apiKey" and where == "header":
                headers = self._found.connector.setdefault("headers", {})
                headers[str(scheme.get("name"))] = "${env:HUB_API_KEY:-}"
            else:
                detail = scheme.get("scheme") or scheme.get("flow") or where or ""
                self._found.note(
                    f"/securitySchemes/{name}", f"security {kind} {detail}: set it up by hand"
                )

    def _path(self, path: str, given: Any, document: dict[str, Any]) -> None:
        pointer = f"/paths/{path}"
        item = object_of(self._documents.resolved(given, pointer))
        shared = list_of(item.get("parameters"))
        for method in METHODS:
            operation = item.get(method)
            if operation is None:
                continue
            at = f"{pointer}/{method}"
            if not isinstance(operation, dict):
                self._found.note(at, "not an object: left out")
            elif len(self._found.operations) >= MOST_OPERATIONS:
                self._found.note(
                    at, f"more than {MOST_OPERATIONS} operations; the rest is left out"
                )
                return
            elif method not in READS:
                self._found.note(at, f"{method.upper()} is left out: the hub only reads yet")
            else:
                self._operation(method, path, operation, shared, at)

    def _operation(
        self, method: str, path: str, given: dict[str, Any], shared: list[Any], at: str
    ) -> None:
        name = str(given.get("operationId") or f"{method} {path}")
        words = str(given.get("summary") or given.get("description") or "")
        operation = DescribedOperation(name, at, documentation=" ".join(words.split())[:200])
        query: dict[str, str] = {}
        body: dict[str, Any] | None = None
        for number, parameter in enumerate([*shared, *list_of(given.get("parameters"))]):
            body = self._parameter(parameter, f"{at}/parameters/{number}", operation, query) or body
        if "requestBody" in given:
            body = self._request_body(given["requestBody"], at, operation)
        if given.get("callbacks"):
            self._found.note(f"{at}/callbacks", "callbacks are left out")
        operation.call = {"method": method.upper(), "path": path, "query": query}
        if body is not None:
            operation.call = {**operation.call, "body": body}
        operation.reads = method == "get" or bool(
            re.search(r"(?i)search|query|find|list|lookup|fetch|status|get", f"{name} {path}")
        )
        operation.reply = self._reply(given, at)
        self._found.operations.append(operation)

    def _parameter(
        self, given: Any, at: str, operation: DescribedOperation, query: dict[str, str]
    ) -> dict[str, Any] | None:
        """Add an argument; return the body if the parameter is the body (2.0)."""
        parameter = object_of(self._documents.resolved(given, at))
        name, where = str(parameter.get("name") or ""), parameter.get("in")
        if where == "body":
            shape = self._shapes.shape(name or "body", parameter.get("schema"), f"{at}/schema")
            operation.arguments += shape.children
            return {child.name: "" for child in shape.children}
        if where in ("header", "cookie", "formData"):
            if name.lower() not in ("accept", "content-type", "authorization"):
                self._found.note(at, f"the parameter {name!r} in {where}: set it by hand")
            return None
        if where not in ("path", "query") or not name:
            self._found.note(at, f"a parameter in {where!r}: left out")
            return None
        schema = parameter.get("schema") or _first_schema(parameter.get("content")) or parameter
        shape = self._shapes.shape(name, schema, at)
        operation.arguments.append(shape)
        if where == "query" and (parameter.get("required") or where == "query"):
            query[name] = ""
        return None

    def _request_body(
        self, given: Any, at: str, operation: DescribedOperation
    ) -> dict[str, Any] | None:
        content = object_of(
            object_of(self._documents.resolved(given, f"{at}/requestBody")).get("content")
        )
        schema = self._json_schema(content, f"{at}/requestBody")
        if schema is None:
            return None
        shape = self._shapes.shape("body", schema, f"{at}/requestBody")
        operation.arguments += shape.children
        return {child.name: "" for child in shape.children}

    def _json_schema(self, content: dict[str, Any], at: str) -> Any:
        for media, each in content.items():
            if JSON_TYPES.match(str(media)):
                return object_of(each).get("schema")
        for media in content:
            what = "XML" if XML_TYPES.match(str(media)) else str(media)
            self._found.note(at, f"a body of {what} is left out")
        return None

    def _reply(self, given: dict[str, Any], at: str) -> ValueShape | None:
        responses = object_of(given.get("responses"))
        good = sorted(str(code) for code in responses if str(code).startswith("2"))
        code = next(iter(good), "default")
        by_text = {str(key): value for key, value in responses.items()}
        if code not in by_text:
            self._found.note(f"{at}/responses", "no successful reply is described")
            return None
        position = f"{at}/responses/{code}"
        response = object_of(self._documents.resolved(by_text[code], position))
        schema = response.get("schema")
        if schema is None and "content" in response:
            schema = self._json_schema(object_of(response["content"]), position)
        if schema is None:
            return None
        return self._shapes.shape("reply", schema, position)


def _first_schema(content: Any) -> Any:
    for each in object_of(content).values():
        return object_of(each).get("schema")
    return None
