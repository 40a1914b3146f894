"""Makes small changes that wait at the same time in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from hub.store.store import Store
from hub.store.transactions import writing

GROUP = 32
"""Changes in one transaction. A commit takes as long for 32 as for one."""

Item = TypeVar("Item")
Result = TypeVar("Result")
Outcomes = Sequence[Result | Exception]
Committed = Callable[[Sequence[Item], Outcomes[Result]], None]
Change = Callable[[AsyncConnection, Sequence[Item]], Awaitable[Outcomes[Result]]]


@dataclass(slots=True)
class _Waiting(Generic[Item]):
    item: Item
    done: asyncio.Future[Any] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class GroupCommit(Generic[Item, Result]):
    """One kind of change, made for all items that wait at the same time.

    While a group is committed, the next one gathers.

    Args:
        change: gets a connection and items; returns a result for each item, in order. An exception
            among the results is raised to the one that waits for this item. If the group can't be
            committed, `change` is called again for each item, in a transaction of its own: it must
            have no effects besides those of its statements.
        on_committed: called with the items and results of each transaction that was committed.
    """

    def __init__(
        self,
        store: Store,
        change: Change[Item, Result],
        on_committed: Callable[[Sequence[Item], Outcomes[Result]], None] = lambda _items, _out: (
            None
        ),
    ) -> None:
        self._store = store
        self._change = change
        self._on_committed = on_committed
        self._waiting: list[_Waiting[Item]] = []
        self._writer: asyncio.Task[None] | None = None

    async def run(self, item: Item) -> Result:
        """Return the result for an item when it is committed.

        Raises:
            HubError: `STORE_UNAVAILABLE`.
            Exception: what the change returned or raised for this item.
        """
        waiting = _Waiting(item)
        self._waiting.append(waiting)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_all())
        result: Result = await waiting.done
        return result

    async def close(self) -> None:
        """Wait until the items that have arrived are committed."""
        if self._writer is not None:
            await self._writer

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:GROUP], self._waiting[GROUP:]
                if await self._commit(group):
                    continue
                # One that fails must not fail the others.
                for each in group:
                    await self._commit([each])
        finally:
            self._writer = None

    async def _commit(self, group: Sequence[_Waiting[Item]]) -> bool:
        """Make the change for a group; return False if it must be made for each item alone."""
        items = [each.item for each in group]
        try:
            async with writing(self._store) as connection:
                outcomes = await self._change(connection, items)
        except Exception as error:
            if len(group) > 1:
                return False
            outcomes = [error]
        else:
            if self._on_committed is not None:
                self._on_committed(items, outcomes)
        for each, outcome in zip(group, outcomes, strict=True):
            if each.done.done():
                continue
            if isinstance(outcome, Exception):
                each.done.set_exception(outcome)
            else:
                each.done.set_result(outcome)
        return True
