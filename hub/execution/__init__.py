"""Executes GraphQL operations."""

from hub.execution.executor import Executor, GraphQLRequest, GraphQLResponse, ReadOnlyError

__all__ = ["Executor", "GraphQLRequest", "GraphQLResponse", "ReadOnlyError"]
