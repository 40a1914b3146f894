"""Executes GraphQL operations."""

from hub.execution.executor import Executor, GraphQLRequest, GraphQLResponse

__all__ = ["Executor", "GraphQLRequest", "GraphQLResponse"]
