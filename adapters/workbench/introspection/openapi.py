"""Describes a REST department from its OpenAPI document: 2.0 (Swagger), 3.0 or 3.1, JSON or YAML.

Reads the document directly and follows references with limits, so that a document that violates
the specification is read as far as possible.
"""

import re
from collections.abc import Sequence
from typing import Any

from adapters.workbench.introspection.description import (
    MOST_OPERATIONS,
    DescribedOperation,
    Description,
    IntrospectionError,
    ValueShape,
)
from adapters.workbench.introspection.openapi_bodies import (
    FORM_TYPES,
    JSON_TYPES,
    XML_TYPES,
    OpenApiBodies,
    with_example,
)
from adapters.workbench.introspection.openapi_documents import OpenApiDocuments
from adapters.workbench.introspection.openapi_security import auth_settings
from adapters.workbench.introspection.openapi_servers import base_url, server_url
from adapters.workbench.introspection.openapi_shapes import (
    OpenApiShapes,
    list_of,
    object_of,
    pointer_of,
)
from adapters.workbench.introspection.source import Source
from adapters.workbench.operation_names import (
    has_read_verb,
    looks_like_read,
    why_documented_write,
    write_word_in,
)

ACTION = re.compile(r"(?i)_?(action|method|operation|command|cmd|op|do|mode|event)(_?(type|name))?")
NO_READ = frozenset(("201", "202", "204"))
OWN_HEADERS = ("accept", "content-type", "authorization", "content-length", "host")
METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
READS = ("get", "post")
CHANGES = ("put", "patch", "delete")


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
        self._bodies = OpenApiBodies(self._documents, self._found)

    def describe(self) -> Description:
        found, address = self._found, self._source.shown_address
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
        found.connector = {"kind": "rest", "base_url": base_url(self._source, document, found)}
        found.connector |= auth_settings(self._documents, document, found)
        for feature in ("webhooks", "x-webhooks"):
            for name in object_of(document.get(feature)):
                found.note(f"/{feature}/{name}", "webhooks are left out")
        # What reads is described first, because the number of nodes is limited.
        for methods in (READS, METHODS[len(READS) :]):
            for path, item in object_of(document.get("paths")).items():
                self._path(str(path), item, methods, document)
        reads = [each for each in found.operations if each.reads]
        kinds = {each.call["replies"] for each in reads if "replies" in each.call}
        if "xml" in kinds:
            found.connector["replies"] = "xml"
            if len(kinds) > 1:
                found.note("/", "some replies are XML and some JSON: describe two departments")
        return found

    def _path(
        self, path: str, given: Any, methods: Sequence[str], document: dict[str, Any]
    ) -> None:
        pointer = f"/paths/{pointer_of(path)}"
        item = object_of(self._documents.resolved(given, pointer))
        shared = list_of(item.get("parameters"))
        for method in methods:
            if method not in item:
                continue
            at = f"{pointer}/{method}"
            operation = self._documents.resolved(item[method], at)
            if not isinstance(operation, dict):
                self._found.note(at, "not an object: left out")
            elif len(self._found.operations) >= MOST_OPERATIONS:
                self._found.note(
                    at, f"more than {MOST_OPERATIONS} operations; the rest is left out"
                )
                return
            elif method not in (*READS, *CHANGES):
                self._found.note(at, f"{method.upper()} is left out")
            else:
                for servers in (item.get("servers"), operation.get("servers")):
                    if list_of(servers):
                        url = server_url(list_of(servers)[0])
                        self._found.note(at, f"it has a server of its own ({url}): not used")
                self._operation(method, path, operation, shared, at, document)

    def _operation(
        self,
        method: str,
        path: str,
        given: dict[str, Any],
        shared: list[Any],
        at: str,
        document: dict[str, Any],
    ) -> None:
        name = str(given.get("operationId") or f"{method} {path}")
        words = str(given.get("summary") or given.get("description") or "")
        operation = DescribedOperation(name, at, documentation=" ".join(words.split())[:200])
        operation.call = {"method": method.upper(), "path": path, "query": []}
        parameters = [*shared, *list_of(given.get("parameters"))]
        consumes = list_of(given.get("consumes") or document.get("consumes"))
        for number, parameter in enumerate(parameters):
            self._parameter(parameter, f"{at}/parameters/{number}", operation, consumes)
        if "requestBody" in given:
            self._request_body(given["requestBody"], at, operation)
        if given.get("callbacks"):
            self._found.note(f"{at}/callbacks", "callbacks are left out")
        operation.reply = self._reply(given, at, operation, document)
        operation.unused = (
            operation.unused or _why_not_read(method, name, path, given) or _chosen_write(operation)
        )
        operation.reads = not operation.unused
        self._found.operations.append(operation)

    def _parameter(
        self, given: Any, at: str, operation: DescribedOperation, consumes: list[Any]
    ) -> None:
        parameter = object_of(self._documents.resolved(given, at))
        name, where = str(parameter.get("name") or ""), parameter.get("in")
        is_required = parameter.get("required") in (True, "true")
        if where == "body":
            media = next((str(each) for each in consumes), "application/json")
            self._body(media, parameter.get("schema"), f"{at}/schema", operation)
            return
        if where not in ("path", "query", "header", "formData") or not name:
            self._found.note(at, f"the parameter {name!r} in {where}: set it by hand")
            return
        schema = parameter.get("schema") or _first_schema(parameter.get("content")) or parameter
        shape = self._shapes.shape(name, schema, at)
        shape.required = is_required or where == "path"
        call = dict(operation.call)
        if where == "header":
            if is_required and name.lower() not in OWN_HEADERS:
                call["headers"] = {**call.get("headers", {}), name: shape}
            elif name.lower() not in OWN_HEADERS:
                self._found.note(at, f"the optional header {name!r} is left out")
        else:
            operation.arguments.append(shape)
            if where == "query":
                call["query"] = [*call["query"], name]
            elif where == "formData":
                call["body"] = [*call.get("body", ()), name]
                call["body_format"] = "form"
        operation.call = call

    def _request_body(self, given: Any, at: str, operation: DescribedOperation) -> None:
        position = f"{at}/requestBody"
        body = object_of(self._documents.resolved(given, position))
        media, schema = self._bodies.content(object_of(body.get("content")), position)
        if schema is not None:
            self._body(media, schema, position, operation)

    def _body(self, media: str, schema: Any, at: str, operation: DescribedOperation) -> None:
        self._shapes.is_xml = bool(XML_TYPES.match(media))
        shape = self._shapes.shape("body", schema, at)
        operation.arguments += shape.children
        call = {**operation.call, "body": [child.name for child in shape.children]}
        if self._shapes.is_xml:
            call |= {"body_format": "xml", "root": self._bodies.root_of(schema, at)}
        elif FORM_TYPES.match(media):
            call["body_format"] = "form"
        self._shapes.is_xml = False
        operation.call = call
        if not shape.children:
            operation.unused = "its body has no named fields"

    def _reply(
        self,
        given: dict[str, Any],
        at: str,
        operation: DescribedOperation,
        document: dict[str, Any],
    ) -> ValueShape | None:
        responses = object_of(self._documents.resolved(given.get("responses"), f"{at}/responses"))
        by_text = {str(key): value for key, value in responses.items()}
        good = sorted(code for code in by_text if code.startswith("2"))
        statuses = sorted(code for code in by_text if code.isdecimal())
        operation.call = {**operation.call, "statuses": statuses}
        code = next(iter(good), "default")
        if code not in by_text:
            self._found.note(f"{at}/responses", "no successful reply is described")
            return None
        position = f"{at}/responses/{code}"
        response = object_of(self._documents.resolved(by_text[code], position))
        if "content" in response:
            media, schema = self._bodies.content(object_of(response["content"]), position)
        else:
            produces = [
                str(each) for each in list_of(given.get("produces") or document.get("produces"))
            ]
            is_json = not produces or any(map(JSON_TYPES.match, produces))
            media = "application/json" if is_json else produces[0]
            examples = object_of(response.get("examples"))
            schema = with_example(response.get("schema"), next(iter(examples.values()), None))
        if schema is None:
            return None
        operation.call = {**operation.call, "replies": "xml" if XML_TYPES.match(media) else "json"}
        if not XML_TYPES.match(media):
            return self._shapes.shape("reply", schema, position)
        self._shapes.is_xml = True
        root = self._shapes.shape(self._bodies.root_of(schema, position), schema, position)
        self._shapes.is_xml = False
        return ValueShape("reply", "object", children=[root])


