"""Runs the employment exchanges: a folder of files, and the control API."""

import socket

from mocks.call_counts import CallCounts
from mocks.command import announce
from mocks.control import control_app, control_url
from mocks.deliveries import DELIVERY_FAULTS, kept_folder
from mocks.employment.rows import HalfHourlyFiles
from mocks.faults import Switchboard
from mocks.options import MockOptions
from mocks.population import Population
from mocks.server import serve_until, stop_signal
from mocks.start_page import StartPage


async def run(
    options: MockOptions, listener: socket.socket, control_listener: socket.socket
) -> int:
    """Run the mock until it is stopped. Return the exit status."""
    stop = stop_signal()
    # The department has no server: the hub reads the folder directly.
    listener.close()
    switchboard = Switchboard(DELIVERY_FAULTS, options.seed)
    population = Population(options.citizens, options.seed)
    async with kept_folder(options, HalfHourlyFiles(population), switchboard) as kept:
        page = StartPage(
            options.name,
            kept.folder.as_uri(),
            control_url(options.host, control_listener),
            len(population.citizens),
            (f"ls {kept.folder}",),
        )
        announce(page)
        control = control_app(CallCounts(), switchboard, page, kept.write)
        await serve_until(stop, control, control_listener)
    return 0
