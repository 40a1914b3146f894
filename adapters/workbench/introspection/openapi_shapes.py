"""Reads schemas of OpenAPI documents, also broken ones, with limits."""

from typing import Any

from adapters.workbench.introspection.description import (
    MOST_DEPTH,
    MOST_NODES,
    Description,
    Kind,
    ValueShape,
)
from adapters.workbench.introspection.openapi_documents import OpenApiDocuments

_KINDS: dict[str, Kind] = {"integer": "integer", "number": "number", "boolean": "truth"}


def object_of(value: Any) -> dict[str, Any]:
    """Return the object; an empty one if `value` is not an object."""
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    """Return the list; an empty one if `value` is not a list."""
    return value if isinstance(value, list) else []


def pointer_of(name: object) -> str:
    """Return the name as a step of a JSON pointer."""
    return str(name).replace("~", "~0").replace("/", "~1")


def example_in(schema: dict[str, Any]) -> Any:
    """Return the example in a schema; None if it has none."""
    for key in ("example", "x-example", "default"):
        if schema.get(key) is not None:
            return schema[key]
    return next(iter(list_of(schema.get("examples"))), None)


def of_example(name: str, value: Any, depth: int = 0) -> ValueShape:
    """Return the shape of a value that is given as an example."""
    if isinstance(value, list):
        items = [of_example(name, each, depth + 1) for each in value[:5]]
        item = max(items, key=lambda each: len(each.children), default=ValueShape(name, "any"))
        item.many = True
        return item
    if isinstance(value, dict):
        shape = ValueShape(name, "object")
        if depth < MOST_DEPTH:
            shape.children = [of_example(str(k), v, depth + 1) for k, v in value.items()]
        return shape
    kind: Kind = "text"
    if isinstance(value, bool):
        kind = "truth"
    elif isinstance(value, int | float):
        kind = "integer" if isinstance(value, int) else "number"
    return ValueShape(name, kind, example="" if value is None else str(value)[:60])


