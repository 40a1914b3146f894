"""The cost of one operation: the estimate before it runs, the actual cost afterwards.

It follows the IBM GraphQL cost specification: a field costs its `@cost` and that of its given
arguments, an object costs 1, and both count once per row of each list above them. The estimate
uses the sizes of the pages that the operation requests, the actual cost the rows in the response.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql.pyutils import Undefined

from schema.connections import MAX_PAGE_SIZE

MAX_KNOWN = 100
"""Maximum number of estimates that are remembered for one operation."""


@dataclass(frozen=True, slots=True)
class Size:
    """The number of rows of a list: the largest number that an argument gives.

    Attributes:
        variables: names of the variables that give a number.
        literal: the number that the document gives; None if it gives none.
        fallback: the number if no argument gives one.
    """

    fallback: int
    literal: int | None = None
    variables: tuple[str, ...] = ()

    def in_operation(self, variables: Mapping[str, object]) -> int:
        """Return the number for these variables."""
        given = [self.literal, *(length_of(variables.get(name)) for name in self.variables)]
        size = max((each for each in given if each is not None), default=self.fallback)
        # Fields refuse larger pages.
        return min(size, MAX_PAGE_SIZE)


@dataclass(slots=True)
class CostedField:
    """A field with what is below it.

    Attributes:
        key: key in the response.
        weight: cost of the field and its given arguments.
        sizes: number of rows of each level of nested lists; empty for a field without a list.
        objects: cost of one object, and its fields that have a cost, by possible type.
        constant: the estimate for one parent, if it needs no variables.
        fixed: actual cost for one parent, if the field contains no list; None otherwise.
        row: what one row or object costs besides `varying`; None if it may have several types.
        varying: the fields of a row or object that contain lists.
    """

    key: str
    weight: int
    sizes: Sequence[Size] = ()
    objects: "Sequence[tuple[int, Sequence[CostedField]]]" = ()
    constant: int | None = None
    fixed: int | None = None
    row: int | None = None
    varying: "Sequence[CostedField]" = ()


@dataclass(slots=True)
class OperationCost:
    """The cost of one operation.

    Attributes:
        fields: the root fields.
        names: names of the variables that the estimate needs.
        constant: the estimate, if it needs none.
        known: estimates by the values of the variables that they need.
    """

    fields: Sequence[CostedField]
    names: tuple[str, ...] = ()
    constant: int | None = None
    known: dict[tuple[object, ...], int] = field(default_factory=dict)

    def estimate(self, variables: Mapping[str, object]) -> int:
        """Return the largest cost that the operation can have with these variables.

        Lists without an argument for their size count with their assumed size.
        """
        if self.constant is not None:
            return self.constant
        values = tuple(length_of(variables.get(name)) for name in self.names)
        found = self.known.get(values)
        if found is None:
            found = self._sum(variables)
            if len(self.known) < MAX_KNOWN:
                self.known[values] = found
        return found

    def actual(self, data: Mapping[str, Any] | None) -> int:
        """Return the cost of the rows in the response.

        An object that is null costs as much as one that is there: looking for it took as long, and
        it need not be searched for in each row.
        """
        if data is None:
            return 0
        return sum(_actual(each, data) for each in self.fields)

    def _sum(self, variables: Mapping[str, object]) -> int:
        return sum(estimate(each, variables) for each in self.fields)


def estimate(costed: CostedField, variables: Mapping[str, object]) -> int:
    """Return the estimated cost of a field for one parent."""
    if costed.constant is not None:
        return costed.constant
    rows = 1
    for size in costed.sizes:
        rows *= size.in_operation(variables)
    one = max(
        (
            weight + sum(estimate(each, variables) for each in fields)
            for weight, fields in costed.objects
        ),
        default=0,
    )
    return costed.weight + rows * one


def _actual(costed: CostedField, parent: Mapping[str, Any]) -> int:
    if costed.fixed is not None:
        return costed.fixed
    value = parent.get(costed.key)
    if value is None:
        return costed.weight
    rows = value if value.__class__ is list else [value]
    if len(costed.sizes) > 1:
        rows = list(_objects_in(rows))
    if costed.row is None:
        return costed.weight + sum(_actual_object(costed, each) for each in rows if each)
    total = costed.weight + costed.row * len(rows)
    for each in costed.varying:
        total += sum(_actual(each, row) for row in rows if row is not None)
    return total


def _actual_object(costed: CostedField, value: Mapping[str, Any]) -> int:
    # The response does not contain the type. Fields of other types are not in the object.
    return max(
        weight + sum(_actual(each, value) for each in fields if each.key in value)
        for weight, fields in costed.objects
    )


def _objects_in(values: list[Any]) -> Iterator[Mapping[str, Any]]:
    for each in values:
        if each.__class__ is list:
            yield from _objects_in(each)
        elif each is not None:
            yield each


def length_of(value: object) -> int | None:
    """Return the number of rows that the value of an argument gives; None if it gives none."""
    if value is Undefined or value is None:
        return None
    if isinstance(value, int):
        return max(0, value)
    return len(value) if isinstance(value, list | tuple) else 1
