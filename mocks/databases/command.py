"""Runs a department behind a database: server, proxy, and the control API on a port of its own."""

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
from mocks.control import PREFIX, control_app
from mocks.databases.proxy import DatabaseProxy, MakeSession
from mocks.databases.server import DatabaseBrokenError, DatabaseMissingError, DatabaseServer
from mocks.databases.tables import Row, TableDefinition, write_sqlite
from mocks.faults import Switchboard
from mocks.options import MockOptions
from mocks.population import Population
from mocks.server import port_of, serve_until, stop_signal
from mocks.start_page import StartPage

READER = "hub_reader"
READER_PASSWORD = "hub-reader"

Rows = Mapping[str, Sequence[Row]]
"""Table name -> rows."""


@dataclass(frozen=True, slots=True)
class DatabaseDepartment:
    """What differs between such departments.

    Attributes:
        name: of the mock.
        called: what its database is called in a sentence.
        scheme: of its URL.
        database: name of its database.
        tables: its tables.
        rows_of: their rows.
        start: starts the server; raises DatabaseMissingError or DatabaseBrokenError. Takes the
            folder for its data, or None for a temporary one.
        load: fills it and makes the account READER.
        new_session: how a client's session is carried and spoilt.
        faults: the switches that `new_session` plays.
        shell: the command that opens it, with `{host}` and `{port}`.
        sqlite_note: what who reads the SQLite file must know.
    """

    name: str
    called: str
    scheme: str
    database: str
    tables: Sequence[TableDefinition]
    rows_of: Callable[[Population], Rows]
    start: Callable[[Path | None], DatabaseServer]
    load: Callable[[Any, Rows], Awaitable[None]]
    new_session: MakeSession
    faults: Sequence[str]
    shell: str
    sqlite_note: str = ""


async def run_database(
    department: DatabaseDepartment,
    options: MockOptions,
    listener: socket.socket,
    control_listener: socket.socket,
) -> int:
    """Runs until stopped; the exit status."""
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
    place = f"{options.host}:{port_of(listener)}/{department.database}"
    url = f"{department.scheme}://{READER}:{READER_PASSWORD}@{place}"
    shell = department.shell.format(host=options.host, port=port_of(listener))
    welcome = StartPage(
        department.name,
        url,
        _control_url(options, control_listener),
        len(population.citizens),
        (shell,),
    )
    announce(welcome)
    watch = asyncio.create_task(_stop_when_ended(server, stop))
    await serve_until(stop, control_app(calls, switchboard, welcome), control_listener)
    ended_by_itself = watch.done()
    watch.cancel()
    await proxy.stop()
    if ended_by_itself:
        raise DatabaseBrokenError(f"{server.product} has ended by itself.")


async def _stop_when_ended(server: DatabaseServer, stop: asyncio.Event) -> None:
    await server.ended()
    stop.set()


async def _run_sqlite(
    department: DatabaseDepartment,
    options: MockOptions,
    control_listener: socket.socket,
    why: str,
    stop: asyncio.Event,
) -> int:
    folder = options.data_dir or Path(tempfile.mkdtemp(prefix="mocks-sqlite-"))
    folder.mkdir(parents=True, exist_ok=True)
    path = (folder / f"{department.database}.sqlite").resolve()
    population = Population(options.citizens, options.seed)
    write_sqlite(path, department.tables, department.rows_of(population))
    print(
        f"mocks {department.name}: {why}, so {department.called} the SQLite file {path}"
        f"{department.sqlite_note}. Its calls are not counted and it plays no faults.",
        file=sys.stderr,
    )
    welcome = StartPage(
        department.name,
        f"sqlite:///{path}",
        _control_url(options, control_listener),
        len(population.citizens),
        (f"sqlite3 {path}",),
    )
    announce(welcome)
    try:
        control = control_app(CallCounts(), Switchboard((), options.seed), welcome)
        await serve_until(stop, control, control_listener)
    finally:
        if options.data_dir is None:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def _control_url(options: MockOptions, control_listener: socket.socket) -> str:
    return f"http://{options.host}:{port_of(control_listener)}{PREFIX}"
