"""Generates a Python function for each object of a plan, which builds the response object.

The function also builds the nested objects and lists: it reads attributes inline and lists in
loops. It is the fast path only. A null in a non-null field, a value of an unexpected class or an
exception makes it raise; `hub.execution.completion` then completes the value again.
"""

from collections.abc import Callable
from typing import Any, cast

from graphql import EnumValueNode

from adapters.mapping.generated_code import FunctionSource
from hub.execution.plan import FieldKind, FieldPlan, ObjectPlan, Pending, ValueKind, ValuePlan
from schema.language import DEPARTMENT_TEXT, TEXT, DepartmentText, Language, Text

Build = Callable[[Any, Pending, Any], dict[str, Any]]

MAX_INDENT = 10
"""Deeper objects get a function of their own, because Python limits nested loops to twenty."""


def compile_builder(plan: ObjectPlan) -> Build:
    """Generate the function `ObjectPlan.build` of this plan."""
    source = _Source({})
    built = source.object(plan, "o", 1)
    source.add(1, f"return {built}")
    return cast("Build", source.function("build", "o, pending, run", f"<plan of {plan.type_name}>"))


def _language_of(field: FieldPlan) -> Language | None:
    """Return the value of the argument `lang`; None if it is a variable."""
    for argument in field.nodes[0].arguments or ():
        if argument.name.value == "lang":
            value = argument.value
            return Language[value.value] if isinstance(value, EnumValueNode) else None
    return Language.EN


class _Source(FunctionSource):
    """Source of the generated function."""

    def __init__(self, names: dict[str, Any]) -> None:
        super().__init__(names)
        self._texts: set[str] = set()
        """Variables that have a text instead of the `DepartmentText` with it, which takes time to
        construct."""

    def object(self, plan: ObjectPlan, name: str, indent: int) -> str:
        """Add the lines that build the response object; return the name of its variable."""
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
        return self._value(field.value, self._raw(field, name, indent), indent)

    def _raw(self, field: FieldPlan, name: str, indent: int) -> str:
        """Return the expression for the field's resolved value."""
        assert field.source is not None
        if name in self._texts:
            if field.kind is FieldKind.ATTRIBUTE:
                return name
            name = f"{self.named('DepartmentText', DepartmentText)}(text={name})"
        if field.kind is FieldKind.ATTRIBUTE:
            return f"{name}.{field.source.python_name}"
        if TEXT in field.source.metadata:
            return self._text(field, name, *field.source.metadata[TEXT])
        if DEPARTMENT_TEXT in field.source.metadata:
            text = self.fresh("text")
            self._texts.add(text)
            self.add(indent, f"{text} = {name}.{field.source.metadata[DEPARTMENT_TEXT]}")
            return text
        base = field.source.base_resolver
        assert base is not None
        if base.self_parameter and not base.info_parameter:
            resolve = self.named("resolve", field.resolver)
            if not field.source.arguments:
                return f"{resolve}({name})"
            plan = self.named("field", field)
            return f"{resolve}({name}, **({plan}.arguments or run.arguments_of({plan})))"
        return f"run.resolve({self.named('field', field)}, {name})"

    def _text(
        self, field: FieldPlan, name: str, attribute: str, text_of: Callable[[Any], Text] | None
    ) -> str:
        """Return the expression of a text in the language of the field's argument."""
        value, text = self.fresh("v"), self.fresh("t")
        found = value if text_of is None else f"{self.named('text_of', text_of)}({value})"
        english, hindi = f"{found}.en", f"(({text} := {found}).hi or {text}.en)"
        language = _language_of(field)
        if language is None:
            given = self.fresh("hindi")
            arguments = f"run.arguments_of({self.named('field', field)})"
            language_hindi = self.named("hi", Language.HI)
            self.lines.insert(0, f"    {given} = {arguments}['lang'] is {language_hindi}")
            in_language = f"({hindi} if {given} else {english})"
        else:
            in_language = hindi if language is Language.HI else english
        return f"(None if ({value} := {name}.{attribute}) is None else {in_language})"

    def _value(self, plan: ValuePlan, raw: str, indent: int) -> str:
        """Return an expression for the completed value of the expression `raw`.

        For a list or an object, this adds the lines that build it and returns a variable's name.
        """
        if plan.kind is ValueKind.LEAF:
            return self._leaf(plan, raw)
        name, completed = raw if raw.isidentifier() else self.fresh("v"), self.fresh("c")
        if name != raw:
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
        if indent > MAX_INDENT:
            build = self.named("build", plan.objects[None].build)
            return f"{build}({name}, pending, run)"
        if plan.objects[None].is_shared:
            return self._shared(plan.objects[None], name, indent)
        return self.object(plan.objects[None], name, indent)

    def _shared(self, plan: ObjectPlan, name: str, indent: int) -> str:
        """Build one response object for all rows that share the value."""
        known, entry = self.fresh("known"), self.fresh("entry")
        self.lines.insert(0, f"    {known} = {{}}")
        self.add(indent, f"{entry} = {known}.get(id({name}))")
        self.add(indent, f"if {entry} is None:")
        built = self.object(plan, name, indent + 1)
        # With the value, because the id of a value that no longer exists may be used again.
        self.add(indent + 1, f"{entry} = {known}[id({name})] = {name}, {built}")
        return f"{entry}[1]"

    def _leaf(self, plan: ValuePlan, raw: str) -> str:
        name = self.fresh("v")
        serialize = self.named("serialize", plan.serialize)
        null = f" or {name} is None" if plan.nullable else ""
        if plan.names:
            if all(member.name == shown for member, shown in plan.names.items()):
                # Reading the member's own name is faster than a dict lookup by the member.
                enum = self.named("enum", type(next(iter(plan.names))))
                other = f"{self.named('names', dict(plan.names) | {None: None})}[{name}]"
                if not plan.nullable:
                    other = f"run.not_null({other})"
                return f"({name}._name_ if ({name} := {raw}).__class__ is {enum} else {other})"
            # An unknown member, or null in a non-null field, raises KeyError.
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
