"""`hub files`: lists the files from departments with each rejected line, and files to them."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any, TypeVar

from rich.table import Table

from adapters.connectors.kept_rows import FileState, RowStoreError, SeenFile
from adapters.connectors.outgoing_rows import OutgoingState
from hub.cli.console import CliError, out
from hub.store import Store, StoreError, open_store
from hub.store.kept_files import files_by_department
from hub.store.outgoing_files import outgoing_by_department

COLOURS = {
    FileState.WHOLE: "green",
    FileState.DUPLICATE: "green",
    FileState.WRONG_COUNT: "yellow",
    FileState.INCOMPLETE: "yellow",
    FileState.UNREADABLE: "red",
}
FileT = TypeVar("FileT")
DepartmentFiles = Mapping[str, list[SeenFile]]
"""The files of each department, the newest first."""


def show_files(database_url: str, department: str | None, *, as_json: bool, newest: int) -> None:
    """Print the files.

    Args:
        database_url: URL of the hub's database.
        department: identifier of a department; None for all.
        as_json: print JSON instead of a table.
        newest: maximum number of files for each department.

    Raises:
        CliError: if the database can't be read, or has no file of the department.
    """
    stored = asyncio.run(_read(database_url, files_by_department))
    found = {name: files[:newest] for name, files in stored.items()}
    if department is not None:
        if department not in found:
            known = ", ".join(found) or "none"
            raise CliError(
                f"no file of {department!r} has been read. Departments with files: {known}."
            )
        found = {department: found[department]}
    if as_json:
        entries = [_as_json(name, each) for name, files in found.items() for each in files]
        print(json.dumps(entries, indent=2))
        return
    if not found:
        out.print("No file has been read into this database (HUB_DATABASE_URL).", highlight=False)
        return
    out.print(_table(found))
    for files in found.values():
        for each in files:
            for problem in each.problems:
                line = f"{each.name}:{problem.line}: {problem.reason}"
                out.print(line, markup=False, highlight=False, soft_wrap=True)


def show_outgoing(database_url: str, department: str | None, *, as_json: bool, newest: int) -> None:
    """Print the files to departments, and how many rows wait for the next one.

    Arguments and errors are as for `show_files`.
    """
    found = asyncio.run(_read(database_url, outgoing_by_department))
    if department is not None:
        found = {department: found.get(department, [])}
    summaries = [each for files in found.values() for each in files[:newest]]
    if as_json:
        entries = [{**asdict(each), "since": each.since.isoformat()} for each in summaries]
        print(json.dumps(entries, indent=2))
        return
    if not summaries:
        out.print("No row for a department is stored in this database (HUB_DATABASE_URL).")
        return
    table = Table("department", "outbox", "file", "state", "since")
    table.add_column("rows", justify="right")
    for each in summaries:
        since = f"{each.since.astimezone():%Y-%m-%d %H:%M}"
        colour = "green" if each.state == OutgoingState.DELIVERED else "yellow"
        state = f"[{colour}]{each.state}[/]"
        table.add_row(each.department, each.outbox, each.name, state, since, f"{each.rows:,}")
    out.print(table)


async def _read(
    database_url: str, read: Callable[[Store], Awaitable[Mapping[str, list[FileT]]]]
) -> Mapping[str, list[FileT]]:
    try:
        store = await open_store(database_url)
    except StoreError as error:
        raise CliError(str(error)) from None
    try:
        return await read(store)
    except RowStoreError as error:
        raise CliError(f"{error}.") from None
    finally:
        await store.close()


def _table(found: DepartmentFiles) -> Table:
    table = Table("department", "file", "as of", "read", "state")
    table.add_column("rows", justify="right")
    table.add_column("rejected", justify="right")
    for name, files in found.items():
        for each in files:
            table.add_row(
                name,
                each.name,
                f"{each.as_of.astimezone():%Y-%m-%d %H:%M}",
                f"{each.read_at.astimezone():%Y-%m-%d %H:%M}",
                f"[{COLOURS[each.state]}]{each.state}[/]",
                f"{each.rows:,}",
                f"{len(each.problems):,}" if each.problems else "",
            )
    return table


def _as_json(department: str, file: SeenFile) -> dict[str, Any]:
    return {
        "department": department,
        "file": file.name,
        "asOf": file.as_of.isoformat(),
        "readAt": file.read_at.isoformat(),
        "state": file.state.value,
        "rows": file.rows,
        "problems": [{"line": each.line, "reason": each.reason} for each in file.problems],
    }
