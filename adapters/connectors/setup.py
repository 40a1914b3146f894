"""The input of every connector: one manifest, prepared, and where its calls may be intercepted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from adapters.connectors.connector import CallPlan, Connector
from adapters.connectors.http.transport import Transport
from adapters.connectors.kept_rows import RowStore
from adapters.connectors.write_replies import WritePlan

SettingsT = TypeVar("SettingsT")
CallT = TypeVar("CallT")


class SetupError(Exception):
    """The manifest's connector can't be set up.

    Attributes:
        key_path: keys of `department.yaml`, from the top, that lead to the wrong value.
        message: what is wrong.
        remedy: what to do.
    """

    def __init__(self, key_path: tuple[str, ...], message: str, remedy: str) -> None:
        super().__init__(message)
        self.key_path = key_path
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Wrappers:
    """Functions that put an object of the workbench around the real one. The hub uses none.

    With them the workbench records a department's replies: the results of the transport's `send`,
    or of the connector's `call` if the department is a database.

    Attributes:
        transport: wraps the HTTP transport below authentication. It sees each request with its
            credentials, and the calls that log in and log off.
        connector: wraps the whole connector. The wrapper forwards `open`, `erase` and `close`.
    """

    transport: Callable[[Transport], Transport] | None = None
    connector: Callable[[Connector], Connector] | None = None


NO_WRAPPERS = Wrappers()


@dataclass(frozen=True, slots=True)
class Setup(Generic[SettingsT, CallT]):
    """The input of a connector, from its manifest.

    Attributes:
        department: identifier, for errors.
        folder: the manifest's folder. Files that the manifest names are relative to it.
        settings: the manifest's `connector`.
        plans: calls by capability.
        connections: maximum number of open connections.
        deadline: time limit of one call in seconds.
        first_byte: time limit in seconds until a reply begins, and between its parts. None: no
            limit here.
        reply_bytes: maximum size of one reply in bytes, after decompression.
        rows: maximum number of rows in one reply.
        timezone: time zone of the department's local times.
        row_store: stores rows of files. None: they are kept in memory.
        wrappers: how the workbench intercepts calls.
        writes: writes by capability. Their `call` is of the kind's model for writes.
    """

    department: str
    folder: Path
    settings: SettingsT
    plans: Mapping[str, CallPlan[CallT]]
    connections: int
    deadline: float
    first_byte: float | None
    reply_bytes: int
    rows: int
    timezone: ZoneInfo
    row_store: RowStore | None = None
    wrappers: Wrappers = NO_WRAPPERS
    writes: Mapping[str, WritePlan[Any]] = field(default_factory=dict)
