"""ASGI middleware that plays a department's faults."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from mocks.faults.failures import GARBAGE, MAINTENANCE, CannedReply, FailureReplies
from mocks.faults.switchboard import Switchboard
from mocks.faults.transmission import (
    Ending,
    OutgoingReply,
    add_padding,
    compress,
    encode_utf16,
    end,
    pause,
    reply_of,
    reset,
    send_reply,
    send_whole,
    transport_of,
    until_gone,
    write_copy,
)
from mocks.faults.writes import watch_for_writes

SWITCHES = "mocks.switches"
"""Key of the switchboard in the ASGI scope, for quirks that the application plays itself."""


def amount_of(request: Request, name: str) -> float:
    """Return the value of a switch; 0 if it is off."""
    switches: Switchboard | None = request.scope.get(SWITCHES)
    return switches.amount(name) if switches is not None else 0


def strikes(request: Request, name: str) -> bool:
    """Return True if a quirk applies to this request (drawn at random by its probability)."""
    switches: Switchboard | None = request.scope.get(SWITCHES)
    return switches is not None and switches.strikes(name)


class FaultMiddleware:
    """Plays the faults that are switched on.

    Faults combine. Each applies at one of these stages:

    1. before the request is processed: refuse, latency, hang;
    2. a reply without processing, the first that applies: redirect_loop, error, maintenance,
       expired_session, fault200, garbage;
    3. changes to the body: the department's own quirks, unknown_code, charset, oversize,
       gzip_bomb;
    4. how the reply is sent: reset_after_write, or truncate, or stall; drip slows it down.

    If the request has written something, lost_reply and late_reply apply before stage 4, and
    double_reply after it. The application plays refuse_write itself.
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
        written = watch_for_writes()
        reply = self._reply_without_processing(scope) or await reply_of(self.app, scope, receive)
        if written:
            if switches.strikes("lost_reply"):
                reset(transport_of(scope))
                return
            late = switches.amount("late_reply")
            if not await pause(late, transport_of(scope).is_closing):
                return
        self._change(reply)
        await self._send(reply, scope, receive, send)
        if written and switches.strikes("double_reply"):
            write_copy(transport_of(scope), reply)

    def _reply_without_processing(self, scope: Scope) -> OutgoingReply | None:
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
        for name, canned in replies.items():
            if self.switchboard.strikes(name):
                headers = [(b"content-type", canned.content_type.encode())]
                return OutgoingReply(canned.status, headers, canned.body)
        return None

    def _change(self, reply: OutgoingReply) -> None:
        for name, play in self.failures.quirks.items():
            if play is not None and self.switchboard.strikes(name):
                play(reply)
        if self.switchboard.strikes("unknown_code"):
            reply.body = self.failures.with_unknown_codes(reply.body)
        if self.switchboard.strikes("charset"):
            encode_utf16(reply)
        if self.switchboard.strikes("oversize"):
            add_padding(reply)
        elif self.switchboard.strikes("gzip_bomb"):
            compress(reply)

    async def _send(self, reply: OutgoingReply, scope: Scope, receive: Receive, send: Send) -> None:
        switches = self.switchboard
        if switches.strikes("reset_after_write"):
            reset(transport_of(scope))
            return
        chunks, ending = [reply.body, *reply.padding], Ending.FINISH
        if switches.strikes("truncate"):
            chunks, ending = reply.first_half(), Ending.HANG_UP
            if switches.coin():
                reply.body, reply.padding = chunks[0], chunks[1:]
                ending = Ending.FINISH
        elif switches.strikes("stall"):
            chunks, ending = reply.first_half(), Ending.STALL
        drip = switches.amount("drip")
        if ending is Ending.FINISH and len(chunks) == 1 and not drip:
            await send_whole(send, reply.status, reply.headers, reply.body)
            return
        await send_reply(send, reply, chunks, drip, transport_of(scope).is_closing)
        await end(ending, scope, receive, send)
