"""The contract: the rules that every adapter must keep, one function for each.

A function raises `ContractBrokenError` if the adapter breaks the rule, and `CanNotReplayError` if
the samples are not enough to decide.
"""

from adapters.workbench.contract_tests.checks.calls import (
    SEARCHES,
    ContractBrokenError,
    read_sample,
)
from adapters.workbench.contract_tests.checks.changes import (
    changes_can_be_followed,
    changes_come_in_order,
    newest_delivered_row_counts,
)
from adapters.workbench.contract_tests.checks.damage import (
    damaged_replies_cost_their_own_rows,
    damages_of,
)
from adapters.workbench.contract_tests.checks.failures import (
    cancelled_call_leaves_the_connector_usable,
    fails_as_department_error,
    failure_is_a_department_error,
    too_large_reply_is_refused,
)
from adapters.workbench.contract_tests.checks.keys import (
    keys_get_their_own_rows,
    unknown_key_gives_no_rows,
)
from adapters.workbench.contract_tests.checks.reads import sample_is_read_whole, warning_texts
from adapters.workbench.contract_tests.checks.writes import (
    OVER_HTTP,
    finder_of,
    is_safe,
    lost_write_arrives_once,
    write_is_sent_as_recorded,
)

__all__ = [
    "OVER_HTTP",
    "SEARCHES",
    "ContractBrokenError",
    "cancelled_call_leaves_the_connector_usable",
    "changes_can_be_followed",
    "changes_come_in_order",
    "damaged_replies_cost_their_own_rows",
    "damages_of",
    "fails_as_department_error",
    "failure_is_a_department_error",
    "finder_of",
    "is_safe",
    "keys_get_their_own_rows",
    "lost_write_arrives_once",
    "newest_delivered_row_counts",
    "read_sample",
    "sample_is_read_whole",
    "too_large_reply_is_refused",
    "unknown_key_gives_no_rows",
    "warning_texts",
    "write_is_sent_as_recorded",
]
