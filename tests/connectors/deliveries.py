"""A folder of invented deliveries, and an adapter that reads it with a clock set by the test."""

import datetime as dt
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from adapters.adapter import ManifestAdapter
from adapters.connectors.files import FilesConnector
from adapters.connectors.kept_rows import RowStore, SeenFile
from tests.connectors.manifests import adapter_of

IST = ZoneInfo("Asia/Kolkata")
NOON = dt.datetime(2026, 11, 24, 12, 0, tzinfo=IST)
FIXED = {
    "name": r"F_\d{8}(_\w+)?\.txt(\.gz|\.zip)?",
    "stamp_format": "yyyymmddHHMMSS",
    "identity": ["ref"],
    "fixed": {
        "line_bytes": 80,
        "header": {"marker": "H", "stamp": "2-15"},
        "detail": "D",
        "trailer": {"marker": "T", "count": "2-9", "sum": "10-21", "sum_of": "amount"},
        "fields": {
            "ref": "2-11",
            "person": "12-19",
            "status": "20-20",
            "name": "21-56",
            "applied": "57-66",
            "amount": "67-74",
        },
    },
}
CSV = {
    "name": r"C_(?P<stamp>\d{12})(_\w+)?\.csv",
    "stamp_format": "yyyymmddHHMM",
    "identity": ["ref"],
    "csv": {"columns": ["ref", "person", "status", "name", "applied"]},
}
HEADER = "ref,person,status,name,applied"


def detail(
    ref: str, person: str = "P1", status: str = "N", name: str = "राम देवी",
    applied: str = "01/09/2026", amount: str = "100",
) -> bytes:  # fmt: skip
    """Return a fixed-width line without its line end."""
    parts = (
        (ref, 10), (person, 8), (status, 1), (name, 36), (applied, 10), (amount.rjust(8, "0"), 8),
    )  # fmt: skip
    return (b"D" + b"".join(text.encode().ljust(width) for text, width in parts)).ljust(80)


def fixed_file(
    made: dt.datetime, lines: Sequence[bytes], *, count: int | None = None, total: int | None = None
) -> bytes:
    """Return a complete file. By default, the trailer has the number of lines and 100 times it."""
    count = len(lines) if count is None else count
    total = 100 * len(lines) if total is None else total
    header = f"H{made:%Y%m%d%H%M%S}".encode().ljust(80)
    trailer = f"T{count:08d}{total:012d}".encode().ljust(80)
    return b"".join(line + b"\n" for line in (header, *lines, trailer))


class DeliveryFolder:
    """The folder into which one department delivers files."""

    def __init__(
        self, folder: Path, rule: dict[str, Any], row_store: RowStore | None = None
    ) -> None:
        self.path = folder / "deliveries"
        self.path.mkdir(parents=True, exist_ok=True)
        self._folder = folder / "tested"
        self._rule = rule
        self._row_store = row_store
        self.now = NOON
        self.adapter: ManifestAdapter = self.connect()

    def connect(self, **connector: Any) -> ManifestAdapter:
        """Return a new adapter that uses the rows in the store."""
        settings = {
            "kind": "files",
            "url": self.path.as_uri(),
            "poll": "1h",
            "files": {"delivery": self._rule},
            **connector,
        }
        capabilities = {
            f"applications_by_{name}": {
                "call": {"file": "delivery", "by": by}, "keys": {"at_once": 100}, "key": by,
            }
            for name, by in (("citizen", "person"), ("reference", "ref"))
        }  # fmt: skip
        self.adapter = adapter_of(self._folder, settings, capabilities, row_store=self._row_store)
        # The connector and its intake have separate references to the clock.
        self.connector._clock = self.connector._intake.clock = lambda: self.now.astimezone(dt.UTC)
        return self.adapter

    @property
    def connector(self) -> FilesConnector:
        return cast("FilesConnector", self.adapter.connector)

    async def deliver(self, name: str, content: bytes | str) -> None:
        """Deliver a file, then poll the folder."""
        self.put(name, content)
        await self.poll()

    def put(self, name: str, content: bytes | str) -> None:
        path = self.path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        moment = self.now.timestamp() - 60
        os.utime(path, (moment, moment))

    async def poll(self) -> None:
        await self.connector.poll()

    async def seen(self) -> dict[str, SeenFile]:
        return dict(await self.connector._store.files("tested", "delivery"))

    async def problems(self) -> list[str]:
        """Return all problems as `file:line: reason`."""
        seen = await self.seen()
        return [f"{n}:{p.line}: {p.reason}" for n in sorted(seen) for p in seen[n].problems]
