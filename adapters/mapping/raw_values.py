"""Generated code that finds a field's raw value, and joins, splits, trims, pads or converts it.

A rule that only names a path needs none of these steps, so it takes no extra time.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from adapters.mapping import moments, packed_values, values
from adapters.mapping.access import Access, MappedField, MappingAccess
from adapters.mapping.date_formats import UnknownDateFormatError
from adapters.mapping.letters import STEPS
from adapters.mapping.rules import FieldRule, did_you_mean
from adapters.mapping.scalars import RuleWriter, wrong_date_format
from adapters.mapping.value_rules import SplitRule
from schema.person import Script

JSON = ["json"]
"""The `format` of a text that contains JSON."""

Step = Callable[[Any], Any]


def is_composed(rule: FieldRule) -> bool:
    """Return whether the value comes from something other than a single `path`."""
    return bool(rule.otherwise or rule.concat or rule.expr or rule.function or rule.time)


class RawValues(RuleWriter):
    """Writes expressions of raw values, objects and lists, prepared for reading."""

    def value(self, field: MappedField) -> str | None:
        """Return the expression of a value; None if the rule has no source.

        Raises:
            RuleError: the rule is wrong.
        """
        if self._needs_steps(field):
            return self._prepared(field)
        path = field.rule.path
        return field.value_at(path) if path is not None else None

    def elements(self, field: MappedField) -> tuple[str, Access]:
        """Return the expression of a list, and the access to each element.

        Raises:
            RuleError: the rule is wrong.
        """
        if self._needs_steps(field):
            return f"as_list({self._prepared(field)})", MappingAccess()
        path = field.rule.path
        if path is None:
            raise field.error(f"{field.target.name} is a list", "add the `path` of its elements")
        if field.rule.format == JSON:
            return f"as_list(from_json({field.value_at(path)}))", MappingAccess()
        return field.access.elements(field.base, path)

    def object(self, field: MappedField) -> tuple[str, Access]:
        """Return the expression of an object, and the access to it.

        Raises:
            RuleError: the rule is wrong.
        """
        if self._needs_steps(field):
            return str(self._prepared(field)), MappingAccess()
        path = field.rule.path
        if path is not None and field.rule.format == JSON:
            return f"from_json({field.value_at(path)})", MappingAccess()
        return field.access.object(field.base, path)

    def _needs_steps(self, field: MappedField) -> bool:
        rule = field.rule
        changes = rule.split or rule.trim or rule.pad or rule.script or rule.numbered
        return bool(is_composed(rule) or changes or rule.absent_when)

    def _prepared(self, field: MappedField) -> str | None:
        _check(field)
        found = self._found(field)
        steps = self._steps(field)
        if found is None:
            if steps:
                remedy = "add `path`, `concat`, `expr` or `function`"
                raise field.error("the rule has no source", remedy)
            return None
        for step in steps:
            found = f"{self._source.named('step_', step)}({found})"
        if field.rule.time is not None:
            clock = field.value_at(field.rule.time.path)
            found = f"{self._source.named('moment', self._two_fields(field))}({found}, {clock})"
        return found

    def _found(self, field: MappedField) -> str | None:
        named, rule = self._source.named, field.rule
        if rule.concat is not None:
            join = named("join", packed_values.joiner(rule.concat.with_, self._text))
            return f"{join}({_tuple(map(field.value_at, rule.concat.paths))})"
        if rule.expr is not None:
            whole = field.access.whole(field.base)
            return f"{named('expr', _expression(field, rule.expr))}({whole})"
        if rule.function is not None:
            whole = field.access.whole(field.base)
            return f"{named('function', self._function(field, rule.function))}({whole})"
        if rule.path is None:
            return None
        if rule.otherwise:
            first = named("first", packed_values.first_of(self._text))
            return f"{first}({_tuple(map(field.value_at, (rule.path, *rule.otherwise)))})"
        return field.value_at(rule.path)

    def _function(self, field: MappedField, name: str) -> Callable[[Any], Any]:
        functions = self._context.functions
        if name not in functions:
            remedy = did_you_mean(name, functions) if functions else "add it: def name(row)"
            raise field.error(f"adapter.py has no function {name!r}", remedy, "function")
        return functions[name]

    def _steps(self, field: MappedField) -> list[Step]:
        steps: list[Step] = []
        rule = field.rule
        if rule.format == JSON:
            steps.append(values.from_json)
        if rule.numbered is not None:
            steps.append(
                packed_values.numbered_reader(rule.numbered.count, rule.numbered.separator)
            )
        if rule.split is not None:
            steps.append(_splitter(field, rule.split))
        if rule.trim is not None:
            steps.append(packed_values.trimmer(rule.trim.start, rule.trim.end))
        if rule.absent_when:
            steps.append(packed_values.without(frozenset(rule.absent_when)))
        if rule.pad is not None:
            start = rule.pad.at == "start"
            steps.append(packed_values.padder(rule.pad.to, rule.pad.with_, at_start=start))
        steps += [self._on_text(STEPS[step]) for step in rule.script]
        return steps

    def _on_text(self, change: Callable[[str], Any]) -> Step:
        text = self._text

        def step(value: object) -> Any:
            string = text(value)
            return None if string is None else change(string)

        return step

    def _two_fields(self, field: MappedField) -> Callable[..., Any]:
        time = field.rule.time
        assert time is not None
        read_day = self._date_reader(field)
        try:
            read_clock = moments.clock_reader(time.format, self._context.timezone, self._text)
        except UnknownDateFormatError as error:
            raise wrong_date_format(field, error, "time", "format") from None
        return moments.two_field_reader(read_day, read_clock)


def _splitter(field: MappedField, split: SplitRule) -> Step:
    target = field.target
    if target.kind == "list":
        if split.entries is None or not split.names:
            message = f"{target.name} is a list"
            remedy = "add `entries` (the separator of its elements) and `names`"
            raise field.error(message, remedy, "split")
        return packed_values.entries_reader(split.entries, split.by, split.names)
    if split.entries is not None or split.by is None:
        raise field.error(f"{target.name} is not a list", "remove `entries`", "split")
    if target.kind == "object":
        if not split.names:
            raise field.error(f"{target.name} consists of fields", "add `names`", "split")
        return packed_values.names_reader(split.by, split.names)
    if split.part is None:
        raise field.error(f"{target.name} is a single value", "add `part`", "split")
    return packed_values.part_reader(split.by, split.part)


_FOR_OBJECTS = frozenset({"concat", "trim", "pad", "absent_when", "script", "time"})


def _check(field: MappedField) -> None:
    """Raise `RuleError` if a key makes no sense for the type of the field."""
    target, rule = field.target, field.rule
    wrong: Sequence[str] = ()
    if target.kind in ("object", "list"):
        wrong = [name for name in sorted(_FOR_OBJECTS) if getattr(rule, name)]
    elif rule.numbered is not None:
        wrong = ["numbered"]
    elif rule.time is not None and target.kind != "datetime":
        wrong = ["time"]
    if wrong:
        article = "an" if target.kind[0] in "aeiou" else "a"
        kind = f"{article} {'enum value' if target.kind == 'enum' else target.kind}"
        message = f"`{wrong[0]}` can't be used for {target.name}, {kind}"
        raise field.error(message, "remove it, or move it to the field that it is for", wrong[0])
    detects = rule.script[-1:] == ["detect"]
    if detects and target.type is not Script:
        message = f"`detect` returns a script, and {target.name} is not one"
        raise field.error(message, "use it for the field `script` of a name", "script")


def _expression(field: MappedField, text: str) -> Callable[[Any], object]:
    # The library takes 20 MiB and 0.2 seconds: load it only for departments with expressions.
    from adapters.mapping.expressions import WrongExpressionError, compile_expression

    try:
        return compile_expression(text)
    except WrongExpressionError as error:
        remedy = "correct the expression (Common Expression Language)"
        raise field.error(str(error), remedy, "expr") from None


def _tuple(expressions: Iterable[str]) -> str:
    return f"({', '.join(expressions)},)"
