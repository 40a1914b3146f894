"""Runs the SFTP server, its folder, and the control API on a port of its own."""

import asyncio
import shutil
import socket
import tempfile
from pathlib import Path

from mocks.call_counts import CallCounts
from mocks.command import announce
from mocks.control import PREFIX, control_app
from mocks.deliveries import DELIVERY_FAULTS, DeliveryFolder
from mocks.faults import Switchboard
from mocks.options import MockOptions
from mocks.population import Population
from mocks.post_matric.rows import NightlyFiles
from mocks.post_matric.sftp import PASSWORD, READER, serve_folder
from mocks.server import port_of, serve_until, stop_signal
from mocks.start_page import StartPage

NAME = "post-matric"
OUTBOX = "outbox"


async def run(
    options: MockOptions, listener: socket.socket, control_listener: socket.socket
) -> int:
    """Runs until stopped; the exit status."""
    stop = stop_signal()
    root = options.data_dir or Path(tempfile.mkdtemp(prefix="mocks-files-"))
    outbox = root / OUTBOX
    outbox.mkdir(parents=True, exist_ok=True)
    calls, switchboard = CallCounts(), Switchboard(DELIVERY_FAULTS, options.seed)
    population = Population(options.citizens, options.seed)
    folder = DeliveryFolder(outbox, NightlyFiles(population), switchboard)
    folder.write()
    server = await serve_folder(root, listener, calls)
    keeping = asyncio.create_task(folder.keep())
    host = options.host
    url = f"sftp://{READER}@{host}:{port_of(listener)}/{OUTBOX}"
    control = f"http://{host}:{port_of(control_listener)}{PREFIX}"
    example = f"sftp -P {port_of(listener)} {READER}@{host}:{OUTBOX}  (the password is {PASSWORD})"
    welcome = StartPage(NAME, url, control, len(population.citizens), (example,))
    announce(welcome)
    try:
        app = control_app(calls, switchboard, welcome, folder.write)
        await serve_until(stop, app, control_listener)
    finally:
        keeping.cancel()
        server.close()
        if options.data_dir is None:
            shutil.rmtree(root, ignore_errors=True)
    return 0
