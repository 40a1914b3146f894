"""The load generator: a process that keeps a fixed number of requests running."""

from tests.benchmarks.load.job import LoadJob, LoadResult

__all__ = ["LoadJob", "LoadResult"]
