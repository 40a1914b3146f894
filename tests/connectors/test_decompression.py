"""Decompression piece by piece: complete bodies, damaged bodies, bombs."""

import gzip
import random
import zlib
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.connectors.http.decompression import (
    PIECE_BYTES,
    BombError,
    DecompressionError,
    Decompressor,
)

KIB = 1 << 10


def raw_deflate(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


def in_parts(packed: bytes, size: int) -> Iterator[bytes]:
    return (packed[start : start + size] for start in range(0, len(packed), size))


def unpack(encoding: str, packed: bytes, part: int = 1 << 18) -> bytes:
    decompressor = Decompressor.for_encoding(encoding)
    assert decompressor is not None
    pieces = [piece for data in in_parts(packed, part) for piece in decompressor.feed(data)]
    decompressor.end()
    assert all(len(piece) <= PIECE_BYTES for piece in pieces)
    return b"".join(pieces)


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", raw_deflate)],
    ids=["gzip", "zlib", "raw deflate"],
)
@given(content=st.binary(max_size=300), times=st.integers(0, 2_000), part=st.integers(1, 70_000))
def test_compressed_data_is_restored(
    encoding: str, pack: Callable[[bytes], bytes], content: bytes, times: int, part: int
) -> None:
    content = random.Random(4).randbytes(4 * KIB) + content * times
    assert unpack(encoding, pack(content), part) == content


@given(members=st.lists(st.binary(max_size=200_000), min_size=1, max_size=4), part=st.integers(1))
def test_several_gzip_members(members: list[bytes], part: int) -> None:
    packed = b"".join(map(gzip.compress, members))
    assert unpack("gzip", packed, part) == b"".join(members)


@pytest.mark.parametrize("part", [1, 1 << 18])
@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_padding_after_the_end_is_ignored(encoding: str, part: int) -> None:
    pack = gzip.compress if encoding == "gzip" else zlib.compress
    assert unpack(encoding, pack(b"rows") + bytes(512), part) == b"rows"


@pytest.mark.parametrize("name", ["gzip", "x-gzip", " GZIP ", "deflate"])
def test_a_body_may_be_empty(name: str) -> None:
    assert unpack(name, b"") == b""


@pytest.mark.parametrize("name", ["", "identity", "utf-8", "br", "gzip, gzip"])
def test_other_content_encodings_are_not_decompressed(name: str) -> None:
    assert Decompressor.for_encoding(name) is None


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_data_that_is_not_compressed_is_refused(encoding: str) -> None:
    with pytest.raises(DecompressionError):
        unpack(encoding, b"\x1f\x8b<html>" * 50)


def test_an_incomplete_body_is_refused() -> None:
    packed = gzip.compress(random.Random(4).randbytes(10 * KIB))
    with pytest.raises(DecompressionError):
        unpack("gzip", packed[: len(packed) // 2])


def test_a_bomb_is_detected_after_its_first_pieces() -> None:
    pieces: list[bytes] = []
    with pytest.raises(BombError):
        pieces.extend(Decompressor(is_gzip=True).feed(gzip.compress(b" " * (64 * KIB * KIB))))
    assert 0 < sum(map(len, pieces)) <= 256 * KIB


def test_the_number_of_empty_members_is_limited() -> None:
    with pytest.raises(BombError):
        unpack("gzip", gzip.compress(b"") * 1_001)
    assert unpack("gzip", gzip.compress(b"") * 1_000) == b""
