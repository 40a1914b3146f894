"""Writes the manifest's `call` of a guessed capability, in the form of its connector."""

import re
from collections.abc import Sequence
from typing import Any

from adapters.workbench.introspection.guesses import Guess

DECIDE = "DECIDE"
_TEMPLATE = re.compile(r"\{([^}]+)\}")
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
    return _graphql(guess), 1, []


def _soap(guess: Guess, placeholder: str, at_once: int) -> tuple[dict[str, Any], int, list[str]]:
    others = [each.name for each in guess.operation.arguments if each.name != guess.argument[0]]
    decide = [f"it also takes {', '.join(others)}"] if others else []
    arguments = _nested(guess.argument, placeholder)
    return {"operation": guess.operation.call["operation"], "arguments": arguments}, at_once, decide


def _nested(path: Sequence[str], value: Any) -> Any:
    """Return mappings that have the value at `path`."""
    for step in reversed(path):
        value = {step: value}
    return value


def _rest(guess: Guess, placeholder: str, at_once: int) -> tuple[dict[str, Any], int, list[str]]:
    written = guess.operation.call
    name = guess.argument[0]
    in_path = f"{{{name}}}" in written["path"]
    if in_path:
        placeholder, at_once = "{key}", 1
    decide: list[str] = []

    def filled(match: re.Match[str]) -> str:
        if match[1] == name:
            return placeholder
        decide.append(f"the value of {match[1]} in the path")
        return f"{DECIDE}-{match[1]}"

    path = str(written["path"])
    path = path if path.startswith("/") else f"/{path}"
    call: dict[str, Any] = {"path": _TEMPLATE.sub(filled, path)}
    if written["method"] != "GET":
        call = {"method": written["method"], **call}
    if name in written["query"] and not in_path:
        call["query"] = {name: placeholder}
    elif "body" in written and not in_path:
        call["body"] = _nested(guess.argument, placeholder)
    others = [each for each in written["query"] if each != name]
    if others:
        decide.append(f"it also takes {', '.join(others)}")
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


def _graphql(guess: Guess) -> dict[str, Any]:
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
    return {
        "query": f"query($key: {type_}) {{ {field}({guess.argument[0]}: {argument}) "
        f"{_selection(tree)} }}",
        "variables": {"key": "{key}"},
    }


def _selection(tree: dict[str, Any]) -> str:
    parts = [f"{name} {_selection(inner)}" if inner else name for name, inner in tree.items()]
    return f"{{ {' '.join(parts)} }}"
