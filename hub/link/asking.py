"""The form that every stage of a look-up has: it takes a batch of keys and gives a reply."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from adapters.contract import CallContext, Capability, LookUpReply

LookUp = Callable[[Capability, Sequence[str], CallContext], Coroutine[Any, Any, LookUpReply]]
