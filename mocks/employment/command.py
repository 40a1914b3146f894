"""Keeps the folder, and runs the control API on a port of its own."""

import asyncio
import shutil
import socket
import tempfile
from pathlib import Path

from mocks.calls import CallLog
from mocks.command import announce
from mocks.control import PREFIX, control_app
from mocks.drops.folder import DROP_FAULTS, DropFolder
from mocks.employment.windows import Windows
from mocks.faults import Switchboard
from mocks.options import Options
from mocks.population import Population
from mocks.server import port_of, serve_until, stop_signal
from mocks.welcome import Welcome

NAME = "employment"


async def run(options: Options, listener: socket.socket, control_listener: socket.socket) -> int:
    """Runs until stopped; the exit status."""
    stop = stop_signal()
    # Files are left in a folder: nothing listens on the department's own port.
    listener.close()
    path = (options.data_dir or Path(tempfile.mkdtemp(prefix="mocks-files-"))).resolve()
    path.mkdir(parents=True, exist_ok=True)
    switchboard = Switchboard(DROP_FAULTS, options.seed)
    population = Population(options.citizens, options.seed)
    folder = DropFolder(path, Windows(population), switchboard)
    folder.write()
    keeping = asyncio.create_task(folder.keep())
    control = f"http://{options.host}:{port_of(control_listener)}{PREFIX}"
    welcome = Welcome(NAME, path.as_uri(), control, len(population.citizens), (f"ls {path}",))
    announce(welcome)
    try:
        app = control_app(CallLog(), switchboard, welcome, folder.write)
        await serve_until(stop, app, control_listener)
    finally:
        keeping.cancel()
        if options.data_dir is None:
            shutil.rmtree(path, ignore_errors=True)
    return 0
