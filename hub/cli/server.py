"""`hub serve`: runs the hub in this process, under uvicorn."""

import asyncio
import errno
import gc
import logging
import resource
import socket
import sys

import uvicorn

from adapters.manifest import ManifestError
from hub.access.keys import WeakKeyError
from hub.access.policy import PolicyError
from hub.access.sign_in import IssuersError
from hub.app import SharedCopiesError, open_app
from hub.cli.console import CliError, err
from hub.execution.trusted_documents import TrustedDocumentsError
from hub.holidays import HolidaysError
from hub.http.query_page import ExamplesError
from hub.http.server import BACKLOG, Server
from hub.notification import MessagesError
from hub.production import ProductionError
from hub.settings import Settings
from hub.store import StoreError

OPEN_FILES = 65_536
SWITCH_SECONDS = 0.001
"""Time after which the thread that prepares documents lets the event loop run. Python's own 5 ms
would delay each of the several steps of a request."""


def serve_hub(settings: Settings) -> None:
    """Run the hub until SIGINT or SIGTERM. Then complete the running operations.

    Raises:
        CliError: if the hub can't start: wrong manifests, no database, or a port that is taken.
    """
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    # httpx and asyncssh log a line per request; `hub check` reports what zeep warns of.
    logging.getLogger("asyncssh").setLevel(logging.WARNING)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("zeep").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # "auto" selects uvloop if it is installed.
    loop_factory = uvicorn.Config("", loop="auto").get_loop_factory()
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    try:
        app = await open_app(settings)
    except ManifestError as error:
        problems = "\n".join(f"  {problem}" for problem in error.problems)
        raise CliError(f"the manifests have errors:\n{problems}") from None
    except (
        ExamplesError,
        HolidaysError,
        MessagesError,
        IssuersError,
        ProductionError,
        PolicyError,
        StoreError,
        WeakKeyError,
        SharedCopiesError,
        TrustedDocumentsError,
    ) as error:
        raise CliError(str(error)) from None
    raise_open_file_limit()
    listener = listen(settings.host, settings.port)
    shorten_garbage_collections()
    sys.setswitchinterval(SWITCH_SECONDS)
    host, port = listener.getsockname()[:2]
    err.print(f"Citizen Hub answers on http://{host}:{port}/graphql", highlight=False)
    await Server(app, settings).serve(sockets=[listener])
    if app.log.unwritten:
        raise CliError(
            f"{app.log.unwritten} entries of the access log are not in its database (see the log)."
        )


def raise_open_file_limit() -> None:
    """Raise the limit of open files to 65,536, or to the hard limit if that is lower.

    The usual limit is 1,024. A busy hub has more connections than that.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


def shorten_garbage_collections() -> None:
    """Make garbage collection short, because a collection delays every running request.

    Objects that exist at startup are never collected again. A collection of 50,000 young objects
    took up to 115 ms; one of 5,000 takes 5 ms.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 50, 100)


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises:
        CliError: if the port is taken, or the address does not belong to this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise CliError(
                f"port {port} is taken. Stop the program that uses it, or set another HUB_PORT."
            ) from None
        raise CliError(f"can't listen on {host}:{port}: {error.strerror}.") from None
    listener.setblocking(False)
    return listener
