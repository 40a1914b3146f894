"""`python -m tests.benchmarks.plain`: prints its port and serves the plain server.

Reads `BENCH_UPSTREAM_URL` and `BENCH_DATABASE_URL`.
"""

import os
import socket

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL

from tests.benchmarks.plain.context import Context
from tests.benchmarks.plain.query import schema
from tests.benchmarks.plain.upstream import Upstream


class PlainServer(GraphQL[Context, None]):
    """Strawberry's own view. Clients of the upstream are shared, DataLoaders are per request."""

    def __init__(self) -> None:
        super().__init__(schema)
        self.upstream: Upstream | None = None

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        if self.upstream is None:
            url = os.environ["BENCH_UPSTREAM_URL"]
            self.upstream = Upstream(url, os.environ.get("BENCH_DATABASE_URL"))
        return Context(self.upstream)


def main() -> None:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(2048)
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(
        PlainServer(),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        lifespan="off",
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
