"""What the caller of an operation may still do: spend cost, and guess at numbers."""

from collections.abc import Sequence
from typing import Protocol

from schema.errors import HubError


class Budget(Protocol):
    """The budget of one caller."""

    @property
    def remaining(self) -> int | None:
        """What the caller may still spend now; None for no limit."""

    def spend(self, cost: int) -> None:
        """Take a cost from the budget.

        Raises:
            HubError: `COST_BUDGET_EXCEEDED`, the budget is too small for it.
        """

    def give_back(self, cost: int) -> None:
        """Give back what an operation did not use."""

    def begin_tries(self, field_name: str, references: Sequence[str]) -> HubError | None:
        """Count tries of a field that anybody may guess at; return an error if they are too many.

        Args:
            field_name: name of the field.
            references: the reference of each try.
        """

    def forgive_tries(self, field_name: str, references: Sequence[str]) -> None:
        """Give back tries that were right, or that say nothing because a department failed."""


class Unlimited:
    """A budget without limits."""

    remaining = None

    def spend(self, cost: int) -> None:
        return

    def give_back(self, cost: int) -> None:
        return

    def begin_tries(self, field_name: str, references: Sequence[str]) -> HubError | None:
        return None

    def forgive_tries(self, field_name: str, references: Sequence[str]) -> None:
        return


UNLIMITED = Unlimited()
