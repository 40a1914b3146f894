"""Turns a rule set into one generated Python function that reads a row into a record.

The function has one guarded statement per field: a value that does not fit becomes a warning that
names the field and keeps the raw value, and costs nothing but that field.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from adapters.mapping import dates, row_reading, values
from adapters.mapping.codes import CodeTable
from adapters.mapping.context import MappingContext
from adapters.mapping.row_reading import EMPTY
from adapters.mapping.rules import FieldRule, FieldRules, RuleError, did_you_mean
from adapters.mapping.targets import Target, has_field, targets_of
from schema.provenance import Origin, Record, SourceWarning

RowReader = Callable[[Mapping[str, Any], Origin, list[SourceWarning]], Record]
"""Reads one row; raises `MissingFieldError` when a field that its record needs is absent."""


def compile_reader(
    record_type: type,
    rules: FieldRules,
    context: MappingContext,
    needed: Mapping[str, frozenset[str]] = EMPTY,
    *,
    for_merging: bool = True,
) -> RowReader:
    """The function that reads one row of the department; raises `RuleError` on a wrong rule.

    Of a record type named in `needed`, it reads only those fields, those that a record can't be
    without, and, `for_merging`, those that the hub itself looks at (`ALWAYS_READ`).
    """
    source = _Source(context, needed, for_merging)
    built = source.record(record_type, rules, "row", (), (), indent=1)
    source.add_checks(built, indent=1)
    source.add(1, f"return {built.expression}")
    code = "def read(row, origin, notes):\n" + "\n".join(source.lines)
    filename = f"<{context.department}: {record_type.__name__}>"
    exec(compile(code, filename, "exec"), source.names)  # noqa: S102
    return cast("RowReader", source.names["read"])


@dataclass(frozen=True, slots=True)
class _Built:
    """The lines for an object's fields have been added; this is how to finish it.

    Attributes:
        expression: builds the object from the variables.
        variables: one per mapped field.
        required: the variables that must not be None, with their dotted field.
    """

    expression: str
    variables: list[str]
    required: dict[str, str]


class _Source:
    """The generated function while it grows: its lines, and the objects its names stand for."""

    def __init__(
        self, context: MappingContext, needed: Mapping[str, frozenset[str]], for_merging: bool
    ) -> None:
        self.context = context
        self.needed = needed
        self.for_merging = for_merging
        self.lines: list[str] = []
        self.names: dict[str, Any] = {
            "EMPTY": EMPTY,
            "MissingFieldError": row_reading.MissingFieldError,
            "as_list": values.as_list,
            "make": row_reading.make,
            "from_json": values.from_json,
            "note_invalid": row_reading.note_invalid,
            "note_unknown_code": row_reading.note_unknown_code,
        }
        self.text = values.text_reader(context.absent)
        self.count = 0

    def add(self, indent: int, line: str) -> None:
        self.lines.append("    " * indent + line)

    def fresh(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def named(self, prefix: str, value: object) -> str:
        name = self.fresh(prefix)
        self.names[name] = value
        return name

    def record(
        self,
        record_type: type,
        rules: FieldRules,
        base: str,
        place: tuple[str, ...],
        field_path: tuple[str, ...],
        *,
        indent: int,
    ) -> _Built:
        targets = targets_of(record_type)
        _check_names(record_type, rules, targets, place)
        entries = _unmapped_defaults(targets)
        variables: list[str] = []
        required: dict[str, str] = {}
        wanted = self.needed.get(record_type.__name__)
        for name, rule in rules.items():
            target = targets[name]
            kept = target.required or (target.always and self.for_merging)
            if wanted is not None and not kept and target.attribute not in wanted:
                continue
            variable = self.field(target, rule, base, (*place, name), (*field_path, name), indent)
            variables.append(variable)
            if target.required:
                required[variable] = ".".join((*field_path, name))
            value = variable
            if target.default is not None:
                value = (
                    f"{self.named('default', target.default)} if {variable} is None else {variable}"
                )
            entries[target.attribute] = value
        if has_field(record_type, "department_identifier"):
            entries["department_identifier"] = repr(self.context.department)
        if has_field(record_type, "origin"):
            entries |= {"origin": "origin", "row_warnings": "notes"}
        return _Built(self._constructed(record_type, entries), variables, required)

    def _constructed(self, record_type: type, entries: Mapping[str, str]) -> str:
        """Makes an object of a plain dataclass without its `__init__`, which sets every field:
        what is not among the entries is found on the class, as dataclasses keep defaults there."""
        name = self.named(record_type.__name__, record_type)
        if hasattr(record_type, "__slots__"):
            return f"{name}({', '.join(f'{key}={value}' for key, value in entries.items())})"
        shown = ", ".join(f"{key!r}: {value}" for key, value in entries.items())
        return f"make({name}, {{{shown}}})"

    def add_checks(self, built: _Built, *, indent: int) -> None:
        for variable, field in built.required.items():
            self.add(indent, f"if {variable} is None: raise MissingFieldError({field!r})")

    def field(
        self,
        target: Target,
        rule: FieldRule,
        base: str,
        place: tuple[str, ...],
        field_path: tuple[str, ...],
        indent: int,
    ) -> str:
        """Adds the lines that read one field; gives the variable that holds its value."""
        variable = self.fresh("v")
        found = _path_expression(rule.path, base)
        dotted = ".".join(field_path)
        self.add(indent, "try:")
        if target.kind == "object":
            self._object(target, rule, found, variable, place, field_path, indent + 1)
        elif target.kind == "list":
            self._list(target, rule, found, variable, place, field_path, indent + 1)
        elif target.kind == "enum":
            self._enum(target, rule, found, variable, place, dotted, indent + 1)
        else:
            self.add(indent + 1, f"{variable} = {self._simple(target, rule, found, place)}")
        nothing = "[]" if target.kind == "list" else "None"
        steps = tuple(rule.path.split("/")) if rule.path is not None else ()
        self.add(indent, "except Exception:")
        self.add(indent + 1, f"{variable} = {nothing}")
        self.add(indent + 1, f"note_invalid(notes, {dotted!r}, {base}, {steps!r})")
        return variable

    def _simple(self, target: Target, rule: FieldRule, found: str, place: tuple[str, ...]) -> str:
        read = self._reader(target, rule, place)
        if rule.value is not None:
            return self.named("constant", _constant(read, rule.value, place))
        if rule.path is None:
            raise RuleError(place, "the rule says neither `path` nor `value`", "add one of them")
        expression = (
            self._text(found) if read is self.text else f"{self.named('read_', read)}({found})"
        )
        if rule.label_of is not None:
            label = self.named("label", self._table(rule.label_of, (*place, "label_of")).labels.get)
            code = self.fresh("code")
            expression = f"None if ({code} := {expression}) is None else {label}({code}, {code})"
        if rule.default is not None:
            default = self.named("default", _constant(read, rule.default, place))
            value = self.fresh("w")
            expression = f"{default} if ({value} := ({expression})) is None else {value}"
        return expression

    def _text(self, found: str) -> str:
        """The text at `found`; one that is fit as it is costs no call."""
        raw = self.fresh("t")
        absent = self.named("absent", self.context.absent)
        fit = (
            f"({raw} := {found}).__class__ is str and {raw}.isprintable() "
            f"and {raw}.strip() == {raw} and '  ' not in {raw} and {raw} not in {absent}"
        )
        return f"({raw} if {fit} else {self.named('read_', self.text)}({raw}))"

    def _reader(
        self, target: Target, rule: FieldRule, place: tuple[str, ...]
    ) -> Callable[[object], Any]:
        try:
            if target.kind == "datetime":
                return dates.datetime_reader(rule.format, self.context.timezone, self.text)
            if target.kind == "date":
                return dates.date_reader(rule.format, self.text)
        except dates.UnknownDateFormatError as error:
            raise RuleError(
                (*place, "format"),
                f"{str(error)!r} is not a date format",
                "write it with dd mm yyyy HH MM SS and separators, or `iso`",
            ) from None
        if target.kind == "money":
            if rule.unit is None:
                raise RuleError(place, "money needs a `unit`", "add `unit: rupees` or `paise`")
            return values.money_reader(rule.unit, self.text)
        if target.kind == "truth" and rule.true_when:
            return values.membership_reader(frozenset(rule.true_when), self.text)
        readers: dict[str, Callable[[values.TextReader], Callable[[object], Any]]] = {
            "integer": values.integer_reader,
            "number": values.number_reader,
            "truth": values.truth_reader,
        }
        return readers[target.kind](self.text) if target.kind in readers else self.text

    def _enum(
        self,
        target: Target,
        rule: FieldRule,
        found: str,
        variable: str,
        place: tuple[str, ...],
        dotted: str,
        indent: int,
    ) -> None:
        members = target.type.__members__
        for key, word in (("value", rule.value), ("default", rule.default)):
            if word is not None and word not in members:
                message = f"{target.type.__name__} has no value {word!r}"
                raise RuleError((*place, key), message, did_you_mean(word, list(members)))
        if rule.value is not None:
            self.add(indent, f"{variable} = {self.named('constant', members[rule.value])}")
            return
        if rule.path is None or rule.codes is None:
            raise RuleError(
                place,
                f"{target.name} takes a word of {target.type.__name__}",
                "give `path` and `codes` (a table of codes.yaml), or `value`",
            )
        table = self._table(rule.codes, (*place, "codes"))
        if table.enum is not target.type:
            given = table.enum.__name__ if table.enum else "labels"
            message = f"the table {rule.codes!r} gives {given}, not {target.type.__name__}"
            raise RuleError((*place, "codes"), message, "use a table with that enum")
        absent = members[rule.default] if rule.default is not None else None
        if absent is None and target.required:
            absent = table.unknown
        code = self.fresh("code")
        meaning = self.named("meaning", table.meanings.get)
        self.add(indent, f"{code} = {found}")
        # A code that comes exactly as listed needs no trimming.
        self.add(indent, f"{variable} = {meaning}({code}) if {code}.__class__ is str else None")
        self.add(indent, f"if {variable} is None:")
        self.add(indent + 1, f"{code} = {self.named('read_', self.text)}({code})")
        self.add(indent + 1, f"if {code} is None: {variable} = {self.named('absent', absent)}")
        self.add(indent + 1, "else:")
        self.add(indent + 2, f"{variable} = {meaning}({code})")
        self.add(indent + 2, f"if {variable} is None:")
        self.add(indent + 3, f"{variable} = {self.named('unknown', table.unknown)}")
        self.add(indent + 3, f"note_unknown_code(notes, {dotted!r}, {code})")

    def _object(
        self,
        target: Target,
        rule: FieldRule,
        found: str,
        variable: str,
        place: tuple[str, ...],
        field_path: tuple[str, ...],
        indent: int,
    ) -> None:
        rules, place = self._rules_of(rule, target, place)
        inner = self.fresh("o")
        self.add(indent, f"{inner} = {_decoded(found, rule)}")
        self.add(indent, f"if not {inner}: {variable} = None")
        self.add(indent, "else:")
        built = self.record(target.type, rules, inner, place, field_path, indent=indent + 1)
        all_absent = " and ".join(f"{each} is None" for each in built.variables) or "False"
        self.add(indent + 1, f"if {all_absent}: {variable} = None")
        self.add(indent + 1, "else:")
        self.add_checks(built, indent=indent + 2)
        self.add(indent + 2, f"{variable} = {built.expression}")

    def _list(
        self,
        target: Target,
        rule: FieldRule,
        found: str,
        variable: str,
        place: tuple[str, ...],
        field_path: tuple[str, ...],
        indent: int,
    ) -> None:
        if rule.path is None:
            raise RuleError(place, f"{target.name} is a list", "give the `path` of its elements")
        rules, place = self._rules_of(rule, target, place)
        element = self.fresh("e")
        self.add(indent, f"{variable} = []")
        self.add(indent, f"for {element} in as_list({_decoded(found, rule)}):")
        self.add(indent + 1, "try:")
        built = self.record(target.type, rules, element, place, field_path, indent=indent + 2)
        self.add_checks(built, indent=indent + 2)
        self.add(indent + 2, f"{variable}.append({built.expression})")
        self.add(indent + 1, "except MissingFieldError as e:")
        self.add(indent + 2, f"note_invalid(notes, str(e), {element}, ())")

    def _rules_of(
        self, rule: FieldRule, target: Target, place: tuple[str, ...]
    ) -> tuple[FieldRules, tuple[str, ...]]:
        if rule.fields is not None:
            return rule.fields, (*place, "fields")
        if rule.record is None:
            raise RuleError(
                place, f"{target.name} is made of fields", "give `fields`, or `record: NAME`"
            )
        records = self.context.records
        if rule.record not in records:
            raise RuleError(
                (*place, "record"),
                f"there is no record {rule.record!r}",
                did_you_mean(rule.record, list(records)),
            )
        return records[rule.record], place

    def _table(self, name: str, place: tuple[str, ...]) -> CodeTable:
        table = self.context.tables.get(name)
        if table is None:
            remedy = did_you_mean(name, list(self.context.tables))
            raise RuleError(place, f"codes.yaml has no table {name!r}", remedy)
        return table


def _check_names(
    record_type: type, rules: FieldRules, targets: Mapping[str, Target], place: tuple[str, ...]
) -> None:
    for name in rules:
        if name not in targets:
            message = f"{record_type.__name__} has no field {name!r}"
            raise RuleError((*place, name), message, did_you_mean(name, list(targets)))
    missing = [t.name for t in targets.values() if t.required and t.name not in rules]
    if missing:
        message = f"{record_type.__name__} can't be without {', '.join(missing)}"
        raise RuleError(place, message, "add a rule for it")


def _unmapped_defaults(targets: Mapping[str, Target]) -> dict[str, str]:
    """Fields that are made anew for each object, as an empty list is, until a rule gives them."""
    return {t.attribute: "[]" for t in targets.values() if t.kind == "list" and not t.required}


def _path_expression(path: str | None, base: str) -> str:
    """`a/b` in `base` as an expression; a missing step on the way gives None."""
    if path is None:
        return base
    *steps, last = path.split("/")
    expression = base
    for step in steps:
        expression = f"({expression}.get({step!r}) or EMPTY)"
    return f"{expression}.get({last!r})"


def _decoded(found: str, rule: FieldRule) -> str:
    return f"from_json({found})" if rule.format == ["json"] else found


def _constant(read: Callable[[object], Any], word: str, place: tuple[str, ...]) -> Any:
    try:
        return read(word)
    except (ValueError, TypeError):
        raise RuleError(place, f"{word!r} does not fit the field", "correct the value") from None
