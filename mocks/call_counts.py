"""Counts the calls to a mock, so that a test can check how often the hub called it."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send


class CallCounts:
    """Calls per operation since the last reset, and how many run at once."""

    def __init__(self) -> None:
        self._by_operation: Counter[str] = Counter()
        self._in_flight = 0
        self._most_in_flight = 0

    def begin(self, operation: str) -> None:
        """Count one call; `end` must follow."""
        self._by_operation[operation] += 1
        self._in_flight += 1
        self._most_in_flight = max(self._most_in_flight, self._in_flight)

    def end(self) -> None:
        """Note that a call has its reply, or that its caller has disconnected."""
        self._in_flight -= 1

    def reset(self) -> None:
        """Set the counts to zero. Calls that are running stay counted as running."""
        self._by_operation.clear()
        self._most_in_flight = self._in_flight

    def summary(self) -> dict[str, Any]:
        """Return `{"total": 3, "by_operation": {...}, "in_flight": 1, "most_in_flight": 2}`."""
        return {
            "total": self._by_operation.total(),
            "by_operation": dict(sorted(self._by_operation.items())),
            "in_flight": self._in_flight,
            "most_in_flight": self._most_in_flight,
        }


class CallCountMiddleware:
    """ASGI middleware that counts each request before any fault can discard it."""

    def __init__(
        self, app: ASGIApp, calls: CallCounts, operation_of: Callable[[Scope], str]
    ) -> None:
        self.app = app
        self.calls = calls
        self.operation_of = operation_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self.calls.begin(self.operation_of(scope))
        try:
            await self.app(scope, receive, send)
        finally:
            self.calls.end()
