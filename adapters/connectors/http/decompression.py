"""Unpacks a compressed reply in small pieces, so that a bomb costs no more than its first ones."""

import zlib
from collections.abc import Iterator

ACCEPTED = "gzip, deflate"
"""What the hub asks for (RFC 9110, 12.5.3)."""
PIECE_BYTES = 1 << 16
UNSUSPECTED_BYTES = 1 << 18
MOST_MEMBERS = 1_000
"""Members of a gzip; those that hold nothing cost as much as others, and grow by nothing."""
MOST_GROWTH = 200
"""Times what was taken in so far, beyond the first 256 KiB; gzip's most is a thousand."""
_GZIP_MAGIC = b"\x1f\x8b"
_WBITS_GZIP = 16 + zlib.MAX_WBITS
_ZLIB_METHOD = 8


class InflationError(Exception):
    """A reply that can't be unpacked."""


class BombError(InflationError):
    """A reply that grows beyond measure."""


def inflater_for(content_encoding: str) -> "Inflater | None":
    """What unpacks a body of this `Content-Encoding`; None where it is to be read as it is.

    That is so of names that are none, too: old servers say `utf-8` there.
    """
    name = content_encoding.strip().lower().removeprefix("x-")
    return Inflater(is_gzip=name == "gzip") if name in ("gzip", "deflate") else None


class Inflater:
    """Unpacks one reply's body.

    Args:
        is_gzip: whether it is gzip (RFC 1952, any number of members); else it is what HTTP calls
            deflate: RFC 1950, or RFC 1951 as some servers have it.
    """

    def __init__(self, *, is_gzip: bool) -> None:
        self._is_gzip = is_gzip
        self._stream: zlib._Decompress | None = None
        self._members = 0
        self._taken = 0
        self._given = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What `data` holds, in pieces of at most 64 KiB; raises InflationError."""
        more = False
        while data or more:
            if self._stream is None and not self._begins_stream(data):
                return
            if self._stream is None:
                self._stream = self._new_stream(data)
            stream = self._stream
            try:
                piece = stream.decompress(data, PIECE_BYTES)
            except zlib.error:
                raise InflationError from None
            left = stream.unconsumed_tail or stream.unused_data
            self._taken += len(data) - len(left)
            self._given += len(piece)
            if self._given > max(UNSUSPECTED_BYTES, MOST_GROWTH * self._taken):
                raise BombError
            if piece:
                yield piece
            data = self._after_stream(left) if stream.eof else left
            # A full piece may have left some of what was taken in behind.
            more = len(piece) == PIECE_BYTES and not stream.eof

    def end(self) -> None:
        """After all data; raises InflationError where more was to come."""
        if self._stream is not None and not self._stream.eof:
            raise InflationError

    def _new_stream(self, data: bytes) -> "zlib._Decompress":
        self._members += 1
        if self._members > MOST_MEMBERS:
            raise BombError
        if self._is_gzip:
            return zlib.decompressobj(_WBITS_GZIP)
        wrapped = data[0] & 0x0F == _ZLIB_METHOD
        return zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)

    def _begins_stream(self, data: bytes) -> bool:
        """Whether this is the first stream or one more; what else follows a stream is padding."""
        return not self._taken or data.startswith(_GZIP_MAGIC[: len(data)])

    def _after_stream(self, left: bytes) -> bytes:
        if not self._is_gzip:
            return b""
        self._stream = None
        return left
