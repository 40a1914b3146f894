"""One question to a department while it is under way: what its attempts have seen so far."""

import asyncio
import datetime as dt
from dataclasses import dataclass

from adapters.contract import DepartmentError


@dataclass(frozen=True, slots=True)
class Answered:
    """That the department answered well: when (UTC), and in how many milliseconds."""

    retrieved_at: dt.datetime
    latency_ms: int


@dataclass(slots=True)
class Attempt:
    """One attempt.

    Attributes:
        granted: how long the department might have taken, in seconds; 0 while it is not asked.
        seconds: how long it took.
    """

    granted: float = 0.0
    seconds: float = 0.0

    @property
    def was_asked(self) -> bool:
        """Whether it came so far that the department was asked."""
        return self.granted > 0


@dataclass(slots=True)
class Call:
    """A question, asked in one attempt or more.

    Attributes:
        deadline: moment by which the reply must be there, on the event loop's clock (seconds).
        seconds: how long the department took, in the attempt that took longest.
        was_asked: whether the department has been asked: not while it waits for the rate.
        failure: what the department has last failed with.
        is_recorded: whether the breaker has heard of it.
    """

    deadline: float
    seconds: float = 0.0
    was_asked: bool = False
    failure: DepartmentError | None = None
    is_recorded: bool = False

    def left(self) -> float:
        """Seconds until the deadline; negative after it."""
        return self.deadline - asyncio.get_running_loop().time()
