"""Writes the guessed writes and their form as comments, which a person checks and uncomments."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, count
from typing import Any

from adapters.manifest.services import CODE_PATTERN
from adapters.workbench.introspection.calls import mutation_call, rest_call, soap_call
from adapters.workbench.introspection.columns import Path
from adapters.workbench.introspection.description import ValueShape
from adapters.workbench.introspection.record_rules import DECIDE, date_format, is_date
from adapters.workbench.introspection.write_arguments import document_fields
from adapters.workbench.introspection.write_guesses import GuessedWrite, form_of
from adapters.workbench.introspection.write_vocabulary import PEOPLE, PREFILLED
from adapters.workbench.introspection.yaml_text import comment, flow, scalar
from adapters.workbench.operation_names import spaced, words_of
from schema.form import AttributeType

_TYPES: Mapping[str, AttributeType] = {
    "integer": AttributeType.NUMBER,
    "number": AttributeType.NUMBER,
    "date": AttributeType.DATE,
    "datetime": AttributeType.DATETIME,
}
MOST_OPTIONS = 40
LONGEST_CODE = 36
_REFUSALS = frozenset({"400", "404", "406", "410", "412", "413", "415", "422"})
"""Statuses of HTTP that say that the request itself is not accepted."""
_CODE = re.compile(CODE_PATTERN)


def write_rules(
    guesses: Sequence[GuessedWrite], kind: str, service: str, *, can_find: bool
) -> Iterator[str]:
    """Yield the lines of `forms` and `writes` in `department.yaml`.

    Args:
        kind: kind of the connector.
        service: the code of the service in `services.yaml`.
        can_find: whether a look-up for the hub's receipt numbers was guessed.
    """
    if not guesses:
        return
    yield "# Operations that seem to change data. Ask the department what each does, and remove the"
    yield '# `#` (docs/manifest.md, "Forms and writes").'
    if not can_find:
        yield "# DECIDE: add `find_submission` to `capabilities`, if the department can be asked."
    if form := form_of(guesses):
        yield "#forms:"
        yield f"#  {service}:"
        yield "#    fields:"
        for name, value in _fields(form).items():
            yield f"#      {scalar(name)}: {flow(value)}"
    yield "#writes:"
    for guess in guesses:
        yield from (f"#{line}" for line in _write(guess, kind))
    yield ""


def attributes(form: Mapping[Path, ValueShape]) -> Iterator[str]:
    """Yield the lines of the attributes of a form in `services.yaml`."""
    if not form:
        return
    yield "    # The form, guessed from the arguments. Remove the `#` here and at `forms` together."
    yield "#    attributes:"
    for shape, code in zip(form.values(), _codes(form.values()), strict=True):
        values = "" if _has_options(shape) else ", ".join(_values(shape)[:MOST_OPTIONS])
        decide = f"  {comment(f'DECIDE: options and a code table for {values}')}" if values else ""
        yield f"#      - {{{', '.join(_attribute(shape, code))}}}{decide}"


def _attribute(shape: ValueShape, code: str) -> Iterator[str]:
    yield f"code: {scalar(code)}"
    yield f"datatype: {_type(shape).name}"
    if shape.required:
        yield "required: true"
    label = spaced(shape.name).capitalize() or code
    yield f"label: {flow({'en': label, 'hi': DECIDE})}"
    if (prefilled := _prefilled(shape)) is not None:
        yield f"prefill_from: {prefilled}"
    elif _has_options(shape):
        options = [
            {"key": each, "name": {"en": each.replace("_", " ").capitalize(), "hi": DECIDE}}
            for each in _values(shape)[:MOST_OPTIONS]
        ]
        yield f"options: {flow(options)}"


def _has_options(shape: ValueShape) -> bool:
    """Return whether the listed values can be keys of options."""
    return bool(_values(shape)) and all(map(_CODE.fullmatch, _values(shape)))


def _values(shape: ValueShape) -> Sequence[str]:
    return ("YES", "NO") if shape.kind == "truth" else list(dict.fromkeys(shape.values))


def _prefilled(shape: ValueShape) -> str | None:
    words = spaced(shape.name)
    return next((word for to, word in PREFILLED.items() if PEOPLE[to].fullmatch(words)), None)


def _write(guess: GuessedWrite, kind: str) -> Iterator[str]:
    call, decide = _call(guess, kind)
    yield f"  {guess.capability.value}:"
    operation = guess.operation
    yield "    " + comment(
        f"DECIDE: guessed from {operation.name} ({operation.position})"
        + (f": {operation.documentation}" if operation.documentation else "")
    )
    if "{receipt}" not in guess.placeholders.values():
        decide.append("no argument seems to take {receipt}, the hub's receipt number")
    for text in decide:
        yield "    " + comment(f"DECIDE: {text}")
    yield "    call:"
    for key, value in call.items():
        yield f"      {key}: {flow(value)}"
    if guess.document is not None and guess.document.children:
        yield f"    documents: {flow(document_fields(guess.document)[1])}"
    yield "    reply:"
    for key, path in (("reference", guess.reference), ("receipt", guess.receipt)):
        if path is not None:
            yield f"      {key}: {_path(path, kind)}"
        elif key == "reference" and guess.form:
            yield f"      {key}: {DECIDE}  # DECIDE: which part of the reply has the number"
    yield "      rules:"
    yield from (f"        - {rule}" for rule in _rules(guess, kind))


def _call(guess: GuessedWrite, kind: str) -> tuple[dict[str, Any], list[str]]:
    placeholders = _placeholders(guess)
    if kind == "graphql":
        return mutation_call(guess.operation, placeholders, guess.read)
    return (soap_call if kind == "soap" else rest_call)(guess.operation, placeholders)


def _placeholders(guess: GuessedWrite) -> dict[Path, Any]:
    """Return the placeholders; a list of documents that is inside of an object is put there."""
    placeholders = dict(guess.placeholders)
    for path, value in guess.placeholders.items():
        if value == "{documents}" and guess.document is not None:
            for step in reversed(document_fields(guess.document)[0]):
                value = {step: value}
            placeholders[path] = value
    return placeholders


def _rules(guess: GuessedWrite, kind: str) -> Iterator[str]:
    statuses: Sequence[str] = guess.operation.call.get("statuses", ())
    refusals = [each for each in statuses if each in _REFUSALS]
    if guess.outcome is not None:
        value = '"true"' if guess.is_flag else DECIDE
        yield f"{{path: {_path(guess.outcome, kind)}, one_of: [{value}], means: DONE}}"
    elif kind == "rest":
        done = [each for each in statuses if each.startswith("2")] or ["200", "201"]
        yield f'{{path: "@status", one_of: {flow(done)}, means: DONE}}  # DECIDE'
    elif guess.reference is not None:
        path = _path(guess.reference, kind)
        yield f"{{path: {path}, means: DONE}}  # DECIDE: only a success has a number"
    if "409" in statuses and guess.receipt is not None:
        yield '{path: "@status", one_of: ["409"], means: ALREADY_THERE}  # DECIDE'
    if refusals:
        yield f'{{path: "@status", one_of: {flow(refusals)}, means: REFUSED}}  # DECIDE'
    elif guess.problem is not None:
        yield f"{{path: {_path(guess.problem, kind)}, means: REFUSED}}  # DECIDE"
    elif guess.message is not None:
        path = _path(guess.message, kind)
        if guess.receipt is not None:
            yield f"{{path: {path}, matches: DECIDE, means: ALREADY_THERE}}"
        yield f"{{path: {path}, matches: DECIDE, means: REFUSED}}"
    else:
        yield "{path: DECIDE, one_of: [DECIDE], means: REFUSED}"


def _path(path: Path, kind: str) -> str:
    """Return a path as `reply` has it: that of GraphQL begins at `data`."""
    return scalar("/".join(("data", *path) if kind == "graphql" else path))


def _fields(form: Mapping[Path, ValueShape]) -> dict[str, Any]:
    """Return the templates of the department's fields, nested as it wants them."""
    fields: dict[str, Any] = {}
    for (path, shape), code in zip(form.items(), _codes(form.values()), strict=True):
        around = fields
        for step in path[:-1]:
            around = around.setdefault(step, {})
        around[path[-1]] = f"{{{code}{_ending(shape)}}}"
    return fields


