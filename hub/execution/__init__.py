"""Runs operations against the schema."""

from hub.execution.executor import Executor, GraphQLRequest

__all__ = ["Executor", "GraphQLRequest"]
