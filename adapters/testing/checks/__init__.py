"""The contract: what every adapter must do. One function for each sentence of it.

Each raises `ContractBrokenError` when the sentence is not true, and `CanNotReplayError` when that
can't be found out here. They are the same for every department.
"""

from adapters.testing.checks.asking import SEARCHES
from adapters.testing.checks.broken import ContractBrokenError
from adapters.testing.checks.changes import (
    changes_are_told_in_order,
    changes_can_be_followed,
    drops_tell_what_changed,
)
from adapters.testing.checks.damage import damaged_replies_cost_their_own_rows, damages_of
from adapters.testing.checks.failing import (
    cancelled_call_leaves_the_line_usable,
    fails_as_department_error,
    failure_is_a_department_error,
    too_large_reply_is_refused,
)
from adapters.testing.checks.keys import keys_get_their_own_rows, unknown_key_is_no_rows
from adapters.testing.checks.reading import sample_is_read_whole, warnings_told

__all__ = [
    "SEARCHES",
    "ContractBrokenError",
    "cancelled_call_leaves_the_line_usable",
    "changes_are_told_in_order",
    "changes_can_be_followed",
    "damaged_replies_cost_their_own_rows",
    "damages_of",
    "drops_tell_what_changed",
    "fails_as_department_error",
    "failure_is_a_department_error",
    "keys_get_their_own_rows",
    "sample_is_read_whole",
    "too_large_reply_is_refused",
    "unknown_key_is_no_rows",
    "warnings_told",
]
