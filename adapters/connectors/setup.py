"""What a connector is set up with, and how it says that it can't be."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from adapters.connectors.connector import CallPlan
from adapters.connectors.http.transport import HttpTransport, Proxy
from adapters.connectors.kept_rows import RowStore

SettingsT = TypeVar("SettingsT")
CallT = TypeVar("CallT")


class SetupError(Exception):
    """A manifest's connector can't be set up.

    Attributes:
        place: keys from the top of `department.yaml` to what is wrong.
        message: what is wrong.
        remedy: what to do.
    """

    def __init__(self, place: tuple[str, ...], message: str, remedy: str) -> None:
        super().__init__(message)
        self.place = place
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Setup(Generic[SettingsT, CallT]):
    """A manifest as its connector needs it.

    Attributes:
        department: identifier, for errors.
        folder: the manifest's, where files beside it are.
        settings: the manifest's `connector`.
        plans: its calls by capability.
        connections: most connections open at once.
        deadline: seconds that one call may take.
        first_byte: seconds until a reply begins, and between parts of it; None: no bound here.
        reply_bytes: most bytes of one reply, after decompression.
        rows: most rows of one reply.
        timezone: zone of the department's local times.
        row_store: where rows of files are kept; in memory when not given.
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

    def http_transport(
        self, *, tls: ssl.SSLContext | None = None, proxy: Proxy | None = None
    ) -> HttpTransport:
        return HttpTransport(
            self.department,
            connections=self.connections,
            reply_bytes=self.reply_bytes,
            first_byte=self.first_byte,
            tls=tls,
            proxy=proxy,
        )
