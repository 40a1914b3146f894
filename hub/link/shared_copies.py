"""Copies in Valkey or Redis, shared by all replicas of the hub.

Names hold nobody's number: keys and owners are keyed hashes. Values are signed with the same key
and read back by an unpickler that makes nothing but the schema's own records, so that whoever can
write to the store can neither run code in the hub nor put words into a department's mouth. They are
not encrypted: the store must be as private as the departments are (docs/settings.md).
"""

import asyncio
import copyreg
import hmac
import io
import logging
import pickle
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from valkey.asyncio import Valkey
from valkey.asyncio.client import Pipeline
from valkey.exceptions import ValkeyError

from hub.link.copies import Copy, CopyKey, Found, owners_of
from schema.errors import HubError

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 0.05
LATE_SECONDS = 0.02
ERASE_SECONDS = 5.0
PAUSE_SECONDS = 1.0
"""A store that failed is left alone for so long: its time-outs must not slow every question."""

SIGNATURE_BYTES = 32
NAME_BYTES = 20
PREFIX = "citizen-hub"
STORE_FAILURES = (ValkeyError, OSError, TimeoutError)

HARMLESS = frozenset(
    {
        ("adapters.contract", "Rows"),
        ("hub.link.copies", "Copy"),
        ("datetime", "date"),
        ("datetime", "datetime"),
        ("datetime", "timedelta"),
        ("datetime", "timezone"),
        ("decimal", "Decimal"),
        ("zoneinfo", "ZoneInfo"),
    }
)


KEEP = """
if (redis.call('GET', KEYS[1]) or '0') ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[2])
for place = 3, #KEYS do
  redis.call('SADD', KEYS[place], KEYS[2])
  redis.call('EXPIRE', KEYS[place], ARGV[2], 'NX')
  redis.call('EXPIRE', KEYS[place], ARGV[2], 'GT')
end
return 1
"""
"""In one step: a copy without its place in the index could not be erased, nor one that is written
after its erasure. An index lives as long as the longest-lived of its copies."""

ERASE = """
local erased = 0
for place = 2, #KEYS do
  for _, name in ipairs(redis.call('SMEMBERS', KEYS[place])) do
    erased = erased + redis.call('DEL', name)
  end
  redis.call('DEL', KEYS[place])
end
redis.pcall('INCR', KEYS[1])
return erased
"""
"""In one step: a copy written between reading an index and dropping it could not be found again. A
store that is full can't count, but it takes no copy either."""


class ForeignValueError(Exception):
    """A value of the store that this hub did not write."""


def _by_its_key(zone: ZoneInfo) -> tuple[type[ZoneInfo], tuple[str]]:
    """A zone's own way of being pickled needs `getattr`, which can fetch anything."""
    return ZoneInfo, (zone.key,)


class _RecordPickler(pickle.Pickler):
    dispatch_table = copyreg.dispatch_table | {ZoneInfo: _by_its_key}


class _RecordUnpickler(pickle.Unpickler):
    """Makes records of the schema and plain values, and refuses everything else."""

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith("schema.") and "." not in name:
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__.startswith("schema."):
                return found
        if (module, name) in HARMLESS:
            return super().find_class(module, name)
        raise ForeignValueError(f"{module}.{name}")


