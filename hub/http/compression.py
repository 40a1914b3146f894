"""Compresses responses: brotli or gzip, as the client prefers (RFC 9110, 12.5.3)."""

import asyncio
import zlib
from collections.abc import Callable, Mapping
from functools import lru_cache

import brotli

MIN_BYTES = 1400
"""A shorter body is sent as it is: it fits into one network packet."""
LARGE_BYTES = 128 << 10
"""A larger body is compressed in a thread: it would delay other requests by 0.2 ms or more."""
BROTLI_QUALITY = 2
GZIP_LEVEL = 1
"""Higher levels take three times as long for JSON, which becomes about a sixth shorter."""
MAX_HEADER_BYTES = 256


def _brotli(body: bytes) -> bytes:
    compressed: bytes = brotli.compress(body, quality=BROTLI_QUALITY)
    return compressed


def _gzip(body: bytes) -> bytes:
    compressor = zlib.compressobj(GZIP_LEVEL, wbits=31)
    return compressor.compress(body) + compressor.flush()


CODINGS: Mapping[bytes, Callable[[bytes], bytes]] = {b"br": _brotli, b"gzip": _gzip}
"""Functions by content coding. The first one is used if the client has no preference."""


def preferred_coding(accept_encoding: bytes) -> bytes | None:
    """Return the content coding that the client prefers; None to send the body as it is."""
    if len(accept_encoding) > MAX_HEADER_BYTES:
        return None
    return _preferred_coding(accept_encoding)


@lru_cache(maxsize=256)
def _preferred_coding(accept_encoding: bytes) -> bytes | None:
    qualities: dict[bytes, float] = {}
    for entry in accept_encoding.lower().split(b","):
        name, _, parameter = entry.partition(b";")
        qualities[name.strip()] = _quality(parameter)
    others = qualities.get(b"*", 0.0)
    best, highest = None, qualities.get(b"identity", 0.0)
    for coding in CODINGS:
        quality = qualities.get(coding, others)
        if quality > 0 and (quality > highest or (best is None and quality == highest)):
            best, highest = coding, quality
    return best


def _quality(parameter: bytes) -> float:
    """Return the value of `q=`, 1 without it, 0 if it is invalid."""
    name, _, value = parameter.partition(b"=")
    if not name.strip():
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return 0.0
    return quality if name.strip() == b"q" and 0 <= quality <= 1 else 0.0


async def compress(body: bytes, coding: bytes) -> bytes:
    """Return the compressed body.

    Args:
        body: the body.
        coding: one of `CODINGS`.
    """
    if len(body) > LARGE_BYTES:
        return await asyncio.to_thread(CODINGS[coding], body)
    return CODINGS[coding](body)
