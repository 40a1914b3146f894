"""Generated code that prepares a value before it is read: joins, splits, trims, pads, converts.

Rules that only name a path do not use this module, so they take no extra time.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adapters.mapping import dates, moments, packed_values, values
from adapters.mapping.access import Access
from adapters.mapping.date_formats import UnknownDateFormatError
from adapters.mapping.generated_code import FunctionSource
from adapters.mapping.letters import STEPS
from adapters.mapping.rules import FieldRule, MappingContext, RuleError, did_you_mean
from adapters.mapping.scalars import wrong_date_format
from adapters.mapping.targets import Target
from schema.person import Script

Step = Callable[[Any], Any]


def is_composed(rule: FieldRule) -> bool:
    """Return whether the value comes from something other than a single `path`."""
    return bool(rule.otherwise or rule.concat or rule.expr or rule.function or rule.time)


class ValueSteps:
    """Writes expressions of prepared values.

    Args:
        source: source of the function.
        context: data of the department that all rules use.
    """

    def __init__(self, source: FunctionSource, context: MappingContext) -> None:
        self._source = source
        self._context = context
        self._text = values.text_reader(context.absent)
        self._days = moments.days_among(context.absent)

    def concerns(self, target: Target, rule: FieldRule) -> bool:
        """Return whether the value must be prepared, and is not simply at `path`."""
        taken_apart = rule.split or rule.trim or rule.pad or rule.script or rule.numbered
        days = self._days and target.kind in ("date", "datetime")
        return bool(is_composed(rule) or taken_apart or rule.absent_when or days)

    def expression(
        self, target: Target, rule: FieldRule, base: str, access: Access, key_path: tuple[str, ...]
    ) -> str | None:
        """Return the expression of the prepared value; None if the rule has no source.

        Args:
            target: the field.
            rule: rule of the field.
            base: variable of the row or object where paths begin.
            access: access to that row or object.
            key_path: key path of the rule, for errors.

        Raises:
            RuleError: the rule is wrong.
        """
        _check(target, rule, key_path)
        found = self._found(rule, base, access, key_path)
        steps = self._steps(target, rule, key_path)
        if found is None:
            if steps:
                message = "the rule has no source"
                raise RuleError(key_path, message, "add `path`, `concat`, `expr` or `function`")
            return None
        for step in steps:
            found = f"{self._source.named('step_', step)}({found})"
        if rule.time is not None:
            clock = access.value(base, rule.time.path)
            read_moment = self._source.named("moment", self._two_fields(rule, key_path))
            found = f"{read_moment}({found}, {clock})"
        elif (days := self._absent_days(target, rule)) and target.kind in ("date", "datetime"):
            read = moments.without_days(self._day_reader(target, rule, key_path), days)
            found = f"{self._source.named('step_', read)}({found})"
        return found

    def _found(
        self, rule: FieldRule, base: str, access: Access, key_path: tuple[str, ...]
    ) -> str | None:
        named = self._source.named
        if rule.concat is not None:
            join = named("join", packed_values.joiner(rule.concat.with_, self._text))
            return f"{join}({_tuple([access.value(base, path) for path in rule.concat.paths])})"
        if rule.expr is not None:
            expression = _expression(rule.expr, (*key_path, "expr"))
            return f"{named('expr', expression)}({access.whole(base)})"
        if rule.function is not None:
            function = self._function(rule.function, (*key_path, "function"))
            return f"{named('function', function)}({access.whole(base)})"
        if rule.path is None:
            return None
        if rule.otherwise:
            leaves = [access.value(base, path) for path in (rule.path, *rule.otherwise)]
            return f"{named('first', packed_values.first_of(self._text))}({_tuple(leaves)})"
        return access.value(base, rule.path)

    def _function(self, name: str, key_path: tuple[str, ...]) -> Callable[[Any], Any]:
        functions = self._context.functions
        if name not in functions:
            remedy = did_you_mean(name, functions) if functions else "add it: def name(row)"
            raise RuleError(key_path, f"adapter.py has no function {name!r}", remedy)
        return functions[name]

    def _steps(self, target: Target, rule: FieldRule, key_path: tuple[str, ...]) -> list[Step]:
        steps: list[Step] = []
        if rule.format == ["json"]:
            steps.append(values.from_json)
        if rule.numbered is not None:
            steps.append(
                packed_values.numbered_reader(rule.numbered.count, rule.numbered.separator)
            )
        if rule.split is not None:
            steps.append(_splitter(target, rule, key_path))
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

    def _absent_days(self, target: Target, rule: FieldRule) -> frozenset[Any]:
        return self._days | moments.days_among(rule.absent_when)

    def _day_reader(
        self, target: Target, rule: FieldRule, key_path: tuple[str, ...]
    ) -> moments.DayReader:
        try:
            if target.kind == "date":
                return dates.date_reader(rule.format, self._text)
            return dates.datetime_reader(rule.format, self._context.timezone, self._text)
        except UnknownDateFormatError as error:
            raise wrong_date_format(error, (*key_path, "format")) from None

    def _two_fields(self, rule: FieldRule, key_path: tuple[str, ...]) -> Callable[..., Any]:
        assert rule.time is not None
        zone, text = self._context.timezone, self._text
        try:
            read_day: Any = dates.datetime_reader(rule.format, zone, text)
        except UnknownDateFormatError as error:
            raise wrong_date_format(error, (*key_path, "format")) from None
        try:
            read_clock = moments.clock_reader(rule.time.format, zone, text)
        except UnknownDateFormatError as error:
            raise wrong_date_format(error, (*key_path, "time", "format")) from None
        days = self._days | moments.days_among(rule.absent_when)
        if days:
            read_day = moments.without_days(read_day, days)
        return moments.two_field_reader(read_day, read_clock)


def _splitter(target: Target, rule: FieldRule, key_path: tuple[str, ...]) -> Step:
    split = rule.split
    assert split is not None
    if target.kind == "list":
        if split.entries is None or not split.names:
            message = f"{target.name} is a list"
            remedy = "add `entries` (the separator of its elements) and `names`"
            raise RuleError((*key_path, "split"), message, remedy)
        return packed_values.entries_reader(split.entries, split.by, split.names)
    if split.entries is not None or split.by is None:
        raise RuleError((*key_path, "split"), f"{target.name} is not a list", "remove `entries`")
    if target.kind == "object":
        if not split.names:
            raise RuleError(
                (*key_path, "split"), f"{target.name} consists of fields", "add `names`"
            )
        return packed_values.names_reader(split.by, split.names)
    if split.part is None:
        raise RuleError((*key_path, "split"), f"{target.name} is a single value", "add `part`")
    return packed_values.part_reader(split.by, split.part)


_FOR_OBJECTS = frozenset({"concat", "trim", "pad", "absent_when", "script", "time"})


def _check(target: Target, rule: FieldRule, key_path: tuple[str, ...]) -> None:
    """Raise `RuleError` if a key makes no sense for the type of the field."""
    wrong: Sequence[str] = ()
    if target.kind in ("object", "list"):
        wrong = [name for name in sorted(_FOR_OBJECTS) if getattr(rule, name)]
    elif rule.numbered is not None:
        wrong = ["numbered"]
    elif rule.time is not None and target.kind != "datetime":
        wrong = ["time"]
    if wrong:
        message = f"`{wrong[0]}` can't be used for {target.name}, {_article(target.kind)}"
        raise RuleError(
            (*key_path, wrong[0]), message, "remove it, or move it to the field that it is for"
        )
    detects = rule.script[-1:] == ["detect"]
    if detects and target.type is not Script:
        message = f"`detect` returns a script, and {target.name} is not one"
        raise RuleError((*key_path, "script"), message, "use it for the field `script` of a name")


_ARTICLES: Mapping[str, str] = {
    "integer": "an integer",
    "object": "an object",
    "enum": "an enum value",
}


def _article(kind: str) -> str:
    return _ARTICLES.get(kind, f"a {kind}")


def _expression(text: str, key_path: tuple[str, ...]) -> Callable[[Any], object]:
    # The library takes 20 MiB and 0.2 seconds: load it only for departments with expressions.
    from adapters.mapping.expressions import WrongExpressionError, compile_expression

    try:
        return compile_expression(text)
    except WrongExpressionError as error:
        remedy = "correct the expression (Common Expression Language)"
        raise RuleError(key_path, str(error), remedy) from None


def _tuple(expressions: Sequence[str]) -> str:
    return f"({', '.join(expressions)},)"
