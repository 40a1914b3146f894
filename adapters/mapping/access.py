"""How generated code accesses a row: by key in mappings, or by attribute in structs.

A JSON decoder fills a struct with only those fields that the code reads, which is faster.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, cast

import msgspec

from adapters.mapping.generated_code import EMPTY, FunctionSource
from adapters.mapping.rules import FieldRule, RuleError
from adapters.mapping.targets import Target
from adapters.mapping.values import as_list


class ShapeConflictError(Exception):
    """Structs can't be used: one key path is read both as a value and as an object, or a rule needs
    the whole row."""


class Access(Protocol):
    """Writes expressions that access the row or object in the variable `base`.

    Methods of `StructAccess` raise `ShapeConflictError` if structs can't be used.
    """

    def value(self, base: str, path: str) -> str:
        """Return the expression of the value at `a/b`; it is None if a step is missing."""

    def object(self, base: str, path: str | None) -> "tuple[str, Access]":
        """Return the expression of the object at `a/b`, and the access to it.

        Without a path the object is `base` itself.
        """

    def elements(self, base: str, path: str) -> "tuple[str, Access]":
        """Return the expression of the list at `a/b`, and the access to each element."""

    def whole(self, base: str) -> str:
        """Return the expression of everything in `base`, as a mapping."""

    def steps(self, path: str | None) -> tuple[str, ...]:
        """Return the steps of the path for `generated_code.note_invalid`."""


@dataclass(frozen=True, slots=True)
class MappedField:
    """A field, its rule, and where its paths begin.

    Attributes:
        target: the field.
        rule: rule of the field.
        base: variable of the row or object where paths begin.
        access: access to that row or object.
        key_path: key path of the rule in the manifest, below the record.
        path: names of the fields from the record to this field.
    """

    target: Target
    rule: FieldRule
    base: str
    access: Access
    key_path: tuple[str, ...]
    path: tuple[str, ...]

    @property
    def dotted(self) -> str:
        """Dotted name of the field, for warnings."""
        return ".".join(self.path)

    def value_at(self, path: str) -> str:
        """Return the expression of the value at a path."""
        return self.access.value(self.base, path)

    def error(self, message: str, remedy: str, *keys: str) -> RuleError:
        """Return an error about the rule, or about a key inside the rule."""
        return RuleError((*self.key_path, *keys), message, remedy)


class MappingAccess:
    """Access to mappings. The generated code needs the names `EMPTY` and `as_list`."""

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


@dataclass(frozen=True, slots=True)
class StructAccess:
    """Access to structs. Everything that is accessed is added to the shape.

    Attributes:
        shape: shape of the structs.
        fresh: returns an unused variable name with a prefix.
    """

    shape: "Shape"
    fresh: Callable[[str], str]

    def value(self, base: str, path: str) -> str:
        *steps, last = path.split("/")
        shape = self.shape.within(steps)
        shape.add_value(last)
        return self._expression(base, [*steps, last])

    def object(self, base: str, path: str | None) -> tuple[str, Access]:
        if path is None:
            return base, self
        steps = path.split("/")
        return self._expression(base, steps), StructAccess(self.shape.within(steps), self.fresh)

    def elements(self, base: str, path: str) -> tuple[str, Access]:
        *steps, last = path.split("/")
        element = self.shape.within(steps).add_list(last)
        expression = self._expression(base, [*steps, last])
        return f"({expression} or ())", StructAccess(element, self.fresh)

    def whole(self, base: str) -> str:
        # A struct contains only the fields that are known to be read.
        raise ShapeConflictError(base)

    def steps(self, path: str | None) -> tuple[str, ...]:
        return tuple(map(attribute_of, path.split("/"))) if path is not None else ()

    def _expression(self, base: str, steps: list[str]) -> str:
        *before, last = steps
        expression = base
        for step in before:
            name = self.fresh("s")
            expression = f"{expression}.{attribute_of(step)}"
            expression = f"({name} if ({name} := {expression}) is not None else NOTHING)"
        return f"{expression}.{attribute_of(last)}"


class Nothing:
    """A missing object: every attribute is None."""

    def __getattr__(self, name: str) -> None:
        return None


NOTHING = Nothing()


class Shape:
    """The fields of a JSON object that are read: values, objects, and lists of objects.

    Its methods raise `ShapeConflictError` if a field is read in two different ways.
    """

    def __init__(self) -> None:
        self._parts: dict[str, Shape | None] = {}
        self._lists: set[str] = set()

    def within(self, steps: list[str]) -> "Shape":
        """Return the shape of the object at the end of the steps; add it if it is new."""
        shape = self
        for step in steps:
            shape = shape._add(step, is_list=False)
        return shape

    def add_value(self, step: str) -> None:
        """Add a value that is read as it is."""
        if self._parts.setdefault(step, None) is not None:
            raise ShapeConflictError(step)

    def add_list(self, step: str) -> "Shape":
        """Return the shape of each element of the list at the step; add it if it is new."""
        return self._add(step, is_list=True)

    def graft(self, step: str, element: "Shape") -> None:
        """Use a finished shape for the elements of the list at the step."""
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
        """Return a struct type with these fields; fields that the JSON object lacks are None.

        `attribute_of` names the attributes. The garbage collector does not track the structs,
        because JSON has no cycles.
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
    """Return the name of the attribute for a step of a path."""
    return f"f_{step}" if step.isidentifier() else f"x_{step.encode().hex()}"


def compile_getter(expression: Callable[[Callable[[str], str]], str]) -> Callable[[Any], Any]:
    """Compile a function that takes a row and returns the value of an expression.

    `expression` returns the expression; its argument is `FunctionSource.fresh`.
    """
    source = FunctionSource({"EMPTY": EMPTY, "NOTHING": NOTHING, "as_list": as_list})
    source.add(1, f"return {expression(source.fresh)}")
    return cast("Callable[[Any], Any]", source.function("get", "row", "<path>"))
