"""The command line: starts one mock, says in one JSON line where it is, runs until stopped."""

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
from mocks.faults import HTTP_FAULTS, Switchboard
from mocks.options import CONTROL_PORTS, TLS, MockOptions, parse
from mocks.population import Population
from mocks.server import PortBusyError, listen, port_of, serve_until, stop_signal
from mocks.start_page import StartPage

if TYPE_CHECKING:
    from mocks.security_profiles import Certificates


def announce(mock: StartPage) -> None:
    """The one line on stdout that says that the mock is ready."""
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
    """`switches` is for a mock whose own port speaks TLS."""
    build: Callable[[Population], MockDepartment]
    package = options.name.replace("-", "_")
    build = importlib.import_module(f"mocks.{package}.department").build
    population = Population(options.citizens, options.seed)
    department = build(population)
    certificates = None
    if options.profiles:
        department, certificates = _protected(department, options)
    supported = department.failures.playable(HTTP_FAULTS)
    stop = stop_signal()
    url = f"{'http' if switches is None else 'https'}://{options.host}:{port_of(listener)}"
    plain = url if switches is None else f"http://{options.host}:{port_of(switches)}"
    welcome = StartPage(
        options.name, url, f"{plain}{PREFIX}", len(population.citizens), department.examples
    )
    mock = ControlledMock(department, Switchboard(supported, options.seed), welcome)
    tls = certificates.server_context(options.host) if certificates and switches else None
    # The socket listens already: who connects now waits a moment at most.
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
    """Runs one mock; the exit status is 0 after a stop, 2 when a port is busy."""
    options = parse(arguments)
    try:
        listener = listen(options.host, options.port)
        if options.name in CONTROL_PORTS:
            # They speak no HTTP themselves, and run in ways of their own.
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
