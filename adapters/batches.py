"""Splits a look-up with many keys into batches that the department accepts."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence

from adapters.contract import DepartmentError, LookUpReply, Rows

LookUpBatch = Callable[[Sequence[str]], Awaitable[LookUpReply]]


async def look_up_in_batches(look_up: LookUpBatch, keys: Sequence[str], size: int) -> LookUpReply:
    """Return one reply for all keys, from as many concurrent look-ups as needed.

    A look-up that fails costs its own keys only: they get its error as their result.

    Args:
        look_up: looks up one batch.
        size: maximum number of keys in one batch.

    Raises:
        DepartmentError: every look-up failed; this is the first one's error.
    """
    if len(keys) <= size:
        return await look_up(keys)
    batches = [keys[start : start + size] for start in range(0, len(keys), size)]
    replies = await asyncio.gather(*map(look_up, batches), return_exceptions=True)
    return join_replies(zip(batches, replies, strict=True))


def join_replies(parts: Iterable[tuple[Sequence[str], LookUpReply | BaseException]]) -> LookUpReply:
    """Join the replies to several look-ups.

    Args:
        parts: the keys to take from each look-up, and its reply or error.

    Raises:
        DepartmentError: every look-up failed; this is the first one's error.
    """
    results: dict[str, Rows | DepartmentError] = {}
    replies: list[LookUpReply] = []
    errors: list[DepartmentError] = []
    for keys, reply in parts:
        if isinstance(reply, LookUpReply):
            results.update({key: reply.results[key] for key in keys})
            replies.append(reply)
        elif isinstance(reply, DepartmentError):
            results.update(dict.fromkeys(keys, reply))
            errors.append(reply)
        else:
            raise reply
    if len(replies) == 1 and not errors:
        return replies[0]
    if not replies:
        # Several callers may raise this error: do not let their frames accumulate in it.
        raise errors[0].with_traceback(None)
    return LookUpReply(
        results,
        max(reply.latency_ms for reply in replies),
        min(reply.retrieved_at for reply in replies),
    )
