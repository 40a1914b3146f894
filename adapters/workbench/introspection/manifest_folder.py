"""Writes a manifest to start from, with a DECIDE comment wherever a person must decide."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from adapters.mapping.targets import RECORD_TYPES, Target, targets_of
from adapters.workbench.introspection.calls import call_of
from adapters.workbench.introspection.codes import GuessedTable, enum_rule
from adapters.workbench.introspection.description import OWN, Description
from adapters.workbench.introspection.guesses import Column, Guess, guess_capabilities

DECIDE = "DECIDE"
MOST_OPERATIONS_LISTED = 60
MOST_NOTES_LISTED = 200
MOST_NAMES = 12
HUB_VARIABLES = (
    "HUB_ACCESS_LOG_DAYS", "HUB_ACCESS_LOG_KEY", "HUB_ADMIN_TOKEN", "HUB_CACHE_KEY",
    "HUB_CACHE_URL", "HUB_CONNECTIONS", "HUB_CROSSWALK_ENTRIES", "HUB_CROSSWALK_HOURS",
    "HUB_DATABASE_URL", "HUB_DEBUG", "HUB_DEMO_MEMBER", "HUB_DEPARTMENTS", "HUB_DRAIN_NOTICE",
    "HUB_HOST", "HUB_INTROSPECT_PASSWORD", "HUB_LOG_LEVEL", "HUB_LONGEST_WAIT",
    "HUB_ONLY_DEPARTMENTS", "HUB_PORT", "HUB_REQUEST_BYTES", "HUB_REQUEST_DEADLINE",
    "HUB_REQUEST_SECONDS", "HUB_RUNNING_OPERATIONS", "HUB_WAITING_OPERATIONS",
)  # fmt: skip
"""The hub's own environment variables (docs/settings.md)."""
_UNPRINTABLE = re.compile(
    "[^\t\n\x20-\x7e\x85\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]*")
_CODE_END = re.compile(r"(?i)_?(code|cd|id)$")
_LABEL_END = re.compile(r"(?i)(text|txt|label|desc|description|name|nm)$")
_PARTS = re.compile(r"[_\W]+|(?<=[a-z])(?=[A-Z])")
_FORM = re.compile(r"(?i)\bdd([-/.])mm\1yyyy\b( hh:mm:ss)?")
_EPOCH = re.compile(r"(?i)epoch|unix|\bsince 1970|milli-?seconds?")
_MILLISECONDS = re.compile(r"(?i)milli-?s|\bms\b|millis|_ms$|Ms$")
_SECONDS = re.compile(r"(?i)(?<!milli)(?<!milli-)seconds|unix ?time")
_DATE_EXAMPLE = re.compile(r"\d\d([-/.])\d\d\1\d{4}( \d\d:\d\d:\d\d)?$")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def write_folder(description: Description, name: str, to: Path, source: str) -> list[Path]:
    """Write the files of a manifest.

    Args:
        description: description of the department.
        name: identifier of the department.
        to: folder to write, new or empty.
        source: the description's path or URL, for a comment.

    Returns: the written files.

    Raises:
        FileExistsError: `to` is not empty.
    """
    if to.exists() and any(to.iterdir()):
        raise FileExistsError(to)
    to.mkdir(parents=True, exist_ok=True)
    guesses = guess_capabilities(description)
    tables: dict[str, GuessedTable] = {}
    texts = {"department.yaml": "\n".join(_department(description, guesses, name, source, tables))}
    texts["codes.yaml"] = "\n".join(_codes(tables))
    texts["services.yaml"] = "\n".join(_services(name, description.title))
    written: list[Path] = []
    for file, content in description.files.items():
        (to / file).write_bytes(content)
        written.append(to / file)
    for file, text in texts.items():
        text = _UNPRINTABLE.sub("\ufffd", text.replace(OWN, environment_prefix(name)))
        (to / file).write_text(text + "\n", encoding="utf-8")
        written.append(to / file)
    return written


def scalar(value: object) -> str:
    """Return the text as a YAML scalar, quoted where YAML could read another type."""
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\x7f")


