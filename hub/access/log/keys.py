"""The secrets of the access log: log keys with their rotation, and the key that signs."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from hub.access.keys import derived_key
from hub.access.log.database import Database, Statement
from hub.access.log.notes import Signer
from hub.store import StoreError

KEY_BYTES = 32
PERSON_BYTES = 16
GENERATED = "key"
SIGNING = "signing_key"
SIGNER = "signer:"
CHECK = "key_check:"
PUT_NEW = Statement("INSERT INTO access_log_meta VALUES (?, ?) ON CONFLICT (name) DO NOTHING", ())


@dataclass(frozen=True, slots=True)
class LogKey:
    """A key that hides people and principals in the access log.

    Attributes:
        key: the secret, 32 bytes.
        key_id: names the key in the database and in entries.
        check: value from which a wrong key with the same id is recognised.
    """

    key: bytes
    key_id: str = field(init=False)
    check: bytes = field(init=False)
    _cipher: AESSIV = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key_id", self._derived(b"id", 4).hex())
        object.__setattr__(self, "check", self._derived(b"check", 16))
        object.__setattr__(self, "_cipher", AESSIV(self._derived(b"cipher", 64)))

    def _derived(self, purpose: bytes, size: int) -> bytes:
        return blake2b(purpose, key=self.key, digest_size=size).digest()

    def lookup_of(self, identity: str) -> bytes:
        """Return the keyed hash under which the person's secret is stored."""
        return self._hash(b"lookup", identity)

    def principal_of(self, subject: str) -> str:
        """Return the keyed hash that stands for a principal in entries; empty for no subject."""
        return self._hash(b"principal", subject).hex() if subject else ""

    def _hash(self, purpose: bytes, text: str) -> bytes:
        # A client may send a lone surrogate, which UTF-8 cannot encode.
        content = text.encode(errors="backslashreplace")
        return blake2b(content, key=self.key, digest_size=PERSON_BYTES, person=purpose).digest()

    def encrypt(self, content: bytes, context: bytes) -> bytes:
        return self._cipher.encrypt(content, [context])

    def decrypt(self, content: bytes, context: bytes) -> bytes | None:
        """Return the content; None if this key or context did not encrypt it."""
        try:
            return self._cipher.decrypt(content, [context])
        except InvalidTag:
            return None


async def log_keys(
    database: Database, setting: str | None, *, register: bool = True
) -> list[LogKey]:
    """Return the log keys, the current one first, and register the current one.

    Args:
        register: False for a database that is open to be read only.
        setting: value of `HUB_ACCESS_LOG_KEYS`. If None, the hub generates a key and stores it in
            the database. A generated key stays usable when the setting is used later.

    Raises:
        WeakKeyError: a secret is too short.
        StoreError: the database has entries under a key that the setting lacks.
    """
    names = [each.strip() for each in setting.split(",")] if setting is not None else []
    keys = [LogKey(derived_key("HUB_ACCESS_LOG_KEYS", each, KEY_BYTES)) for each in names]
    generated = await _value(database, GENERATED)
    if generated is None and not keys and register:
        generated = await _stored(database, GENERATED, secrets.token_bytes(KEY_BYTES))
    if generated is not None:
        keys.append(LogKey(generated))
    await check_keys(database, keys)
    if register:
        await _stored(database, CHECK + keys[0].key_id, keys[0].check)
    return keys


async def check_keys(database: Database, keys: Sequence[LogKey]) -> None:
    """Check that the log has no people under a key that is not among these.

    Raises:
        StoreError: it has.
    """
    known = {each.key_id: each for each in keys}
    query = "SELECT name, value FROM access_log_meta WHERE name LIKE ?"
    for name, check in await database.fetch(query, f"{CHECK}%"):
        key_id = name.removeprefix(CHECK)
        key = known.get(key_id)
        if key is not None and key.check == check:
            continue
        used = "SELECT 1 FROM access_log_person_key WHERE key_id = ? LIMIT 1"
        if await database.fetch(used, key_id):
            raise StoreError(
                f"The access log {database.shown} has people under the key {key_id}, which "
                "HUB_ACCESS_LOG_KEYS does not contain. All hubs of one access log need the same "
                "keys; to rotate, put the new key first and keep the old one behind it "
                "(docs/operations.md)."
            )


async def signer(database: Database, setting: str | None) -> Signer:
    """Return the signer of checkpoints, and register its public key.

    Args:
        setting: value of `HUB_ACCESS_LOG_SIGNING_KEY`. If None, the hub generates a key and stores
            it in the database.

    Raises:
        WeakKeyError: the secret is too short.
    """
    if setting is None:
        seed = await _stored(database, SIGNING, secrets.token_bytes(KEY_BYTES))
    else:
        seed = derived_key("HUB_ACCESS_LOG_SIGNING_KEY", setting, KEY_BYTES)
    made = Signer(seed)
    await _stored(database, SIGNER + made.public_key.hex(), made.public_key)
    return made


async def public_keys(database: Database) -> list[bytes]:
    """Return the public keys of all signers that the log has had."""
    query = "SELECT value FROM access_log_meta WHERE name LIKE ? ORDER BY name"
    return [value for (value,) in await database.fetch(query, f"{SIGNER}%")]


async def origin_prefix(database: Database) -> str:
    """Return the name of the log, which a tree's origin begins with. Generate it if necessary."""
    log_id = await _stored(database, "log_id", secrets.token_bytes(8))
    return f"citizen-hub-access-log/{log_id.hex()}"


async def _value(database: Database, name: str) -> bytes | None:
    rows = await database.fetch("SELECT value FROM access_log_meta WHERE name = ?", name)
    return bytes(rows[0][0]) if rows else None


async def _stored(database: Database, name: str, new: bytes) -> bytes:
    """Return the value with this name. Store `new` first if there is none."""
    found = await _value(database, name)
    if found is None:
        await database.write([PUT_NEW._replace(rows=[(name, new)])])
        found = await _value(database, name)
    return found or new
