"""Budgets: what the operations of a caller may cost in a minute, and how often one may guess.

A caller is a principal, or an IP address if nobody is signed in. A portal has a budget for all its
users together. Repeated tries with a wrong number are bounded per reference and per caller.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv6Network

from hub.access import Caller
from hub.execution.demand.windows import Windows
from hub.settings import Settings
from schema.codes import ErrorCode
from schema.errors import HubError

MINUTE = 60.0
HOUR = 3600.0
IPV6_PREFIX = 64


class BudgetExceededError(HubError):
    """A budget is used up.

    Attributes:
        retry_after: seconds after which the operation fits into the budget again.
    """

    def __init__(self, code: ErrorCode, message: str, retry_after: float) -> None:
        super().__init__(code, message, retryable=True)
        self.retry_after = max(1, math.ceil(retry_after))


@dataclass(slots=True)
class Budgets:
    """The budgets of all callers.

    Attributes:
        caller_cost: what a principal, or an address without sign-in, may spend in a minute.
        client_cost: what all users of a portal may spend in a minute.
        tries_per_reference: wrong tries for one reference in an hour, from all callers.
        tries_per_caller: wrong tries of one caller in an hour.
        costs: what callers spent.
        client_costs: what portals spent.
        count_refusal: counts refusals by reason, `budget` or `tries`.
        tries: how often callers tried, and how often references were tried.
    """

    caller_cost: int = 500_000
    client_cost: int = 10_000_000
    tries_per_reference: int = 10
    tries_per_caller: int = 30
    costs: Windows = field(default_factory=lambda: Windows(MINUTE))
    client_costs: Windows = field(default_factory=lambda: Windows(MINUTE))
    tries: Windows = field(default_factory=lambda: Windows(HOUR))

    count_refusal: Callable[[str], None] = lambda _reason: None

    @classmethod
    def configured(cls, settings: Settings, count_refusal: Callable[[str], None]) -> "Budgets":
        """Return the budgets in the hub's settings."""
        return cls(
            settings.cost_per_minute,
            settings.client_cost_per_minute,
            settings.tries_per_reference,
            settings.tries_per_caller,
            count_refusal=count_refusal,
        )

    def of(self, caller: Caller) -> "CallerBudget":
        """Return the budget of one caller."""
        return CallerBudget(self, caller)


class CallerBudget:
    """The budget of one caller; `RequestContext.budget`."""

    __slots__ = ("_budgets", "_client", "_key")

    def __init__(self, budgets: Budgets, caller: Caller) -> None:
        self._budgets = budgets
        principal = caller.principal
        # A subject contains `|`, an address does not, so they cannot be equal.
        self._key = principal.subject or _network_of(caller.address)
        self._client = principal.client

    def spend(self, cost: int) -> None:
        """Take the cost of an operation from the budgets.

        Raises:
            BudgetExceededError: `COST_BUDGET_EXCEEDED`, a budget is too small for it.
        """
        budgets = self._budgets
        if not budgets.costs.take(self._key, cost, budgets.caller_cost):
            raise self._exceeded(
                budgets.costs, self._key, cost, budgets.caller_cost, "your operations"
            )
        client, clients = self._client, budgets.client_costs
        if client and not clients.take(client, cost, budgets.client_cost):
            budgets.costs.add(self._key, -cost)
            raise self._exceeded(
                clients, client, cost, budgets.client_cost, "the operations of this portal"
            )

    def give_back(self, cost: int) -> None:
        """Give back what an operation did not use."""
        if cost > 0:
            self._budgets.costs.add(self._key, -cost)
            if self._client:
                self._budgets.client_costs.add(self._client, -cost)

    @property
    def remaining(self) -> int:
        """What the caller may still spend now."""
        return int(self._budgets.caller_cost - self._budgets.costs.used(self._key))

    def begin_tries(self, field_name: str, references: Sequence[str]) -> HubError | None:
        """Count tries of a field that anybody may guess at; return an error if they are too many.

        All aliases of one operation are counted before the first is looked up.

        Args:
            field_name: name of the field.
            references: the reference of each try.
        """
        budgets, tries = self._budgets, self._budgets.tries
        keys = [_key_of(field_name, reference) for reference in references]
        limits = dict.fromkeys(keys, budgets.tries_per_reference)
        limits[self._key] = budgets.tries_per_caller
        counts = dict.fromkeys(limits, 0)
        for key in keys:
            counts[key] += 1
            counts[self._key] += 1
        for key, limit in limits.items():
            if tries.used(key) + counts[key] > limit:
                budgets.count_refusal("tries")
                return HubError(
                    ErrorCode.RATE_LIMITED,
                    f"Too many wrong tries of `{field_name}`: the limits are "
                    f"{budgets.tries_per_reference} an hour for one number, and "
                    f"{budgets.tries_per_caller} an hour for one caller. "
                    f"Retry in {_minutes(tries.seconds_until(key, limit - counts[key]))}.",
                    retryable=True,
                )
        for key, count in counts.items():
            tries.add(key, count)
        return None

    def forgive_tries(self, field_name: str, references: Sequence[str]) -> None:
        """Give back tries that were right, or that say nothing because a department failed."""
        tries = self._budgets.tries
        for reference in references:
            tries.add(_key_of(field_name, reference), -1)
            tries.add(self._key, -1)

    def _exceeded(
        self, costs: Windows, key: str, cost: int, limit: int, who: str
    ) -> BudgetExceededError:
        self._budgets.count_refusal("budget")
        seconds = costs.seconds_until(key, limit - cost)
        return BudgetExceededError(
            ErrorCode.COST_BUDGET_EXCEEDED,
            f"This operation costs {cost:,}, and {who} may cost {limit:,} in a minute. "
            f"Retry in {max(1, math.ceil(seconds))} s.",
            seconds,
        )


def _key_of(field_name: str, reference: str) -> str:
    # Real references are shorter. A client must not fill the memory with long ones.
    return f"{field_name}:{reference[:100]}"


@lru_cache(10_000)
def _network_of(address: str) -> str:
    """Return the address; for IPv6 its network, because a client has a whole network there."""
    if ":" not in address:
        return address
    try:
        return str(IPv6Network((address, IPV6_PREFIX), strict=False))
    except ValueError:
        return address


def _minutes(seconds: float) -> str:
    minutes = max(1, math.ceil(seconds / 60))
    return "a minute" if minutes == 1 else f"{minutes} minutes"