def flow(value: Any) -> str:
    """Return the value as YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def comment(text: str) -> str:
    """Return the text as a YAML comment of one line."""
    return "# " + " ".join(text.split())[:400].encode("utf-8", "replace").decode()


def environment_prefix(name: str) -> str:
    """Return the start of the names of the department's environment variables.

    It is `HUB_<DEPARTMENT>`, but never the start of one of the hub's own variables.
    """
    prefix = f"HUB_{name.upper().replace('-', '_')}"
    if any(variable.startswith(f"{prefix}_") for variable in HUB_VARIABLES):
        return prefix.replace("HUB_", "HUB_DEPARTMENT_", 1)
    return prefix


def environment_name(name: str) -> str:
    """Return the name of the environment variable for the department's URL."""
    return f"{environment_prefix(name)}_URL"


def _department(
    description: Description,
    guesses: Sequence[Guess],
    name: str,
    source: str,
    tables: dict[str, GuessedTable],
) -> Iterator[str]:
    yield comment(f"Written by `hub introspect` from {source}.")
    yield "# Lines with DECIDE are guesses or examples: check or replace them."
    yield "# Check the rules that are `guessed from` a name, too."
    yield "manifest: 1"
    yield f"department: {name}"
    yield f"label: {{en: {scalar(' '.join(description.title.split())[:100])}}}  # DECIDE: hi: …"
    yield f"identity: {{scheme: {DECIDE}_NUMBER}}  # DECIDE: the department's numbers of citizens"
    yield "#reference: XYZ/\\d{4}/\\d+  # DECIDE: format of its application reference numbers"
    yield ""
    yield from _connector(description)
    yield ""
    yield "limits: {deadline: 5s, concurrency: 4, reply_bytes: 4MiB}  # DECIDE: what it can handle"
    yield "maintenance: []  # DECIDE: when it is closed"
    yield ""
    if guesses:
        yield "capabilities:"
        for guess in guesses:
            yield from _capability(guess, description.kind)
    else:
        yield comment("DECIDE: no operation looks like applications, benefits or certificates.")
        yield "capabilities: {}"
    yield ""
    subjects = {guess.subject: guess for guess in sorted(guesses, key=lambda each: each.score)}
    yield "records:" if subjects else "records: {}"
    for subject, guess in subjects.items():
        yield from _record(subject, guess, tables)
    yield ""
    yield from _leftovers(description, guesses)


def _connector(description: Description) -> Iterator[str]:
    settings = dict(description.connector)
    yield "connector:"
    for key in ("endpoint", "base_url", "url"):
        if key in settings and "${env:" not in str(settings[key]):
            given = str(settings[key])
            given = (
                given
                if re.match(r"(?i)https?://[^\s{}]+$|(sqlite|postgresql|mysql|mariadb):", given)
                else "http://127.0.0.1:9"
            )
            settings[key] = f"${{env:{OWN}_URL:-{given}}}"
    for key, value in settings.items():
        yield f"  {key}: {flow(value)}"
    for text in description.comments[:40]:
        yield "  " + comment(text)


def _capability(guess: Guess, kind: str) -> Iterator[str]:
    call, at_once, decide = call_of(guess, kind)
    yield f"  {guess.capability}:"
    yield "    " + comment(
        f"DECIDE: guessed from {guess.operation.name} ({guess.operation.position})"
        + (f": {guess.operation.documentation}" if guess.operation.documentation else "")
    )
    for text in decide:
        yield "    " + comment(f"DECIDE: {text}")
    yield "    call:"
    for key, value in call.items():
        yield f"      {key}: {flow(value)}"
    if at_once > 1:
        yield f"    keys: {{at_once: {at_once}}}  # DECIDE: maximum number of keys"
    if guess.rows and kind != "database":
        yield f"    rows: {scalar('/'.join(guess.rows))}{_guessed(guess.row_name)}"
    if guess.key:
        yield f"    key: {scalar('/'.join(guess.key))}{_guessed(guess.key[-1])}"
    else:
        yield f"    key: {DECIDE}  # DECIDE: which field of a row has the requested number"
    yield f"    record: {guess.subject}"
    yield ""


def _record(subject: str, guess: Guess, tables: dict[str, GuessedTable]) -> Iterator[str]:
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
            mark = _guessed("/".join(column.path))
            yield f"    {name}: {rule}{mark}{f'. DECIDE: {decide}' if decide else ''}"
        elif target.required:
            yield f"    {name}: {_unknown(subject, target, tables)}"
    rest = [column for column in guess.columns if column.path not in used]
    if rest:
        yield "    " + comment(
            "DECIDE: unused fields: " + ", ".join("/".join(column.path) for column in rest)
        )
    yield ""


