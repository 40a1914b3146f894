"""Keyed hashes of people. Each person has a secret of their own; deleting it erases the person.

The log's leaves and its index contain only the hash. The row with the secret also contains the
person's number, encrypted with a log key, so that a breach report can name the people.
"""

import secrets
import time
from collections.abc import Collection, Iterable, Sequence
from hashlib import blake2b

from hub.access.log.database import Database, Statement, with_values
from hub.access.log.keys import PERSON_BYTES, LogKey

SECRET_BYTES = 32
CACHE_SECONDS = 60.0
"""Time after which an erasure by another process is noticed."""
CACHED_PERSONS = 200_000
AT_ONCE = 500
"""Maximum number of parameters of a statement."""
PUT_NEW = (
    "INSERT INTO access_log_person_key (lookup, key_id, person, secret) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (lookup) DO NOTHING"
)

COUNT = "SELECT count(*) FROM access_log_person_key WHERE lookup IN (?*)"
OF_HASHES = "SELECT lookup, key_id, person, secret FROM access_log_person_key WHERE person IN (?*)"
OF_LOOKUPS = "SELECT lookup, secret FROM access_log_person_key WHERE lookup IN (?*)"


def member(member_identifier: str) -> str:
    """Return the identity of a citizen with this Family ID member number."""
    return f"member|{member_identifier}"


def numbered(scheme: str, number: str) -> str:
    """Return the identity of a person that the hub knows by another number only."""
    return f"{scheme}|{number}"


class Persons:
    """Finds and creates the hashes of people.

    Args:
        database: the log's database.
        keys: the log keys; the first is used for new people, all find existing ones.
    """

    def __init__(self, database: Database, keys: Sequence[LogKey]) -> None:
        self._database = database
        self.keys = keys
        self._cached: dict[str, bytes] = {}
        self._cached_until = 0.0

    async def hashes(self, identities: Collection[str]) -> dict[str, bytes]:
        """Return the hash of each identity. Create secrets for new people."""
        known = self._cache()
        missing = [each for each in identities if each not in known]
        if missing:
            found = await self.existing(missing)
            if new := [each for each in missing if each not in found]:
                await self._database.write([Statement(PUT_NEW, [self._new(each) for each in new])])
                # Another process may have created some of them at the same time.
                found |= await self.existing(new)
            known |= found
        return {each: known[each] for each in identities}

    async def existing(self, identities: Iterable[str]) -> dict[str, bytes]:
        """Return the hash of each identity that has a secret.

        A secret that is found under an old key is also stored under the current key.
        """
        remaining = dict.fromkeys(identities)
        found: dict[str, bytes] = {}
        for key in self.keys:
            rows = await self._rows(key, remaining)
            if key is not self.keys[0] and rows:
                await self._database.write(
                    [Statement(PUT_NEW, [self._row(each, rows[each]) for each in rows])]
                )
            for identity, secret in rows.items():
                found[identity] = _hash(secret, identity)
                del remaining[identity]
        return found

    async def erase(self, identities: Iterable[str]) -> int:
        """Delete the secrets of these people. Return how many were deleted."""
        lookups = [(key.lookup_of(each),) for each in identities for key in self.keys]
        query = with_values(COUNT, len(lookups))
        ((count,),) = await self._database.fetch(query, *(lookup for (lookup,) in lookups))
        delete = "DELETE FROM access_log_person_key WHERE lookup = ?"
        await self._database.write([Statement(delete, lookups)])
        self._cached.clear()
        return int(count)

    async def identities(self, hashes: Collection[bytes]) -> dict[bytes, str]:
        """Return the identity of each hash that has not been erased."""
        found: dict[bytes, str] = {}
        by_id = {key.key_id: key for key in self.keys}
        listed = list(hashes)
        for start in range(0, len(listed), AT_ONCE):
            part = listed[start : start + AT_ONCE]
            query = with_values(OF_HASHES, len(part))
            for lookup, key_id, person, secret in await self._database.fetch(query, *part):
                content = by_id[key_id].decrypt(secret, lookup) if key_id in by_id else None
                if content is not None:
                    found[person] = content[SECRET_BYTES:].decode()
        return found

    async def _rows(self, key: LogKey, identities: Iterable[str]) -> dict[str, bytes]:
        """Return the secret of each identity that has one under this key."""
        by_lookup = {key.lookup_of(each): each for each in identities}
        lookups = list(by_lookup)
        found: dict[str, bytes] = {}
        for start in range(0, len(lookups), AT_ONCE):
            part = lookups[start : start + AT_ONCE]
            query = with_values(OF_LOOKUPS, len(part))
            for lookup, secret in await self._database.fetch(query, *part):
                content = key.decrypt(secret, lookup)
                if content is not None:
                    found[by_lookup[lookup]] = content[:SECRET_BYTES]
        return found

    def _new(self, identity: str) -> Sequence[object]:
        return self._row(identity, secrets.token_bytes(SECRET_BYTES))

    def _row(self, identity: str, secret: bytes) -> Sequence[object]:
        key = self.keys[0]
        lookup = key.lookup_of(identity)
        content = secret + identity.encode(errors="backslashreplace")
        return lookup, key.key_id, _hash(secret, identity), key.encrypt(content, lookup)

    def _cache(self) -> dict[str, bytes]:
        now = time.monotonic()
        if now >= self._cached_until or len(self._cached) > CACHED_PERSONS:
            self._cached = {}
            self._cached_until = now + CACHE_SECONDS
        return self._cached


def _hash(secret: bytes, identity: str) -> bytes:
    content = identity.encode(errors="backslashreplace")
    return blake2b(content, key=secret, digest_size=PERSON_BYTES).digest()
