"""Stores replies by their ETag and revalidates them (RFC 9110, 13).

Every request goes to the department. A stored reply is returned only if the department answers 304.
So the department decides whether the reply is current, and for which user.
"""

from dataclasses import KW_ONLY, dataclass, field

from cachetools import TTLCache

from adapters.connectors.http.transport import HttpReply, HttpRequest, Transport

OVERHEAD = 1024
"""Estimated memory of a stored reply besides its body, in bytes."""

_RequestKey = tuple[str, frozenset[tuple[str, str]], frozenset[tuple[str, str]]]
_Replies = TTLCache[_RequestKey, HttpReply]


@dataclass(slots=True, eq=False)
class RevalidatingTransport:
    """Adds `If-None-Match` to a request that was answered before.

    Attributes:
        most_bytes: maximum size of all stored replies in bytes.
        keep: seconds for which a reply is stored.
        varying: headers that differ between otherwise equal requests.
    """

    transport: Transport
    _: KW_ONLY
    most_bytes: int
    keep: float
    varying: frozenset[str]
    _kept: _Replies = field(init=False)

    def __post_init__(self) -> None:
        self.forget()

    async def send(self, request: HttpRequest) -> HttpReply:
        if request.method != "GET" or request.content is not None:
            return await self.transport.send(request)
        # Headers belong to the key, because some of them identify the user.
        key = (
            request.url,
            frozenset(request.query.items()),
            frozenset(item for item in request.headers.items() if item[0] not in self.varying),
        )
        replies = self._kept
        kept = replies.get(key)
        if kept is not None:
            request = request.with_headers({"If-None-Match": kept.headers["ETag"]})
        reply = await self.transport.send(request)
        if reply.status == 304 and kept is not None:
            return kept
        # `replies` was taken before the call: after `forget`, this reply is discarded too.
        replies.pop(key, None)
        may_store = "no-store" not in reply.headers.get("Cache-Control", "").lower()
        fits = _size_of(reply) <= replies.maxsize
        if reply.status == 200 and "ETag" in reply.headers and may_store and fits:
            replies[key] = reply
        return reply

    def forget(self) -> None:
        """Delete every stored reply, and do not store those of requests that are under way."""
        self._kept = TTLCache(self.most_bytes, self.keep, getsizeof=_size_of)

    async def close(self) -> None:
        self.forget()
        await self.transport.close()


def _size_of(reply: HttpReply) -> int:
    return len(reply.body) + OVERHEAD
