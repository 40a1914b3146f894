"""The invented population, and a server that returns the true data of each citizen."""

from mocks.population.population import Population

__all__ = ["Population"]
