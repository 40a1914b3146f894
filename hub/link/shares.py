"""Shares: the calls of one operation use at most half of a department's slots."""

import sys

from adapters.manifest.limits import share_of
from hub.link.bulkhead import Bulkhead


class Shares:
    """Limits how many calls of one operation are at the bulkhead: running, or waiting for a slot.

    The operation's other calls wait here, first come, first served. They take no position in the
    department's queue, so other operations are answered meanwhile.

    Args:
        department: identifier, for errors.
        bulkhead: the department's bulkhead.
    """

    def __init__(self, department: str, bulkhead: Bulkhead) -> None:
        self._department = department
        self._bulkhead = bulkhead
        self._calls: dict[object, Bulkhead] = {}

    def enter_if_free(self, operation: object) -> bool:
        """Count a call if the operation has less than its share; then `leave` must follow."""
        calls = self._calls.get(operation)
        if calls is None:
            share = share_of(self._bulkhead.slots)
            calls = self._calls[operation] = Bulkhead(self._department, share, sys.maxsize)
        return calls.enter_if_free()

    async def wait(self, operation: object, deadline: float) -> None:
        """Wait until the operation has less than its share; then `leave` must follow.

        Args:
            operation: identifies the operation.
            deadline: when the operation's time ends, on the event loop's clock (seconds).

        Raises:
            DeadlineExceededError: the calls before this one took until `deadline`.
        """
        calls = self._calls[operation]
        try:
            await calls.wait(deadline)
        except BaseException:
            self._forget_if_idle(operation, calls)
            raise

    def leave(self, operation: object) -> None:
        """Let the operation's next call in."""
        calls = self._calls[operation]
        calls.leave()
        self._forget_if_idle(operation, calls)

    def _forget_if_idle(self, operation: object, calls: Bulkhead) -> None:
        if not calls.in_flight and self._calls.get(operation) is calls:
            del self._calls[operation]
