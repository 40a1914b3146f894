"""One question to a department while it is under way: what its attempts have seen so far."""

import asyncio
import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answered:
    """That the department answered well: when (UTC), and in how many milliseconds."""

    retrieved_at: dt.datetime
    latency_ms: int


@dataclass(slots=True)
class Call:
    """A question, asked in one attempt or more.

    Attributes:
        deadline: moment by which the reply must be there, on the event loop's clock (seconds).
        seconds: how long the department took, in the attempt that took longest.
        granted: how long it might have taken, in the attempt that had the most time.
    """

    deadline: float
    seconds: float = 0.0
    granted: float = 0.0

    @property
    def was_asked(self) -> bool:
        """Whether any attempt came so far that the department was asked."""
        return self.granted > 0

    def left(self) -> float:
        """Seconds until the deadline; negative after it."""
        return self.deadline - asyncio.get_running_loop().time()
