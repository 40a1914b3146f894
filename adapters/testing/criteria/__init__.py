"""What each tier of the quality scale wants: a file for each tier."""

from adapters.testing.criteria.bronze import BRONZE
from adapters.testing.criteria.criterion import Criterion, Finding, Outcome, Tier
from adapters.testing.criteria.gold import GOLD
from adapters.testing.criteria.platinum import PLATINUM
from adapters.testing.criteria.silver import SILVER

CRITERIA: tuple[Criterion, ...] = (*BRONZE, *SILVER, *GOLD, *PLATINUM)

__all__ = ["CRITERIA", "Criterion", "Finding", "Outcome", "Tier"]
