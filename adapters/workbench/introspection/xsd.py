"""Reads the parts and listed codes of elements from XML Schema.

Accepts what other parsers refuse: unknown types, missing imports, cycles, several schemas of one
namespace. What it can't read becomes a note.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from adapters.connectors.soap.known_schemas import KNOWN_SCHEMAS
from adapters.workbench.introspection.description import MOST_DEPTH, MOST_NODES, ValueShape
from adapters.workbench.introspection.xml_names import (
    XS,
    Name,
    annotation,
    elements,
    is_schema,
    local,
    name_of,
    occurs,
    position_of,
)
from adapters.workbench.introspection.xsd_values import (
    ARRAY_TYPE,
    ENCODING,
    GLOBALS,
    KINDS,
    add_fixed,
    add_occurrences,
)

AddNote = Callable[[str, str], None]


@dataclass(slots=True)
class Schemas:
    """All schemas of a document.

    Attributes:
        add_note: called with a position and a sentence for what can't be read.
        globals: global declarations by element name and QName.
        is_encoded: True while reading messages in SOAP encoding.
    """

    add_note: AddNote
    globals: dict[tuple[str, Name], etree._Element] = field(default_factory=dict)
    is_encoded: bool = False
    _substitutes: dict[Name, list[etree._Element]] = field(default_factory=dict)
    _nodes: int = 0

    def add(self, schema: etree._Element, target: str | None = None) -> None:
        """Add the global declarations of a schema.

        `target` is the namespace of the schema that includes it, if it has none of its own.
        """
        uri = schema.get("targetNamespace") or target or ""
        for child in schema:
            if not isinstance(child.tag, str):
                continue
            named = child.get("name")
            if local(child) not in GLOBALS:
                self.add_note(position_of(child), f"xs:{local(child)} is not supported")
            elif named:
                self.globals.setdefault((local(child), (uri, named)), child)
            head = child.get("substitutionGroup")
            if head:
                self._substitutes.setdefault(name_of(child, head), []).append(child)

    def of_element(self, name: Name, position: str) -> ValueShape:
        """Return the shape of a global element."""
        found = self.globals.get(("element", name))
        if found is None:
            self.add_note(
                position,
                f"the element {name[1]!r} of {name[0] or 'no namespace'} is not declared; it is "
                "read as empty",
            )
            return ValueShape(name[1], "any", required=True)
        shape = self._element(found, (), 0)
        shape.required = True
        return shape

    def of_type(self, word: str, name: Name, position: str) -> ValueShape:
        """Return the shape of a value with a named type."""
        shape = ValueShape(word, required=True)
        self._type(shape, name, position, (), 0)
        return shape

    def _element(self, element: etree._Element, above: tuple[Name, ...], depth: int) -> ValueShape:
        self._nodes += 1
        ref = element.get("ref")
        if ref is not None:
            name = name_of(element, ref)
            found = self.globals.get(("element", name))
            if found is None:
                if name[0] != XS:
                    self.add_note(position_of(element), f"the element {ref!r} is not declared")
                shape = ValueShape(name[1], "any")
            elif ("", name[1] + name[0]) in above or depth > MOST_DEPTH:
                self.add_note(
                    position_of(element), f"{name[1]!r} contains itself; read to {depth} levels"
                )
                shape = ValueShape(name[1], "any")
            else:
                inner = (*above, ("", name[1] + name[0]))
                shape = self._element(found, inner, depth)
                self._add_substitutes(shape, name, inner, depth)
        else:
            shape = ValueShape(element.get("name") or "?", documentation=annotation(element))
            self._content(shape, element, above, depth)
        add_fixed(shape, element)
        if occurs(element):
            shape.many = True
        shape.required = element.get("minOccurs", "1").strip() != "0"
        return shape

    def _add_substitutes(
        self, shape: ValueShape, head: Name, above: tuple[Name, ...], depth: int
    ) -> None:
        """Add the parts of elements that may occur in place of `head`, under the name of `head`."""
        for element in self._substitutes.get(head, ()):
            marker = ("", f"{element.get('name')}{head[0]}")
            if marker in above or depth > MOST_DEPTH:
                continue
            other = self._element(element, (*above, marker), depth)
            known = {child.name for child in shape.children}
            new = [child for child in other.children if child.name not in known]
            for child in new:
                child.required = False
            shape.children += new
            if new or other.kind == "object":
                shape.kind = "object"

    def _content(
        self, shape: ValueShape, element: etree._Element, above: tuple[Name, ...], depth: int
    ) -> None:
        given = element.get("type")
        if given is not None:
            self._type(shape, name_of(element, given), position_of(element), above, depth)
            return
        for child in elements(element):
            if local(child) == "complexType":
                self._complex(shape, child, above, depth)
                return
            if local(child) == "simpleType":
                self._simple(shape, child, above, depth)
                return

    def _type(
        self, shape: ValueShape, name: Name, position: str, above: tuple[Name, ...], depth: int
    ) -> None:
        uri, word = name
        if is_schema(uri) or (uri == ENCODING and word != "Array"):
            shape.kind = KINDS.get(word, "text")
            if word in ("anyType", "ur-type"):
                self.add_note(position, "xs:anyType: the content is unknown")
            return
        if name in above or depth > MOST_DEPTH or self._nodes > MOST_NODES:
            self.add_note(
                position, f"the type {word!r} contains itself or is too deep; not read further"
            )
            shape.kind = "any"
            return
        inner = (*above, name)
        found = self.globals.get(("complexType", name))
        if found is not None:
            self._complex(shape, found, inner, depth)
            return
        found = self.globals.get(("simpleType", name))
        if found is not None:
            self._simple(shape, found, inner, depth)
            return
        self.add_note(position, f"the type {word!r} ({uri or 'no namespace'}) is not declared")
        shape.kind = "any"

    def _complex(
        self, shape: ValueShape, node: etree._Element, above: tuple[Name, ...], depth: int
    ) -> None:
        shape.kind = "object"
        if node.get("mixed") == "true":
            self.add_note(position_of(node), "mixed content: the text between elements is lost")
        self._parts(shape, node, above, depth + 1)

    def _parts(
        self, shape: ValueShape, node: etree._Element, above: tuple[Name, ...], depth: int
    ) -> None:
        for child in elements(node):
            if self._nodes > MOST_NODES:
                self.add_note(
                    position_of(child), f"more than {MOST_NODES:,} parts; the rest is left out"
                )
                return
            if local(child) == "element":
                shape.children.append(self._element(child, above, depth))
            else:
                self._part(shape, child, above, depth)

    def _part(
        self, shape: ValueShape, child: etree._Element, above: tuple[Name, ...], depth: int
    ) -> None:
        """Read a child that is not an element itself."""
        match local(child):
            case "sequence" | "choice" | "all":
                self._particles(shape, child, above, depth)
            case "complexContent" | "simpleContent":
                self._parts(shape, child, above, depth)
            case "extension" | "restriction":
                self._derived(shape, child, above, depth)
            case "group" | "attributeGroup" as what:
                self._group(shape, child, above, depth, what)
            case "attribute":
                self._attribute(shape, child, above, depth)
            case "any":
                root = child.getroottree().getroot()
                if root.get("targetNamespace") not in KNOWN_SCHEMAS:
                    self.add_note(
                        position_of(child),
                        f"xs:any in {shape.name!r}: the content is unknown",
                    )
            case "annotation" | "anyAttribute" | "unique" | "key" | "keyref":
                pass
            case what:
                self.add_note(position_of(child), f"xs:{what} is not supported")

    def _particles(
        self, shape: ValueShape, node: etree._Element, above: tuple[Name, ...], depth: int
    ) -> None:
        before = len(shape.children)
        self._parts(shape, node, above, depth)
        if local(node) == "choice" or node.get("minOccurs", "1").strip() == "0":
            for part in shape.children[before:]:
                part.required = False
        add_occurrences(shape, node, before)

    def _derived(
        self, shape: ValueShape, node: etree._Element, above: tuple[Name, ...], depth: int
    ) -> None:
        base = name_of(node, node.get("base") or "")
        if base == (ENCODING, "Array"):
            self._array(shape, node, above, depth)
            return
        if base[1] and local(node) == "extension":
            if is_schema(base[0]):
                shape.children.append(ValueShape("_value_1", KINDS.get(base[1], "text")))
            else:
                self._type(shape, base, position_of(node), above, depth)
        shape.kind = "object"
        self._parts(shape, node, above, depth)

    def _array(
        self, shape: ValueShape, node: etree._Element, above: tuple[Name, ...], depth: int
    ) -> None:
        """Read an array of SOAP encoding; an attribute has the type of its items."""
        for attribute in elements(node):
            array_type = attribute.get(ARRAY_TYPE)
            if array_type:
                item = ValueShape("item", many=True)
                name = name_of(attribute, array_type.split("[")[0])
                self._type(item, name, position_of(attribute), above, depth + 1)
                shape.children.append(item)
        if not shape.children:
            self._parts(shape, node, above, depth)
        if not shape.children:
            self.add_note(position_of(node), "an encoded array without an item type")
        elif self.is_encoded and len(shape.children) == 1:
            # The connector returns the items as values of the array, without their element names.
            (item,) = shape.children
            shape.kind, shape.values, shape.children = item.kind, item.values, item.children
            shape.many = True

    def _group(
        self,
        shape: ValueShape,
        node: etree._Element,
        above: tuple[Name, ...],
        depth: int,
        what: str,
    ) -> None:
        name = name_of(node, node.get("ref") or "")
        found = self.globals.get((what, name))
        marker = (what, f"{name[0]}:{name[1]}")
        if found is None or marker in above:
            self.add_note(
                position_of(node), f"the {what} {name[1]!r} is not declared, or contains itself"
            )
            return
        before = len(shape.children)
        self._parts(shape, found, (*above, marker), depth)
        add_occurrences(shape, node, before)

    def _attribute(
        self, shape: ValueShape, node: etree._Element, above: tuple[Name, ...], depth: int
    ) -> None:
        if node.get(ARRAY_TYPE) or node.get("use") == "prohibited":
            return
        word = node.get("name") or name_of(node, node.get("ref") or "?")[1]
        part = ValueShape(word, documentation=annotation(node))
        part.required = node.get("use") == "required"
        self._content(part, node, above, depth)
        add_fixed(part, node)
        shape.children.append(part)

    def _simple(
        self, shape: ValueShape, node: etree._Element, above: tuple[Name, ...], depth: int
    ) -> None:
        for child in elements(node):
            what = local(child)
            if what == "restriction":
                base = child.get("base")
                if base:
                    self._type(shape, name_of(child, base), position_of(child), above, depth + 1)
                values = [each.get("value") or "" for each in child if local(each) == "enumeration"]
                shape.values = tuple(values) or shape.values
            elif what == "list":
                shape.many = True
            elif what == "union":
                shape.kind = "text"
