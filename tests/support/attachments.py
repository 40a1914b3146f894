"""The attachments of a hub, for tests without HTTP."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hub.access import Principal, Role
from hub.access.signing import Signer
from hub.durable.attachments import Attachments, Quota
from hub.durable.attachments.contents import OWNER, Contents
from hub.durable.attachments.incoming import Incoming, IncomingFile
from hub.durable.attachments.scanner import Scanner
from hub.durable.attachments.table import AttachmentTable
from hub.store import Store, open_store
from hub.store.encryption import ContentCipher

MEMBER = "7KNL042101"
PRINCIPAL = Principal(Role.CITIZEN, MEMBER, f"https://id.example|{MEMBER}")
OPERATOR = Principal(Role.OPERATOR, subject="https://id.example|operator-1", centre="C-1")


@dataclass(slots=True)
class AttachmentBench:
    """The attachments, with a clock that tests set.

    Attributes:
        folder: where the files are.
    """

    store: Store
    folder: Path
    attachments: Attachments = field(init=False)
    contents: Contents = field(init=False)
    now: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))

    def files(self) -> list[Path]:
        """Return all files in the folder, the hidden and temporary ones too."""
        found = [each for each in self.folder.rglob("*") if each.is_file()]
        return [each for each in found if each.name != OWNER]

    async def received(self, content: bytes, name: str = "income.pdf") -> IncomingFile:
        """Return a file that was received whole."""
        file = self.attachments.receive(name)
        for start in range(0, len(content), 50_000):
            await file.write(content[start : start + 50_000])
        await file.finish()
        return file


@asynccontextmanager
async def attachment_bench(
    tmp_path: Path,
    *,
    scanner: Scanner | None = None,
    most_bytes: int = 1 << 20,
    quota: Quota | None = None,
    url: str | None = None,
    database_url: str | None = None,
) -> AsyncIterator[AttachmentBench]:
    """Open attachments in a folder of a test."""
    store = await open_store(database_url or f"sqlite+aiosqlite:///{tmp_path / 'hub.db'}")
    bench = AttachmentBench(store, tmp_path / "attachments")
    cipher = ContentCipher(bytes(32))
    bench.contents = Contents.open(url or bench.folder.as_uri())
    incoming = Incoming(bench.contents.incoming, bytes(32), most_bytes, scanner)
    table = AttachmentTable(store, cipher, Signer([bytes(32)]))
    bench.attachments = Attachments(
        store, table, bench.contents, incoming, quota, "database-1", lambda: bench.now
    )
    try:
        yield bench
    finally:
        bench.attachments.close()
        await store.close()
