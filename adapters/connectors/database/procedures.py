"""Writes of a manifest by stored procedures."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import URL

from adapters.connectors.connector import Bindings
from adapters.connectors.database.dialects import Bounds, open_engine
from adapters.connectors.database.postgres_writer import PostgresWriter
from adapters.connectors.database.settings import DatabaseWrite
from adapters.connectors.database.statements import CALLS
from adapters.connectors.database.writer import (
    DatabaseWriter,
    SqlalchemyWriter,
    Write,
    run_write,
)
from adapters.connectors.templates import MISSING, fill
from adapters.connectors.write_replies import WritePlan, WriteResponse
from adapters.contract import DepartmentRefusedError

WRITE_CALLS: Mapping[str, str] = {
    **CALLS,
    # In Oracle, a function that is called by SELECT may not change data.
    "oracle": "BEGIN :reference := {name}({arguments}); END;",
}
MOST_CONNECTIONS = 2
"""Maximum number of connections for writes, besides those for reading."""


class ProcedureWrites:
    """The writes of one department.

    Args:
        department: identifier of the department.
        url: URL of the database.
        dialect: name of the database's dialect.
        plans: writes by capability.
        bounds: limits for the database.
        zone: the department's time zone.

    Raises:
        SetupError: the driver is missing or does not accept the URL.
    """

    def __init__(
        self,
        department: str,
        url: URL,
        dialect: str,
        plans: Mapping[str, WritePlan[DatabaseWrite]],
        bounds: Bounds,
        zone: ZoneInfo,
    ) -> None:
        self._department = department
        self._dialect = dialect
        self._plans = plans
        self._zone = zone
        bounds = replace(bounds, connections=min(bounds.connections, MOST_CONNECTIONS))
        # A database without procedures, for example the SQLite file of a mock, can only be read.
        self._writers = {
            commits: _writer(url, dialect, bounds, commits)
            for commits in {plan.call.commits == "procedure" for plan in plans.values()}
            if dialect in WRITE_CALLS
        }

    async def write(self, capability: str, bindings: Bindings, seconds: float) -> WriteResponse:
        """Call the procedure of a write, and commit.

        Args:
            bindings: values of the placeholders.
            seconds: time limit.

        Raises:
            DepartmentError: as `run_write`, or the department's database has no procedures.
        """
        call = self._plans[capability].call
        commits = call.commits == "procedure"
        writer = self._writers.get(commits)
        if writer is None:
            raise DepartmentRefusedError(
                self._department,
                f"{self._department}'s database ({self._dialect}) has no stored procedures.",
            )
        arguments = self._arguments(call, bindings)
        write = Write(call.procedure, capability, arguments, commits, seconds)
        return await run_write(writer, self._department, write)

    def _arguments(self, call: DatabaseWrite, bindings: Bindings) -> Sequence[object]:
        filled: Any = fill(call.values, bindings)
        values: Mapping[str, object] = {} if filled is MISSING else filled
        unknown = sorted(values.keys() - set(call.arguments))
        if unknown:
            raise DepartmentRefusedError(
                self._department,
                f"{self._department}'s procedure {call.procedure} has no parameter {unknown[0]!r}; "
                "add it to `arguments` in department.yaml.",
            )
        arguments = [values.get(name) for name in call.arguments]
        if self._dialect == "postgresql":
            return arguments
        return [self._bound(value) for value in arguments]

    def _bound(self, value: object) -> object:
        """Return a value that every driver can bind."""
        if isinstance(value, dt.datetime):
            return value.astimezone(self._zone).replace(tzinfo=None)
        if isinstance(value, Mapping) or (
            isinstance(value, list) and any(isinstance(each, Mapping) for each in value)
        ):
            return orjson.dumps(value, default=str).decode()
        return ",".join(map(str, value)) if isinstance(value, list | tuple) else value

    async def close(self) -> None:
        """Close all connections."""
        for writer in self._writers.values():
            await writer.close()


def _writer(url: URL, dialect: str, bounds: Bounds, commits: bool) -> DatabaseWriter:
    if dialect == "postgresql":
        return PostgresWriter(url, bounds)
    engine = open_engine(url, bounds, writes=True, commits=commits)
    return SqlalchemyWriter(dialect, engine, WRITE_CALLS[dialect])
