"""Writes the rules of a record from the guessed columns, each marked as guessed."""

import re
from collections.abc import Iterator, Sequence

from adapters.mapping.targets import RECORD_TYPES, Target, targets_of
from adapters.workbench.introspection.codes import GuessedTable, enum_rule
from adapters.workbench.introspection.columns import Column
from adapters.workbench.introspection.description import ValueShape
from adapters.workbench.introspection.guesses import Guess
from adapters.workbench.introspection.yaml_text import comment, flow, scalar

DECIDE = "DECIDE"
_CODE_END = re.compile(r"(?i)_?(code|cd|id)$")
_LABEL_END = re.compile(r"(?i)(text|txt|label|desc|description|name|nm)$")
_PARTS = re.compile(r"[_\W]+|(?<=[a-z])(?=[A-Z])")
_FORM = re.compile(
    r"(?i)\b((?:dd|mm{1,3}|yyyy)(?:[-/. ](?:dd|mm{1,3}|yyyy)){2})(?:[ T](hh:mm(?::ss)?))?\b"
)
_EPOCH = re.compile(r"(?i)epoch|unix|\bsince 1970|milli-?seconds?")
_MILLISECONDS = re.compile(r"(?i)milli-?s|\bms\b|millis|_ms$|Ms$")
_SECONDS = re.compile(r"(?i)(?<!milli)(?<!milli-)seconds|unix ?time")
_DATE_EXAMPLE = re.compile(
    r"\d\d(?P<s>[-/. ])(?P<m>\d\d|[A-Za-z]{3})(?P=s)\d{4}( (?P<t>\d\d:\d\d(:\d\d)?))?"
)


def record_rules(subject: str, guess: Guess, tables: dict[str, GuessedTable]) -> Iterator[str]:
    """Yield the lines of the record that a guess fills; add its code tables to `tables`."""
    targets = targets_of(RECORD_TYPES[subject.capitalize()])
    yield f"  {subject}:"
    used: set[tuple[str, ...]] = set()
    for name, target in targets.items():
        column = guess.fields.get(name)
        if name == "departmentStatus":
            yield from _department_status(guess, tables, used)
        elif column is not None:
            used.add(column.path)
            rule, decide = _rule(subject, target, column, tables)
            mark = guessed("/".join(column.path))
            yield f"    {name}: {rule}{mark}{f'. DECIDE: {decide}' if decide else ''}"
        elif target.required:
            yield f"    {name}: {_unknown(subject, target, tables)}"
    rest = [column for column in guess.columns if column.path not in used]
    if rest:
        yield "    " + comment(
            "DECIDE: unused fields: " + ", ".join("/".join(column.path) for column in rest)
        )
    yield ""


def guessed(name: str) -> str:
    """Return the comment that marks a rule as guessed from a name."""
    return "  " + comment(f"guessed from {name}")


def _rule(
    subject: str, target: Target, column: Column, tables: dict[str, GuessedTable]
) -> tuple[str, str]:
    """Return the rule of a field, and what a person must decide about it."""
    path = "/".join(column.path)
    if target.kind == "enum":
        return enum_rule(subject, target, path, column.shape, tables), ""
    if target.kind in ("date", "datetime") and column.shape.kind not in ("date", "datetime"):
        return _date_rule(path, target, column)
    if target.kind == "money":
        return f"{{path: {scalar(path)}, unit: rupees}}", "rupees or paise"
    return scalar(path), ""


def _date_rule(path: str, target: Target, column: Column) -> tuple[str, str]:
    form, decide = date_format(column.shape, column.path[-1])
    if form is None:
        moments = ["dd/mm/yyyy HH:MM:SS"] if target.kind == "datetime" else []
        form = ["iso", *moments, "dd/mm/yyyy", "dd-mm-yyyy"]
    return f"{{path: {scalar(path)}, format: {flow(form)}}}", decide


def is_date(shape: ValueShape) -> bool:
    """Return whether the documentation or the example of a text says that it is a date."""
    named, given = _FORM.search(shape.documentation), _DATE_EXAMPLE.fullmatch(shape.example)
    return named is not None or given is not None


def date_format(shape: ValueShape, name: str) -> tuple[str | list[str] | None, str]:
    """Return the format of a date from its documentation or example, and what to decide."""
    words, example = f"{shape.documentation} {name}", shape.example
    form = _FORM.search(shape.documentation)
    if form is not None and not form[1].lower().startswith("yyyy-mm"):
        day = form[1].lower().replace("mmmm", "month").replace("mmm", "mon")
        return day + (f" {form[2].upper()}" if form[2] else ""), "check the format"
    digits = example.split(".")[0] if example.split(".")[0].isdecimal() else ""
    is_number = shape.kind in ("integer", "number")
    if len(digits) == 8 and not is_number:
        return "yyyymmdd" if digits[:2] in ("19", "20") else "ddmmyyyy", "check the format"
    if is_number or _EPOCH.search(words) or len(digits) in (9, 10, 12, 13):
        if _MILLISECONDS.search(words) or len(digits) in (12, 13):
            return "epoch-ms", "milliseconds since 1970"
        if _SECONDS.search(words) or len(digits) in (9, 10):
            return "epoch", "seconds since 1970"
        return "epoch-ms", "its format: epoch-ms, epoch (seconds), or yyyymmdd"
    given = _DATE_EXAMPLE.fullmatch(example)
    if given is None:
        return None, "its format"
    mark = given["s"]
    order = ("dd", "mm") if given["m"].isdigit() else ("dd", "mon")
    if order[1] == "mm" and int(given["m"]) > 12:
        order = ("mm", "dd")
    time = f" {'HH:MM:SS'[: len(given['t'])]}" if given["t"] else ""
    return f"{order[0]}{mark}{order[1]}{mark}yyyy{time}", "check the format"


def _unknown(subject: str, target: Target, tables: dict[str, GuessedTable]) -> str:
    if target.kind == "enum":
        return enum_rule(subject, target, DECIDE, None, tables) + "  # DECIDE: which field it is"
    return f"{DECIDE}  # DECIDE: which field it is"


def _department_status(
    guess: Guess, tables: dict[str, GuessedTable], used: set[tuple[str, ...]]
) -> Iterator[str]:
    names = ("applicationStatus", "enrollmentStatus", "status")
    column = next((guess.fields[name] for name in names if name in guess.fields), None)
    path = scalar("/".join(column.path)) if column else DECIDE
    label = _label_beside(guess.columns, column) if column else None
    if label is not None:
        used.add(label.path)
    words = scalar("/".join(label.path)) if label else path
    tail = "  # DECIDE: which fields have its code and its label"
    if column is not None:
        tail = guessed(" and ".join("/".join(c.path) for c in (column, label) if c is not None))
    yield f"    departmentStatus: {{fields: {{code: {path}, label: {words}}}}}{tail}"


def _label_beside(columns: Sequence[Column], code: Column) -> Column | None:
    """Return the column with the label of a code, for example `STATUS_DESC` for `APPL_STATUS`."""
    stem = _CODE_END.sub("", code.path[-1])
    for start in (stem, _PARTS.split(stem)[-1]):
        for column in columns:
            last = column.path[-1]
            if column is not code and last.startswith(start) and _LABEL_END.search(last):
                return column
    return None
