"""Generated code that reads single values: texts, numbers, dates, money, enum values."""

from collections.abc import Callable, Mapping
from typing import Any

from adapters.mapping import dates, moments, values
from adapters.mapping.access import MappedField
from adapters.mapping.code_tables import CodeTable
from adapters.mapping.date_formats import UnknownDateFormatError
from adapters.mapping.generated_code import FunctionSource
from adapters.mapping.rules import FieldRule, MappingContext, RuleError, did_you_mean
from schema.language import Text

NO_TABLE = "codes.yaml has no table"
"""Beginning of the message about an unknown code table."""


class RuleWriter:
    """Base of the classes that write code for field rules."""

    def __init__(self, source: FunctionSource, context: MappingContext) -> None:
        self._source = source
        self._context = context
        self._text = values.text_reader(context.absent)
        self._absent_days = moments.days_among(context.absent)

    def _date_reader(self, field: MappedField) -> Callable[[object], Any]:
        """Return a function that reads a date, or a date with time.

        Raises:
            RuleError: a date format is not valid.
        """
        read = dates.date_reader if field.target.kind == "date" else dates.datetime_reader
        days = self._absent_days | moments.days_among(field.rule.absent_when)
        try:
            return read(field.rule.format, self._context.timezone, self._text, days)
        except UnknownDateFormatError as error:
            raise wrong_date_format(field, error, "format") from None


