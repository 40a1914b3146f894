"""The quality scale of adapters: the criteria of each tier. `assessment` applies them."""

from adapters.workbench.quality.bronze import BRONZE
from adapters.workbench.quality.criterion import Criterion, CriterionOutcome, CriterionResult, Tier
from adapters.workbench.quality.gold import GOLD
from adapters.workbench.quality.platinum import PLATINUM
from adapters.workbench.quality.silver import SILVER

CRITERIA: tuple[Criterion, ...] = (*BRONZE, *SILVER, *GOLD, *PLATINUM)

__all__ = ["CRITERIA", "Criterion", "CriterionOutcome", "CriterionResult", "Tier"]
