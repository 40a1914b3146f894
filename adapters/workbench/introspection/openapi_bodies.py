"""Chooses the schema or example of a body in an OpenAPI document."""

import json
import re
from typing import Any

from adapters.workbench.introspection.description import Description
from adapters.workbench.introspection.openapi_documents import OpenApiDocuments
from adapters.workbench.introspection.openapi_shapes import object_of

JSON_TYPES = re.compile(r"(?i)^(application/(.+\+)?json|text/json|\*/\*|application/\*)")
FORM_TYPES = re.compile(r"(?i)^application/x-www-form-urlencoded")
XML_TYPES = re.compile(r"(?i)^(application|text)/(.+\+)?xml")
_DESCRIBES = {"$ref", "properties", "items", "allOf", "oneOf", "anyOf", "example"}


class OpenApiBodies:
    """The bodies of one document. What is left out becomes a note of `found`."""

    def __init__(self, documents: OpenApiDocuments, found: Description) -> None:
        self._documents = documents
        self._found = found

    def content(self, content: dict[str, Any], at: str) -> tuple[str, Any]:
        """Return the media type that the connector reads best, and its schema or example."""
        for wanted in (JSON_TYPES, FORM_TYPES, XML_TYPES):
            for media, each in content.items():
                if wanted.match(str(media)):
                    schema = object_of(each).get("schema")
                    return str(media), with_example(schema, self._example(object_of(each), at))
        for media in content:
            self._found.note(at, f"a body of {media} is left out")
        return "", None

    def _example(self, media: dict[str, Any], at: str) -> Any:
        examples = [media.get("example")]
        for each in object_of(media.get("examples")).values():
            example = self._documents.resolved(each, at)
            examples.append(object_of(example).get("value"))
        return next((each for each in examples if each is not None), None)

    def root_of(self, given: Any, at: str) -> str:
        """Return the name of the root element of XML with this schema."""
        schema = object_of(self._documents.resolved(given, at))
        reference = str(object_of(given).get("$ref") or "").rpartition("/")[2]
        xml = object_of(schema.get("xml"))
        if xml.get("namespace"):
            self._found.note(
                at, f"its XML is in the namespace {xml['namespace']}: write `namespaces` if needed"
            )
        return str(xml.get("name") or reference or schema.get("title") or "root")


def with_example(schema: Any, example: Any) -> Any:
    """Return the schema; one with the example if it describes no fields."""
    if isinstance(example, str):
        try:
            example = json.loads(example)
        except ValueError:
            return schema
    if example is None or (isinstance(schema, dict) and _DESCRIBES & schema.keys()):
        return schema
    kind = "array" if isinstance(example, list) else "object"
    if kind == "object":
        return {**object_of(schema), "type": kind, "example": example}
    return {"type": kind, "items": {"example": example[0] if example else {}}}
