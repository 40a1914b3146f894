"""The `graphql` connector. Another hub can be a department."""

from adapters.connectors.graphql.connector import GraphqlConnector
from adapters.connectors.graphql.settings import (
    GraphqlCall,
    GraphqlSettings,
    GraphqlWrite,
    placeholders_of,
)

__all__ = ["GraphqlCall", "GraphqlConnector", "GraphqlSettings", "GraphqlWrite", "placeholders_of"]
