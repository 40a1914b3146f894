"""Names of XML Schema, and what is special about a value: a fixed one, a repeating group."""

from lxml import etree

from adapters.workbench.introspection.description import Kind, ValueShape
from adapters.workbench.introspection.xml_names import occurs

ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
ARRAY_TYPE = "{http://schemas.xmlsoap.org/wsdl/}arrayType"
_WHOLE = (
    "integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger",
    "unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte", "negativeInteger",
    "nonPositiveInteger",
)  # fmt: skip
KINDS: dict[str, Kind] = {
    "date": "date",
    "dateTime": "datetime",
    "boolean": "truth",
    "decimal": "number",
    "float": "number",
    "double": "number",
    "anyType": "any",
    "anySimpleType": "text",
    **dict.fromkeys(_WHOLE, "integer"),
}
GLOBALS = frozenset(
    ("element", "complexType", "simpleType", "group", "attributeGroup", "attribute", "annotation",
     "import", "include", "notation", "defaultOpenContent")
)  # fmt: skip
GROUP = "_value_"


def add_fixed(shape: ValueShape, node: etree._Element) -> None:
    """Add the only value that an element or attribute can have."""
    fixed = node.get("fixed")
    if fixed is not None:
        shape.values = (fixed,)


def add_occurrences(shape: ValueShape, group: etree._Element, before: int) -> None:
    """Put the parts of a repeating group into a list of its occurrences, as the connector does.

    Args:
        before: number of parts that `shape` had before those of the group.
    """
    if occurs(group):
        number = 1 + sum(each.name.startswith(GROUP) for each in shape.children[:before])
        parts = shape.children[before:]
        is_required = any(part.required for part in parts)
        shape.children[before:] = [
            ValueShape(f"{GROUP}{number}", "object", True, is_required, children=parts)
        ]
