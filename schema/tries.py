"""Bounds wrong tries of fields that anybody may call without signing in."""

from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from typing import Any, TypeAlias, TypeVar

from schema.batch import Info, Outcome
from schema.codes import ErrorCode
from schema.errors import HubError

Secret = TypeVar("Secret")
Value = TypeVar("Value")
Find: TypeAlias = Callable[
    [Sequence[tuple[str, Secret]], Info], Awaitable[list[Outcome[Value | None]]]
]


def bounded_tries(
    field_name: str, is_wrong: Callable[[Any], bool] = lambda _: False
) -> Callable[[Find[Secret, Value]], Find[Secret, Value]]:
    """Bound the wrong tries of a look-up field, per reference and per caller.

    The function that it decorates receives all aliases of an operation together, also those in
    fragments, so all of them are counted before the first is looked up. Error `RATE_LIMITED` for
    all, if they are too many. Right tries are given back, and so are those that a department did
    not answer.

    Args:
        field_name: name of the field.
        is_wrong: whether a value means that the try was wrong. The error `NOT_FOUND` always does.
    """

    def decorate(find: Find[Secret, Value]) -> Find[Secret, Value]:
        @wraps(find)
        async def bounded(
            keys: Sequence[tuple[str, Secret]], info: Info
        ) -> list[Outcome[Value | None]]:
            budget = info.context.budget
            refused = budget.begin_tries(field_name, [reference for reference, _ in keys])
            if refused is not None:
                return [refused] * len(keys)
            outcomes = await find(keys, info)
            right = [
                reference
                for (reference, _), outcome in zip(keys, outcomes, strict=True)
                if not (_is_not_found(outcome) or is_wrong(outcome))
            ]
            budget.forgive_tries(field_name, right)
            return outcomes

        return bounded

    return decorate


def _is_not_found(outcome: object) -> bool:
    return isinstance(outcome, HubError) and outcome.code == ErrorCode.NOT_FOUND
