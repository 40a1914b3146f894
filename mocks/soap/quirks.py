"""Ways in which SOAP departments spoil a reply that is otherwise right."""

from collections.abc import Callable

from mocks.faults.transmission import OutgoingReply

Quirk = Callable[[OutgoingReply], None]


def forbidden_characters(before: bytes) -> Quirk:
    """A vertical tab as a numeric reference, as .NET and PHP send it (`docs/quirks.md` 36)."""

    def play(answer: OutgoingReply) -> None:
        answer.body = answer.body.replace(before, b"&#x0B;" + before)

    return play


def no_rows_as_500(mark: bytes) -> Quirk:
    """HTTP 500 without a body instead of a reply without rows (`docs/quirks.md` 2)."""

    def play(answer: OutgoingReply) -> None:
        if mark in answer.body:
            answer.status, answer.body = 500, b""

    return play


def in_newer_namespace(old: bytes, new: bytes) -> Quirk:
    """The reply in the namespace of a version that the WSDL does not know (`docs/quirks.md` 35)."""

    def play(answer: OutgoingReply) -> None:
        answer.body = answer.body.replace(b'"%s"' % old, b'"%s"' % new)

    return play
