"""Connector for databases: SQL with bound parameters, in read-only sessions."""

from adapters.connectors.database.connector import DatabaseConnector
from adapters.connectors.database.settings import DatabaseCall, DatabaseSettings

__all__ = ["DatabaseCall", "DatabaseConnector", "DatabaseSettings"]
