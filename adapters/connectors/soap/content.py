"""The content of a WSDL type: elements, repeating groups of elements, and wildcards."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from zeep.xsd import Element
from zeep.xsd.elements import Any as AnyElement
from zeep.xsd.elements import indicators
from zeep.xsd.elements.builtins import Schema


class TangledContentError(Exception):
    """A repeating group contains a repeating group, so the end of one can't be determined."""


@dataclass(frozen=True, slots=True)
class Member:
    """An element of a repeating group.

    Attributes:
        group: key of the list with the group's occurrences.
        element: zeep's element.
        closing: keys that can't come before this element in one occurrence. If the current
            occurrence has one of them, the element begins the next occurrence.
    """

    group: str
    element: Any
    closing: frozenset[str]


@dataclass(slots=True)
class Content:
    """The content of a type.

    Attributes:
        elements: zeep's elements outside repeating groups.
        members: elements of repeating groups.
        has_any: True if other elements are allowed (`xs:any`).
    """

    elements: list[Any] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    has_any: bool = False


def content_of(xsd_type: Any) -> Content:
    """Return the content of zeep's complex type.

    Lists of occurrences have zeep's names: `_value_1`, `_value_2`, …, in the order of the groups.

    Raises:
        TangledContentError: occurrences of a group can't be distinguished.
    """
    content = Content()
    unnamed = 0

    def walk(group: Any) -> None:
        nonlocal unnamed
        if isinstance(group, AnyElement | Schema):
            content.has_any = True
            unnamed += 1
        elif not isinstance(group, indicators.Indicator):
            content.elements.append(group)
        elif group.accepts_multiple:
            unnamed += 1
            content.members += _members(group, f"_value_{unnamed}", content)
        else:
            parts: Any = [group.child] if isinstance(group, indicators.Group) else group
            for each in parts:
                walk(each)

    if xsd_type._element is not None:
        walk(xsd_type._element)
    tags = [member.element.qname.text for member in content.members]
    if len(set(tags)) < len(tags):
        raise TangledContentError("an element occurs twice in a group")
    return content


def _members(group: Any, name: str, content: Content) -> Iterator[Member]:
    """Yield the members of a group, each with the keys that can't come before it."""
    located = list(_located(group, ()))
    content.has_any |= any(isinstance(each, AnyElement | Schema) for each, _ in located)
    located = [(each, position) for each, position in located if isinstance(each, Element)]
    for element, position in located:
        before = {
            other.attr_name
            for other, other_position in located
            if other is not element and _may_precede(other_position, position)
        }
        if element.accepts_multiple:
            before.add(element.attr_name)
        keys = {each.attr_name for each, _ in located}
        yield Member(name, element, frozenset(keys - before))


Position = tuple[tuple[str, int], ...]
"""Steps from a group to an element: the group's type, and the index of the part in it."""


def _located(group: Any, above: Position) -> Iterator[tuple[Any, Position]]:
    while isinstance(group, indicators.Group):
        group = group.child
    kind = type(group).__name__
    for number, part in enumerate(group):
        position = (*above, (kind, number))
        if not isinstance(part, indicators.Indicator):
            yield part, position
        elif part.accepts_multiple:
            raise TangledContentError("a repeating group contains another")
        else:
            yield from _located(part, position)


def _may_precede(one: Position, other: Position) -> bool:
    """Return True if, in one occurrence, an element at `one` may come before one at `other`."""
    for (kind, number), (_, other_number) in zip(one, other, strict=False):
        if number != other_number:
            return kind == "All" or (kind == "Sequence" and number < other_number)
    return False
