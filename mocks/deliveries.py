"""Folders of departments that deliver files, kept as the department would have them now."""

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from mocks.faults import Switchboard
from mocks.options import MockOptions
from mocks.population.clock import INDIA

DELIVERY_FAULTS = (
    "late",
    "duplicated",
    "bad_row",
    "wrong_count",
    "lost_rows",
    "half_written",
    "empty_file",
)
REFRESH_SECONDS = 0.5

DeliveryFiles = Callable[[datetime, frozenset[str]], Mapping[str, tuple[bytes, datetime]]]
"""Returns the files of a moment under these faults: content and time of writing by file name.
Times are local, without a zone."""


class OutgoingFolder:
    """A folder with the files of one department.

    Args:
        folder: an existing folder; all its other files are deleted.
        files: the files that it must hold.
        switchboard: the switches of `DELIVERY_FAULTS`.

    Attributes:
        before_write: called before the files are written, to read what has arrived.
    """

    def __init__(self, folder: Path, files: DeliveryFiles, switchboard: Switchboard) -> None:
        self.folder = folder
        self._files = files
        self._switchboard = switchboard
        self.before_write: Callable[[], None] = lambda: None

    def write(self) -> None:
        """Write the files of this moment. Files that are already correct are not touched."""
        self.before_write()
        active = frozenset(name for name in DELIVERY_FAULTS if self._switchboard.strikes(name))
        wanted = self._files(datetime.now(INDIA).replace(tzinfo=None), active)
        for path in list(self.folder.iterdir()):
            if path.name not in wanted:
                path.unlink()
        for name, (content, written) in wanted.items():
            path = self.folder / name
            replaced = path.exists()
            if replaced and path.read_bytes() == content:
                continue
            path.write_bytes(content)
            # A file that is replaced under the same name must get a new time.
            moment = time.time() - 10 if replaced else written.replace(tzinfo=INDIA).timestamp()
            os.utime(path, (moment, moment))

    async def keep(self) -> None:
        """Write the files again and again, because the hour and the switches change."""
        while True:
            self.write()
            await asyncio.sleep(REFRESH_SECONDS)


@asynccontextmanager
async def kept_folder(
    options: MockOptions, files: DeliveryFiles, switchboard: Switchboard, subfolder: str = ""
) -> AsyncIterator[OutgoingFolder]:
    """Keep a folder up to date; at the end, delete it if it was temporary.

    Args:
        options: `data_dir` is the folder, or None for a temporary one.
        subfolder: folder inside it for the files.
    """
    root = (options.data_dir or Path(tempfile.mkdtemp(prefix="mocks-files-"))).resolve()
    path = root / subfolder
    path.mkdir(parents=True, exist_ok=True)
    folder = OutgoingFolder(path, files, switchboard)
    folder.write()
    keeping = asyncio.create_task(folder.keep())
    try:
        yield folder
    finally:
        keeping.cancel()
        if options.data_dir is None:
            shutil.rmtree(root, ignore_errors=True)
