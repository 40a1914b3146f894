"""The argument `waitAtMostMs`: how long a list waits for departments."""

from typing import Annotated

import strawberry

from schema.errors import bad_input

LONGEST_WAIT_MS = 60_000

WaitAtMost = Annotated[
    int | None,
    strawberry.argument(
        name="waitAtMostMs",
        description="Wait at most this long for the departments, in milliseconds, 0 to "
        f"{LONGEST_WAIT_MS}. Those that are later have the state PENDING in `sources`; repeat the "
        "query to get their rows. If null, wait until each has replied or failed.",
    ),
]


def wait_of(wait_at_most_ms: int | None) -> float | None:
    """Return the longest wait in seconds; None if it is unlimited.

    Raises:
        HubError: `BAD_USER_INPUT`, the wait is negative or too long.
    """
    if wait_at_most_ms is None:
        return None
    if not 0 <= wait_at_most_ms <= LONGEST_WAIT_MS:
        raise bad_input(
            f"`waitAtMostMs` is {wait_at_most_ms}; it must be 0 to {LONGEST_WAIT_MS} milliseconds."
        )
    return wait_at_most_ms / 1000
