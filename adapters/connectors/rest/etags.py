"""Stores replies by their ETag and revalidates them (RFC 9110, 13).

Every request goes to the department. A stored reply is returned only if the department answers 304.
So the department decides whether the reply is current, and for which user.
"""

from cachetools import TTLCache

from adapters.connectors.http.transport import HttpReply, HttpRequest, Transport

OVERHEAD = 1024
"""Estimated memory of a stored reply besides its body, in bytes."""

_RequestKey = tuple[str, frozenset[tuple[str, str]], frozenset[tuple[str, str]]]
_Replies = TTLCache[_RequestKey, HttpReply]


class RevalidatingTransport:
    """Adds `If-None-Match` to a request that was answered before.

    Args:
        transport: sends the requests.
        most_bytes: maximum size of all stored replies in bytes.
        keep: seconds for which a reply is stored.
        varying: headers that differ between otherwise equal requests.
    """

    def __init__(
        self, transport: Transport, *, most_bytes: int, keep: float, varying: frozenset[str]
    ) -> None:
        self._transport = transport
        self._varying = varying
        self._most_bytes = most_bytes
        self._keep_seconds = keep
        self._kept = self._no_replies()

    async def send(self, request: HttpRequest) -> HttpReply:
        if request.method != "GET" or request.content is not None:
            return await self._transport.send(request)
        # Headers belong to the key, because some of them identify the user.
        key = (
            request.url,
            frozenset(request.query.items()),
            frozenset(item for item in request.headers.items() if item[0] not in self._varying),
        )
        replies = self._kept
        kept = replies.get(key)
        if kept is not None:
            request = request.with_headers({"If-None-Match": kept.headers["ETag"]})
        reply = await self._transport.send(request)
        if reply.status == 304 and kept is not None:
            return kept
        # `replies` was taken before the call: after `forget`, this reply is discarded too.
        _keep(replies, key, reply)
        return reply

    def forget(self) -> None:
        """Delete every stored reply, and do not store those of requests that are under way."""
        self._kept = self._no_replies()

    async def close(self) -> None:
        self.forget()
        await self._transport.close()

    def _no_replies(self) -> _Replies:
        return TTLCache(self._most_bytes, self._keep_seconds, getsizeof=_size_of)


def _keep(replies: _Replies, key: _RequestKey, reply: HttpReply) -> None:
    replies.pop(key, None)
    if reply.status != 200 or "ETag" not in reply.headers:
        return
    if "no-store" in reply.headers.get("Cache-Control", "").lower():
        return
    if _size_of(reply) <= replies.maxsize:
        replies[key] = reply


def _size_of(reply: HttpReply) -> int:
    return len(reply.body) + OVERHEAD
