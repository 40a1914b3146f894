"""Demand control: bounds what one operation, and all operations of a caller, may take.

It decides before an operation runs. `docs/demand.md` describes the limits and the cost.
"""

from hub.execution.demand.limits import Limits

__all__ = ["Limits"]
