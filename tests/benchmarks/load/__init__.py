"""The load generator: a process of its own that keeps so many requests in flight."""

from tests.benchmarks.load.job import LoadJob, LoadResult

__all__ = ["LoadJob", "LoadResult"]
