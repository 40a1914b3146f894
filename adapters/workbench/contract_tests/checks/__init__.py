"""The contract: what every adapter must do. One function for each sentence of it.

Each raises `ContractBrokenError` when the sentence is not true, and `CanNotReplayError` when that
can't be found out here. They are the same for every department.
"""

from adapters.workbench.contract_tests.checks.calls import SEARCHES, ContractBrokenError
from adapters.workbench.contract_tests.checks.changes import (
    changes_are_told_in_order,
    changes_can_be_followed,
    drops_tell_what_changed,
)
from adapters.workbench.contract_tests.checks.damage import (
    damaged_replies_cost_their_own_rows,
    damages_of,
)
from adapters.workbench.contract_tests.checks.failures import (
    cancelled_call_leaves_the_line_usable,
    fails_as_department_error,
    failure_is_a_department_error,
    too_large_reply_is_refused,
)
from adapters.workbench.contract_tests.checks.keys import (
    keys_get_their_own_rows,
    unknown_key_is_no_rows,
)
from adapters.workbench.contract_tests.checks.reads import sample_is_read_whole, warnings_told

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
