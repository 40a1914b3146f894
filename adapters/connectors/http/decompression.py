"""Decompresses replies in small pieces, so that a bomb is detected after its first pieces."""

import zlib
from collections.abc import Iterator

ACCEPTED = "gzip, deflate"
"""Value of `Accept-Encoding` (RFC 9110, 12.5.3)."""
PIECE_BYTES = 1 << 16
UNSUSPECTED_BYTES = 1 << 18
MOST_MEMBERS = 1_000
"""Maximum number of members in a gzip. Empty members cost time but do not count as growth."""
MOST_GROWTH = 200
"""Maximum ratio of output to input after the first 256 KiB. gzip reaches at most a thousand."""
_GZIP_MAGIC = b"\x1f\x8b"
_WBITS_GZIP = 16 + zlib.MAX_WBITS
_ZLIB_METHOD = 8


class DecompressionError(Exception):
    """The reply can't be decompressed."""


class BombError(DecompressionError):
    """The reply grows beyond `MOST_GROWTH` or `MOST_MEMBERS`."""


class Decompressor:
    """Decompresses the body of one reply.

    Args:
        is_gzip: True for gzip (RFC 1952, any number of members). False for HTTP's deflate:
            RFC 1950, or RFC 1951, which some servers send.
    """

    def __init__(self, *, is_gzip: bool) -> None:
        self._is_gzip = is_gzip
        self._stream: zlib._Decompress | None = None
        self._members = 0
        self._taken = 0
        self._given = 0

    @classmethod
    def for_encoding(cls, content_encoding: str) -> "Decompressor | None":
        """Return the decompressor for a `Content-Encoding`; None if the body is not compressed.

        Unknown names count as not compressed: old servers send `utf-8` here.
        """
        name = content_encoding.strip().lower().removeprefix("x-")
        return cls(is_gzip=name == "gzip") if name in ("gzip", "deflate") else None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the decompressed `data` in pieces of at most 64 KiB.

        Raises:
            DecompressionError: the data is damaged, or a bomb.
        """
        more = False
        while data or more:
            if self._stream is None:
                # After the first stream, only another gzip member may follow; the rest is padding.
                if self._taken and not data.startswith(_GZIP_MAGIC[: len(data)]):
                    return
                self._stream = self._new_stream(data)
            stream = self._stream
            try:
                piece = stream.decompress(data, PIECE_BYTES)
            except zlib.error:
                raise DecompressionError from None
            left = stream.unconsumed_tail or stream.unused_data
            self._taken += len(data) - len(left)
            self._given += len(piece)
            if self._given > max(UNSUSPECTED_BYTES, MOST_GROWTH * self._taken):
                raise BombError
            if piece:
                yield piece
            data = left
            if stream.eof and self._is_gzip:
                self._stream = None
            elif stream.eof:
                data = b""
            # After a full piece, zlib may hold more output although no input is left.
            more = len(piece) == PIECE_BYTES and not stream.eof

    def end(self) -> None:
        """Check that the body is complete.

        Raises:
            DecompressionError: it ends within a stream.
        """
        if self._stream is not None and not self._stream.eof:
            raise DecompressionError

    def _new_stream(self, data: bytes) -> "zlib._Decompress":
        self._members += 1
        if self._members > MOST_MEMBERS:
            raise BombError
        if self._is_gzip:
            return zlib.decompressobj(_WBITS_GZIP)
        wrapped = data[0] & 0x0F == _ZLIB_METHOD
        return zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
