"""Runs the registers: MariaDB, its proxy, and the control API on a port of its own."""

import asyncio
import shutil
import socket
import sys
import tempfile
from pathlib import Path

from mocks.calls import CallLog
from mocks.civil_registration.load import DATABASE, READER, READER_PASSWORD, load, write_sqlite
from mocks.civil_registration.proxy import MARIADB_FAULTS, Proxy
from mocks.civil_registration.rows import all_rows
from mocks.civil_registration.server import (
    MariaDBBrokenError,
    MariaDBMissingError,
    Server,
    start_server,
)
from mocks.command import announce
from mocks.control import PREFIX, control_app
from mocks.faults import Switchboard
from mocks.options import Options
from mocks.population import Population
from mocks.server import port_of, serve_until, stop_signal

NAME = "civil-registration"


async def run(options: Options, listener: socket.socket, control_listener: socket.socket) -> int:
    """Runs until stopped; the exit status."""
    stop = stop_signal()
    try:
        server = await asyncio.to_thread(start_server)
    except MariaDBMissingError as missing:
        return await _run_sqlite(options, listener, control_listener, str(missing), stop)
    except MariaDBBrokenError as broken:
        print(f"mocks {NAME}: {broken}", file=sys.stderr)
        return 1
    try:
        return await _run_mariadb(options, listener, control_listener, server, stop)
    except MariaDBBrokenError as broken:
        print(f"mocks {NAME}: {broken}", file=sys.stderr)
        return 1
    finally:
        server.stop()


async def _run_mariadb(
    options: Options,
    listener: socket.socket,
    control_listener: socket.socket,
    server: Server,
    stop: asyncio.Event,
) -> int:
    population = Population(options.citizens, options.seed)
    rows = all_rows(population)
    await server.wait_until_ready()
    await load(server, rows)
    calls, switchboard = CallLog(), Switchboard(MARIADB_FAULTS, options.seed)
    proxy = Proxy(server.socket_path, calls, switchboard)
    await proxy.start(listener)
    url = f"mariadb://{READER}:{READER_PASSWORD}@{options.host}:{port_of(listener)}/{DATABASE}"
    announce(NAME, url, _control_url(options, control_listener), len(population.citizens))
    watch = asyncio.create_task(_stop_when_ended(server, stop))
    await serve_until(stop, control_app(calls, switchboard), control_listener)
    ended_by_itself = watch.done()
    watch.cancel()
    await proxy.stop()
    if ended_by_itself:
        raise MariaDBBrokenError("MariaDB has ended by itself.")
    return 0


async def _stop_when_ended(server: Server, stop: asyncio.Event) -> None:
    await server.ended()
    stop.set()


async def _run_sqlite(
    options: Options,
    listener: socket.socket,
    control_listener: socket.socket,
    why: str,
    stop: asyncio.Event,
) -> int:
    listener.close()
    folder = options.data_dir or Path(tempfile.mkdtemp(prefix="mocks-sqlite-"))
    folder.mkdir(parents=True, exist_ok=True)
    path = (folder / f"{DATABASE}.sqlite").resolve()
    population = Population(options.citizens, options.seed)
    write_sqlite(path, all_rows(population))
    print(
        f"mocks {NAME}: {why}, so the registers are the SQLite file {path}. Its calls are not"
        " counted and it plays no faults.",
        file=sys.stderr,
    )
    control = _control_url(options, control_listener)
    announce(NAME, f"sqlite:///{path}", control, len(population.citizens))
    try:
        await serve_until(
            stop, control_app(CallLog(), Switchboard((), options.seed)), control_listener
        )
    finally:
        if options.data_dir is None:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def _control_url(options: Options, control_listener: socket.socket) -> str:
    return f"http://{options.host}:{port_of(control_listener)}{PREFIX}"
