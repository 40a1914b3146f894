"""Requests with files, after the GraphQL multipart request convention.

The parts are `operations` (the usual JSON), `map` (the variable of each file) and the files, in
this order. The files are received, checked and scanned before the operation starts, so that a slow
client holds no slot of running operations. Files that no mutation has kept are deleted afterwards.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from hub.access import Principal, Role, SignIn
from hub.durable.attachments import Attachments
from hub.durable.attachments.failures import content_errors
from hub.durable.attachments.incoming import IncomingFile
from hub.http.exchange import BadRequestError, Exchange
from hub.http.multipart import (
    Body,
    PartContent,
    PartEnd,
    PartParser,
    PartStart,
    boundary_of,
)
from schema.codes import ErrorCode
from schema.errors import HubError

MULTIPART = "multipart/form-data"
PREFLIGHT_HEADERS = (
    b"graphql-require-preflight",
    b"apollo-require-preflight",
    b"x-apollo-operation-name",
)
"""Headers that a form on a page of another site cannot send. One is required."""
RUNNING = 8
MAX_PATH_STEPS = 9
"""`variables`, and eight steps into it, as HUB_MAX_VARIABLE_DEPTH allows."""
Slot = tuple[Any, Any]
"""A list or an object in the variables, and the index or key of a file in it."""
PART_OVERHEAD = 8 << 10
"""Bytes of the boundary and the headers of a part, at most."""


@dataclass(frozen=True, slots=True)
class Uploads:
    """Receives requests with files.

    Attributes:
        attachments: stores the files.
        request_bytes: maximum size of `operations`, and of `map`.
        files: maximum number of files in a request.
        turns: how many of the received requests run at the same time. The others wait for their
            turn, because a client that was refused now would have to send its files again.
    """

    attachments: Attachments
    request_bytes: int
    files: int
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(RUNNING))

    @property
    def most_bytes(self) -> int:
        """Maximum size of a request's body."""
        files = self.files * (self.attachments.most_bytes + PART_OVERHEAD)
        return files + 2 * (self.request_bytes + PART_OVERHEAD)

    @contextlib.asynccontextmanager
    async def received(
        self, exchange: Exchange, sign_in: SignIn
    ) -> AsyncIterator[tuple[dict[str, Any], Principal]]:
        """Receive a request; return its `operations`, with the files in its variables.

        The files are deleted at the end, unless they were kept.

        Args:
            sign_in: determines the principal, before anything is stored.

        Raises:
            BadRequestError: the request does not follow the convention.
            HubError: `UNAUTHENTICATED`, `RATE_LIMITED`, `OVERLOADED`, `UPLOADS_UNAVAILABLE`.
        """
        body = Body(exchange.receive, self.most_bytes)
        request = _Request(self)
        async with contextlib.AsyncExitStack() as stack:
            try:
                self._check_headers(exchange)
                principal = await sign_in.principal_of(exchange.authorization)
                if principal.role is Role.ANONYMOUS:
                    raise HubError(ErrorCode.UNAUTHENTICATED, "Sign in to upload documents.")
                await stack.enter_async_context(self.attachments.receiving(principal))
                stack.push_async_callback(request.close)
                boundary = boundary_of(exchange.headers.get(b"content-type", b"").decode("latin-1"))
                with content_errors():
                    async for event in body.parts(PartParser(boundary, self.files + 2)):
                        await request.take(event)
                operations = request.complete()
            except (BadRequestError, HubError):
                if body.has_begun or b"expect" not in exchange.headers:
                    # Otherwise the client waits for the hub's consent before it sends anything.
                    await body.discard()
                exchange.must_close = not body.is_over
                raise
            await stack.enter_async_context(self.turns)
            yield operations, principal

    def _check_headers(self, exchange: Exchange) -> None:
        headers = exchange.headers
        if not any(headers.get(name) for name in PREFLIGHT_HEADERS):
            raise BadRequestError(
                403,
                "A request with files needs the header `GraphQL-Require-Preflight: true`, which "
                "forms on pages of other sites cannot send.",
            )
        if headers.get(b"content-encoding", b"identity") != b"identity":
            raise BadRequestError(415, "Send the request without Content-Encoding.")
        declared = headers.get(b"content-length", b"0")
        if not declared.isdigit() or len(declared) > 18 or int(declared) > self.most_bytes:
            raise BadRequestError(413, f"The request exceeds {self.most_bytes:,} bytes.")


