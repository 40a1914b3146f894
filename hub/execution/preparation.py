"""Prepares documents that are not in the cache, without delaying other operations.

One thread does all of it: parsing, validation and compilation of a document near the limits take
100 ms together. The event loop gets its turn in between, because Python switches threads every
millisecond (`hub.cli.server`).
"""

import asyncio
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from graphql import GraphQLError

from hub.execution.compiler import Compiler
from hub.execution.documents import DocumentError, Documents, Planned, Prepared
from schema.codes import ErrorCode
from schema.errors import HubError

MAX_WAITING = 100
"""Maximum number of different documents that wait for the thread; further ones are refused."""

T = TypeVar("T")


class Preparation:
    """Prepares documents in a thread, one after another. Requests for the same one share the work.

    `documents` is changed by the event loop only.
    """

    def __init__(self, documents: Documents, new_compiler: Callable[[], Compiler]) -> None:
        self._documents = documents
        self._new_compiler = new_compiler
        self._compiler: Compiler | None = None
        self._thread = ThreadPoolExecutor(1, "documents")
        self._running: dict[Hashable, asyncio.Future[object]] = {}

    async def prepare(self, text: str, operation_name: str | None) -> Prepared:
        """Prepare a document and add it to the cache.

        Raises:
            DocumentError: the document cannot run.
            HubError: `OVERLOADED`, too many documents wait.
        """
        key = (text, operation_name)
        found = await self.run(key, lambda: self._prepare(text, operation_name))
        if isinstance(found, list):
            raise DocumentError(found)
        if self._documents.known(*key) is None:
            self._documents.add(found)
        return found

    async def plan(self, prepared: Prepared, variables: Mapping[str, object]) -> Planned:
        """Compile the plan of an operation for these variables.

        Raises:
            HubError: `OVERLOADED`, too many documents wait.
        """
        conditions = prepared.conditions_in(variables)
        key = (id(prepared), conditions)
        planned = await self.run(key, lambda: self._compile(prepared, conditions))
        prepared.remember(conditions, planned)
        return planned

    async def run(self, key: Hashable, work: Callable[[], T]) -> T:
        """Run a function in the thread. Calls with the same key share one run.

        Raises:
            HubError: `OVERLOADED`, too many other functions wait.
        """
        future: asyncio.Future[T] | None = self._running.get(key)  # type: ignore[assignment]
        if future is None or future.get_loop() is not asyncio.get_running_loop():
            if len(self._running) >= MAX_WAITING:
                raise HubError(
                    ErrorCode.OVERLOADED,
                    "Too many new documents at once. Retry in a second.",
                    retryable=True,
                )
            future = asyncio.get_running_loop().run_in_executor(self._thread, work)
            self._running[key] = future  # type: ignore[assignment]
            future.add_done_callback(lambda _: self._running.pop(key, None))
        return await asyncio.shield(future)

    def _prepare(self, text: str, operation_name: str | None) -> Prepared | list[GraphQLError]:
        """Return the operation, or the errors of the document."""
        try:
            prepared = self._documents.make(text, operation_name)
        except DocumentError as error:
            return error.errors
        if not prepared.conditions:
            prepared.remember((), self._compile(prepared, ()))
        return prepared

    def _compile(self, prepared: Prepared, conditions: tuple[object, ...]) -> Planned:
        if self._compiler is None:
            # A compiler has a state while it works, so each thread needs its own.
            self._compiler = self._new_compiler()
        return self._documents.compile(prepared, conditions, self._compiler)
