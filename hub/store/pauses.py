"""Departments that are closed by order, kept beyond the life of the process."""

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import Delete, delete, insert, select

from hub.store.store import Store
from hub.store.tables import department_pause
from schema.sources import Pause

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Pauses:
    """Reads and writes the table of pauses."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def save(self, department: str, pause: Pause) -> None:
        until = pause.until
        row = {
            "department": department,
            "until_us": None if until is None else (until - EPOCH) // dt.timedelta(microseconds=1),
            "note": pause.note,
        }
        async with self._store.engine.begin() as connection:
            await connection.execute(_without(department))
            await connection.execute(insert(department_pause), row)

    async def remove(self, department: str) -> None:
        async with self._store.engine.begin() as connection:
            await connection.execute(_without(department))

    async def load(self) -> Mapping[str, Pause]:
        async with self._store.engine.connect() as connection:
            rows = (await connection.execute(select(department_pause))).all()
        return {row.department: Pause(_moment(row.until_us), row.note) for row in rows}


def _without(department: str) -> Delete:
    return delete(department_pause).where(department_pause.c.department == department)


def _moment(microseconds: int | None) -> dt.datetime | None:
    return None if microseconds is None else EPOCH + dt.timedelta(microseconds=microseconds)