def _guessed(name: str) -> str:
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
    shape = column.shape
    form = _FORM.search(shape.documentation)
    if form is not None:
        written = f"dd{form[1]}mm{form[1]}yyyy{' HH:MM:SS' if form[2] else ''}"
        return f"{{path: {scalar(path)}, format: {scalar(written)}}}", "check the format"
    words = f"{shape.documentation} {column.path[-1]}"
    if shape.kind in ("integer", "number") or _EPOCH.search(words):
        digits = len(shape.example.split(".")[0])
        if _MILLISECONDS.search(words) or digits in (12, 13):
            return f"{{path: {scalar(path)}, format: epoch-ms}}", "milliseconds since 1970"
        if _SECONDS.search(words) or digits in (9, 10):
            return f"{{path: {scalar(path)}, format: epoch}}", "seconds since 1970"
        decide = "its format: epoch-ms, epoch (seconds), or yyyymmdd"
        return f"{{path: {scalar(path)}, format: epoch-ms}}", decide
    example = _DATE_EXAMPLE.match(shape.example)
    if example is not None and not shape.example[:4].isdecimal():
        time = " HH:MM:SS" if example[2] else ""
        written = f"dd{example[1]}mm{example[1]}yyyy{time}"
        return f"{{path: {scalar(path)}, format: {scalar(written)}}}", "check the format"
    moments = '"dd/mm/yyyy HH:MM:SS", ' if target.kind == "datetime" else ""
    formats = f"[iso, {moments}dd/mm/yyyy, dd-mm-yyyy]"
    return f"{{path: {scalar(path)}, format: {formats}}}", "its format"


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
        tail = _guessed(" and ".join("/".join(c.path) for c in (column, label) if c is not None))
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


def _codes(tables: dict[str, GuessedTable]) -> Iterator[str]:
    yield "# The department's codes, and the hub's value for each."
    yield "# A code that is not listed becomes UNKNOWN, with a warning."
    if not tables:
        yield "tables: {}"
        return
    yield "tables:"
    for name, table in tables.items():
        yield f"  {name}:"
        yield f"    enum: {table.enum.__name__}"
        if not table.meanings:
            words = ", ".join(table.enum.__members__)
            yield f"    codes: {{}}  # DECIDE: each code: one of {words}"
            continue
        yield "    codes:"
        for code, meaning in table.meanings.items():
            mark = "  # DECIDE" if meaning == "UNKNOWN" else "  # DECIDE: guessed"
            yield f"      {scalar(code)}: {{meaning: {meaning}, label: {scalar(code)}}}{mark}"


def _services(name: str, title: str) -> Iterator[str]:
    code = re.sub(r"[^A-Z0-9]", "", name.upper())[:3] or "XYZ"
    yield "# The services for which citizens can apply."
    yield "services:"
    yield f"  {code}-ONE:  # DECIDE: a code for each service"
    yield f"    name: {{en: {scalar(' '.join(title.split())[:80] or name)}}}  # DECIDE: hi: …"
    yield "    description: DECIDE"
    yield "    produces: DECIDE"
    yield "    processing_time: 30  # DECIDE: days, as notified"


def _leftovers(description: Description, guesses: Sequence[Guess]) -> Iterator[str]:
    used = {id(guess.operation) for guess in guesses}
    others = [each for each in description.operations if id(each) not in used]
    if others:
        yield "# Operations that are not used:"
    for operation in others[:MOST_OPERATIONS_LISTED]:
        fields = operation.arguments
        if description.kind == "database" and operation.reply is not None:
            fields = operation.reply.children[0].children
        names = ", ".join(each.name for each in fields[:MOST_NAMES])
        reason = f": {operation.unused}" if operation.unused else ""
        yield comment(f"- {operation.name}({names}){reason}")
    if len(others) > MOST_OPERATIONS_LISTED:
        yield comment(f"… and {len(others) - MOST_OPERATIONS_LISTED} more.")
    if description.notes:
        yield "# What could not be read, or is not supported:"
    for note in description.notes[:MOST_NOTES_LISTED]:
        yield comment(f"- {note}")
    if len(description.notes) > MOST_NOTES_LISTED:
        yield comment(f"… and {len(description.notes) - MOST_NOTES_LISTED} more.")
