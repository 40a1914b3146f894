"""What a type of the WSDL may hold: elements, groups of elements that repeat, and anything else."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from zeep.xsd import Element
from zeep.xsd.elements import Any as AnyElement
from zeep.xsd.elements import indicators
from zeep.xsd.elements.builtins import Schema


class TangledContentError(Exception):
    """Groups that repeat within groups that repeat: where one ends can't be told."""


@dataclass(frozen=True, slots=True)
class Member:
    """An element of a group that repeats.

    Attributes:
        group: key of the list that holds the group's occurrences.
        element: the element (zeep's).
        closing: keys that an occurrence does not have yet when this element belongs to it.
    """

    group: str
    element: Any
    closing: frozenset[str]


@dataclass(slots=True)
class Content:
    """A type's content.

    Attributes:
        elements: elements that occur in no group that repeats (zeep's).
        members: elements of groups that do.
        has_any: whether anything else may stand there.
    """

    elements: list[Any] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    has_any: bool = False


def content_of(xsd_type: Any) -> Content:
    """The content of a complex type (zeep's); raises `TangledContentError`.

    Lists of occurrences are named as zeep names them: `_value_1`, `_value_2`, …, in their order.
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
            for each in _parts(group):
                walk(each)

    if xsd_type._element is not None:
        walk(xsd_type._element)
    tags = [member.element.qname.text for member in content.members]
    if len(set(tags)) < len(tags):
        raise TangledContentError("an element in several places of a group")
    return content


def _parts(group: Any) -> list[Any]:
    return [group.child] if isinstance(group, indicators.Group) else list(group)


def _members(group: Any, name: str, content: Content) -> Iterator[Member]:
    """The members of a group, each with the keys that may not stand before it."""
    places = list(_places(group, ()))
    content.has_any |= any(isinstance(each, AnyElement | Schema) for each, _ in places)
    places = [(each, place) for each, place in places if isinstance(each, Element)]
    for element, place in places:
        before = {
            other.attr_name
            for other, its_place in places
            if other is not element and _may_precede(its_place, place)
        }
        if element.accepts_multiple:
            before.add(element.attr_name)
        keys = {each.attr_name for each, _ in places}
        yield Member(name, element, frozenset(keys - before))


Place = tuple[tuple[str, int], ...]
"""Steps from a group to an element: the kind of the group, and the number of the part."""


def _places(group: Any, above: Place) -> Iterator[tuple[Any, Place]]:
    while isinstance(group, indicators.Group):
        group = group.child
    kind = type(group).__name__
    for number, part in enumerate(group):
        place = (*above, (kind, number))
        if not isinstance(part, indicators.Indicator):
            yield part, place
        elif part.accepts_multiple:
            raise TangledContentError("a group that repeats in another")
        else:
            yield from _places(part, place)


def _may_precede(one: Place, other: Place) -> bool:
    """Whether, in one occurrence, an element at the first place may stand before the other."""
    for (kind, number), (_, other_number) in zip(one, other, strict=False):
        if number != other_number:
            return kind == "All" or (kind == "Sequence" and number < other_number)
    return False
