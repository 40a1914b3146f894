"""The applications of one department for its officers, last changed first."""

from collections.abc import Collection, Iterable
from datetime import date

from mocks.population.records import Application


class Worklist:
    """The applications of one department, last changed first."""

    def __init__(self, applications: Iterable[Application]) -> None:
        self._rows = sorted(applications, key=lambda each: each.reference)
        self._rows.sort(key=lambda each: each.updated_at, reverse=True)

    def matching(
        self, statuses: Collection[str] = (), since: date | None = None
    ) -> list[Application]:
        """Return the applications with one of these status codes that changed since this day.

        Args:
            statuses: the department's codes; all if empty.
            since: first day; None for all.
        """
        return [
            each
            for each in self._rows
            if (not statuses or each.status_code in statuses)
            and (since is None or each.updated_at.date() >= since)
        ]
