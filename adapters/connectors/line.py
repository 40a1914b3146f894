"""What carries requests to a department: an HTTP line, or one of the layers around it."""

from collections.abc import Mapping
from typing import Protocol

from adapters.connectors.http import HttpReply


class Line(Protocol):
    """Sends a request and gives its reply; raises `DepartmentError` when there is none to use.

    Layers add what a department wants beside the request itself: credentials, X-Road's headers,
    validators of copies. A department that wants nothing of it has the bare `HttpLine`.
    """

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> HttpReply:
        """The reply, whatever its status."""

    async def close(self) -> None: ...
