"""Makes small changes that wait at the same time in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from hub.store.store import Store
from hub.store.transactions import writing

GROUP = 32
"""Changes in one transaction. A commit takes as long for 32 as for one."""

Result = TypeVar("Result")
Change = Callable[[AsyncConnection], Awaitable[Result]]


@dataclass(slots=True)
class _Waiting:
    change: Change[Any]
    done: asyncio.Future[Any] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class GroupCommit:
    """The changes of one process that are made together.

    While a group is committed, the next one gathers.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None

    async def run(self, change: Change[Result]) -> Result:
        """Return the result of a change when it is committed.

        Args:
            change: gets the connection. It is called again, in a transaction of its own, if the
                group can't be committed: it must have no other effects.

        Raises:
            HubError: `STORE_UNAVAILABLE`.
            Exception: what the change raised. The other changes are made in spite of it.
        """
        waiting = _Waiting(change)
        self._waiting.append(waiting)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_all())
        result: Result = await waiting.done
        return result

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:GROUP], self._waiting[GROUP:]
                if len(group) > 1 and await self._committed(group):
                    continue
                for each in group:
                    await self._commit_one(each)
        finally:
            self._writer = None

    async def _committed(self, group: list[_Waiting]) -> bool:
        """Make changes in one transaction; return whether that was possible."""
        try:
            async with writing(self._store) as connection:
                results = [await each.change(connection) for each in group]
        except Exception:
            return False
        for each, result in zip(group, results, strict=True):
            if not each.done.done():
                each.done.set_result(result)
        return True

    async def _commit_one(self, waiting: _Waiting) -> None:
        try:
            async with writing(self._store) as connection:
                result = await waiting.change(connection)
        except Exception as error:
            if not waiting.done.done():
                waiting.done.set_exception(error)
        else:
            if not waiting.done.done():
                waiting.done.set_result(result)
