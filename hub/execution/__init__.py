"""Runs operations against the schema."""

from hub.execution.executor import Executor, GraphQLRequest, GraphQLResponse

__all__ = ["Executor", "GraphQLRequest", "GraphQLResponse"]
