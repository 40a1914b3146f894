"""Passes the replies of a connector on to a function of the workbench."""

from collections.abc import Callable, Collection

from adapters.connectors.connector import Bindings, Connector, RowsOfReply
from adapters.connectors.write_replies import WriteResponse
from adapters.contract import CallContext
from adapters.mapping.access import Shape


class ObservingConnector(Connector):
    """Calls a function with each reply of the wrapped connector.

    Args:
        inner: the wrapped connector.
        observe: called with each reply.
        is_shaped: False to read rows as plain trees, as they were sent.
    """

    def __init__(
        self, inner: Connector, observe: Callable[[RowsOfReply], None], *, is_shaped: bool = True
    ) -> None:
        self._inner = inner
        self._observe = observe
        self._is_shaped = is_shaped

    async def open(self) -> None:
        await self._inner.open()

    async def call(
        self, capability: str, bindings: Bindings, context: CallContext, shape: Shape | None
    ) -> RowsOfReply:
        wanted = shape if self._is_shaped else None
        reply = await self._inner.call(capability, bindings, context, wanted)
        self._observe(reply)
        return reply

    async def write(
        self, capability: str, bindings: Bindings, context: CallContext
    ) -> WriteResponse:
        return await self._inner.write(capability, bindings, context)

    async def erase(self, numbers: Collection[str]) -> int:
        return await self._inner.erase(numbers)

    async def close(self) -> None:
        await self._inner.close()
