"""Puts deliveries into the queues of DBOS, in the transactions of the hub's own tables.

The module imports DBOS when a queue is opened, because the import takes a quarter of a second.
"""

import asyncio
import datetime as dt
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    TableClause,
    column,
    create_engine,
    event,
    select,
    table,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.sqlite_library import sqlite3
from hub.store import STORE_FAILURES, Store, StoreError
from hub.store.store import CONNECT_SECONDS, failure_text

if TYPE_CHECKING:
    from dbos import DBOSClient, Queue

APPLICATION = "citizen-hub"
VERSION = "1"
"""Version of the workflow. A delivery runs only in processes with the same version, so it changes
only if old deliveries can't run in the new code."""
WORKFLOW = "deliver"
OTHER = "deliver-other"
"""Queue of departments to which the hub can't write: an operator forwards what they get."""
STARTED_FOR_EACH_CALL = 10
"""Deliveries that one look into a queue starts, for each call that a department takes at once. A
queue is read once a second, and a call usually takes a fraction of that."""
MAX_PRIORITY = 2**31 - 1
LOCK_SECONDS = 30
DELETED_AT_ONCE = 500
ENDED_STATES = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
LIVE_STATES = ("ENQUEUED", "DELAYED", "PENDING")


class JsonSerializer:
    """Stores arguments and results of workflows as JSON. DBOS would use pickle."""

    def name(self) -> str:
        return "json"

    def serialize(self, data: Any) -> str:
        return json.dumps(data, default=lambda value: type(value).__name__)

    def deserialize(self, serialized_data: str) -> Any:
        return json.loads(serialized_data)


@dataclass(frozen=True, slots=True)
class Enqueued:
    """A delivery that is put into its queue.

    Attributes:
        receipt: receipt number of the submission.
        delivery: number of the delivery of this submission, from 1.
        department: identifier of the department.
        number: deliveries with smaller numbers run first.
    """

    receipt: str
    delivery: int
    department: str
    number: int


class DeliveryQueue:
    """The queues of deliveries, one for each department to which the hub can write.

    Args:
        store: the hub's database, which also contains the tables of DBOS.
        calls: departments to which the hub can write, with the number of calls that a process may
            make at once.

    Attributes:
        departments: these departments, with the number of deliveries that a process takes from
            the queue at once. Those that can't call yet wait in memory.
        engine: runs the statements of DBOS, in threads.
    """

    engine: Engine

    def __init__(self, store: Store, calls: Mapping[str, int]) -> None:
        self._url = store.engine.url
        self._client: DBOSClient | None = None
        self.departments = {name: most * STARTED_FOR_EACH_CALL for name, most in calls.items()}

    async def open(self) -> None:
        """Create or update the tables of DBOS.

        Raises:
            StoreError: that is not possible.
        """
        await asyncio.to_thread(self._open)

    def _open(self) -> None:
        from dbos import DBOSClient
        from dbos._error import DBOSException

        # DBOS would print in a format of its own. Now its log goes where the hub's log goes.
        logger = logging.getLogger("dbos")
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
        logger.setLevel(logging.WARNING)
        self.engine = sync_engine(self._url)
        try:
            self._client = DBOSClient(
                system_database_engine=self.engine,
                serializer=JsonSerializer(),  # type: ignore[arg-type]  # the base class is private
                application_name=APPLICATION,
                lazy=True,
            )
            self._client._sys_db.run_migrations()
        except (DBOSException, *STORE_FAILURES) as error:
            self.engine.dispose()
            raise StoreError(
                f"The tables of deliveries can't be created ({failure_text(error)}). On PostgreSQL "
                "the hub's role needs the privilege CREATE on the database, for the schema dbos."
            ) from None

    async def close(self) -> None:
        if self._client is not None:
            await asyncio.to_thread(self.engine.dispose)
            self._client = None

    def name_of(self, department: str) -> str:
        """Return the name of the department's queue."""
        return f"deliver-{department}" if department in self.departments else OTHER

    def register(self, name: str, concurrency: int, poll_seconds: float) -> "Queue":
        """Create a queue, or change its settings in all processes. Call this in a thread.

        Args:
            concurrency: deliveries that may run at once in each process.
            poll_seconds: how often the queue is read.
        """
        assert self._client is not None, "open the queue first"
        return self._client.register_queue(
            name,
            worker_concurrency=concurrency,
            polling_interval_sec=poll_seconds,
            application_name=APPLICATION,
        )

    async def enqueue(self, connection: AsyncConnection, deliveries: Iterable[Enqueued]) -> None:
        """Add deliveries in the transaction of the connection."""
        await connection.run_sync(self._enqueue, deliveries)

    def _enqueue(self, connection: Connection, deliveries: Iterable[Enqueued]) -> None:
        assert self._client is not None, "open the queue first"
        for each in deliveries:
            self._client.enqueue_in_transaction(
                connection,
                {
                    "queue_name": self.name_of(each.department),
                    "workflow_name": WORKFLOW,
                    "workflow_id": workflow_id(each.receipt, each.delivery),
                    "app_version": VERSION,
                    "priority": min(each.number, MAX_PRIORITY),
                },
                each.receipt,
                each.delivery,
            )

    def workflow_rows(self) -> TableClause:
        """Return the columns of DBOS's table of workflows that the hub reads."""
        schema = None if self.engine.dialect.name == "sqlite" else "dbos"
        names = ("workflow_uuid", "status", "updated_at", "executor_id", "priority")
        return table("workflow_status", *map(column, names), schema=schema)

    async def delete_ended(self, before: dt.datetime) -> None:
        """Delete the records of workflows that ended before a moment."""
        while await asyncio.to_thread(self._delete_some, before) == DELETED_AT_ONCE:
            pass

    def _delete_some(self, before: dt.datetime) -> int:
        assert self._client is not None, "open the queue first"
        rows = self.workflow_rows()
        ended = select(rows.c.workflow_uuid).where(
            rows.c.status.in_(ENDED_STATES), rows.c.updated_at < int(before.timestamp() * 1000)
        )
        with self.engine.connect() as connection:
            ids = list(connection.execute(ended.limit(DELETED_AT_ONCE)).scalars())
        self._client.delete_workflows(ids)
        return len(ids)


def workflow_id(receipt: str, delivery: int) -> str:
    return f"{receipt}.{delivery}"


def sync_engine(url: URL) -> Engine:
    """Return an engine for DBOS's threads, on the database of the hub's asynchronous engine.

    Its commits do not wait for the disk. A power failure can take back the last of them: then DBOS
    runs some deliveries again, and the hub's rows say that there is nothing to do. What the hub
    accepts, and each step of a delivery, is committed by the hub's own engine, which waits.
    """
    if url.get_backend_name() != "sqlite":
        query = dict(url.query)
        if "ssl" in query:
            query["sslmode"] = query.pop("ssl")
        # Set when the connection starts: SET would stay on in a pool that others share.
        query["options"] = f"{query.get('options', '')} -c synchronous_commit=off".strip()
        return create_engine(
            url.set(drivername="postgresql+psycopg", query=query),
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args={"connect_timeout": int(CONNECT_SECONDS)},
        )
    engine = create_engine(
        url.set(drivername="sqlite"),
        hide_parameters=True,
        connect_args={"timeout": LOCK_SECONDS},
        module=sqlite3,
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        # The driver takes the write lock before the first change, as DBOS expects it.
        connection.isolation_level = "IMMEDIATE"
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    return engine
