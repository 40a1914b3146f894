"""Generates, for each object of a plan, the function that builds its part of the response.

The function is one dict display: attributes inline, nested objects by calls of their own builders.
It takes the ordinary way only; whatever is out of the ordinary (null where null is not allowed, a
value of an unexpected class, an exception) raises, and the value is completed again by
`completion`, slowly and exactly.
"""

from collections.abc import Callable
from typing import Any, cast

from hub.execution.plan import FieldKind, FieldPlan, ObjectPlan, Pending, ValueKind, ValuePlan

Build = Callable[[Any, Pending, Any], dict[str, Any]]


def compile_builder(plan: ObjectPlan) -> Build:
    source = _Source()
    entries = [f"{field.key!r}: {source.field(field, plan)}" for field in plan.fields]
    lines = ["def build(o, pending, run):", f"    d = {{{', '.join(entries)}}}"]
    lines += [
        f"    pending[{field.slot}].append((o, d))" for field in plan.fields if field.slot >= 0
    ]
    lines.append("    return d")
    code = compile("\n".join(lines), f"<plan of {plan.type_name}>", "exec")
    exec(code, source.names)  # noqa: S102
    return cast("Build", source.names["build"])


class _Source:
    """The generated function's expressions, and the objects its names stand for."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}
        self.count = 0

    def named(self, prefix: str, value: object) -> str:
        name = self.fresh(prefix)
        self.names[name] = value
        return name

    def fresh(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def field(self, field: FieldPlan, plan: ObjectPlan) -> str:
        if field.kind is FieldKind.TYPENAME:
            return repr(plan.type_name)
        if field.slot >= 0:
            return "None"
        return self.value(field.value, self.raw(field))

    def raw(self, field: FieldPlan) -> str:
        """The expression of the field's resolved value."""
        assert field.source is not None
        if field.kind is FieldKind.ATTRIBUTE:
            return f"o.{field.source.python_name}"
        base = field.source.base_resolver
        assert base is not None
        if base.self_parameter and not field.source.arguments and not base.info_parameter:
            return f"{self.named('resolve', field.resolver)}(o)"
        return f"run.resolve({self.named('field', field)}, o)"

    def value(self, plan: ValuePlan, raw: str) -> str:
        """The completed value of the expression `raw`, which is evaluated once."""
        if plan.kind is ValueKind.LEAF:
            return self._leaf(plan, raw)
        name = self.fresh("v")
        completed = (
            self._list(plan, name) if plan.kind is ValueKind.LIST else self._object(plan, name)
        )
        null = "None" if plan.nullable else "run.refuse_null()"
        return f"({null} if ({name} := {raw}) is None else {completed})"

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

    def _list(self, plan: ValuePlan, name: str) -> str:
        assert plan.item is not None
        element = self.fresh("e")
        item = self.value(plan.item, element)
        return f"[{item} for {element} in run.elements({name})]"

    def _object(self, plan: ValuePlan, name: str) -> str:
        if None in plan.objects:
            build = self.named("build", plan.objects[None].build)
            return f"{build}({name}, pending, run)"
        objects = self.named("objects", plan.objects)
        return f"run.build({objects}[{name}.__class__], {name}, pending)"