class OpenApiShapes:
    """Reads schemas of `documents`. Unsupported keywords become notes of `found`.

    Attributes:
        is_xml: True while reading schemas of XML, in which properties may be attributes.
    """

    def __init__(self, documents: OpenApiDocuments, found: Description) -> None:
        self._documents = documents
        self._found = found
        self.is_xml = False
        self._nodes = 0

    def shape(self, name: str, given: Any, at: str) -> ValueShape:
        """Return the shape of the schema at the JSON pointer `at`."""
        return self._shape(name, given, at, (), 0)

    def _shape(
        self, name: str, given: Any, at: str, above: tuple[str, ...], depth: int
    ) -> ValueShape:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            self._found.note(at, f"more than {MOST_NODES:,} parts; the rest is left out")
            return ValueShape(name, "any")
        reference = given.get("$ref") if isinstance(given, dict) else None
        if isinstance(reference, str):
            if reference in above or depth > MOST_DEPTH:
                shown = reference.rpartition("/")[2]
                self._found.note(at, f"the schema {shown!r} contains itself; not read further")
                return ValueShape(name, "any")
            above = (*above, reference)
        if depth > MOST_DEPTH * 2:
            return ValueShape(name, "any")
        schema = self._documents.resolved(given, at)
        if schema is True or schema is None or schema == {}:
            return ValueShape(name, "any")
        if not isinstance(schema, dict):
            self._found.note(at, "the schema is not an object; any value is assumed")
            return ValueShape(name, "any")
        return self._of_schema(name, schema, at, above, depth)

    def _of_schema(
        self, name: str, schema: dict[str, Any], at: str, above: tuple[str, ...], depth: int
    ) -> ValueShape:
        words = " ".join(str(schema.get("description") or "").split())[:200]
        kind = schema.get("type")
        if isinstance(kind, list):
            others = [each for each in kind if each != "null"]
            if len(others) > 1:
                self._found.note(
                    at, f"several types ({', '.join(map(str, others))}); the first is used"
                )
            kind = others[0] if others else "null"
        if kind == "array" or ("items" in schema and kind is None):
            item = self._shape(name, schema.get("items"), f"{at}/items", above, depth + 1)
            item.many = True
            item.documentation = item.documentation or words
            return item
        shape = ValueShape(name, documentation=words)
        if "properties" in schema or kind == "object" or "allOf" in schema:
            shape.kind = "object"
            self._properties(shape, schema, at, above, depth)
        else:
            example = example_in(schema)
            if kind is None and isinstance(example, dict | list):
                return of_example(name, example)
            shape.kind = _leaf_kind(kind, schema.get("format"))
            if shape.kind in ("text", "integer") and schema.get("format"):
                # Some documents have a date format here: `dd-MM-yyyy`, `unixtime`.
                shape.documentation = f"{words} {schema['format']}".strip()
            if not isinstance(example, dict | list):
                shape.example = "" if example is None else str(example)[:60]
            if kind == "file":
                self._found.note(at, "a file is left out")
        self._alternatives(shape, schema, at, above, depth)
        values = schema.get("enum") if "enum" in schema else schema.get("const")
        listed = values if isinstance(values, list) else [values] if values is not None else []
        shape.values = tuple(str(value) for value in listed if value is not None)
        if isinstance(schema.get("discriminator"), dict | str):
            self._found.note(at, "a discriminator: the alternatives are joined to one object")
        return shape

    def _properties(
        self, shape: ValueShape, schema: dict[str, Any], at: str, above: tuple[str, ...], depth: int
    ) -> None:
        parts = object_of(schema.get("properties"))
        required = list_of(schema.get("required"))
        for key, value in parts.items():
            position = f"{at}/properties/{pointer_of(key)}"
            part = self._shape(str(key), value, position, above, depth + 1)
            part.required = key in required
            if self.is_xml:
                part = self._as_element(part, value, position)
            if "/" in part.name:
                self._found.note(position, "left out: a path can't name a field with a slash")
            else:
                shape.children.append(part)
        self._all_of(shape, schema, at, above, depth)
        if not shape.children:
            shape.children = of_example(shape.name, example_in(schema)).children
        if schema.get("additionalProperties") not in (None, False) and not parts:
            self._found.note(at, f"{shape.name!r} has unnamed keys (additionalProperties)")

    def _as_element(self, part: ValueShape, given: Any, at: str) -> ValueShape:
        """Return the property as the connector reads its XML: `@name` for an attribute."""
        schema = object_of(self._documents.resolved(given, at))
        xml = object_of(schema.get("xml"))
        named = str(xml.get("name") or part.name)
        if not part.many:
            part.name = f"@{named}" if xml.get("attribute") in (True, "true") else named
            return part
        item = object_of(self._documents.resolved(schema.get("items"), at))
        part.name = str(object_of(item.get("xml")).get("name") or part.name)
        if xml.get("wrapped") in (True, "true"):
            return ValueShape(named, "object", children=[part], required=part.required)
        return part

    def _all_of(
        self, shape: ValueShape, schema: dict[str, Any], at: str, above: tuple[str, ...], depth: int
    ) -> None:
        known = {child.name for child in shape.children}
        for number, each in enumerate(list_of(schema.get("allOf"))):
            part = self._shape(shape.name, each, f"{at}/allOf/{number}", above, depth + 1)
            shape.children += [child for child in part.children if child.name not in known]
            known.update(child.name for child in part.children)
            shape.values = shape.values or part.values
            if part.kind not in ("object", "any") and not shape.children:
                shape.kind = part.kind

    def _alternatives(
        self, shape: ValueShape, schema: dict[str, Any], at: str, above: tuple[str, ...], depth: int
    ) -> None:
        for word in ("oneOf", "anyOf"):
            choices = [c for c in list_of(schema.get(word)) if c != {"type": "null"}]
            if not choices:
                continue
            if len(choices) > 1:
                self._found.note(f"{at}/{word}", f"{len(choices)} alternatives are joined to one")
            known = {child.name for child in shape.children}
            for number, each in enumerate(choices[:20]):
                part = self._shape(shape.name, each, f"{at}/{word}/{number}", above, depth + 1)
                shape.children += [c for c in part.children if c.name not in known]
                known.update(child.name for child in part.children)
                if part.kind == "object" or len(choices) == 1:
                    shape.kind = part.kind
                shape.many = shape.many or part.many
        if "not" in schema:
            self._found.note(f"{at}/not", "`not` is ignored")
        if "patternProperties" in schema:
            self._found.note(f"{at}/patternProperties", "keys by pattern are left out")


def _leaf_kind(kind: Any, form: Any) -> Kind:
    if form == "date":
        return "date"
    if form in ("date-time", "datetime"):
        return "datetime"
    return _KINDS.get(str(kind), "text")
