"""`/healthz` and `/readyz`: the hub's own health, never the departments'."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse


async def healthz(_request: Request) -> JSONResponse:
    """The process answers."""
    return JSONResponse({"status": "ok"})


class Readiness:
    """200 while the hub takes requests, 503 before it has started and while it stops."""

    def __init__(self, is_ready: Callable[[], bool]) -> None:
        self._is_ready = is_ready

    async def __call__(self, _request: Request) -> JSONResponse:
        if self._is_ready():
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "not ready"}, 503, headers={"retry-after": "1"})
