"""Counts what a mock was asked, so that a test can say how often the hub called it."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send


class CallLog:
    """How many calls of each operation arrived since the last reset."""

    def __init__(self) -> None:
        self._by_operation: Counter[str] = Counter()

    def note(self, operation: str) -> None:
        """One more call of this operation."""
        self._by_operation[operation] += 1

    def reset(self) -> None:
        """Back to zero."""
        self._by_operation.clear()

    def summary(self) -> dict[str, Any]:
        """`{"total": 3, "by_operation": {...}}`."""
        return {
            "total": self._by_operation.total(),
            "by_operation": dict(sorted(self._by_operation.items())),
        }


class CallCounter:
    """ASGI middleware that notes each request before any fault can swallow it."""

    def __init__(self, app: ASGIApp, calls: CallLog, operation_of: Callable[[Scope], str]) -> None:
        self.app = app
        self.calls = calls
        self.operation_of = operation_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.calls.note(self.operation_of(scope))
        await self.app(scope, receive, send)