class _Request:
    """A request of which a part has arrived."""

    def __init__(self, uploads: Uploads) -> None:
        self._uploads = uploads
        self._operations: dict[str, Any] | None = None
        self._slots: Mapping[str, Slot] = {}
        self._text = bytearray()
        self._name = ""
        self._file: IncomingFile | None = None
        self._files: dict[str, IncomingFile] = {}

    async def take(self, event: PartStart | PartContent | PartEnd) -> None:
        if isinstance(event, PartContent):
            await self._add(event.content)
        elif isinstance(event, PartStart):
            self._begin(event)
        else:
            await self._end()

    def complete(self) -> dict[str, Any]:
        """Return the operations with the files in their variables."""
        if self._operations is None or not self._slots:
            raise BadRequestError(400, "The request needs the parts `operations` and `map`.")
        if self._slots.keys() - self._files.keys():
            raise BadRequestError(400, "A file that `map` names is missing in the request.")
        return self._operations

    async def close(self) -> None:
        """Delete the files that were not kept."""
        for file in self._files.values():
            await file.discard()

    def _begin(self, part: PartStart) -> None:
        self._name = part.name
        self._text.clear()
        self._file = None
        expected = "operations" if self._operations is None else "map"
        if not self._slots:
            if part.name != expected or part.file_name is not None:
                raise BadRequestError(
                    400, "The parts must be `operations`, `map` and the files, in this order."
                )
            return
        if part.name not in self._slots or part.name in self._files or part.file_name is None:
            raise BadRequestError(400, "Each file must be in `map`, and be sent once.")
        self._file = self._uploads.attachments.receive(part.file_name)
        self._files[part.name] = self._file

    async def _add(self, content: bytes) -> None:
        if self._file is not None:
            await self._file.write(content)
            return
        self._text += content
        if len(self._text) > self._uploads.request_bytes:
            limit = f"{self._uploads.request_bytes:,}"
            raise BadRequestError(413, f"`{self._name}` exceeds {limit} bytes.")

    async def _end(self) -> None:
        if self._file is not None:
            await self._file.finish()
            container, key = self._slots[self._name]
            container[key] = self._file
        elif self._operations is None:
            self._operations = _operations_in(bytes(self._text))
        else:
            self._slots = _slots_in(bytes(self._text), self._uploads.files, self._operations)


def _operations_in(text: bytes) -> dict[str, Any]:
    operations = _json(text, "operations")
    if isinstance(operations, list):
        raise BadRequestError(400, "Send one operation in a request: batches are not supported.")
    if not isinstance(operations, dict):
        raise BadRequestError(400, "`operations` must be a JSON object with a `query`.")
    return operations


def _slots_in(text: bytes, most: int, operations: dict[str, Any]) -> dict[str, Slot]:
    """Return where each file belongs in the operations.

    Raises:
        BadRequestError: `map` is not valid, or a path does not lead to a null.
    """
    given = _json(text, "map")
    if not isinstance(given, dict) or not given:
        raise BadRequestError(
            400, "`map` must be an object with an entry for each file: the path of its variable."
        )
    if len(given) > most:
        raise BadRequestError(
            400, f"A request may have {most} files at most (HUB_ATTACHMENTS_PER_REQUEST)."
        )
    slots: dict[str, Slot] = {}
    for name, paths in given.items():
        if not isinstance(paths, list) or len(paths) != 1 or not isinstance(paths[0], str):
            raise BadRequestError(400, "`map` must name one variable for each file, in a list.")
        slots[name] = slot = _slot(operations, paths[0])
        # Another file for the same variable finds no null.
        slot[0][slot[1]] = name
    return slots


def _slot(operations: dict[str, Any], path: str) -> Slot:
    steps = path.split(".", MAX_PATH_STEPS)
    if not 2 <= len(steps) <= MAX_PATH_STEPS or steps[0] != "variables":
        raise BadRequestError(
            400,
            f"A path in `map` begins with `variables.` and has at most {MAX_PATH_STEPS} steps.",
        )
    container: Any = None
    value: Any = operations
    key: Any = None
    for step in steps:
        container, key = value, step
        if isinstance(container, list):
            key = int(step) if step.isascii() and step.isdigit() and len(step) < 4 else -1
            is_there = 0 <= key < len(container)
        else:
            is_there = isinstance(container, dict) and step in container
        if not is_there:
            raise BadRequestError(400, "A path in `map` leads to no variable. Set it to null.")
        value = container[key]
    if value is not None:
        raise BadRequestError(400, "A path in `map` must lead to a variable that is null.")
    return container, key


def _json(text: bytes, name: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BadRequestError(400, f"`{name}` is not valid JSON.") from None
