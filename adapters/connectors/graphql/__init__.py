"""Departments that speak GraphQL, other hubs among them."""

from adapters.connectors.graphql.connector import GraphqlConnector
from adapters.connectors.graphql.settings import GraphqlCall, GraphqlSettings, placeholders_of

__all__ = ["GraphqlCall", "GraphqlConnector", "GraphqlSettings", "placeholders_of"]
