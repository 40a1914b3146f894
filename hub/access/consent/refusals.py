"""The errors of consents and one-time codes."""

from schema.codes import ErrorCode
from schema.errors import HubError, not_found


def no_such_consent() -> HubError:
    """Return the error for a consent that does not exist, or that is not the principal's."""
    return not_found("There is no such consent or request for consent.")


def consent_ended() -> HubError:
    """Return the error for a request or consent that is no longer open or valid."""
    return HubError(
        ErrorCode.CONSENT_ENDED,
        "The request or consent has ended. Make a new request with `requestConsent`.",
    )


def code_rejected() -> HubError:
    """Return the error for a wrong code, and for a request without a code."""
    return HubError(
        ErrorCode.CODE_REJECTED,
        "The code is wrong or has expired. Check it, or send a new code.",
    )


def too_many(what: str) -> HubError:
    """Return the error for an act beyond a limit."""
    return HubError(
        ErrorCode.RATE_LIMITED,
        f"Too many {what} in one hour. Try again after the full hour.",
        retryable=True,
    )
