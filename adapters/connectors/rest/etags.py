"""Replies kept by their ETag (RFC 9110, 13): a 304 is answered with the reply that it speaks of.

Nothing is told from here without asking the department: it always decides whether a reply still
holds, and by its own lights for whom.
"""

from collections.abc import Mapping

from cachetools import TTLCache

from adapters.connectors.http.transport import HttpReply, Transport

OVERHEAD = 1024
"""Bytes reckoned for a kept reply besides its body."""

_Question = tuple[str, frozenset[tuple[str, str]], frozenset[tuple[str, str]]]
_Replies = TTLCache[_Question, HttpReply]


class RevalidatingTransport:
    """Asks with `If-None-Match` for what it has been sent before.

    Args:
        transport: carries the requests.
        most_bytes: most bytes kept.
        keep: seconds for which a reply is kept.
        varying: headers that differ from request to request though the question is the same.
    """

    def __init__(
        self, transport: Transport, *, most_bytes: int, keep: float, varying: frozenset[str]
    ) -> None:
        self._transport = transport
        self._varying = varying
        self._most_bytes = most_bytes
        self._keep_seconds = keep
        self._kept = self._no_replies()

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> HttpReply:
        if method != "GET" or content is not None:
            return await self._transport.send(
                method, url, headers=headers, query=query, content=content
            )
        # The whole question is the key, headers as well: some of them say who asks.
        question = (
            url,
            frozenset((query or {}).items()),
            frozenset(item for item in headers.items() if item[0] not in self._varying),
        )
        replies = self._kept
        kept = replies.get(question)
        if kept is not None:
            headers = {**headers, "If-None-Match": kept.headers["ETag"]}
        reply = await self._transport.send(method, url, headers=headers, query=query)
        if reply.status == 304 and kept is not None:
            return kept
        # What was asked before everything was forgotten ends in what is forgotten.
        _keep(replies, question, reply)
        return reply

    def forget(self) -> None:
        """Drops every reply, and those on their way."""
        self._kept = self._no_replies()

    async def close(self) -> None:
        self.forget()
        await self._transport.close()

    def _no_replies(self) -> _Replies:
        return TTLCache(self._most_bytes, self._keep_seconds, getsizeof=_size_of)


def _keep(replies: _Replies, question: _Question, reply: HttpReply) -> None:
    replies.pop(question, None)
    if reply.status != 200 or "ETag" not in reply.headers:
        return
    if "no-store" in reply.headers.get("Cache-Control", "").lower():
        return
    if _size_of(reply) <= replies.maxsize:
        replies[question] = reply


def _size_of(reply: HttpReply) -> int:
    return len(reply.body) + OVERHEAD
