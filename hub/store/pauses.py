"""Departments that an administrator closed; they stay closed after a restart."""

from collections.abc import Mapping

from sqlalchemy import Delete, delete, insert, select, update

from hub.store.store import Store
from hub.store.submission_tables import delivery_hold
from hub.store.tables import department_pause, microseconds_of, moment_of
from schema.sources import Pause


class Pauses:
    """Reads and writes the table `department_pause`.

    Every method raises one of `STORE_FAILURES` if the database does not respond.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def save(self, department: str, pause: Pause) -> None:
        until = pause.until
        row = {
            "department": department,
            "until_us": None if until is None else microseconds_of(until),
            "note": pause.note,
        }
        async with self._store.engine.begin() as connection:
            await connection.execute(_without(department))
            await connection.execute(insert(department_pause), row)

    async def remove(self, department: str) -> None:
        """Remove the pause. What waits for the department is tried again at once."""
        held = update(delivery_hold).where(delivery_hold.c.department == department)
        async with self._store.engine.begin() as connection:
            await connection.execute(_without(department))
            await connection.execute(held.values(until_us=0))

    async def load(self) -> Mapping[str, Pause]:
        async with self._store.engine.connect() as connection:
            rows = (await connection.execute(select(department_pause))).all()
        return {
            row.department: Pause(
                None if row.until_us is None else moment_of(row.until_us), row.note
            )
            for row in rows
        }


def _without(department: str) -> Delete:
    return delete(department_pause).where(department_pause.c.department == department)