class ScalarWriter(RuleWriter):
    """Writes code that reads one value."""

    def __init__(self, source: FunctionSource, context: MappingContext) -> None:
        super().__init__(source, context)
        self._known_texts: dict[tuple[str | None, ...], str] = {}

    def add(self, field: MappedField, found: str | None, variable: str, indent: int) -> None:
        """Add code that sets a variable to the value of a field.

        `found` is the expression of the raw value; None if the rule has no source.

        Raises:
            RuleError: the rule is wrong.
        """
        kind = field.target.kind
        if field.rule.script[-1:] == ["detect"]:
            self._source.add(indent, f"{variable} = {found}")
        elif kind == "enum":
            self._add_enum(field, found, variable, indent)
        elif kind == "datetime" and found is not None and _is_plain(field.rule):
            self._add_moment(field, found, variable, indent)
        elif kind == "bilingual" and found is not None:
            self._add_bilingual(field, found, variable, indent)
        else:
            self._source.add(indent, f"{variable} = {self._simple(field, found)}")

    def _add_moment(self, field: MappedField, found: str, variable: str, indent: int) -> None:
        """Read a text in exactly the expected format without a call, all others by a call."""
        add, named, text = self._source.add, self._source.named, self._source.fresh("t")
        read = named("read_", self._reader(field))
        days = self._absent_days | moments.days_among(field.rule.absent_when)
        moment = dates.moment_of(field.rule.format, self._context.timezone, days)
        if moment is None:
            add(indent, f"{variable} = {read}({found})")
            return
        fits = f"{text}.__class__ is str and {moment.condition(text)}"
        inline = moment.expression(text, named)
        add(indent, f"{text} = {found}")
        add(indent, "try:")
        add(indent + 1, f"{variable} = {inline} if {fits} else {read}({text})")
        add(indent, "except Exception:")
        add(indent + 1, f"{variable} = {read}({text})")

    def _add_bilingual(self, field: MappedField, found: str, variable: str, indent: int) -> None:
        """Read each text once per reply: offices, steps and statuses are equal in many rows."""
        add, rule, text = self._source.add, field.rule, self._source.fresh("t")
        key = ("texts", rule.translated_by, rule.label_of, rule.default)
        known = self._known_texts.get(key)
        if known is None:
            known = self._known_texts[key] = self._source.fresh("known")
            self._source.lines.insert(0, f"    {known} = shared.setdefault({key!r}, {{}})")
        add(indent, f"{text} = {found}")
        add(indent, f"{variable} = {known}.get({text}) if {text}.__class__ is str else None")
        add(indent, f"if {variable} is None:")
        add(indent + 1, f"{variable} = {self._simple(field, text)}")
        add(indent + 1, f"if {text}.__class__ is str: {known}[{text}] = {variable}")

    def _simple(self, field: MappedField, found: str | None) -> str:
        named, fresh, rule = self._source.named, self._source.fresh, field.rule
        read = self._reader(field)
        if rule.translated_by is not None and field.target.kind != "bilingual":
            raise field.error(
                f"{field.target.name} has no translation", "remove it", "translated_by"
            )
        if rule.value is not None:
            return named("constant", self._constant(field, rule.value))
        if found is None:
            raise field.error("the rule has neither `path` nor `value`", "add one of them")
        expression = (
            self._text_at(found, inside=len(field.path) > 1 and field.target.kind == "text")
            if read is self._text
            else f"{named('read_', read)}({found})"
        )
        if rule.label_of is not None or field.target.kind == "bilingual":
            expression = self._labelled(field, expression)
        if rule.default is not None:
            default = named("default", self._constant(field, rule.default))
            value = fresh("w")
            expression = f"{default} if ({value} := ({expression})) is None else {value}"
        return expression

    def _labelled(self, field: MappedField, expression: str) -> str:
        """Return the expression of the label or translation of a text."""
        named, rule, given = self._source.named, field.rule, self._source.fresh("given")
        if field.target.kind != "bilingual":
            assert rule.label_of is not None
            labels = self._table(field, rule.label_of, "label_of").labels
            label = named("label", {code: text.en for code, text in labels.items()}.get)
            return f"None if ({given} := {expression}) is None else {label}({given}, {given})"
        if rule.label_of is not None:
            # A code without a label is no text for citizens.
            label = named("label", self._table(field, rule.label_of, "label_of").labels.get)
            return f"{label}({expression})"
        made = f"{named('Text', Text)}({given})"
        if rule.translated_by is not None:
            table = self._table(field, rule.translated_by, "translated_by")
            made = f"({named('translation', table.translations.get)}({given}) or {made})"
        return f"None if ({given} := {expression}) is None else {made}"

    def _text_at(self, found: str, *, inside: bool) -> str:
        """Return the expression of a text; a text that needs no cleaning costs no call.

        A text inside an object or list is checked once per reply: steps and offices are equal in
        many rows, while numbers and names of the rows themselves are not.
        """
        raw = self._source.fresh("t")
        absent = self._source.named("absent", self._context.absent)
        fit = (
            f"{raw}.isprintable() and {raw}.strip() == {raw} and '  ' not in {raw} "
            f"and {raw} not in {absent}"
        )
        if inside:
            fit = f"({raw} in shared or ({fit} and shared.setdefault({raw}, True)))"
        is_text = f"({raw} := {found}).__class__ is str"
        read = self._source.named("read_", self._text)
        return f"({raw} if {is_text} and {fit} else {read}({raw}))"

    def _constant(self, field: MappedField, word: str) -> Any:
        try:
            value = self._reader(field)(word)
        except (ValueError, TypeError):
            raise field.error(f"{word!r} is not valid for this field", "correct it") from None
        return Text(value) if field.target.kind == "bilingual" and value is not None else value

    def _reader(self, field: MappedField) -> Callable[[object], Any]:
        target, rule = field.target, field.rule
        if target.kind in ("date", "datetime"):
            return self._date_reader(field)
        if target.kind == "money":
            if rule.unit is None:
                raise field.error("money needs a `unit`", "add `unit: rupees` or `paise`")
            return values.money_reader(rule.unit, self._text)
        if target.kind == "truth" and rule.true_when:
            return values.membership_reader(frozenset(rule.true_when), self._text)
        readers: Mapping[str, Callable[[values.TextReader], Callable[[object], Any]]] = {
            "integer": values.integer_reader,
            "number": values.number_reader,
            "truth": values.truth_reader,
            "binary": values.binary_reader,
        }
        return readers[target.kind](self._text) if target.kind in readers else self._text

    def _add_enum(self, field: MappedField, found: str | None, variable: str, indent: int) -> None:
        target, rule = field.target, field.rule
        source, named = self._source, self._source.named
        members = target.type.__members__
        for key, word in (("value", rule.value), ("default", rule.default)):
            if word is not None and word not in members:
                message = f"{target.type.__name__} has no value {word!r}"
                raise field.error(message, did_you_mean(word, list(members)), key)
        if rule.value is not None:
            source.add(indent, f"{variable} = {named('constant', members[rule.value])}")
            return
        if found is None or rule.codes is None:
            raise field.error(
                f"{target.name} needs a value of {target.type.__name__}",
                "add `path` and `codes` (a table of codes.yaml), or `value`",
            )
        table = self._table(field, rule.codes, "codes")
        if table.enum is not target.type:
            given = table.enum.__name__ if table.enum else "labels"
            message = f"the table {rule.codes!r} contains {given}, not {target.type.__name__}"
            raise field.error(message, "use a table with that enum", "codes")
        absent = members[rule.default] if rule.default is not None else None
        if absent is None and target.required:
            absent = table.unknown
        code = source.fresh("code")
        meaning = named("meaning", table.meanings.get)
        source.add(indent, f"{code} = {found}")
        # A code that is in the table exactly as it is needs no trimming.
        source.add(indent, f"{variable} = {meaning}({code}) if {code}.__class__ is str else None")
        source.add(indent, f"if {variable} is None:")
        source.add(indent + 1, f"{code} = {named('read_', self._text)}({code})")
        source.add(indent + 1, f"if {code} is None: {variable} = {named('absent', absent)}")
        source.add(indent + 1, "else:")
        source.add(indent + 2, f"{variable} = {meaning}({code})")
        if table.is_partial:
            return
        source.add(indent + 2, f"if {variable} is None:")
        source.add(indent + 3, f"{variable} = {named('unknown', table.unknown)}")
        source.add(indent + 3, f"note_unknown_code(notes, {field.dotted!r}, {code})")

    def _table(self, field: MappedField, name: str, key: str) -> CodeTable:
        table = self._context.tables.get(name)
        if table is None:
            remedy = did_you_mean(name, list(self._context.tables))
            raise field.error(f"{NO_TABLE} {name!r}", remedy, key)
        return table


def wrong_date_format(field: MappedField, error: UnknownDateFormatError, *keys: str) -> RuleError:
    """Return the error for a date format that is not valid."""
    return field.error(f"{str(error)!r} is not a date format", dates.FORMAT_REMEDY, *keys)


def _is_plain(rule: FieldRule) -> bool:
    """Return whether the value at the path is used as it is."""
    return rule.value is None and rule.default is None and rule.label_of is None