def _ending(shape: ValueShape) -> str:
    """Return the date format or the filter of a field's placeholder."""
    if shape.kind == "truth":
        return "|boolean"
    if _type(shape) not in (AttributeType.DATE, AttributeType.DATETIME):
        return ""
    form, _ = date_format(shape, shape.name)
    if isinstance(form, str) and form != "iso":
        return f":{form}"
    return ":yyyy-mm-dd" if _type(shape) is AttributeType.DATE else ":yyyy-mm-ddTHH:MM:SS"


def _codes(form: Iterable[ValueShape]) -> list[str]:
    """Return a code for each attribute: small letters, digits and `_`, with a letter first."""
    codes: list[str] = []
    for shape in form:
        code = "_".join(word for word in words_of(shape.name) if word.isascii())
        code = code if code[:1].isalpha() else f"field_{code}".strip("_")
        code = code[:LONGEST_CODE]
        numbered = (f"{code}_{number}" for number in count(2))
        codes.append(next(each for each in chain([code], numbered) if each not in codes))
    return codes


def _type(shape: ValueShape) -> AttributeType:
    if (prefilled := _prefilled(shape)) is not None:
        return AttributeType.DATE if prefilled == "BIRTH_DATE" else AttributeType.STRING
    if shape.kind == "text" and is_date(shape):
        return AttributeType.DATE
    if _has_options(shape):
        many = AttributeType.MULTI_VALUE_LIST
        return many if shape.many else AttributeType.SINGLE_VALUE_LIST
    return _TYPES.get(shape.kind, AttributeType.STRING)
