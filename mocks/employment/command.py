"""Keeps the folder, and runs the control API on a port of its own."""

import asyncio
import shutil
import socket
import tempfile
from pathlib import Path

from mocks.call_counts import CallCounts
from mocks.command import announce
from mocks.control import PREFIX, control_app
from mocks.deliveries import DELIVERY_FAULTS, DeliveryFolder
from mocks.employment.rows import HalfHourlyFiles
from mocks.faults import Switchboard
from mocks.options import MockOptions
from mocks.population import Population
from mocks.server import port_of, serve_until, stop_signal
from mocks.start_page import StartPage

NAME = "employment"


async def run(
    options: MockOptions, listener: socket.socket, control_listener: socket.socket
) -> int:
    """Runs until stopped; the exit status."""
    stop = stop_signal()
    # Files are left in a folder: nothing listens on the department's own port.
    listener.close()
    path = (options.data_dir or Path(tempfile.mkdtemp(prefix="mocks-files-"))).resolve()
    path.mkdir(parents=True, exist_ok=True)
    switchboard = Switchboard(DELIVERY_FAULTS, options.seed)
    population = Population(options.citizens, options.seed)
    folder = DeliveryFolder(path, HalfHourlyFiles(population), switchboard)
    folder.write()
    keeping = asyncio.create_task(folder.keep())
    control = f"http://{options.host}:{port_of(control_listener)}{PREFIX}"
    welcome = StartPage(NAME, path.as_uri(), control, len(population.citizens), (f"ls {path}",))
    announce(welcome)
    try:
        app = control_app(CallCounts(), switchboard, welcome, folder.write)
        await serve_until(stop, app, control_listener)
    finally:
        keeping.cancel()
        if options.data_dir is None:
            shutil.rmtree(path, ignore_errors=True)
    return 0
