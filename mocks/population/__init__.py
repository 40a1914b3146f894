"""The made-up population and the oracle that tells the truth about it."""

from mocks.population.population import Population

__all__ = ["Population"]
