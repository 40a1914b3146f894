"""Plays the faults that are switched on, around a department's ASGI application."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from mocks.faults.dialect import GARBAGE, MAINTENANCE, Dialect, Reply
from mocks.faults.switchboard import Switchboard
from mocks.faults.wire import (
    Answer,
    Ending,
    answer_of,
    end,
    in_utf16,
    packed,
    padded,
    pause,
    reset,
    send_answer,
    send_whole,
    transport_of,
    until_gone,
)

SWITCHES = "mocks.switches"
"""Where the scope has the switchboard, for quirks that are the application's own."""


def amount_of(request: Request, name: str) -> float:
    """What a switch of the mock is set to; 0 when it is off."""
    switches: Switchboard | None = request.scope.get(SWITCHES)
    return switches.amount(name) if switches is not None else 0


def strikes(request: Request, name: str) -> bool:
    """Whether a quirk that the application plays itself strikes this request."""
    switches: Switchboard | None = request.scope.get(SWITCHES)
    return switches is not None and switches.strikes(name)


class FaultMiddleware:
    """Instead of the application's answer, what a bad day gives.

    Faults apply together, each at its own stage:

    1. before anything is done: refuse, latency, hang;
    2. what is answered instead, the first that strikes: redirect_loop, error, maintenance,
       expired_session, fault200, garbage (else the request is really processed);
    3. what becomes of the body: the department's own quirks, unknown_code, charset, oversize,
       gzip_bomb;
    4. how it is sent: reset_after_write, else truncate or stall, all of it in drops with drip.
    """

    def __init__(self, app: ASGIApp, switchboard: Switchboard, dialect: Dialect) -> None:
        self.app = app
        self.switchboard = switchboard
        self.dialect = dialect

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        switches = self.switchboard
        scope[SWITCHES] = switches
        if scope["type"] != "http" or not switches.any_active():
            await self.app(scope, receive, send)
            return
        if switches.strikes("refuse"):
            reset(transport_of(scope))
            return
        if not await pause(switches.wait(), transport_of(scope).is_closing):
            return
        if switches.strikes("hang"):
            await until_gone(receive)
            return
        answer = self._answer_instead(scope) or await answer_of(self.app, scope, receive)
        self._spoil(answer)
        await self._send(answer, scope, receive, send)

    def _answer_instead(self, scope: Scope) -> Answer | None:
        if self.switchboard.strikes("redirect_loop"):
            query = scope["query_string"]
            here = scope["raw_path"] + (b"?" + query if query else b"")
            return Answer(302, [(b"location", here)], b"")
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
                headers = [(b"content-type", reply.content_type.encode())]
                return Answer(reply.status, headers, reply.body)
        return None

    def _spoil(self, answer: Answer) -> None:
        for name, play in self.dialect.quirks.items():
            if play is not None and self.switchboard.strikes(name):
                play(answer)
        if self.switchboard.strikes("unknown_code"):
            answer.body = self.dialect.with_unknown_codes(answer.body)
        if self.switchboard.strikes("charset"):
            in_utf16(answer)
        if self.switchboard.strikes("oversize"):
            padded(answer)
        elif self.switchboard.strikes("gzip_bomb"):
            packed(answer)

    async def _send(self, answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
        switches = self.switchboard
        if switches.strikes("reset_after_write"):
            reset(transport_of(scope))
            return
        chunks, ending = [answer.body, *answer.padding], Ending.FINISH
        if switches.strikes("truncate"):
            chunks, ending = answer.first_half(), Ending.HANG_UP
            if switches.coin():
                answer.body, answer.padding = chunks[0], chunks[1:]
                ending = Ending.FINISH
        elif switches.strikes("stall"):
            chunks, ending = answer.first_half(), Ending.STALL
        drip = switches.amount("drip")
        if ending is Ending.FINISH and len(chunks) == 1 and not drip:
            await send_whole(send, answer.status, answer.headers, answer.body)
            return
        await send_answer(send, answer, chunks, drip, transport_of(scope).is_closing)
        await end(ending, scope, receive, send)
