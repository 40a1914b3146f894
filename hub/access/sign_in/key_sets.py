"""Sets of public keys in the JSON format of RFC 7517 (JWKS)."""

import warnings
from collections.abc import Iterable, Mapping

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey

MAX_KEYS = 50
RSA_BITS = range(2048, 8193)
CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


class KeySetError(Exception):
    """A key set can't be used. The message says why."""


def key_set(content: object) -> tuple[Key, ...]:
    """Return the usable keys of a key set.

    Keys of unknown types, for other purposes than signatures, and weak or damaged keys are ignored.

    Raises:
        KeySetError: it is not a key set, has too many keys, or none that is usable.
    """
    listed = content.get("keys") if isinstance(content, Mapping) else None
    if not isinstance(listed, list):
        raise KeySetError("this is not a key set: it has no list `keys`")
    if len(listed) > MAX_KEYS:
        raise KeySetError(f"the key set has more than {MAX_KEYS} keys")
    keys = tuple(key for each in listed if (key := _usable(each)) is not None)
    if not keys:
        raise KeySetError("the key set has no usable public key for signatures")
    return keys


def find_key(keys: Iterable[Key], kid: str | None, algorithm: str) -> Key | None:
    """Return the key of a token; None if there is none.

    Args:
        keys: the issuer's keys.
        kid: header `kid` of the token. Without it, the issuer must have one suitable key only.
        algorithm: the algorithm of the token's signature.
    """
    suitable = [key for key in keys if _suits(key, algorithm)]
    if kid is not None:
        suitable = [key for key in suitable if key.get("kid") == kid]
    return suitable[0] if len(suitable) == 1 else None


def _usable(content: object) -> Key | None:
    if not isinstance(content, dict) or content.get("kty") not in ("RSA", "EC", "OKP"):
        return None
    operations = content.get("key_ops", ["verify"])
    if content.get("use", "sig") != "sig" or "verify" not in operations:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            key = JWKRegistry.import_key(content)
            if isinstance(key, RSAKey) and key.raw_value.key_size not in RSA_BITS:
                return None
    except (JoseError, ValueError, TypeError, KeyError, OverflowError):
        return None
    return key


def _suits(key: Key, algorithm: str) -> bool:
    if key.get("alg", algorithm) != algorithm:
        return False
    if isinstance(key, ECKey):
        return CURVES.get(algorithm) == key.curve_name
    if isinstance(key, OKPKey):
        return algorithm in ("Ed25519", "EdDSA") and key.curve_name == "Ed25519"
    return isinstance(key, RSAKey) and algorithm[:2] in ("RS", "PS")
