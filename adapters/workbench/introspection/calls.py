"""Writes the manifest's `call` of a guessed capability, in the form of its connector."""

import re
from collections.abc import Sequence
from typing import Any

from adapters.connectors.secrets import names_secret
from adapters.workbench.introspection.columns import Path
from adapters.workbench.introspection.description import ValueShape, reference
from adapters.workbench.introspection.guesses import Guess
from adapters.workbench.introspection.vocabulary import phrase_of
from adapters.workbench.operation_names import words_of

DECIDE = "DECIDE"
_TEMPLATE = re.compile(r"\{([^}]+)\}")
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
    decide: list[str] = []
    arguments = _arguments(guess.operation.arguments, guess.argument, placeholder, decide)
    return {"operation": guess.operation.call["operation"], "arguments": arguments}, at_once, decide


def _arguments(
    shapes: Sequence[ValueShape], argument: Sequence[str], placeholder: str, decide: list[str]
) -> dict[str, Any]:
    """Return the key and all required arguments, in their order; add the optional ones to `decide`.

    Args:
        argument: path to the argument that takes the key.
    """
    found: dict[str, Any] = {}
    required: list[str] = []
    optional: list[str] = []
    for shape in shapes:
        _add(found, shape, (shape.name,), tuple(argument), placeholder, required, optional)
    if required:
        decide.append(f"it also requires {', '.join(required)}")
    if optional:
        decide.append(f"it also takes {', '.join(optional[:MOST_OPTIONAL])}")
    return found


def _add(
    found: dict[str, Any], shape: ValueShape, path: Path, argument: Path, placeholder: str,
    required: list[str], optional: list[str],
) -> None:  # fmt: skip
    is_around = argument[: len(path)] == path
    if path == argument:
        found[shape.name] = placeholder
    elif not is_around and not shape.required:
        optional.append("/".join(path))
    elif shape.children and len(path) < DEEPEST:
        inner: dict[str, Any] = {}
        for child in shape.children:
            _add(inner, child, (*path, child.name), argument, placeholder, required, optional)
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
    if _REQUEST_ID.fullmatch(" ".join(words_of(shape.name))):
        return "{request_id}"
    if _MOMENT.fullmatch(" ".join(words_of(shape.name))):
        forms = {"date": "{now:yyyy-mm-dd}", "integer": "{now:epoch-ms}"}
        return forms.get(shape.kind, "{now}")
    return shape.values[0] if len(shape.values) == 1 else DECIDE


def _nested(path: Sequence[str], value: Any) -> Any:
    """Return mappings that have the value at `path`."""
    for step in reversed(path):
        value = {step: value}
    return value


def _rest(guess: Guess, placeholder: str, at_once: int) -> tuple[dict[str, Any], int, list[str]]:
    written, name = guess.operation.call, guess.argument[0]
    in_path = f"{{{name}}}" in written["path"]
    in_body = not in_path and name not in written["query"]
    if in_path:
        placeholder, at_once = "{key}", 1
    decide: list[str] = []

    def filled(match: re.Match[str]) -> str:
        if match[1] == name:
            return placeholder
        decide.append(f"the value of {match[1]} in the path")
        return f"{DECIDE}-{match[1]}"

    path = str(written["path"])
    call: dict[str, Any] = {"path": _TEMPLATE.sub(filled, "/" + path.lstrip("/"))}
    if written["method"] != "GET" or "body" in written:
        call = {"method": written["method"], **call}
    by_name = {shape.name: shape for shape in guess.operation.arguments}
    query = {each: by_name[each] for each in written["query"] if each in by_name}
    headers = written.get("headers", {})
    for key, shapes in (("query", query), ("headers", headers)):
        argument = guess.argument if key == "query" and not in_path else ()
        found = _arguments(list(shapes.values()), argument, placeholder, decide)
        if found:
            call[key] = found
    if "body" in written:
        parts = [by_name[each] for each in written["body"] if each in by_name]
        body = _arguments(parts, guess.argument if in_body else (), placeholder, decide)
        root = written.get("root")
        call["body"] = {root: body} if root else body
        if written.get("body_format", "json") != "json":
            call["body_format"] = written["body_format"]
    return call, at_once, decide


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


def _selection(tree: dict[str, Any]) -> str:
    parts = [f"{name} {_selection(inner)}" if inner else name for name, inner in tree.items()]
    return f"{{ {' '.join(parts)} }}"
