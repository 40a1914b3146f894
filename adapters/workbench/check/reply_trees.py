"""The names that a department's reply may contain, from what is beside the manifest.

The names come from a WSDL, an OpenAPI document, the columns of a statement or of a file, or the
fields of a GraphQL query.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode, parse
from graphql.language import OperationDefinitionNode, SelectionSetNode
from zeep.xsd import ComplexType, Element
from zeep.xsd.types import AnySimpleType

from adapters.connectors.files import FilesSettings
from adapters.connectors.soap.content import TangledContentError, content_of
from adapters.connectors.soap.reader import TEXT
from adapters.connectors.soap.wsdl import Operation
from adapters.workbench.introspection.description import ValueShape

MOST_DEPTH = 14


@dataclass(slots=True)
class Names:
    """The names inside a value.

    Attributes:
        inner: names, each with the names inside its value. Empty for a text or a number.
        is_open: True if the value may contain other names too.
    """

    inner: "dict[str, Names]" = field(default_factory=dict)
    is_open: bool = False

    def missing(self, path: str) -> tuple[str, list[str]] | None:
        """Return the first step of the path that is not here, and the names that are."""
        names: Names | None = self
        for step in path.split("/"):
            assert names is not None
            if step not in names.inner:
                return None if names.is_open else (step, list(names.inner))
            names = names.inner[step]
        return None

    def at(self, path: str | None) -> "Names":
        """Return the names at a path; open names if the path is not here."""
        names = self
        for step in path.split("/") if path else ():
            if step not in names.inner:
                return OPEN
            names = names.inner[step]
        return names

    def joined(self, other: "Names") -> "Names":
        """Return the names of both."""
        inner = dict(self.inner)
        for name, names in other.inner.items():
            inner[name] = inner[name].joined(names) if name in inner else names
        return Names(inner, self.is_open or other.is_open)


OPEN = Names(is_open=True)


def closest(name: str, names: list[str]) -> str:
    """Return a remedy: the name that was probably meant, or the names that are there."""
    near = get_close_matches(name, names, n=1, cutoff=0.5)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"use one of {', '.join(sorted(names)[:12])}" if names else "remove it"


def names_of_columns(columns: list[str]) -> Names:
    return Names({column: Names(is_open=True) for column in columns})


def names_of_file(settings: FilesSettings, file: str) -> Names:
    """Return the columns of a kind of file; the header of a CSV file may name more."""
    rule = settings.files.get(file)
    if rule is None:
        return OPEN
    if rule.fixed is not None:
        return names_of_columns(list(rule.fixed.fields))
    assert rule.csv is not None
    columns = names_of_columns(rule.csv.columns)
    return Names(columns.inner, is_open=rule.csv.header)


def names_in_rows(rows: list[Any]) -> Names:
    """Return the names in rows of samples. A text is open, because it may contain JSON."""
    names = Names()
    for row in rows:
        names = names.joined(_names_in(row))
    return names


def _names_in(value: Any) -> Names:
    if isinstance(value, Mapping):
        return Names({str(key): _names_in(each) for key, each in value.items()})
    if isinstance(value, list | tuple):
        return names_in_rows(list(value))
    # A null or an empty text may have been an object.
    return Names(is_open=value is None or isinstance(value, str))


def names_of_shape(shape: ValueShape) -> Names:
    """Return the names of a described value."""
    if shape.children:
        return Names({child.name: names_of_shape(child) for child in shape.children})
    return Names(is_open=shape.kind in ("any", "object", "text"))


def names_of_query(query: str) -> Names:
    """Return the response names that a GraphQL query selects."""
    document = parse(query, no_location=True)
    fragments = {
        each.name.value: each.selection_set
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    (operation,) = (e for e in document.definitions if isinstance(e, OperationDefinitionNode))
    return _names_of_selection(operation.selection_set, fragments, 0)


def _names_of_selection(
    selected: SelectionSetNode, fragments: Mapping[str, SelectionSetNode], depth: int
) -> Names:
    names = Names(is_open=depth > MOST_DEPTH)
    for each in selected.selections if depth <= MOST_DEPTH else ():
        if isinstance(each, FieldNode):
            word = each.alias.value if each.alias is not None else each.name.value
            inner = each.selection_set
            # A value without a selection may be a custom scalar, which may be an object.
            found = _names_of_selection(inner, fragments, depth + 1) if inner is not None else OPEN
            names = names.joined(Names({word: found}))
        elif isinstance(each, InlineFragmentNode):
            names = names.joined(_names_of_selection(each.selection_set, fragments, depth + 1))
        elif isinstance(each, FragmentSpreadNode) and each.name.value in fragments:
            fragment = fragments[each.name.value]
            names = names.joined(_names_of_selection(fragment, fragments, depth + 1))
    return names


def names_of_output(operation: Operation) -> Names:
    """Return the names that the SOAP reader can find in a reply of the operation."""
    output = operation.zeep.output.body if operation.zeep.output is not None else None
    if output is None or operation.encoded_output:
        return OPEN
    if not isinstance(output.type, ComplexType):
        return Names({"value": Names()})
    return _names_of_type(output.type, (), 0)


def _names_of_type(xsd_type: Any, above: tuple[int, ...], depth: int) -> Names:
    if not isinstance(xsd_type, ComplexType):
        # A text may contain JSON or XML.
        return OPEN
    if xsd_type._array_type is not None or id(xsd_type) in above or depth > MOST_DEPTH:
        return OPEN
    names = Names({name: OPEN for name, _ in xsd_type.attributes})
    content = xsd_type._element
    if isinstance(content, Element) and isinstance(content.type, AnySimpleType):
        return names.joined(Names({TEXT: OPEN}))
    try:
        described = content_of(xsd_type)
    except TangledContentError:
        return OPEN
    inner = (*above, id(xsd_type))
    for element in described.elements:
        found = _names_of_type(element.type, inner, depth + 1)
        names = names.joined(Names({element.attr_name: found}))
    for member in described.members:
        found = _names_of_type(member.element.type, inner, depth + 1)
        group = Names({member.group: Names({member.element.attr_name: found})})
        names = names.joined(group)
    return Names(names.inner, names.is_open or described.has_any)


def described_inputs(xsd_type: Any) -> Iterator[tuple[str, Any, bool]]:
    """Yield name, zeep's element, and whether a request must have it, for each input element."""
    if isinstance(xsd_type, ComplexType) and xsd_type._element is not None:
        yield from _inputs_of(xsd_type._element, required=True)


def _inputs_of(group: Any, *, required: bool) -> Iterator[tuple[str, Any, bool]]:
    needed = required and group.min_occurs != 0
    if isinstance(group, Element):
        has_value = group.nillable or group.default is not None
        yield group.attr_name, group, needed and not has_value
        return
    is_choice = type(group).__name__ == "Choice"
    parts = [group.child] if type(group).__name__ == "Group" else group
    for part in parts if hasattr(parts, "__iter__") else ():
        yield from _inputs_of(part, required=needed and not is_choice)
