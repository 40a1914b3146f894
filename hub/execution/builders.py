"""Generates, for each object of a plan, the function that builds its part of the response.

Objects and lists inside are built in the same function: attributes inline, lists by loops. It takes
the ordinary way only; whatever is out of the ordinary (null where null is not allowed, a value of
an unexpected class, an exception) raises, and the value is completed again by `completion`, slowly
and exactly.
"""

from collections.abc import Callable
from typing import Any, cast

from hub.execution.plan import FieldKind, FieldPlan, ObjectPlan, Pending, ValueKind, ValuePlan

Build = Callable[[Any, Pending, Any], dict[str, Any]]

DEEPEST = 10
"""Python nests twenty loops at most; what lies deeper is built by a function of its own."""


def compile_builder(plan: ObjectPlan) -> Build:
    source = _Source()
    built = source.object(plan, "o", 1)
    source.add(1, f"return {built}")
    lines = ["def build(o, pending, run):", *source.lines]
    code = compile("\n".join(lines), f"<plan of {plan.type_name}>", "exec")
    exec(code, source.names)  # noqa: S102
    return cast("Build", source.names["build"])


class _Source:
    """The generated function's lines, and the objects its names stand for."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}
        self.lines: list[str] = []
        self._count = 0

    def add(self, indent: int, line: str) -> None:
        self.lines.append("    " * indent + line)

    def named(self, prefix: str, value: object) -> str:
        name = self.fresh(prefix)
        self.names[name] = value
        return name

    def fresh(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"

    def object(self, plan: ObjectPlan, name: str, indent: int) -> str:
        """Adds the lines that build the response object; gives the variable that holds it."""
        entries = [
            f"{field.key!r}: {self._field(field, plan, name, indent)}" for field in plan.fields
        ]
        built = self.fresh("d")
        self.add(indent, f"{built} = {{{', '.join(entries)}}}")
        for field in plan.fields:
            if field.slot >= 0:
                self.add(indent, f"pending[{field.slot}].append(({name}, {built}))")
        return built

    def _field(self, field: FieldPlan, plan: ObjectPlan, name: str, indent: int) -> str:
        if field.kind is FieldKind.TYPENAME:
            return repr(plan.type_name)
        if field.slot >= 0:
            return "None"
        return self._value(field.value, self._raw(field, name), indent)

    def _raw(self, field: FieldPlan, name: str) -> str:
        """The expression of the field's resolved value."""
        assert field.source is not None
        if field.kind is FieldKind.ATTRIBUTE:
            return f"{name}.{field.source.python_name}"
        base = field.source.base_resolver
        assert base is not None
        if base.self_parameter and not field.source.arguments and not base.info_parameter:
            return f"{self.named('resolve', field.resolver)}({name})"
        return f"run.resolve({self.named('field', field)}, {name})"

    def _value(self, plan: ValuePlan, raw: str, indent: int) -> str:
        """The completed value of the expression `raw`, which is evaluated once.

        A leaf is an expression; anything else adds lines and is a variable.
        """
        if plan.kind is ValueKind.LEAF:
            return self._leaf(plan, raw)
        name, completed = self.fresh("v"), self.fresh("c")
        self.add(indent, f"{name} = {raw}")
        self.add(indent, f"if {name} is None:")
        self.add(indent + 1, f"{completed} = {'None' if plan.nullable else 'run.refuse_null()'}")
        self.add(indent, "else:")
        if plan.kind is ValueKind.LIST:
            self._list(plan, name, completed, indent + 1)
        else:
            self.add(indent + 1, f"{completed} = {self._object_at(plan, name, indent + 1)}")
        return completed

    def _list(self, plan: ValuePlan, name: str, completed: str, indent: int) -> None:
        assert plan.item is not None
        element, append = self.fresh("e"), self.fresh("append")
        self.add(indent, f"{completed} = []")
        self.add(indent, f"{append} = {completed}.append")
        self.add(indent, f"for {element} in run.elements({name}):")
        self.add(indent + 1, f"{append}({self._value(plan.item, element, indent + 1)})")

    def _object_at(self, plan: ValuePlan, name: str, indent: int) -> str:
        if None not in plan.objects:
            objects = self.named("objects", plan.objects)
            return f"run.build({objects}[{name}.__class__], {name}, pending)"
        if indent > DEEPEST:
            build = self.named("build", plan.objects[None].build)
            return f"{build}({name}, pending, run)"
        return self.object(plan.objects[None], name, indent)

    def _leaf(self, plan: ValuePlan, raw: str) -> str:
        name = self.fresh("v")
        serialize = self.named("serialize", plan.serialize)
        null = f" or {name} is None" if plan.nullable else ""
        if plan.names:
            if all(member.name == shown for member, shown in plan.names.items()):
                # The member knows its name: faster than looking it up by the member's hash.
                enum = self.named("enum", type(next(iter(plan.names))))
                other = f"{self.named('names', dict(plan.names) | {None: None})}[{name}]"
                if not plan.nullable:
                    other = f"run.not_null({other})"
                return f"({name}._name_ if ({name} := {raw}).__class__ is {enum} else {other})"
            # A member that is not listed, and null where it is not allowed, are KeyErrors.
            names = dict(plan.names) | ({None: None} if plan.nullable else {})
            return f"{self.named('names', names)}[{raw}]"
        if plan.leaf_class is not None:
            leaf_class = self.named("leaf", plan.leaf_class)
            ordinary = f"({name} := {raw}).__class__ is {leaf_class}{null}"
        elif plan.nullable:
            ordinary = f"({name} := {raw}) is None"
        else:
            return f"run.not_null({serialize}(run.not_null({raw})))"
        return f"({name} if {ordinary} else run.not_null({serialize}(run.not_null({name}))))"
