"""Demand control: bounds what one operation, and all operations of a caller, may take.

It decides before an operation runs. `docs/demand.md` describes the limits and the cost.
"""

from hub.execution.demand.budgets import Budgets
from hub.execution.demand.limits import Limits
from hub.execution.demand.shared_budgets import SharedBudgets

__all__ = ["Budgets", "Limits", "SharedBudgets"]
