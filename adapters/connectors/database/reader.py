"""What runs statements on a department's database."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Executable


class StatementReader(Protocol):
    """Runs statements in read-only sessions. Raises `DepartmentError` only."""

    async def fetch(
        self, clause: Executable, values: Mapping[str, object], most_rows: int
    ) -> Sequence[Any]:
        """At most so many rows, each of which gives a column by `get(name)` and `[name]`."""

    async def close(self) -> None: ...
