"""Plays the faults that are switched on, around a department's ASGI application."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from mocks.faults.failures import GARBAGE, MAINTENANCE, CannedReply, FailureReplies
from mocks.faults.switchboard import Switchboard
from mocks.faults.transmission import (
    Ending,
    OutgoingReply,
    end,
    in_utf16,
    packed,
    padded,
    pause,
    reply_of,
    reset,
    send_reply,
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

    def __init__(self, app: ASGIApp, switchboard: Switchboard, failures: FailureReplies) -> None:
        self.app = app
        self.switchboard = switchboard
        self.failures = failures

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
        answer = self._answer_instead(scope) or await reply_of(self.app, scope, receive)
        self._spoil(answer)
        await self._send(answer, scope, receive, send)

    def _answer_instead(self, scope: Scope) -> OutgoingReply | None:
        if self.switchboard.strikes("redirect_loop"):
            query = scope["query_string"]
            here = scope["raw_path"] + (b"?" + query if query else b"")
            return OutgoingReply(302, [(b"location", here)], b"")
        failures = self.failures
        replies = {
            "error": failures.error,
            "maintenance": MAINTENANCE,
            "expired_session": failures.expired_session,
            "fault200": failures.fault200,
            "garbage": CannedReply(200, failures.content_type, GARBAGE),
        }
        for name, reply in replies.items():
            if self.switchboard.strikes(name):
                headers = [(b"content-type", reply.content_type.encode())]
                return OutgoingReply(reply.status, headers, reply.body)
        return None

    def _spoil(self, answer: OutgoingReply) -> None:
        for name, play in self.failures.quirks.items():
            if play is not None and self.switchboard.strikes(name):
                play(answer)
        if self.switchboard.strikes("unknown_code"):
            answer.body = self.failures.with_unknown_codes(answer.body)
        if self.switchboard.strikes("charset"):
            in_utf16(answer)
        if self.switchboard.strikes("oversize"):
            padded(answer)
        elif self.switchboard.strikes("gzip_bomb"):
            packed(answer)

    async def _send(
        self, answer: OutgoingReply, scope: Scope, receive: Receive, send: Send
    ) -> None:
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
        await send_reply(send, answer, chunks, drip, transport_of(scope).is_closing)
        await end(ending, scope, receive, send)
