"""The file that takes entries while the database cannot be written.

Each record is a length and the entry, encrypted with the current log key. A part of the file is
reserved when it is opened, so that records fit when the disk is full. The next start, or the next
successful write, moves the records into the database.
"""

import contextlib
import os
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from hub.access.log.acts import ActEntry
from hub.access.log.entries import AccessEntry
from hub.access.log.keys import LogKey
from hub.access.log.leaves import Entry
from schema.needed_fields import NeededFields

RESERVED_BYTES = 4 << 20
LENGTH = struct.Struct(">I")
CONTEXT = b"spill"
ACCESS = b"1"
ACT = b"2"


class SpillFile:
    """Appends entries to the file and reads them back.

    Args:
        path: the file.
        keys: the log keys. The first encrypts, all decrypt.

    Attributes:
        path: the file.
        count: number of records.
    """

    def __init__(self, path: Path, keys: Sequence[LogKey]) -> None:
        self.path = path
        self._keys = keys
        self._end = 0
        self.count = 0

    def reserve(self) -> None:
        """Create the file and reserve a part of the disk for it.

        Raises:
            OSError: the file cannot be written.
        """
        file = os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            self._end, self.count = _end_of(self.path.read_bytes())
            with contextlib.suppress(OSError):
                os.posix_fallocate(file, 0, RESERVED_BYTES)
        finally:
            os.close(file)

    @property
    def is_empty(self) -> bool:
        return self._end == 0

    def append(self, entries: Iterable[Entry]) -> None:
        """Write entries, and return when they are on the disk.

        Raises:
            OSError: the file cannot be written. None of the entries are in it.
        """
        records = [self._record(each) for each in entries]
        content = b"".join(records)
        file = os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600)
        try:
            written = 0
            while written < len(content):
                written += os.pwrite(file, content[written:], self._end + written)
            os.fsync(file)
        finally:
            os.close(file)
        self._end += len(content)
        self.count += len(records)

    def entries(self) -> list[Entry]:
        """Return the entries in the file. Records under unknown keys are skipped."""
        content = self.path.read_bytes()[: self._end]
        found: list[Entry] = []
        start = 0
        while start < len(content):
            (length,) = LENGTH.unpack_from(content, start)
            start += LENGTH.size
            if (entry := self._entry(content[start : start + length])) is not None:
                found.append(entry)
            start += length
        return found

    def clear(self) -> None:
        """Delete all records. The reserved part of the disk stays reserved."""
        file = os.open(self.path, os.O_WRONLY)
        try:
            os.ftruncate(file, min(self._end, RESERVED_BYTES))
            os.pwrite(file, bytes(min(self._end, RESERVED_BYTES)), 0)
            with contextlib.suppress(OSError):
                os.posix_fallocate(file, 0, RESERVED_BYTES)
            os.fsync(file)
        finally:
            os.close(file)
        self._end = self.count = 0

    def _record(self, entry: Entry) -> bytes:
        kind = ACCESS if isinstance(entry, AccessEntry) else ACT
        content = self._keys[0].encrypt(kind + _encoder.encode(entry), CONTEXT)
        return LENGTH.pack(len(content)) + content

    def _entry(self, record: bytes) -> Entry | None:
        for key in self._keys:
            content = key.decrypt(record, CONTEXT)
            if content is not None:
                decoder = _access_decoder if content[:1] == ACCESS else _act_decoder
                return decoder.decode(content[1:])
        return None


def _end_of(content: bytes) -> tuple[int, int]:
    """Return where the records end, and how many there are, without one that is cut off."""
    end = count = 0
    while len(content) - end > LENGTH.size:
        (length,) = LENGTH.unpack_from(content, end)
        if length == 0 or end + LENGTH.size + length > len(content):
            break
        end += LENGTH.size + length
        count += 1
    return end, count


def _encoded(value: object) -> object:
    if isinstance(value, NeededFields):
        return value.by_type
    raise NotImplementedError(type(value))


def _decoded(kind: type, value: Any) -> object:
    if kind is NeededFields:
        return NeededFields(value)
    raise NotImplementedError(kind)


_encoder = msgspec.msgpack.Encoder(enc_hook=_encoded)
_access_decoder = msgspec.msgpack.Decoder(AccessEntry, dec_hook=_decoded)
_act_decoder = msgspec.msgpack.Decoder(ActEntry)
