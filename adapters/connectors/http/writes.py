"""What the HTTP connectors share when they make writes."""

from typing import Any

from adapters.connectors.http.transport import HttpReply
from adapters.connectors.write_replies import MOST_TEXT, WriteMeaning, WritePlan, WriteResponse
from adapters.contract import DepartmentAuthError, DepartmentError

MOST_BYTES = 4 * MOST_TEXT


def response_of(
    reply: HttpReply,
    content: object,
    failure: DepartmentError | None,
    fault: dict[str, object] | None = None,
) -> WriteResponse:
    """Return the response for an HTTP reply to a write.

    Args:
        content: the decoded reply; None if it can't be decoded.
        failure: the error that a look-up with this reply would raise.
        fault: code, text and detail of the failure, if the protocol has them.
    """
    return WriteResponse(
        content=content,
        text=_text_of(reply),
        status=reply.status,
        fault=fault or {},
        headers={name.lower(): value for name, value in reply.headers.items()},
        failure=failure,
    )


def _text_of(reply: HttpReply) -> str:
    shown = reply.body[:MOST_BYTES]
    try:
        return shown.decode(reply.charset or "utf-8", "replace")[:MOST_TEXT]
    except LookupError:
        return shown.decode("utf-8", "replace")[:MOST_TEXT]


def decided(plan: WritePlan[Any], response: WriteResponse) -> WriteResponse:
    """Return the response, unless it only says that the hub's login has expired.

    Raises:
        DepartmentAuthError: the department rejected the login, and no rule says that the write may
            have had an effect. Then it may be sent with a new login.
    """
    failure = response.failure
    if isinstance(failure, DepartmentAuthError):
        meaning = plan.reply.meaning_of(response)
        if meaning is None or meaning is WriteMeaning.NOT_DONE:
            raise failure
    return response
