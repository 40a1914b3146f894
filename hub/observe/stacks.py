"""Describes unexpected errors in logs, without personal data."""

import traceback


def stack_of(error: BaseException) -> str:
    """Return the type of an error and where it was raised.

    The message is left out, because it may quote personal data.
    """
    return f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}"
