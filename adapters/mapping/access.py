"""Two ways in which a generated reader reaches into a row: by key into mappings, as most wires
give them, or by attribute into structs, which a JSON decoder fills with nothing but what the
reader looks at.
"""

from collections.abc import Callable
from typing import Any, Protocol, cast

import msgspec

from adapters.mapping.generated_code import EMPTY, FunctionSource
from adapters.mapping.values import as_list


class ShapeConflictError(Exception):
    """Structs can't do it: one place of a row is read in two ways, as a text and as an object, or a
    row is looked at as a whole."""


class Access(Protocol):
    """Gives expressions that reach into the row or object that the name `base` stands for."""

    def value(self, base: str, path: str) -> str:
        """The value at `a/b`; None where a step is missing."""

    def object(self, base: str, path: str | None) -> "tuple[str, Access]":
        """The object at `a/b` (`base` itself without a path), and the way to reach into it."""

    def elements(self, base: str, path: str) -> "tuple[str, Access]":
        """The elements of the list at `a/b`, and the way to reach into each."""

    def whole(self, base: str) -> str:
        """All that `base` holds, as a mapping."""

    def steps(self, path: str | None) -> tuple[str, ...]:
        """The steps of the path, as `generated_code.note_invalid` takes them."""


class MappingAccess:
    """Into mappings. Generated code knows `EMPTY` and `as_list`."""

    def value(self, base: str, path: str) -> str:
        *steps, last = path.split("/")
        expression = base
        for step in steps:
            expression = f"({expression}.get({step!r}) or EMPTY)"
        return f"{expression}.get({last!r})"

    def object(self, base: str, path: str | None) -> tuple[str, Access]:
        return (base if path is None else self.value(base, path)), self

    def elements(self, base: str, path: str) -> tuple[str, Access]:
        return f"as_list({self.value(base, path)})", self

    def whole(self, base: str) -> str:
        return base

    def steps(self, path: str | None) -> tuple[str, ...]:
        return tuple(path.split("/")) if path is not None else ()


class StructAccess:
    """Into structs of `shape`, which grows with everything that is reached for.

    Args:
        shape: what is looked at.
        fresh: gives a variable's name that the generated code does not use yet.
    """

    def __init__(self, shape: "Shape", fresh: Callable[[str], str]) -> None:
        self._shape = shape
        self._fresh = fresh

    def value(self, base: str, path: str) -> str:
        *steps, last = path.split("/")
        shape = self._shape.within(steps)
        shape.add_value(last)
        return self._expression(base, [*steps, last])

    def object(self, base: str, path: str | None) -> tuple[str, Access]:
        if path is None:
            return base, self
        steps = path.split("/")
        return self._expression(base, steps), StructAccess(self._shape.within(steps), self._fresh)

    def elements(self, base: str, path: str) -> tuple[str, Access]:
        *steps, last = path.split("/")
        element = self._shape.within(steps).add_list(last)
        expression = self._expression(base, [*steps, last])
        return f"({expression} or ())", StructAccess(element, self._fresh)

    def whole(self, base: str) -> str:
        # A struct holds nothing but what somebody looks at.
        raise ShapeConflictError(base)

    def steps(self, path: str | None) -> tuple[str, ...]:
        return tuple(map(attribute_of, path.split("/"))) if path is not None else ()

    def _expression(self, base: str, steps: list[str]) -> str:
        *before, last = steps
        expression = base
        for step in before:
            name = self._fresh("s")
            expression = f"{expression}.{attribute_of(step)}"
            expression = f"({name} if ({name} := {expression}) is not None else NOTHING)"
        return f"{expression}.{attribute_of(last)}"


class Nothing:
    """Stands for an object that is not there: whatever is looked up in it is None."""

    def __getattr__(self, name: str) -> None:
        return None


NOTHING = Nothing()


class Shape:
    """What is looked at in one JSON object: leaves as they are, objects, lists of objects."""

    def __init__(self) -> None:
        self._parts: dict[str, Shape | None] = {}
        self._lists: set[str] = set()

    def within(self, steps: list[str]) -> "Shape":
        """The shape of the object at the end of the steps."""
        shape = self
        for step in steps:
            shape = shape._add(step, is_list=False)
        return shape

    def add_value(self, step: str) -> None:
        if self._parts.setdefault(step, None) is not None:
            raise ShapeConflictError(step)

    def add_list(self, step: str) -> "Shape":
        """The shape of each element of the list at the step."""
        return self._add(step, is_list=True)

    def graft(self, step: str, element: "Shape") -> None:
        """Puts a finished shape in as that of each element of the list at the step."""
        if step in self._parts:
            raise ShapeConflictError(step)
        self._parts[step] = element
        self._lists.add(step)

    def _add(self, step: str, *, is_list: bool) -> "Shape":
        known = step in self._parts
        found = self._parts.setdefault(step, Shape())
        if found is None or (known and is_list is not (step in self._lists)):
            raise ShapeConflictError(step)
        if is_list:
            self._lists.add(step)
        return found

    def struct(self) -> type[msgspec.Struct]:
        """A struct type with these parts, None where the JSON object lacks one.

        Attributes are named by `attribute_of`. Structs are not tracked by the garbage collector:
        what JSON makes has no cycles.
        """
        fields: list[tuple[str, Any, Any]] = []
        for step, part in self._parts.items():
            annotation: Any = Any
            if part is not None:
                annotation = part.struct()
                annotation = (list[annotation] if step in self._lists else annotation) | None
            fields.append((attribute_of(step), annotation, None))
        rename = {attribute_of(step): step for step in self._parts}
        return msgspec.defstruct("Part", fields, rename=rename, gc=False)


def attribute_of(step: str) -> str:
    """The attribute of a struct that holds a step of a path."""
    return f"f_{step}" if step.isidentifier() else f"x_{step.encode().hex()}"


def compile_getter(expression: Callable[[Callable[[str], str]], str]) -> Callable[[Any], Any]:
    """A function of `row` that gives what the expression reaches; it is given `fresh`."""
    source = FunctionSource({"EMPTY": EMPTY, "NOTHING": NOTHING, "as_list": as_list})
    source.add(1, f"return {expression(source.fresh)}")
    return cast("Callable[[Any], Any]", source.function("get", "row", "<path>"))
