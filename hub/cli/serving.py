"""`hub serve`: the hub in this process, under uvicorn."""

import asyncio
import errno
import gc
import logging
import resource
import socket

import uvicorn
from rich.console import Console

from adapters.manifest import ManifestError
from hub.access.pseudonyms import WeakKeyError
from hub.app import SharedCopiesError, open_app
from hub.cli.failures import CliError
from hub.http.server import BACKLOG, Server
from hub.settings import Settings
from hub.store import StoreError

OPEN_FILES = 65_536


def serve_hub(settings: Settings, err: Console) -> None:
    """Serves until SIGINT or SIGTERM, and drains; raises `CliError` when it can't begin."""
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    # Every request would be a line; zeep warns of things that the manifest check has settled.
    logging.getLogger("asyncssh").setLevel(logging.WARNING)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("zeep").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # uvloop where there is one.
    loop_factory = uvicorn.Config("", loop="auto").get_loop_factory()
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(_serve(settings, err))


async def _serve(settings: Settings, err: Console) -> None:
    try:
        app = await open_app(settings)
    except ManifestError as error:
        problems = "\n".join(f"  {problem}" for problem in error.problems)
        raise CliError(f"the manifests can't be used:\n{problems}") from None
    except (StoreError, WeakKeyError, SharedCopiesError) as error:
        raise CliError(str(error)) from None
    allow_open_files()
    listener = listen(settings.host, settings.port)
    tame_garbage_collection()
    host, port = listener.getsockname()[:2]
    err.print(f"Citizen Hub answers on http://{host}:{port}/graphql", highlight=False)
    await Server(app, settings).serve(sockets=[listener])


def allow_open_files() -> None:
    """More than the usual 1,024, which a busy hub's connections exceed; as far as we may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


def tame_garbage_collection() -> None:
    """What was built at the start is never garbage; what a request makes is freed by its counts.

    A full collection in the middle of a request is what makes the slowest requests slow. One of
    fifty thousand young objects took up to 115 ms, one of five thousand takes 5.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 50, 100)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; raises `CliError` when the port is taken or the address is not ours."""
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
                f"port {port} is taken; stop what listens there, or choose another with HUB_PORT."
            ) from None
        raise CliError(f"can't listen on {host}:{port}: {error.strerror}.") from None
    listener.setblocking(False)
    return listener
