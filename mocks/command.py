"""The command line: runs one mock, or a command of the lab.

A mock prints its addresses as one line of JSON when it is ready, and runs until it is stopped.
"""

import asyncio
import importlib
import json
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import uvloop

from mocks.control import PREFIX, ControlledMock
from mocks.department import MockDepartment
from mocks.faults import Switchboard
from mocks.options import CONTROL_PORTS, LAB_COMMANDS, TLS, MockOptions, parse
from mocks.population import Population
from mocks.server import PortBusyError, listen, port_of, serve_until, stop_signal
from mocks.start_page import StartPage

if TYPE_CHECKING:
    from mocks.security_profiles import Certificates


def announce(mock: StartPage) -> None:
    """Print the mock's addresses, which says that it is ready."""
    line = {
        "mock": mock.name,
        "url": mock.url,
        "control": mock.control,
        "citizens": mock.citizens,
    }
    print(json.dumps(line), flush=True)


async def _run_http(
    options: MockOptions, listener: socket.socket, switches: socket.socket | None
) -> None:
    """Run a mock that speaks HTTP.

    Args:
        options: the command line.
        listener: socket of the department.
        switches: socket of the control API, if the department's port speaks TLS.
    """
    build: Callable[[Population], MockDepartment]
    package = options.name.replace("-", "_")
    build = importlib.import_module(f"mocks.{package}.department").build
    population = Population(options.citizens, options.seed)
    department = build(population)
    certificates = None
    if options.profiles:
        department, certificates = _protected(department, options)
    if department.intake is not None and options.submissions is not None:
        department.intake.keep_in(options.submissions)
    stop = stop_signal()
    url = f"{'http' if switches is None else 'https'}://{options.host}:{port_of(listener)}"
    plain = url if switches is None else f"http://{options.host}:{port_of(switches)}"
    welcome = StartPage(
        options.name, url, f"{plain}{PREFIX}", len(population.citizens), department.examples
    )
    mock = ControlledMock(department, Switchboard(department.faults, options.seed), welcome)
    tls = certificates.server_context(options.host) if certificates and switches else None
    # The socket already listens: a client that connects now waits until `serve_until` runs.
    announce(welcome)
    if switches is None:
        await serve_until(stop, mock, listener)
        return
    await asyncio.gather(
        serve_until(stop, mock, listener, tls), serve_until(stop, mock.control, switches)
    )


def _protected(
    department: MockDepartment, options: MockOptions
) -> "tuple[MockDepartment, Certificates]":
    # Imported only when needed: most mocks have no profile and start faster without it.
    from mocks.security_profiles import Certificates, protect, switches_of

    certificates = Certificates(options.data_dir)
    app = protect(department.app, options.profiles, certificates)
    quirks = {**department.failures.quirks, **dict.fromkeys(switches_of(options.profiles))}
    failures = replace(department.failures, quirks=quirks)
    return replace(department, app=app, failures=failures), certificates


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one mock, or a command of the lab.

    Returns:
        The exit status: 0 after a stop, 2 if a port is taken.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments and arguments[0] in LAB_COMMANDS:
        # Imported only when needed: a mock starts faster without it.
        from mocks.lab.commands import main as run_lab

        run_lab(arguments)
    options = parse(arguments)
    try:
        listener = listen(options.host, options.port)
        if options.name in CONTROL_PORTS:
            # These mocks do not speak HTTP. Each has its own command.
            package = options.name.replace("-", "_")
            run = importlib.import_module(f"mocks.{package}.command").run
            control = listen(options.host, options.control_port)
            exit_code: int = uvloop.run(run(options, listener, control))
            return exit_code
        speaks_tls = TLS in options.profiles
        switches = listen(options.host, options.control_port) if speaks_tls else None
        uvloop.run(_run_http(options, listener, switches))
    except PortBusyError as error:
        print(f"mocks {options.name}: {error} Choose another --port.", file=sys.stderr)
        return 2
    return 0
