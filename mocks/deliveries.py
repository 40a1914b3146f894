"""A folder of drops: written as a department would write it at this moment, faults and all."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from mocks.faults import Switchboard
from mocks.population.clock import INDIA

DELIVERY_FAULTS = ("late", "duplicated", "bad_row", "wrong_count", "half_written")
LOOK_SECONDS = 0.5

DeliveryFiles = Callable[[datetime, frozenset[str]], Mapping[str, tuple[bytes, datetime]]]
"""Files of a moment (naive local time) under faults: by name, content and when it was written."""


class DeliveryFolder:
    """Keeps a folder as the department would have it now."""

    def __init__(self, folder: Path, drops: DeliveryFiles, switchboard: Switchboard) -> None:
        self.folder = folder
        self._drops = drops
        self._switchboard = switchboard

    def write(self) -> None:
        """What is there already and is to be so is not touched."""
        active = frozenset(name for name in DELIVERY_FAULTS if self._switchboard.strikes(name))
        wanted = self._drops(datetime.now(INDIA).replace(tzinfo=None), active)
        for path in list(self.folder.iterdir()):
            if path.name not in wanted:
                path.unlink()
        for name, (content, written) in wanted.items():
            path = self.folder / name
            known = path.exists()
            if known and path.read_bytes() == content:
                continue
            path.write_bytes(content)
            # A file that is there anew under an old name has a new time.
            moment = time.time() - 10 if known else written.replace(tzinfo=INDIA).timestamp()
            os.utime(path, (moment, moment))

    async def keep(self) -> None:
        """Writes again when the hour or the switches have changed."""
        while True:
            self.write()
            await asyncio.sleep(LOOK_SECONDS)
