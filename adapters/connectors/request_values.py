"""Values that every call may contain: an identifier of the request, and the current time.

Many departments require both and look at neither: `{request_id}`, `{now}`, `{now:dd/mm/yyyy}`.
"""

import datetime as dt
import uuid
from collections.abc import Collection

REQUEST_VALUES = frozenset({"request_id", "now"})
"""Names of their placeholders."""


def request_values(names: Collection[str], timezone: dt.tzinfo) -> dict[str, object]:
    """Return the values of these placeholders for one attempt of a call.

    Args:
        names: those of `REQUEST_VALUES` that the call contains.
        timezone: zone of the department's local times.
    """
    values: dict[str, object] = {}
    if "request_id" in names:
        # Each attempt gets its own: departments refuse an identifier that they have seen.
        values["request_id"] = str(uuid.uuid4())
    if "now" in names:
        values["now"] = dt.datetime.now(timezone).replace(microsecond=0)
    return values