def _why_not_read(method: str, name: str, path: str, given: dict[str, Any]) -> str:
    """Return why an operation may change data; empty if it only reads."""
    if method in CHANGES:
        return f"it is a {method.upper()}, which changes data"
    own = name if given.get("operationId") else ""
    word = write_word_in(own, path)
    if word is not None and not (
        method == "get" and looks_like_read(own) and not write_word_in(own)
        and word in ("issue", "reissue", "register", "book", "file", "transfer", "process")
    ):  # fmt: skip
        return f"the word {word!r} in its name or path says that it may change data"
    codes = {str(code) for code in object_of(given.get("responses")) if str(code).startswith("2")}
    if codes and codes <= NO_READ:
        return f"it replies with HTTP {', '.join(sorted(codes))} only, as a write does"
    documented = why_documented_write(own, str(given.get("summary") or ""))
    if documented:
        return documented
    if method != "get" and not has_read_verb(own, path):
        return f"it is a {method.upper()} and its name and path do not say that it only reads"
    return ""


def _chosen_write(operation: DescribedOperation) -> str:
    """Return which argument may choose an action that changes data; empty if none does."""
    for argument in operation.arguments:
        if ACTION.fullmatch(argument.name):
            for value in (*argument.values, argument.example):
                if write_word_in(value):
                    return f"its argument {argument.name!r} may be {value!r}, which may change data"
    return ""


def _first_schema(content: Any) -> Any:
    for each in object_of(content).values():
        return object_of(each).get("schema")
    return None
