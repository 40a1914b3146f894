"""Sentences for citizens in error entries, in the language that the client prefers."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from schema.codes import ErrorCode
from schema.error_messages import error_message
from schema.language import Language

MAX_HEADER_BYTES = 200
_WEIGHT = b"q="


def preferred_language(accept_language: bytes) -> Language:
    """Return the language that a header `Accept-Language` prefers: English unless it is Hindi."""
    return Language.EN if len(accept_language) > MAX_HEADER_BYTES else _preferred(accept_language)


@lru_cache(maxsize=256)
def _preferred(accept_language: bytes) -> Language:
    weights: dict[bytes, float] = {}
    for entry in accept_language.lower().split(b","):
        tag, *parameters = (part.strip() for part in entry.split(b";"))
        language = tag.partition(b"-")[0]
        weights[language] = max(weights.get(language, 0.0), _weight_of(parameters))
    return Language.HI if weights.get(b"hi", 0.0) > weights.get(b"en", 0.0) else Language.EN


def _weight_of(parameters: Iterable[bytes]) -> float:
    """Return the weight in the parameters of an entry; 1 without one, 0 if it is not a number."""
    for parameter in parameters:
        if parameter.startswith(_WEIGHT):
            try:
                return float(parameter.removeprefix(_WEIGHT))
            except ValueError:
                return 0.0
    return 1.0


def localize(entries: Iterable[dict[str, Any]], language: Language) -> None:
    """Add `localizedMessage` to the extensions of error entries that have a code of the hub."""
    for entry in entries:
        extensions = entry.get("extensions") or {}
        code = ErrorCode.__members__.get(str(extensions.get("code")))
        if code is not None:
            extensions["localizedMessage"] = error_message(code, language)
