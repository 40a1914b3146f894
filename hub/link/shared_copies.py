"""Copies in Valkey or Redis, shared by all replicas of the hub.

The names of copies and indexes are keyed hashes, so they contain no personal numbers. Values are
encrypted and authenticated with the same key: others cannot read, add or change rows.
"""

import asyncio
import logging
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from typing import Any

from valkey.asyncio import Valkey
from valkey.asyncio.client import Pipeline
from valkey.exceptions import ValkeyError

from hub.link.copies import Copy, CopyKey, Found, owners_of
from hub.link.copy_codec import UndecodableError, UnstorableError, decode, encode
from hub.store.encryption import KEY_BYTES, ContentCipher
from schema.codes import ErrorCode
from schema.errors import HubError

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 0.05
"""Time limit of a request to the store."""
LATE_SECONDS = 0.02
"""If the event loop is later than this, a time-out was the hub's own delay, not the store's."""
ERASE_SECONDS = 5.0
PAUSE_SECONDS = 1.0
"""Pause after a failure of the store: its time-outs must not slow down every operation."""

PREFIX = "citizen-hub"
STORE_FAILURES = (ValkeyError, OSError, TimeoutError)

KEEP = """
if (redis.call('GET', KEYS[1]) or '0') ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[2])
for index = 3, #KEYS do
  redis.call('SADD', KEYS[index], KEYS[2])
  redis.call('EXPIRE', KEYS[index], ARGV[2], 'NX')
  redis.call('EXPIRE', KEYS[index], ARGV[2], 'GT')
end
return 1
"""
"""Stores a copy with its index entries in one step, unless a citizen was erased meanwhile: a copy
outside the index could not be erased. An index expires with the last of its copies."""

ERASE = """
local erased = 0
for index = 2, #KEYS do
  for _, name in ipairs(redis.call('SMEMBERS', KEYS[index])) do
    erased = erased + redis.call('DEL', name)
  end
  redis.call('DEL', KEYS[index])
end
redis.pcall('INCR', KEYS[1])
return erased
"""
"""Deletes the copies of an index in one step: otherwise a copy that is added meanwhile would stay.
INCR fails if the store is full, but then no copy can be stored either."""


class SharedCopies:
    """Implements `hub.link.cache.CopyStore` for one department.

    Args:
        client: client of the store, shared by all departments.
        department: identifier of the department.
        key: secret for names and encryption; the same in all replicas.
    """

    def __init__(self, client: Valkey, department: str, key: bytes) -> None:
        self._client = client
        self._department = department
        self._cipher = ContentCipher(blake2b(key, digest_size=KEY_BYTES).digest())
        self._failing = False
        self._paused_until = 0.0

    async def get(self, keys: Sequence[CopyKey]) -> Found:
        """Return the copies of these keys; none if the store is down or slow."""
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
        """Store copies, unless the store is down or slow."""
        if not copies or erasures is None or self._is_paused():
            return
        # Encode first: the time limit is for the store, not for the hub's own work.
        pipeline = self._written_all(copies, max(1, int(seconds)), erasures)
        await self._tried(pipeline.execute)

    def _written_all(self, copies: Mapping[CopyKey, Copy], seconds: int, erasures: int) -> Pipeline:
        pipeline = self._client.pipeline(transaction=False)
        for key, kept in copies.items():
            name = self._copy_name(key)
            try:
                value = self._written(name, kept)
            except UnstorableError:
                continue
            indexes = [self._owner_name(owner) for owner in owners_of(key[2], kept.rows)]
            keys = [self._erasures_name(), name, *indexes]
            arguments: list[Any] = [erasures, seconds, value]
            pipeline.eval(KEEP, len(keys), *keys, *arguments)
        return pipeline

    async def erase(self, numbers: Collection[str]) -> int:
        """Delete all copies that contain a citizen with one of these numbers; return how many.

        Raises:
            HubError: `STORE_UNAVAILABLE`, the store does not answer.
        """
        keys = [self._erasures_name(), *map(self._owner_name, numbers)]
        try:
            async with asyncio.timeout(ERASE_SECONDS):
                erased: Any = self._client.eval(ERASE, len(keys), *keys)
                return int(await erased)
        except STORE_FAILURES:
            raise HubError(
                ErrorCode.STORE_UNAVAILABLE,
                "The shared copies cannot be erased now. Try again later.",
                retryable=True,
            ) from None

    async def close(self) -> None:
        with suppress(*STORE_FAILURES):
            await self._client.aclose()

    async def _tried(self, request: Callable[[], Any]) -> Any:
        """Return the store's reply; None if it fails, is slow, or failed a moment ago."""
        if self._is_paused():
            return None
        loop = asyncio.get_running_loop()
        latest = loop.time() + PATIENCE_SECONDS
        try:
            async with asyncio.timeout_at(latest):
                reply = await request()
        except STORE_FAILURES as error:
            if isinstance(error, TimeoutError) and loop.time() > latest + LATE_SECONDS:
                # The hub itself was late, not the store.
                return None
            self._paused_until = loop.time() + PAUSE_SECONDS
            if not self._failing:
                self._failing = True
                log.warning(
                    "Cannot reach the shared copies of %s (%s); the department is called instead.",
                    self._department,
                    type(error).__name__,
                )
            return None
        if self._failing:
            self._failing = False
            log.warning("The shared copies of %s can be reached again.", self._department)
        return reply

    def _is_paused(self) -> bool:
        return asyncio.get_running_loop().time() < self._paused_until

    def _copy_name(self, key: CopyKey) -> str:
        return self._name("copy", "\0".join(key))

    def _owner_name(self, number: str) -> str:
        return self._name("owner", number)

    def _erasures_name(self) -> str:
        return f"{PREFIX}:{self._department}:erasures"

    def _name(self, kind: str, text: str) -> str:
        return f"{PREFIX}:{self._department}:{kind}:{self._cipher.hidden(text)}"

    def _written(self, name: str, kept: Copy) -> bytes:
        return self._cipher.encrypt(zlib.compress(encode(kept), 1), name)

    def _read(self, name: str, value: bytes) -> Copy | None:
        packed = self._cipher.decrypt(value, name)
        if packed is None:
            log.error("A shared copy of %s was not made with this key; ignored.", self._department)
            return None
        try:
            return decode(zlib.decompress(packed))
        except (zlib.error, UndecodableError) as error:
            log.info(
                "A shared copy of %s was written by another version of the hub; it is ignored: %s",
                self._department,
                error,
            )
            return None
