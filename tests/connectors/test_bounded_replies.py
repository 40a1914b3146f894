"""Replies of PostgreSQL reach asyncpg unchanged, and not at all beyond the limit."""

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adapters.connectors.database.bounded_replies import AT_ONCE, READY_FOR_QUERY, BoundedReplies

END = READY_FOR_QUERY + b"I"


class Reader(asyncio.Protocol):
    """Replaces asyncpg's protocol."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.lost = False

    def data_received(self, data: bytes) -> None:
        assert not self.lost
        self.pieces.append(data)

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = True


class Transport(asyncio.Transport):
    """Records whether the connection was aborted."""

    was_cut = False

    def abort(self) -> None:
        self.was_cut = True


def started(most_bytes: int) -> tuple[BoundedReplies, Any, Any]:
    reader, transport = Reader(), Transport()
    return BoundedReplies(reader, transport, most_bytes), reader, transport


def flood(replies: BoundedReplies, pieces: int) -> None:
    """Return the first pieces of a large reply, without its end."""
    replies.begin()
    for _ in range(pieces):
        replies.data_received(b"x" * AT_ONCE)


async def settled() -> None:
    for _ in range(100):
        await asyncio.sleep(0)


@given(st.lists(st.integers(1, AT_ONCE), min_size=1, max_size=8), st.integers(0, 8), st.data())
def test_a_reply_is_complete_wherever_it_is_split(
    sizes: list[int], back: int, data: st.DataObject
) -> None:
    whole = b"".join(bytes([65 + n]) * size for n, size in enumerate(sizes)) + END
    cuts = sorted({*data.draw(st.lists(st.integers(1, len(whole) - 1), max_size=6))})
    cuts = sorted({*cuts, max(1, len(whole) - back)})
    parts = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True) if a < b]

    async def play() -> None:
        replies, reader, _ = started(len(whole))
        for _ in range(2):
            replies.begin()
            reader.pieces.clear()
            for part in parts:
                replies.data_received(part)
            await settled()
            assert b"".join(reader.pieces) == whole

    asyncio.run(play())


async def test_a_large_reply_is_not_decoded_before_its_end() -> None:
    replies, reader, transport = started(10 * AT_ONCE)
    flood(replies, 4)
    await settled()
    assert len(reader.pieces) == 1
    replies.data_received(END)
    assert len(reader.pieces) == 2
    await settled()
    assert [len(piece) for piece in reader.pieces] == [AT_ONCE] * 4 + [len(END)]
    assert not transport.was_cut


async def test_only_the_beginning_of_an_oversized_reply_is_read() -> None:
    replies, reader, transport = started(4 * AT_ONCE)
    flood(replies, 5)
    replies.connection_lost(None)
    await settled()
    assert transport.was_cut
    assert replies.exceeded
    assert [len(piece) for piece in reader.pieces] == [AT_ONCE]


async def test_a_complete_reply_is_used_although_the_connection_is_lost() -> None:
    replies, reader, _ = started(10 * AT_ONCE)
    flood(replies, 3)
    replies.data_received(END)
    replies.connection_lost(None)
    assert len(b"".join(reader.pieces)) == 3 * AT_ONCE + len(END)
    assert reader.lost
