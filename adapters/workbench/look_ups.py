"""Look-ups of any number of keys, without a `DepartmentLink`."""

from collections.abc import Sequence

from adapters.batches import look_up_in_batches
from adapters.contract import Adapter, CallContext, Capability, LookUpReply


async def look_up_all(
    adapter: Adapter, capability: Capability, keys: Sequence[str], context: CallContext
) -> LookUpReply:
    """Return the rows for any number of keys, without the limits of a `DepartmentLink`.

    Raises:
        DepartmentError: every call failed.
    """
    size = adapter.keys_at_once(capability)
    return await look_up_in_batches(
        lambda batch: adapter.look_up(capability, batch, context), keys, size
    )
