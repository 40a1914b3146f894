"""The file that takes entries while the database cannot be written.

Each record is a length and the entry, encrypted with the current log key. A part of the file is
reserved when it is opened, so that records fit when the disk is full. The next start, or the next
successful write, moves the records into the database.
"""

import contextlib
import fcntl
import os
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from adapters.contract import Capability
from adapters.writes import WriteCapability
from hub.access.log.acts import ActEntry
from hub.access.log.entries import AccessEntry
from hub.access.log.keys import LogKey
from hub.access.log.leaves import Entry
from hub.store import StoreError
from schema.needed_fields import NeededFields

RESERVED_BYTES = 4 << 20
LENGTH = struct.Struct(">I")
MOST_PROCESSES = 100
CONTEXT = b"spill"
ACCESS = b"1"
ACT = b"2"


class SpillFile:
    """Appends entries to a file and reads them back.

    A process locks its file. If several processes share the path, the others use `PATH.2` and so
    on.

    Args:
        path: the file.
        keys: the log keys. The first encrypts, all decrypt.

    Attributes:
        path: the file that this process uses.
        count: number of records in it.
    """

    def __init__(self, path: Path, keys: Sequence[LogKey]) -> None:
        self.path = path
        self.count = 0
        self._keys = keys
        self._end = 0
        self._file = -1

    def open(self) -> None:
        """Create and lock the file, and reserve a part of the disk for it.

        Raises:
            OSError: the file cannot be written.
        """
        first = self.path
        for number in range(1, MOST_PROCESSES):
            self.path = first if number == 1 else first.with_name(f"{first.name}.{number}")
            self._file = os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600)
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(self._file)
                continue
            self._end, self.count = _end_of(self.path.read_bytes())
            self._reserve()
            return
        raise OSError(f"{MOST_PROCESSES} processes use {first}")

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

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
        written = 0
        while written < len(content):
            written += os.pwrite(self._file, content[written:], self._end + written)
        os.fsync(self._file)
        self._end += len(content)
        self.count += len(records)

    def entries(self) -> list[Entry]:
        """Return the entries in the file.

        Raises:
            StoreError: an entry is encrypted with a key that the settings lack.
        """
        content = self.path.read_bytes()[: self._end]
        found: list[Entry] = []
        start = 0
        while start < len(content):
            (length,) = LENGTH.unpack_from(content, start)
            start += LENGTH.size + length
            entry = self._entry(content[start - length : start])
            if entry is not None:
                found.append(entry)
            elif start < len(content):
                raise StoreError(
                    f"The file {self.path} has entries of the access log under a key that "
                    "HUB_ACCESS_LOG_KEYS does not contain. Add the key."
                )
            # Otherwise the last record was cut off, for example by a full disk.
        return found

    def clear(self) -> None:
        """Delete all records. The reserved part of the disk stays reserved."""
        kept = min(self._end, RESERVED_BYTES)
        os.ftruncate(self._file, kept)
        os.pwrite(self._file, bytes(kept), 0)
        self._reserve()
        os.fsync(self._file)
        self._end = self.count = 0

    def _reserve(self) -> None:
        with contextlib.suppress(OSError):
            os.posix_fallocate(self._file, 0, RESERVED_BYTES)

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
    if kind.__name__ == LOGGED_CALL:
        return WriteCapability(value) if value in set(WriteCapability) else Capability(value)
    raise NotImplementedError(kind)


LOGGED_CALL = "LoggedCall"
_encoder = msgspec.msgpack.Encoder(enc_hook=_encoded)
_access_decoder = msgspec.msgpack.Decoder(AccessEntry, dec_hook=_decoded)
_act_decoder = msgspec.msgpack.Decoder(ActEntry)
