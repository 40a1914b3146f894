"""Runs a department with a database: the server, its proxy and the control API."""

import asyncio
import shutil
import socket
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mocks.call_counts import CallCounts
from mocks.command import announce
from mocks.control import control_app, control_url
from mocks.databases.proxy import DatabaseProxy, MakeSession
from mocks.databases.server import DatabaseBrokenError, DatabaseMissingError, DatabaseServer
from mocks.databases.tables import Row, TableDefinition, write_sqlite
from mocks.faults import Switchboard
from mocks.options import MockOptions
from mocks.population import Population
from mocks.server import port_of, serve_until, stop_signal
from mocks.start_page import StartPage
from mocks.submissions import SubmissionControl

READER = "hub_reader"
READER_PASSWORD = "hub-reader"

Rows = Mapping[str, Sequence[Row]]
"""Rows by table name."""


@dataclass(frozen=True, slots=True)
class DatabaseDepartment:
    """The differences between departments with a database.

    Attributes:
        name: name of the mock.
        subject: subject and verb of a sentence about the database: "the registers are".
        scheme: scheme of the database URL.
        database: name of the database.
        tables: table definitions.
        rows_of: returns the rows of all tables.
        start: starts the server with its data in a folder (None: a temporary one). Raises
            DatabaseMissingError or DatabaseBrokenError.
        load: creates the tables and rows, and the account READER.
        new_session: makes the session of one client.
        faults: the switches that the session can play.
        shell: command that opens the database, with `{host}` and `{port}`.
        sqlite_note: note for users of the SQLite file, appended to its path.
        submissions: returns what the running server has received.
    """

    name: str
    subject: str
    scheme: str
    database: str
    tables: Sequence[TableDefinition]
    rows_of: Callable[[Population], Rows]
    start: Callable[[Path | None], DatabaseServer]
    load: Callable[[Any, Rows], Awaitable[None]]
    new_session: MakeSession
    faults: Sequence[str]
    shell: str
    submissions: Callable[[Any, Population, Rows], SubmissionControl]
    sqlite_note: str = ""


async def run_database(
    department: DatabaseDepartment,
    options: MockOptions,
    listener: socket.socket,
    control_listener: socket.socket,
) -> int:
    """Run the mock until it is stopped. Return the exit status.

    If the database server is not installed, write a SQLite file instead.
    """
    stop = stop_signal()
    try:
        server = await asyncio.to_thread(department.start, options.data_dir)
    except DatabaseMissingError as missing:
        listener.close()
        return await _run_sqlite(department, options, control_listener, str(missing), stop)
    except DatabaseBrokenError as broken:
        print(f"mocks {department.name}: {broken}", file=sys.stderr)
        return 1
    try:
        await _run_server(department, options, listener, control_listener, server, stop)
    except DatabaseBrokenError as broken:
        print(f"mocks {department.name}: {broken}", file=sys.stderr)
        return 1
    finally:
        server.stop()
    return 0


async def _run_server(
    department: DatabaseDepartment,
    options: MockOptions,
    listener: socket.socket,
    control_listener: socket.socket,
    server: DatabaseServer,
    stop: asyncio.Event,
) -> None:
    population = Population(options.citizens, options.seed)
    rows = department.rows_of(population)
    await server.wait_until_ready()
    await department.load(server, rows)
    calls, switchboard = CallCounts(), Switchboard(department.faults, options.seed)
    proxy = DatabaseProxy(server.socket_path, calls, switchboard, department.new_session)
    await proxy.start(listener)
    address = f"{options.host}:{port_of(listener)}/{department.database}"
    url = f"{department.scheme}://{READER}:{READER_PASSWORD}@{address}"
    shell = department.shell.format(host=options.host, port=port_of(listener))
    page = StartPage(
        department.name,
        url,
        control_url(options.host, control_listener),
        len(population.citizens),
        (shell,),
    )
    announce(page)
    watch = asyncio.create_task(_stop_when_ended(server, stop))
    received = department.submissions(server, population, rows)
    control = control_app(calls, switchboard, page, submissions=received)
    await serve_until(stop, control, control_listener)
    ended_by_itself = watch.done()
    watch.cancel()
    await proxy.stop()
    if ended_by_itself:
        raise DatabaseBrokenError(f"{server.product} ended unexpectedly.")


async def _stop_when_ended(server: DatabaseServer, stop: asyncio.Event) -> None:
    await server.ended()
    stop.set()


async def _run_sqlite(
    department: DatabaseDepartment,
    options: MockOptions,
    control_listener: socket.socket,
    reason: str,
    stop: asyncio.Event,
) -> int:
    folder = options.data_dir or Path(tempfile.mkdtemp(prefix="mocks-sqlite-"))
    folder.mkdir(parents=True, exist_ok=True)
    path = (folder / f"{department.database}.sqlite").resolve()
    population = Population(options.citizens, options.seed)
    write_sqlite(path, department.tables, department.rows_of(population))
    print(
        f"mocks {department.name}: {reason}, so {department.subject} the SQLite file {path}"
        f"{department.sqlite_note}. Calls are not counted and faults cannot be switched on.",
        file=sys.stderr,
    )
    page = StartPage(
        department.name,
        f"sqlite:///{path}",
        control_url(options.host, control_listener),
        len(population.citizens),
        (f"sqlite3 {path}",),
    )
    announce(page)
    try:
        control = control_app(CallCounts(), Switchboard((), options.seed), page)
        await serve_until(stop, control, control_listener)
    finally:
        if options.data_dir is None:
            shutil.rmtree(folder, ignore_errors=True)
    return 0
