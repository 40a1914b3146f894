"""Queue of waiting operations that serves clients in turn."""

import asyncio
from collections import deque
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Ticket:
    """One waiting operation.

    Attributes:
        client: fairness key of the client that sent it.
        priority: True for priority operations.
        since: when it began to wait, in seconds of the admission's clock.
        turn: becomes True when the operation may run and False when its client disconnected.
            Raises `OverloadedError` when it is refused.
    """

    client: str
    priority: bool
    since: float
    turn: asyncio.Future[bool]


class FairQueue:
    """Round-robin over clients; first in, first out for the operations of one client.

    Attributes:
        size: number of tickets in the queue.
    """

    def __init__(self) -> None:
        self._by_client: dict[str, deque[Ticket]] = {}
        self.size = 0

    def add(self, ticket: Ticket) -> None:
        self._by_client.setdefault(ticket.client, deque()).append(ticket)
        self.size += 1

    def pop(self) -> Ticket:
        """Remove and return the oldest ticket of the next client.

        Raises:
            StopIteration: the queue is empty.
        """
        client = next(iter(self._by_client))
        tickets = self._by_client.pop(client)
        ticket = tickets.popleft()
        if tickets:
            # Insert again at the end: every other client has its turn first.
            self._by_client[client] = tickets
        self.size -= 1
        return ticket

    def remove(self, ticket: Ticket) -> None:
        """Remove a ticket out of turn.

        Raises:
            KeyError: the client has no ticket in this queue.
            ValueError: the client has tickets in this queue, but not this one.
        """
        tickets = self._by_client[ticket.client]
        tickets.remove(ticket)
        if not tickets:
            del self._by_client[ticket.client]
        self.size -= 1

    def count(self, client: str) -> int:
        """Return the number of this client's tickets."""
        return len(self._by_client.get(client, ()))

    def newest_of_busiest_client(self) -> Ticket | None:
        """Return the newest ticket of the client with the most tickets; None if empty."""
        most = max(self._by_client.values(), key=len, default=None)
        return most[-1] if most else None

    def older_than(self, moment: float) -> list[Ticket]:
        """Return the tickets that began to wait before `moment`."""
        found: list[Ticket] = []
        for tickets in self._by_client.values():
            for ticket in tickets:
                if ticket.since >= moment:
                    break
                found.append(ticket)
        return found
