"""Quirks of SOAP departments: functions that change a correct reply."""

from collections.abc import Callable

from mocks.faults.transmission import OutgoingReply

Quirk = Callable[[OutgoingReply], None]


def forbidden_characters(before: bytes) -> Quirk:
    """Insert a vertical tab as numeric reference, as .NET and PHP do (`docs/quirks.md` 36).

    Args:
        before: the bytes in front of which it is inserted.
    """

    def play(reply: OutgoingReply) -> None:
        reply.body = reply.body.replace(before, b"&#x0B;" + before)

    return play


def no_rows_as_500(mark: bytes) -> Quirk:
    """Send HTTP 500 without a body instead of a reply without rows (`docs/quirks.md` 2).

    Args:
        mark: bytes that only a reply without rows contains.
    """

    def play(reply: OutgoingReply) -> None:
        if mark in reply.body:
            reply.status, reply.body = 500, b""

    return play


def in_newer_namespace(old: bytes, new: bytes) -> Quirk:
    """Reply in a namespace that the WSDL does not contain (`docs/quirks.md` 35)."""

    def play(reply: OutgoingReply) -> None:
        reply.body = reply.body.replace(b'"%s"' % old, b'"%s"' % new)

    return play
