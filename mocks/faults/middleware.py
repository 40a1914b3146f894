"""Plays the faults that are switched on, around a department's ASGI application."""

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send

from mocks.faults.dialect import GARBAGE, MAINTENANCE, Dialect, Reply
from mocks.faults.switchboard import Switchboard
from mocks.faults.wire import (
    Answer,
    answer_of,
    reset,
    send_cut,
    send_padded,
    send_slowly,
    send_whole,
)

PADDING_CHUNK = b" " * 65_536
PADDING_CHUNKS = 1_040
"""65 MiB of spaces, which JSON and XML both allow at the end."""


class FaultMiddleware:
    """Instead of the application's answer, what a bad day gives.

    Order: latency first; then what replaces the answer (hang, error, maintenance, redirect_loop,
    expired_session, fault200, garbage); then, with the request really processed, what spoils the
    answer (reset_after_write, unknown_code, truncate, oversize, drip).
    """

    def __init__(self, app: ASGIApp, switchboard: Switchboard, dialect: Dialect) -> None:
        self.app = app
        self.switchboard = switchboard
        self.dialect = dialect

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self.switchboard.any_active():
            await self.app(scope, receive, send)
            return
        await asyncio.sleep(self.switchboard.amount("latency"))
        if self.switchboard.strikes("hang"):
            await _never_answer(receive)
            return
        if self.switchboard.strikes("redirect_loop"):
            await _redirect_to_itself(scope, send)
            return
        reply = self._reply_instead()
        if reply is not None:
            headers = [(b"content-type", reply.content_type.encode())]
            await send_whole(send, reply.status, headers, reply.body)
            return
        await self._spoil(await answer_of(self.app, scope, receive), scope, send)

    def _reply_instead(self) -> Reply | None:
        dialect = self.dialect
        replies = {
            "error": dialect.error,
            "maintenance": MAINTENANCE,
            "expired_session": dialect.expired_session,
            "fault200": dialect.fault200,
            "garbage": Reply(200, dialect.content_type, GARBAGE),
        }
        for name, reply in replies.items():
            if self.switchboard.strikes(name):
                return reply
        return None

    async def _spoil(self, answer: Answer, scope: Scope, send: Send) -> None:
        if self.switchboard.strikes("reset_after_write"):
            reset(scope)
            return
        if self.switchboard.strikes("unknown_code"):
            answer.body = self.dialect.with_unknown_codes(answer.body)
        if self.switchboard.strikes("truncate"):
            await send_cut(send, scope, answer, honest=self.switchboard.coin())
        elif self.switchboard.strikes("oversize"):
            await send_padded(send, answer, [PADDING_CHUNK] * PADDING_CHUNKS)
        elif self.switchboard.amount("drip"):
            await send_slowly(send, answer, self.switchboard.amount("drip"))
        else:
            await send_whole(send, answer.status, answer.headers, answer.body)


async def _never_answer(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _redirect_to_itself(scope: Scope, send: Send) -> None:
    query = scope["query_string"]
    here = scope["raw_path"] + (b"?" + query if query else b"")
    await send_whole(send, 302, [(b"location", here)], b"")
