"""Call contexts, as the hub passes them to an adapter or a link."""

import asyncio
from typing import Any

from adapters.contract import CallContext


def call_context(seconds: float = 20, **fields: Any) -> CallContext:
    """Return the context of a call that must be complete within `seconds`.

    Args:
        seconds: time until the deadline.
        fields: fields of `CallContext` that the test depends on.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    defaults = {"correlation_id": "test-1", "scope": "DEMO:7KNL042101"}
    return CallContext(deadline=deadline, **{**defaults, **fields})
