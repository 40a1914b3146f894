"""Requests that wait for their turn, each caller as fairly as the next."""

import asyncio
from collections import deque
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Ticket:
    """One waiting request.

    Attributes:
        caller: whose it is.
        first: whether it goes before ordinary ones.
        since: when it began to wait, by the admission's clock.
        turn: True when its turn has come, False when its caller has gone, an error when it is
            refused after all.
    """

    caller: str
    first: bool
    since: float
    turn: asyncio.Future[bool]


class FairQueue:
    """Callers in a round, each with their own requests in the order they came."""

    def __init__(self) -> None:
        self._by_caller: dict[str, deque[Ticket]] = {}
        self.size = 0

    def add(self, ticket: Ticket) -> None:
        self._by_caller.setdefault(ticket.caller, deque()).append(ticket)
        self.size += 1

    def next(self) -> Ticket:
        """Takes the oldest of the caller whose turn it is; that caller goes to the end."""
        caller = next(iter(self._by_caller))
        tickets = self._by_caller.pop(caller)
        ticket = tickets.popleft()
        if tickets:
            self._by_caller[caller] = tickets
        self.size -= 1
        return ticket

    def remove(self, ticket: Ticket) -> None:
        """Takes one out of turn; `ValueError` or `KeyError` when it does not wait here."""
        tickets = self._by_caller[ticket.caller]
        tickets.remove(ticket)
        if not tickets:
            del self._by_caller[ticket.caller]
        self.size -= 1

    def count(self, caller: str) -> int:
        """How many of the caller's wait."""
        return len(self._by_caller.get(caller, ()))

    def newest_of_the_longest(self) -> Ticket | None:
        """The newest request of the caller with the most; None when nobody waits."""
        longest = max(self._by_caller.values(), key=len, default=None)
        return longest[-1] if longest else None

    def older_than(self, moment: float) -> list[Ticket]:
        """Those that began to wait before `moment`."""
        found: list[Ticket] = []
        for tickets in self._by_caller.values():
            for ticket in tickets:
                if ticket.since >= moment:
                    break
                found.append(ticket)
        return found
