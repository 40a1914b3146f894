"""Runs the SFTP server, its folder, and the control API on a port of its own."""

import asyncio
import shutil
import socket
import tempfile
from pathlib import Path

from mocks.calls import CallLog
from mocks.command import announce
from mocks.control import PREFIX, control_app
from mocks.drops.folder import DROP_FAULTS, DropFolder
from mocks.faults import Switchboard
from mocks.options import Options
from mocks.population import Population
from mocks.post_matric.lines import NightlyFiles
from mocks.post_matric.sftp import PASSWORD, READER, serve_folder
from mocks.server import port_of, serve_until, stop_signal
from mocks.welcome import Welcome

NAME = "post-matric"
OUTBOX = "outbox"


async def run(options: Options, listener: socket.socket, control_listener: socket.socket) -> int:
    """Runs until stopped; the exit status."""
    stop = stop_signal()
    root = options.data_dir or Path(tempfile.mkdtemp(prefix="mocks-files-"))
    outbox = root / OUTBOX
    outbox.mkdir(parents=True, exist_ok=True)
    calls, switchboard = CallLog(), Switchboard(DROP_FAULTS, options.seed)
    population = Population(options.citizens, options.seed)
    folder = DropFolder(outbox, NightlyFiles(population), switchboard)
    folder.write()
    server = await serve_folder(root, listener, calls)
    keeping = asyncio.create_task(folder.keep())
    host = options.host
    url = f"sftp://{READER}@{host}:{port_of(listener)}/{OUTBOX}"
    control = f"http://{host}:{port_of(control_listener)}{PREFIX}"
    example = f"sftp -P {port_of(listener)} {READER}@{host}:{OUTBOX}  (the password is {PASSWORD})"
    welcome = Welcome(NAME, url, control, len(population.citizens), (example,))
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