class SharedCopies:
    """`hub.link.cache.CopyStore` for one department.

    Args:
        client: a client of the store, shared by all departments.
        department: identifier of the department.
        key: secret that names and signs; the same in all replicas.
    """

    def __init__(self, client: Valkey, department: str, key: bytes) -> None:
        self._client = client
        self._department = department
        self._key = blake2b(key, digest_size=32).digest()
        self._failing = False
        self._alone_until = 0.0

    async def get(self, keys: Sequence[CopyKey]) -> Found:
        """A store that is down or slow has no copies."""
        names = [self._copy_name(key) for key in keys]
        found = await self._tried(lambda: self._client.mget([*names, self._erasures_name()]))
        if found is None:
            return Found([None] * len(keys), None)
        *values, erasures = found
        copies = [
            self._read(name, value) if value is not None else None
            for name, value in zip(names, values, strict=True)
        ]
        return Found(copies, int(erasures or 0))

    async def put(
        self, copies: Mapping[CopyKey, Copy], seconds: float, erasures: int | None
    ) -> None:
        """A store that is down or slow keeps none."""
        if not copies or erasures is None or self._is_left_alone():
            return
        # Written before the time is taken: that is the hub's own work, not the store's.
        pipeline = self._written_all(copies, max(1, int(seconds)), erasures)
        await self._tried(pipeline.execute)

    def _written_all(self, copies: Mapping[CopyKey, Copy], seconds: int, erasures: int) -> Pipeline:
        pipeline = self._client.pipeline(transaction=False)
        for key, kept in copies.items():
            name = self._copy_name(key)
            indexes = [self._owner_name(owner) for owner in owners_of(key[2], kept.rows)]
            keys = [self._erasures_name(), name, *indexes]
            told: list[Any] = [erasures, seconds, self._written(name, kept)]
            pipeline.eval(KEEP, len(keys), *keys, *told)
        return pipeline

    async def erase(self, numbers: Collection[str]) -> int:
        """Raises STORE_UNAVAILABLE: whoever asks to be forgotten must know whether they were."""
        keys = [self._erasures_name(), *map(self._owner_name, numbers)]
        try:
            async with asyncio.timeout(ERASE_SECONDS):
                asked: Any = self._client.eval(ERASE, len(keys), *keys)
                return int(await asked)
        except STORE_FAILURES:
            raise HubError(
                "STORE_UNAVAILABLE",
                "The shared copies can't be erased now. Try again later.",
                retryable=True,
            ) from None

    async def close(self) -> None:
        with suppress(*STORE_FAILURES):
            await self._client.aclose()

    async def _tried(self, ask: Callable[[], Any]) -> Any:
        """What the store gives; None when it fails, is slow, or has just failed."""
        if self._is_left_alone():
            return None
        loop = asyncio.get_running_loop()
        latest = loop.time() + PATIENCE_SECONDS
        try:
            async with asyncio.timeout_at(latest):
                given = await ask()
        except STORE_FAILURES as error:
            if isinstance(error, TimeoutError) and loop.time() > latest + LATE_SECONDS:
                # The hub itself was late: that says nothing against the store.
                return None
            self._alone_until = loop.time() + PAUSE_SECONDS
            if not self._failing:
                self._failing = True
                log.warning(
                    "the shared copies of %s can't be reached (%s); departments are asked instead",
                    self._department,
                    type(error).__name__,
                )
            return None
        if self._failing:
            self._failing = False
            log.warning("the shared copies of %s are back", self._department)
        return given

    def _is_left_alone(self) -> bool:
        return asyncio.get_running_loop().time() < self._alone_until

    def _copy_name(self, key: CopyKey) -> str:
        return self._name("copy", "\0".join(key))

    def _owner_name(self, number: str) -> str:
        return self._name("owner", number)

    def _erasures_name(self) -> str:
        return f"{PREFIX}:{self._department}:erasures"

    def _name(self, kind: str, text: str) -> str:
        hashed = blake2b(
            text.encode(errors="backslashreplace"), key=self._key, digest_size=NAME_BYTES
        )
        return f"{PREFIX}:{self._department}:{kind}:{hashed.hexdigest()}"

    def _written(self, name: str, kept: Copy) -> bytes:
        pickled = io.BytesIO()
        _RecordPickler(pickled, protocol=5).dump(kept)
        packed = zlib.compress(pickled.getvalue(), 1)
        return self._signature(name, packed) + packed

    def _read(self, name: str, value: bytes) -> Copy | None:
        signature, packed = value[:SIGNATURE_BYTES], value[SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(name, packed)):
            log.error("a shared copy of %s bears a wrong signature", self._department)
            return None
        try:
            kept = _RecordUnpickler(io.BytesIO(zlib.decompress(packed))).load()
        except ForeignValueError as error:
            log.warning("a shared copy of %s holds a foreign %s", self._department, error)
            return None
        except Exception as error:
            # Written by a hub of another version.
            log.info("a shared copy of %s is not used: %r", self._department, type(error))
            return None
        return kept if isinstance(kept, Copy) else None

    def _signature(self, name: str, packed: bytes) -> bytes:
        # With its name: else one citizen's copy could be put in another's place.
        signed = name.encode() + b"\0" + packed
        return blake2b(signed, key=self._key, digest_size=SIGNATURE_BYTES).digest()
