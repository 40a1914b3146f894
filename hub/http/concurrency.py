"""How many operations may run at once, learnt from how late the event loop is."""

LAG_SECONDS = 0.05
"""A loop that is later than this has more to do than one processor can."""
LATE_SECONDS = 0.1
"""So much lag in a row is a load; less may be a collection of garbage, or a new document."""
FLOOR = 16
"""Fewer would leave the processor idle while departments are waited for."""
GROWTH = 50
"""The limit grows by one fiftieth of itself, and one, with every tick that is in time."""


class ConcurrencyLimit:
    """Additive increase and multiplicative decrease, as TCP does it.

    The signal is the loop's lag and nothing else: operations that wait for a slow department make
    none, so they do not lower the limit.

    Attributes:
        limit: operations that may run at once now.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._floor = min(FLOOR, most)
        self._late = 0.0
        self.limit = most

    def learn(self, lag: float, running: int) -> None:
        """One tick of the loop came `lag` seconds late while so many operations ran."""
        if lag <= LAG_SECONDS:
            self._late = 0.0
            self.limit = min(self._most, self.limit + 1 + self.limit // GROWTH)
            return
        self._late += lag
        if self._late >= LATE_SECONDS:
            # Below what runs, and not far: what runs may be waiting for a department.
            self.limit = min(self.limit, max(self._floor, running * 9 // 10))
