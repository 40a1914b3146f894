"""Prints a GraphQL response: a list as a table, an object as one line for each field."""

from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hub.cli.console import err, out

GOOD = {"DELIVERED", "APPROVED", "ACTIVE", "ISSUED", "LIVE", "RESOLVED"}
BAD = {
    "REJECTED",
    "INCOMPLETE",
    "UNAVAILABLE",
    "AUTH_FAILED",
    "CIRCUIT_OPEN",
    "REVOKED",
    "SUSPENDED",
}


def print_response(response: dict[str, Any]) -> None:
    """Print the data to standard output and the errors to standard error."""
    data = response.get("data")
    for name, value in (data or {}).items():
        out.print(Text(name, style="bold underline"))
        out.print(_render(value))
    for error in response.get("errors", ()):
        _print_error(error)


def _print_error(error: dict[str, Any]) -> None:
    path = ".".join(str(step) for step in error.get("path") or ())
    code = error.get("extensions", {}).get("code", "")
    line = Text.assemble((f"{code} ", "red bold"), error["message"], (f" {path}", "dim"))
    err.print(line, soft_wrap=True)


def _render(value: Any) -> RenderableType:
    value = _without_wrapping(value)
    if isinstance(value, list):
        return _rows(value)
    if isinstance(value, dict):
        return _fields(value)
    return _scalar(value)


def _without_wrapping(value: Any) -> Any:
    """Return the list of a connection, or the value of an object with a single plain field."""
    if isinstance(value, dict) and list(value) == ["nodes"]:
        return value["nodes"]
    if isinstance(value, dict) and list(value) == ["edges"]:
        return value["edges"]
    if isinstance(value, dict) and len(value) == 1:
        # `personName { fullName }` is shown as the name.
        only = next(iter(value.values()))
        if not isinstance(only, dict | list):
            return only
    return value


def _rows(rows: list[Any]) -> RenderableType:
    if not rows:
        return Text("none", style="dim")
    if not all(isinstance(row, dict) for row in rows):
        return Group(*(_render(row) for row in rows))
    if any(_is_list(value) for row in rows for value in row.values()):
        return Group(*(Padding(_fields(row), (0, 0, 1, 0)) for row in rows))
    table = Table(*rows[0], box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in rows[0]))
    return table


def _is_list(value: Any) -> bool:
    value = _without_wrapping(value)
    if isinstance(value, dict):
        return any(_is_list(each) for each in value.values())
    return isinstance(value, list) and any(isinstance(each, dict) for each in value)


def _cell(value: Any) -> Text:
    """Return a value for one table cell, with all fields of an object in one line."""
    value = _without_wrapping(value)
    if isinstance(value, dict):
        return Text(" ").join(_cell(each) for each in value.values() if each is not None)
    if isinstance(value, list):
        return Text(", ").join(_cell(each) for each in value)
    return _scalar(value)


def _fields(fields: dict[str, Any]) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim")
    grid.add_column()
    for name, value in fields.items():
        grid.add_row(name, _render(value))
    return grid


def _scalar(value: Any) -> Text:
    if value is None:
        return Text("-", style="dim")
    text = str(value)
    style = "green" if text in GOOD else "red" if text in BAD else ""
    return Text(text, style=style)
