"""Describes a REST department by its OpenAPI document: 2.0 (Swagger), 3.0 or 3.1, JSON or YAML.

Walks the document itself and follows references with bounds, so that a document which breaks its
own specification is read as far as it goes.
"""

import json
import re
from typing import Any
from urllib.parse import unquote, urldefrag

import yaml

from adapters.introspection.description import (
    MOST_DEPTH,
    MOST_NODES,
    MOST_OPERATIONS,
    Description,
    IntrospectionError,
    Kind,
    Operation,
    Shape,
)
from adapters.introspection.fetching import NotReadError, Source
from adapters.introspection.yaml_text import read_yaml

METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
READS = ("get", "post")
LONGEST_CHAIN = 40
JSON_TYPES = re.compile(r"(?i)^(application/(.+\+)?json|text/json|\*/\*|application/\*)")
XML_TYPES = re.compile(r"(?i)(application|text)/(.+\+)?xml")
_KINDS: dict[str, Kind] = {"integer": "integer", "number": "number", "boolean": "truth"}
Context = tuple[str, Any]
"""Address of a document, and its content."""


def describe_openapi(source: Source) -> Description:
    """Raises `IntrospectionError` when there is no OpenAPI document to read."""
    return _Reading(source).describe()


class _Reading:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._found = Description("rest", "", {})
        self._documents: dict[str, Any] = {}
        self._nodes = 0

    def describe(self) -> Description:
        found, address = self._found, self._source.address
        document = self._parse(self._source.read_first(), address)
        if not isinstance(document, dict):
            raise IntrospectionError(f"{address} is no OpenAPI document: it is no object")
        version = str(document.get("openapi") or document.get("swagger") or "")
        if not version:
            raise IntrospectionError(
                f"{address} is no OpenAPI document: it has neither `openapi` nor `swagger`"
            )
        if not version.startswith(("2.", "3.0", "3.1")):
            found.note("/", f"version {version} is not known; read as 3.1")
        self._documents[self._source.base] = document
        self._context: Context = (self._source.base, document)
        info = _object(document.get("info"))
        found.title = str(info.get("title") or "department")
        found.make = f"OpenAPI {version}" + (
            f", {document['x-generator']}" if "x-generator" in document else ""
        )
        found.connector = {"kind": "rest", "base_url": self._base_url(document)}
        self._security(document)
        for feature in ("webhooks", "x-webhooks"):
            for name in _object(document.get(feature)):
                found.note(f"/{feature}/{name}", "a webhook is not read")
        for path, item in _object(document.get("paths")).items():
            self._path(str(path), item, document)
        return found

    def _parse(self, content: bytes, address: str) -> Any:
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            pass
        try:
            return read_yaml(content)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            words = " ".join(str(error).split())[:200]
            raise IntrospectionError(f"{address} is neither JSON nor YAML: {words}") from None

    def _base_url(self, document: dict[str, Any]) -> str:
        servers = document.get("servers")
        if isinstance(servers, list) and servers:
            first = _object(servers[0])
            url = str(first.get("url") or "")
            for name, variable in _object(first.get("variables")).items():
                url = url.replace(f"{{{name}}}", str(_object(variable).get("default", "")))
            if len(servers) > 1:
                self._found.comments.append(f"It has {len(servers)} servers; the first is taken.")
        else:
            schemes = document.get("schemes")
            scheme = str(schemes[0]) if isinstance(schemes, list) and schemes else "https"
            host = document.get("host")
            url = f"{scheme}://{host}{document.get('basePath') or ''}" if host else ""
        if not url.lower().startswith(("http://", "https://")):
            self._found.note("/servers", f"no address to send requests to ({url or 'none'})")
            return ""
        return url.rstrip("/")

    def _security(self, document: dict[str, Any]) -> None:
        components = _object(document.get("components"))
        schemes = document.get("securityDefinitions") or components.get("securitySchemes")
        for name, given in _object(schemes).items():
            scheme = _object(self._resolved(given, f"/securitySchemes/{name}"))
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
        item = _object(self._resolved(given, pointer))
        shared = _list(item.get("parameters"))
        for method in METHODS:
            operation = item.get(method)
            if operation is None:
                continue
            at = f"{pointer}/{method}"
            if not isinstance(operation, dict):
                self._found.note(at, "no object: left out")
            elif len(self._found.operations) >= MOST_OPERATIONS:
                self._found.note(at, "more operations than can be read")
                return
            elif method not in READS:
                self._found.note(at, f"{method.upper()} changes something; the hub only reads yet")
            else:
                self._operation(method, path, operation, shared, at)

    def _operation(
        self, method: str, path: str, given: dict[str, Any], shared: list[Any], at: str
    ) -> None:
        name = str(given.get("operationId") or f"{method} {path}")
        words = str(given.get("summary") or given.get("description") or "")
        operation = Operation(name, at, documentation=" ".join(words.split())[:200])
        query: dict[str, str] = {}
        body: dict[str, Any] | None = None
        for number, parameter in enumerate([*shared, *_list(given.get("parameters"))]):
            body = self._parameter(parameter, f"{at}/parameters/{number}", operation, query) or body
        if "requestBody" in given:
            body = self._request_body(given["requestBody"], at, operation)
        if given.get("callbacks"):
            self._found.note(f"{at}/callbacks", "callbacks are not read")
        operation.call = {"method": method.upper(), "path": path, "query": query}
        if body is not None:
            operation.call = {**operation.call, "body": body}
        operation.reads = method == "get" or bool(
            re.search(r"(?i)search|query|find|list|lookup|fetch|status|get", f"{name} {path}")
        )
        operation.reply = self._reply(given, at)
        self._found.operations.append(operation)

    def _parameter(
        self, given: Any, at: str, operation: Operation, query: dict[str, str]
    ) -> dict[str, Any] | None:
        """Adds an argument; gives the body where the parameter is one (2.0)."""
        parameter = _object(self._resolved(given, at))
        name, where = str(parameter.get("name") or ""), parameter.get("in")
        if where == "body":
            shape = self._shape(name or "body", parameter.get("schema"), f"{at}/schema", (), 0)
            operation.arguments += shape.children
            return {child.name: "" for child in shape.children}
        if where in ("header", "cookie", "formData"):
            if name.lower() not in ("accept", "content-type", "authorization"):
                self._found.note(at, f"a parameter {name!r} in {where}: fill it by hand")
            return None
        if where not in ("path", "query") or not name:
            self._found.note(at, f"a parameter in {where!r}: left out")
            return None
        schema = parameter.get("schema") or _first_schema(parameter.get("content")) or parameter
        shape = self._shape(name, schema, at, (), 0)
        operation.arguments.append(shape)
        if where == "query" and (parameter.get("required") or where == "query"):
            query[name] = ""
        return None

    def _request_body(self, given: Any, at: str, operation: Operation) -> dict[str, Any] | None:
        content = _object(_object(self._resolved(given, f"{at}/requestBody")).get("content"))
        schema = self._json_schema(content, f"{at}/requestBody")
        if schema is None:
            return None
        shape = self._shape("body", schema, f"{at}/requestBody", (), 0)
        operation.arguments += shape.children
        return {child.name: "" for child in shape.children}

    def _json_schema(self, content: dict[str, Any], at: str) -> Any:
        for media, each in content.items():
            if JSON_TYPES.match(str(media)):
                return _object(each).get("schema")
        for media in content:
            what = "XML" if XML_TYPES.match(str(media)) else str(media)
            self._found.note(at, f"a body of {what} is not read")
        return None

    def _reply(self, given: dict[str, Any], at: str) -> Shape | None:
        responses = _object(given.get("responses"))
        good = sorted(str(code) for code in responses if str(code).startswith("2"))
        code = next(iter(good), "default")
        by_text = {str(key): value for key, value in responses.items()}
        if code not in by_text:
            self._found.note(f"{at}/responses", "no reply of success is described")
            return None
        place = f"{at}/responses/{code}"
        response = _object(self._resolved(by_text[code], place))
        schema = response.get("schema")
        if schema is None and "content" in response:
            schema = self._json_schema(_object(response["content"]), place)
        if schema is None:
            return None
        return self._shape("reply", schema, place, (), 0)

    def _resolved(self, given: Any, at: str) -> Any:
        """What a reference stands for; the thing itself if it is none."""
        seen: set[str] = set()
        while isinstance(given, dict) and isinstance(given.get("$ref"), str):
            reference = given["$ref"]
            if reference in seen or len(seen) > LONGEST_CHAIN:
                self._found.note(at, f"the reference {reference} leads to itself")
                return None
            seen.add(reference)
            given = self._target(reference, at)
        return given

    def _target(self, reference: str, at: str) -> Any:
        where, pointer = urldefrag(reference)
        document: Any = self._context[1]
        if where:
            try:
                address = self._source.resolve(self._context[0], where)
                if address not in self._documents:
                    self._documents[address] = self._parse(self._source.read(address), address)
                document = self._documents[address]
            except (NotReadError, IntrospectionError) as error:
                self._found.note(at, f"{reference} is not read: {error}")
                return None
        for step in unquote(pointer).split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if isinstance(document, dict) and key in document:
                document = document[key]
            elif isinstance(document, list) and key.isdecimal() and int(key) < len(document):
                document = document[int(key)]
            else:
                self._found.note(at, f"the reference {reference} leads nowhere")
                return None
        if where and isinstance(document, dict) and "$ref" in document:
            self._found.note(
                at, f"{reference}: references within another document are not followed"
            )
            return {key: value for key, value in document.items() if key != "$ref"}
        return document

    def _shape(self, name: str, given: Any, at: str, above: tuple[str, ...], depth: int) -> Shape:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            self._found.note(at, f"more than {MOST_NODES:,} parts; the rest is left out")
            return Shape(name, "any")
        reference = given.get("$ref") if isinstance(given, dict) else None
        if isinstance(reference, str):
            if reference in above or depth > MOST_DEPTH:
                self._found.note(at, f"{reference} holds itself; not read further")
                return Shape(name, "any")
            above = (*above, reference)
        if depth > MOST_DEPTH * 2:
            return Shape(name, "any")
        schema = self._resolved(given, at)
        if schema is True or schema is None or schema == {}:
            return Shape(name, "any")
        if not isinstance(schema, dict):
            self._found.note(at, "a schema that is no object: taken for anything")
            return Shape(name, "any")
        return self._of_schema(name, schema, at, above, depth)

    def _of_schema(
        self, name: str, schema: dict[str, Any], at: str, above: tuple[str, ...], depth: int
    ) -> Shape:
        words = " ".join(str(schema.get("description") or "").split())[:200]
        kind = schema.get("type")
        if isinstance(kind, list):
            others = [each for each in kind if each != "null"]
            if len(others) > 1:
                self._found.note(at, f"one of several types ({', '.join(map(str, others))})")
            kind = others[0] if others else "null"
        if kind == "array" or ("items" in schema and kind is None):
            item = self._shape(name, schema.get("items"), f"{at}/items", above, depth + 1)
            item.many = True
            item.documentation = item.documentation or words
            return item
        shape = Shape(name, documentation=words)
        parts = _object(schema.get("properties"))
        if parts or kind == "object" or "allOf" in schema:
            shape.kind = "object"
            for key, value in parts.items():
                place = f"{at}/properties/{key}"
                shape.children.append(self._shape(str(key), value, place, above, depth + 1))
            self._all_of(shape, schema, at, above, depth)
            if schema.get("additionalProperties") not in (None, False) and not parts:
                self._found.note(at, f"{name!r} has keys that nobody names (additionalProperties)")
        else:
            shape.kind = _leaf_kind(kind, schema.get("format"))
            if kind == "file":
                self._found.note(at, "a file is not read")
        self._alternatives(shape, schema, at, above, depth)
        values = schema.get("enum") if "enum" in schema else schema.get("const")
        listed = values if isinstance(values, list) else [values] if values is not None else []
        shape.values = tuple(str(value) for value in listed if value is not None)
        if isinstance(schema.get("discriminator"), dict | str):
            self._found.note(at, "a discriminator: the alternatives are read as one object")
        return shape

    def _all_of(
        self, shape: Shape, schema: dict[str, Any], at: str, above: tuple[str, ...], depth: int
    ) -> None:
        known = {child.name for child in shape.children}
        for number, each in enumerate(_list(schema.get("allOf"))):
            part = self._shape(shape.name, each, f"{at}/allOf/{number}", above, depth + 1)
            shape.children += [child for child in part.children if child.name not in known]
            known.update(child.name for child in part.children)
            shape.values = shape.values or part.values
            if part.kind not in ("object", "any") and not shape.children:
                shape.kind = part.kind

    def _alternatives(
        self, shape: Shape, schema: dict[str, Any], at: str, above: tuple[str, ...], depth: int
    ) -> None:
        for word in ("oneOf", "anyOf"):
            choices = [c for c in _list(schema.get(word)) if c != {"type": "null"}]
            if not choices:
                continue
            if len(choices) > 1:
                self._found.note(f"{at}/{word}", f"{len(choices)} alternatives are read as one")
            known = {child.name for child in shape.children}
            for number, each in enumerate(choices[:20]):
                part = self._shape(shape.name, each, f"{at}/{word}/{number}", above, depth + 1)
                shape.children += [c for c in part.children if c.name not in known]
                known.update(child.name for child in part.children)
                if part.kind == "object" or len(choices) == 1:
                    shape.kind = part.kind
                shape.many = shape.many or part.many
        if "not" in schema:
            self._found.note(f"{at}/not", "`not` says nothing about what is there")
        if "patternProperties" in schema:
            self._found.note(f"{at}/patternProperties", "keys by pattern are not read")


def _leaf_kind(kind: Any, form: Any) -> Kind:
    if form == "date":
        return "date"
    if form in ("date-time", "datetime"):
        return "datetime"
    return _KINDS.get(str(kind), "text")


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _first_schema(content: Any) -> Any:
    for each in _object(content).values():
        return _object(each).get("schema")
    return None
