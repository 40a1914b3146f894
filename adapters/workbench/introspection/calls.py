"""Writes the manifest's `call` of a guessed capability, in the form of its connector."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from adapters.connectors.secrets import names_secret
from adapters.connectors.templates import MERGED
from adapters.workbench.introspection.columns import Path
from adapters.workbench.introspection.description import (
    DescribedOperation,
    ValueShape,
    reference,
)
from adapters.workbench.introspection.guesses import Guess
from adapters.workbench.introspection.vocabulary import phrase_of
from adapters.workbench.operation_names import spaced

Placeholders = Mapping[Path, Any]
"""What to send in arguments, by their path. At the key `<<`, entries for the object around it."""
LEFT_OUT: Final = object()
"""Value of an argument that is sent with the entries of `<<`."""
DECIDE = "DECIDE"
# References to secrets, and placeholders: a description must not bring its own.
_SYNTAX = re.compile(r"[${}]")
TEMPLATE = re.compile(r"\{([^}]+)\}")
MOST_OPTIONAL = 12
DEEPEST = 6
_LOGIN = re.compile(r"^(user(name|id|code)?|login(name|id|number)?|client(id|code|number|secret)|"
                    r"usernumber|apikey|subscriptionkey|api(name|user|number))$")  # fmt: skip
_REQUEST_ID = re.compile(
    r"(req|request|txn|transaction|trans|message|msg|correlation|trace|unique|x request|"
    r"x correlation)( (ref|reference))? (id|no|number|uuid|guid)|nonce|uuid|txn|guid"
)
_MOMENT = re.compile(
    r"timestamp|ts|time stamp|(req|request|txn|transaction|message|msg|current|sent)"
    r" (date|time|date time|datetime|timestamp|dt|ts|time stamp|on|at)"
)
AT_ONCE = {"soap": 20, "rest": 20, "database": 200, "graphql": 1}


def call_of(guess: Guess, kind: str) -> tuple[dict[str, Any], int, list[str]]:
    """Return the call, the number of keys in one call, and what a person must decide."""
    at_once = AT_ONCE[kind] if guess.takes_many or kind == "database" else 1
    placeholder = "{keys}" if at_once > 1 else "{key}"
    if kind == "soap":
        return _soap(guess, placeholder, at_once)
    if kind == "rest":
        return _rest(guess, placeholder, at_once)
    if kind == "database":
        return _database(guess), at_once, []
    return _graphql(guess)


def _soap(guess: Guess, placeholder: str, at_once: int) -> tuple[dict[str, Any], int, list[str]]:
    call, decide = soap_call(guess.operation, {tuple(guess.argument): placeholder})
    return call, at_once, decide


def soap_call(
    operation: DescribedOperation, placeholders: Placeholders
) -> tuple[dict[str, Any], list[str]]:
    """Return the call of a SOAP operation, and what a person must decide."""
    decide: list[str] = []
    arguments = _arguments(operation.arguments, placeholders, decide)
    return {"operation": operation.call["operation"], "arguments": arguments}, decide


def _arguments(
    shapes: Sequence[ValueShape], placeholders: Placeholders, decide: list[str]
) -> dict[str, Any]:
    """Return the placeholders and all required arguments, in their order.

    The optional arguments are added to `decide`.
    """
    found: dict[str, Any] = {}
    required: list[str] = []
    optional: list[str] = []
    for shape in shapes:
        _add(found, shape, (shape.name,), placeholders, required, optional)
    if required:
        decide.append(f"it also requires {', '.join(required)}")
    if optional:
        decide.append(f"it also takes {', '.join(optional[:MOST_OPTIONAL])}")
    if (MERGED,) in placeholders:
        found[MERGED] = placeholders[MERGED,]
    return found


def _add(
    found: dict[str, Any], shape: ValueShape, path: Path, placeholders: Placeholders,
    required: list[str], optional: list[str],
) -> None:  # fmt: skip
    is_around = any(each[: len(path)] == path for each in placeholders)
    if path in placeholders:
        if placeholders[path] is not LEFT_OUT:
            found[shape.name] = placeholders[path]
    elif not is_around and not shape.required:
        optional.append("/".join(path))
    elif shape.children and (is_around or len(path) < DEEPEST):
        inner: dict[str, Any] = {}
        for child in shape.children:
            _add(inner, child, (*path, child.name), placeholders, required, optional)
        if (*path, MERGED) in placeholders:
            inner[MERGED] = placeholders[*path, MERGED]
        if inner:
            found[shape.name] = [inner] if shape.many else inner
    else:
        found[shape.name] = value_of(shape)
        required.append("/".join(path))


def value_of(shape: ValueShape) -> str:
    """Return what to send in a required argument beside the key."""
    phrase = phrase_of(shape.name)
    if names_secret(shape.name) or _LOGIN.search(phrase.replace(" ", "")):
        return reference(shape.name)
    if _REQUEST_ID.fullmatch(spaced(shape.name)):
        return "{request_id}"
    if _MOMENT.fullmatch(spaced(shape.name)):
        forms = {"date": "{now:yyyy-mm-dd}", "integer": "{now:epoch-ms}"}
        return forms.get(shape.kind, "{now}")
    is_only = len(shape.values) == 1 and not _SYNTAX.search(shape.values[0])
    return shape.values[0] if is_only else DECIDE


def _rest(guess: Guess, placeholder: str, at_once: int) -> tuple[dict[str, Any], int, list[str]]:
    if f"{{{guess.argument[0]}}}" in guess.operation.call["path"]:
        placeholder, at_once = "{key}", 1
    call, decide = rest_call(guess.operation, {tuple(guess.argument): placeholder})
    return call, at_once, decide


def rest_call(
    operation: DescribedOperation, placeholders: Placeholders
) -> tuple[dict[str, Any], list[str]]:
    """Return the call of an HTTP operation, and what a person must decide."""
    written = operation.call
    decide: list[str] = []

    def filled(match: re.Match[str]) -> str:
        if isinstance(taken := placeholders.get((match[1],)), str):
            return taken
        decide.append(f"the value of {match[1]} in the path")
        return f"{DECIDE}-{match[1]}"

    path = "/" + str(written["path"]).lstrip("/")
    call: dict[str, Any] = {"path": TEMPLATE.sub(filled, path)}
    if written["method"] != "GET" or "body" in written:
        call = {"method": written["method"], **call}
    in_path = set(TEMPLATE.findall(path))
    others = {at: value for at, value in placeholders.items() if at[0] not in in_path}
    by_name = {shape.name: shape for shape in operation.arguments}
    query = [by_name[each] for each in written["query"] if each in by_name]
    headers = list(written.get("headers", {}).values())
    values = {at: value for at, value in others.items() if at != (MERGED,)}
    # Without a body, the form is in the query.
    for key, shapes, known in (
        ("query", query, values if "body" in written else others),
        ("headers", headers, values),
    ):
        if found := _arguments(shapes, known, decide):
            call[key] = found
    if "body" in written:
        parts = [by_name[each] for each in written["body"] if each in by_name]
        body = _arguments(parts, others, decide)
        root = written.get("root")
        call["body"] = {root: body} if root else body
        if written.get("body_format", "json") != "json":
            call["body_format"] = written["body_format"]
    return call, decide


def _database(guess: Guess) -> dict[str, Any]:
    table, quote = guess.operation.call["table"], guess.operation.call["quote"]
    column = f"{quote}{guess.argument[-1]}{quote}"
    columns = ", ".join(f"{quote}{each.path[-1]}{quote}" for each in guess.columns)
    start = f"SELECT {columns} FROM {table} WHERE"  # noqa: S608
    if guess.operation.call["dialect"] == "postgresql":
        where = f"CAST({column} AS text) = ANY(CAST(:keys AS text[]))"
        return {"sql": {"postgresql": f"{start} {where}"}}
    return {"sql": f"{start} {column} IN :keys"}


def _graphql(guess: Guess) -> tuple[dict[str, Any], int, list[str]]:
    field = guess.operation.call["field"]
    type_ = guess.operation.call["types"].get(guess.argument[0], "String")
    tree: dict[str, Any] = {}
    for column in guess.columns:
        around = tree
        for step in (*guess.rows[1:], *column.path[:-1]):
            around = around.setdefault(step, {})
        around[column.path[-1]] = {}
    argument = "$key"
    for step in reversed(guess.argument[1:]):
        argument = f"{{{step}: {argument}}}"
        type_ = "String"
    declared, passed = [f"$key: {type_}"], [f"{guess.argument[0]}: {argument}"]
    variables = {"key": "{key}"}
    required = [each for each in guess.operation.arguments if each.required]
    for shape in required:
        if shape.name != guess.argument[0]:
            declared.append(f"${shape.name}: {guess.operation.call['types'][shape.name]}")
            passed.append(f"{shape.name}: ${shape.name}")
            variables[shape.name] = value_of(shape)
    others = [name for name in variables if name != "key"]
    query = f"query({', '.join(declared)}) {{ {field}({', '.join(passed)}) {_selection(tree)} }}"
    decide = [f"it also requires {', '.join(others)}"] if others else []
    return {"query": query, "variables": variables}, 1, decide


def mutation_call(
    operation: DescribedOperation, placeholders: Placeholders, read: Sequence[Path]
) -> tuple[dict[str, Any], list[str]]:
    """Return the call of a mutation, and what a person must decide.

    Args:
        read: paths in the reply to the values that are read.
    """
    field, types = operation.call["field"], operation.call["types"]
    decide: list[str] = []
    variables = _arguments(operation.arguments, placeholders, decide)
    declared = ", ".join(f"${name}: {types[name]}" for name in variables)
    passed = ", ".join(f"{name}: ${name}" for name in variables)
    tree: dict[str, Any] = {}
    for path in read:
        around = tree
        # The reply begins with the field itself. A digit is a position in a list.
        for step in (step for step in path[1:] if not step.isdecimal()):
            around = around.setdefault(step, {})
    assert operation.reply is not None
    (result,) = operation.reply.children
    has_fields = result.kind in ("object", "any")
    selection = f" {_selection(tree or {'__typename': {}})}" if has_fields else ""
    mutation = f"mutation({declared}) {{ {field}({passed}){selection} }}"
    return {"mutation": mutation, "variables": variables}, decide


def _selection(tree: dict[str, Any]) -> str:
    parts = [f"{name} {_selection(inner)}" if inner else name for name, inner in tree.items()]
    return f"{{ {' '.join(parts)} }}"
